"""The checkpoint reader returns what was saved and refuses what is not data."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import ModelInvalidError, ModelMissingError
from stenograf.models import pickle_machine
from stenograf.models.checkpoint import read_checkpoint, read_weights
from stenograf.testing.checkpoints import (
    Call,
    Name,
    Persistent,
    Raw,
    storage,
    tensor,
    write_checkpoint,
)

FLOATS = {"s": np.arange(12, dtype="<f4")}
DTYPES = ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "?"]


@pytest.mark.parametrize("legacy", [False, True])
def test_every_number_type_returns_as_saved(tmp_path: Path, legacy: bool) -> None:
    """Both file forms give back values, shapes and types."""
    saved = {kind: np.arange(6).reshape(2, 3).astype(kind) for kind in DTYPES}
    saved["empty"] = np.zeros((0, 4), "f4")
    saved["scalar"] = np.array(7, "i8")
    path = write_checkpoint(tmp_path / "x.pt", {"state_dict": saved, "epoch": 3}, legacy=legacy)
    assert read_checkpoint(path)["epoch"] == 3
    weights = read_weights(path, "state_dict")
    assert list(weights) == list(saved)
    for name, array in saved.items():
        assert weights[name].dtype == array.dtype
        assert weights[name].shape == weights.shape(name) == array.shape
        assert np.array_equal(weights[name], array)


@pytest.mark.parametrize("legacy", [False, True])
def test_views_of_one_storage_are_told_apart(tmp_path: Path, legacy: bool) -> None:
    """Offsets and strides select from a shared storage, a transposed view included."""
    shared = storage("FloatStorage", "s", 12)
    root = {
        "tail": tensor(shared, offset=8, shape=(4,), strides=(1,)),
        "transposed": tensor(shared, shape=(4, 3), strides=(1, 4)),
        "stretched": tensor(shared, offset=2, shape=(3, 2), strides=(1, 0)),
    }
    path = write_checkpoint(tmp_path / "x.pt", root, legacy=legacy, arrays=FLOATS)
    weights = read_weights(path)
    assert weights["tail"].tolist() == [8, 9, 10, 11]
    assert np.array_equal(weights["transposed"], FLOATS["s"].reshape(3, 4).T)
    assert weights["stretched"].tolist() == [[2, 2], [3, 3], [4, 4]]


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    """Bfloat16 is the upper half of a float32, so nothing is lost."""
    values = np.array([1.0, -2.5, 0.15625], "<f4")
    halves = {"s": (values.view("<u4") >> 16).astype("<u2")}
    root = {"x": tensor(storage("BFloat16Storage", "s", 3), shape=(3,), strides=(1,))}
    weights = read_weights(write_checkpoint(tmp_path / "x.pt", root, arrays=halves))
    assert weights["x"].dtype == np.float32
    assert weights["x"].tolist() == values.tolist()


def test_known_foreign_classes_stay_inert(tmp_path: Path) -> None:
    """A pyannote checkpoint's specifications are kept as data, their class is not imported."""
    task = "pyannote.audio.core.task"
    problem = Call(Name(task, "Problem"), (1,))
    specifications = Call(Name(task, "Specifications"), (), {"problem": problem, "duration": 10.0})
    root = {"pyannote.audio": {"specifications": specifications}, "state_dict": {"w": FLOATS["s"]}}
    found = read_checkpoint(write_checkpoint(tmp_path / "x.bin", root))
    inert = found["pyannote.audio"]["specifications"]
    assert inert.kind == f"{task}.Specifications"
    assert inert.state["duration"] == 10.0
    assert inert.state["problem"].args == (1,)


def nested(depth: int) -> Raw:
    return Raw(b")" + b"\x85" * depth)


