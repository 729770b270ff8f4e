"""The file with the voices: what goes in comes out, and nothing else gets in."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import DocumentInvalidError, DocumentTooNewError
from stenograf.core.evidence import EVIDENCE_VERSION, SpeakerEvidence, half, times
from stenograf.core.span import Span
from stenograf.export import read_evidence, render_evidence
from stenograf.export.evidence import MAX_EVIDENCE_BYTES

RNG = np.random.default_rng(3)
BASIC = SpeakerEvidence(
    engine="basic",
    model="ge2e",
    duration=9.5,
    speech=times([Span(0.25, 1.0), Span(4.0, 9.5)]),
    windows=times([Span(i, i + 1.6) for i in range(5)]),
    voices=half(RNG.normal(size=(5, 1, 8))),
    parameters={"same_voice_distance": 0.335, "clustering": "средняя"},
    recording_sha256="ab" * 32,
)
LOCAL = replace(
    BASIC,
    voices=half(np.where(RNG.random((5, 3, 1)) < 0.3, np.nan, RNG.normal(size=(5, 3, 8)))),
    activity=RNG.random((5, 589, 3)) < 0.5,
    arrays={"phi": RNG.random(8), "lda": RNG.random((8, 4)).astype(np.float32)[::-1]},
    recording_sha256=None,
)


@pytest.mark.parametrize("evidence", [BASIC, LOCAL], ids=["one", "local speakers"])
def test_what_goes_in_comes_out(evidence: SpeakerEvidence) -> None:
    """Every bit of every array, names and numbers."""
    back = read_evidence(render_evidence(evidence))
    for name in ("engine", "model", "duration", "parameters", "recording_sha256"):
        assert getattr(back, name) == getattr(evidence, name)
    for name in ("speech", "windows", "voices", "activity"):
        ours, theirs = getattr(evidence, name), getattr(back, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
    assert evidence.arrays.keys() == back.arrays.keys()
    for name, ours in evidence.arrays.items():
        assert ours.dtype == back.arrays[name].dtype
        np.testing.assert_array_equal(ours, back.arrays[name])


def test_numpy_reads_it_too() -> None:
    """A researcher needs no code of ours, and no pickle."""
    with np.load(BytesIO(render_evidence(BASIC)), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["voices"], BASIC.voices)


def members(evidence: SpeakerEvidence = BASIC) -> dict[str, bytes]:
    """The files inside the archive."""
    with zipfile.ZipFile(BytesIO(render_evidence(evidence))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    """An archive of these files."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def array(values: Any, *, allow_pickle: bool = False) -> bytes:
    """An array as numpy writes it."""
    file = BytesIO()
    np.save(file, values, allow_pickle=allow_pickle)
    return file.getvalue()


def with_header(**changes: Any) -> bytes:
    """The evidence with another header; None as the name's value keeps None."""
    files = members(LOCAL)
    header = json.loads(np.load(BytesIO(files["header.npy"])).tobytes()) | changes
    files["header.npy"] = array(np.frombuffer(json.dumps(header).encode(), np.uint8))
    return packed(files)


def with_array(name: str, values: Any) -> bytes:
    """The evidence with another array."""
    return packed(members(LOCAL) | {f"{name}.npy": array(values)})


class Trap:
    """Would be called by whoever unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("somebody unpickled it",)


def lying_shape() -> bytes:
    """A small file whose header claims an array of a petabyte."""
    text = b"{'descr': '<f2', 'fortran_order': False, 'shape': (1000000, 1000, 500000)}\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + b"\0" * 64
    return packed(members() | {"voices.npy": content})


def bomb() -> bytes:
    """A few kilobytes that claim to unpack to more than anybody needs."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members().items():
            if name != "voices.npy":
                archive.writestr(name, content)
        archive.writestr("voices.npy", b"\0" * 1000)
    claimed = struct.pack("<I", MAX_EVIDENCE_BYTES)
    data = bytearray(file.getvalue())
    at = data.rindex(b"PK\x01\x02") + 24  # uncompressed size in the central directory
    data[at : at + 4] = claimed
    return bytes(data)