HOSTILE: dict[str, tuple[Any, str]] = {
    "os.system": (Call(Name("os", "system"), ("exit 1",)), "os.system"),
    "eval": (Call(Name("builtins", "eval"), ("1",)), "builtins.eval"),
    "getattr": (Call(Name("builtins", "getattr"), ("a", "b")), "builtins.getattr"),
    "dotted name": (Name("torch", "_utils.os.system"), "not on the list"),
    "torch.load": (Call(Name("torch", "load"), ("x",)), "torch.load"),
    "instance": (Raw(b"(ios\nsystem\n"), "opcode INST"),
    "object": (Raw(b"(cos\nsystem\no"), "os.system"),
    "extension": (Raw(b"\x82\x01"), "opcode EXT1"),
    "call of data": (Raw(b"K\x01)R"), "calls what is no name"),
    "no storage": (tensor("s", shape=(1,), strides=(1,)), "not made of a storage"),
    "past the end": (
        tensor(storage("FloatStorage", "s", 12), offset=10, shape=(3,), strides=(1,)),
        "outside its storage",
    ),
    "negative offset": (
        tensor(storage("FloatStorage", "s", 12), offset=-1, shape=(1,), strides=(1,)),
        "negative",
    ),
    "negative stride": (
        tensor(storage("FloatStorage", "s", 12), offset=9, shape=(2,), strides=(-4,)),
        "negative",
    ),
    "negative shape": (
        tensor(storage("FloatStorage", "s", 12), shape=(-2, -3), strides=(1, 1)),
        "negative",
    ),
    "stretched bomb": (
        tensor(storage("FloatStorage", "s", 12), shape=(1 << 40,), strides=(0,)),
        "more items",
    ),
    "strides missing": (
        tensor(storage("FloatStorage", "s", 12), shape=(2, 2), strides=(1,)),
        "do not fit",
    ),
    "larger than stored": (
        tensor(storage("FloatStorage", "s", 99), shape=(1,), strides=(1,)),
        r"shorter than it claims|another size",
    ),
    "negative storage": (storage("FloatStorage", "s", -1), "negative size"),
    "unknown storage": (storage("FloatStorage", "t", 1), "missing|does not match"),
    "foreign storage": (storage("QInt8Storage", "s", 12), "QInt8Storage"),
    "two types": (
        [storage("FloatStorage", "s", 12), storage("HalfStorage", "s", 12)],
        "two types",
    ),
    "odd persistent id": (Persistent("s"), "unknown way"),
    "container as key": (Raw(b"}()K\x01u"), "container as a dictionary"),
    "nested key": (Raw(b"}(" + nested(100_000).opcodes + b"K\x01u"), "container as a dictionary"),
    "huge memo": (Raw(b"]r\xff\xff\xff\xff" + b"j\xff\xff\xff\xfe"), "malformed"),
    "unbalanced": (Raw(b"uu"), "malformed|sets items"),
    "empty stack": (Raw(b"000000"), "malformed"),
    "long string": (Raw(b"\x8d" + b"\xff" * 7 + b"\x7f"), "larger than|malformed"),
    "attributes of a list": (Raw(b"]}b"), "sets attributes"),
    "append to a name": (Raw(b"ctorch\nFloatStorage\nK\x01a"), "appends"),
}


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_pickles_are_refused(tmp_path: Path, case: str, legacy: bool) -> None:
    """Code, foreign classes and impossible tensors are refused with a reason."""
    hostile, reason = HOSTILE[case]
    path = write_checkpoint(tmp_path / "x.pt", {"x": hostile}, legacy=legacy, arrays=FLOATS)
    with pytest.raises(ModelInvalidError, match=reason):
        read_checkpoint(path)


def test_deep_nesting_is_harmless(tmp_path: Path) -> None:
    """A tuple in a tuple, 50,000 times, neither crashes nor recurses."""
    path = write_checkpoint(tmp_path / "x.pt", {"x": nested(50_000)})
    assert "x" in read_checkpoint(path)


def test_endless_pickles_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of steps is bounded."""
    monkeypatch.setattr(pickle_machine, "MAX_OPCODES", 1000)
    path = write_checkpoint(tmp_path / "x.pt", Raw(b"N0" * 1000 + b"N"))
    with pytest.raises(ModelInvalidError, match="more than 1000 steps"):
        read_checkpoint(path)


@pytest.mark.parametrize("legacy", [False, True])
def test_every_truncation_is_refused(tmp_path: Path, legacy: bool) -> None:
    """A download that stopped anywhere gives a reason, not an exception of the runtime."""
    saved = {"state_dict": {"w": np.arange(20, dtype="f4")}}
    whole = write_checkpoint(tmp_path / "x.pt", saved, legacy=legacy).read_bytes()
    part = tmp_path / "part.pt"
    for size in range(0, len(whole), 3):
        part.write_bytes(whole[:size])
        with pytest.raises(ModelInvalidError, match=r"part\.pt is not used"):
            read_checkpoint(part)


def test_a_plain_pickle_is_refused(tmp_path: Path) -> None:
    """A pickle without torch's frame is never opened."""
    path = tmp_path / "x.pt"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelInvalidError, match="does not begin"):
        read_checkpoint(path)


def test_compressed_archives_are_refused(tmp_path: Path) -> None:
    """Torch never compresses, so a compressed archive is not torch's and may be a bomb."""
    path = tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02N.")
    with pytest.raises(ModelInvalidError, match="compressed"):
        read_checkpoint(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    """Which of two equal names counts would depend on the reader."""
    path = tmp_path / "x.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02N.")
        archive.writestr("archive/data.pkl", b"\x80\x02N.")
    with pytest.raises(ModelInvalidError, match="one name"):
        read_checkpoint(path)


def test_no_tensors_and_no_file_are_said(tmp_path: Path) -> None:
    """An empty table and a missing file have their own messages."""
    with pytest.raises(ModelInvalidError, match="no tensors"):
        read_weights(write_checkpoint(tmp_path / "x.pt", {"epoch": 1}))
    with pytest.raises(ModelInvalidError, match="no table"):
        read_weights(write_checkpoint(tmp_path / "x.pt", [1]))
    with pytest.raises(ModelMissingError):
        read_weights(tmp_path / "y.pt")


@pytest.mark.e2e
@pytest.mark.parity
@pytest.mark.parametrize("zipped", [True, False])
def test_what_torch_saves_is_read(tmp_path: Path, zipped: bool) -> None:
    """Parameters, views, bfloat16 and module states agree with torch itself."""
    import torch

    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    base = torch.arange(24.0).reshape(4, 6)
    saved = {**module.state_dict(), "column": base[:, 2], "turned": base.T, "half": base.half()}
    saved |= {"brain": base.bfloat16(), "parameter": torch.nn.Parameter(base), "flag": base > 3}
    path = tmp_path / "x.pt"
    torch.save({"state_dict": saved}, path, _use_new_zipfile_serialization=zipped)
    weights = read_weights(path, "state_dict")
    assert set(weights) == set(saved)
    for name, value in saved.items():
        expected = value.detach()
        expected = expected.float() if expected.dtype == torch.bfloat16 else expected
        assert np.array_equal(weights[name], expected.numpy()), name