def damaged() -> bytes:
    """A bit of the voices has flipped."""
    data = bytearray(render_evidence(BASIC))
    data[len(data) // 2] ^= 0x10
    return bytes(data)


def encrypted() -> bytes:
    """The archive says that its members need a password."""
    data = bytearray(render_evidence(BASIC))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def unknown_packing() -> bytes:
    """The archive says that it is packed in a way nobody knows."""
    data = bytearray(render_evidence(BASIC))
    at = data.index(b"PK\x01\x02") + 10
    data[at : at + 2] = struct.pack("<H", 77)
    return bytes(data)


def without(name: str) -> bytes:
    """The evidence without one of its arrays."""
    files = members()
    del files[f"{name}.npy"]
    return packed(files)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"{}",
    "cut off": lambda: render_evidence(BASIC)[:-40],
    "damaged": damaged,
    "encrypted": encrypted,
    "unknown packing": unknown_packing,
    "bomb": bomb,
    "lying shape": lying_shape,
    "pickled object": lambda: packed(
        members() | {"voices.npy": array(np.array([Trap()], dtype=object), allow_pickle=True)}
    ),
    "other file": lambda: packed(members() | {"run.py": b"print()"}),
    "no array": lambda: packed(members() | {"voices.npy": b"voices"}),
    "no header": lambda: without("header"),
    "no voices": lambda: without("voices"),
    "header of text": lambda: packed(
        members() | {"header.npy": array(np.frombuffer(b"hello", np.uint8))}
    ),
    "header of brackets": lambda: packed(
        members() | {"header.npy": array(np.frombuffer(b"[" * 60_000, np.uint8))}
    ),
    "version of text": lambda: with_header(format_version="1"),
    "version true": lambda: with_header(format_version=True),
    "engine a number": lambda: with_header(engine=3),
    "duration negative": lambda: with_header(duration=-1.0),
    "duration not finite": lambda: with_header(duration=float("inf")),
    "parameter nested": lambda: with_header(parameters={"a": [1]}),
    "parameters a list": lambda: with_header(parameters=[1]),
    "frames missing": lambda: with_header(frames_per_window=None),
    "frames too many": lambda: with_header(frames_per_window=600),
    "voices double": lambda: with_array("voices", np.zeros((5, 3, 8))),
    "voices flat": lambda: with_array("voices", np.zeros((5, 24), np.float16)),
    "voices without dimensions": lambda: with_array("voices", np.zeros((5, 3, 0), np.float16)),
    "voices too few": lambda: with_array("voices", np.zeros((4, 3, 8), np.float16)),
    "voices infinite": lambda: with_array("voices", np.full((5, 3, 8), np.inf, np.float16)),
    "windows backwards": lambda: with_array("windows", -np.arange(10.0).reshape(5, 2)),
    "windows not a number": lambda: with_array("windows", np.full((5, 2), np.nan)),
    "speech of triples": lambda: with_array("speech", np.zeros((2, 3))),
    "weights of integers": lambda: with_array("weights.phi", np.zeros(8, np.int64)),
    "weights not a number": lambda: with_array("weights.phi", np.full(8, np.nan)),
    "weights with a path": lambda: with_array("weights.../phi", np.zeros(8)),
    "activity of others": lambda: with_array("activity", np.zeros((5, 74, 2), np.uint8)),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_anything_else_is_refused(make: Callable[[], bytes]) -> None:
    """A typed error whatever somebody made up, and nothing is run or allocated for it."""
    with pytest.raises(DocumentInvalidError) as caught:
        read_evidence(make())
    assert "speakers.npz" in caught.value.advice


@pytest.mark.parametrize(("make", "reason"), [(bomb, "too large"), (lying_shape, "kind or size")])
def test_size_is_checked_before_anything_is_unpacked(
    make: Callable[[], bytes], reason: str
) -> None:
    """What a file claims decides, not what happens when it is believed."""
    with pytest.raises(DocumentInvalidError, match=reason):
        read_evidence(make())


def test_a_later_version_asks_for_an_update() -> None:
    """What a newer program wrote is not guessed at."""
    with pytest.raises(DocumentTooNewError):
        read_evidence(with_header(format_version=EVIDENCE_VERSION + 1))


def test_unharmed_helpers_make_evidence_that_is_read() -> None:
    """The hostile cases fail for what they changed, not for how they were packed."""
    assert read_evidence(packed(members())).engine == "basic"
    assert read_evidence(with_header(engine="other")).engine == "other"
    assert read_evidence(with_array("voices", np.zeros((5, 3, 8), np.float16))).voices.max() == 0
