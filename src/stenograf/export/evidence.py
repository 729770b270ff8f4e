"""Speaker evidence as a file beside the document: `call.json` and `call.speakers.npz`.

A zip of arrays as numpy writes them (NEP 1), never with pickled objects: `header`, JSON in UTF-8;
`speech` and `windows`, float64; `voices`, float16; `activity`, bits packed along the frames;
`weights.NAME`, float32 or float64, what clustering again needs.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import DocumentInvalidError, DocumentTooNewError
from stenograf.core.evidence import EVIDENCE_VERSION, LocalActivity, SpeakerEvidence

MAX_EVIDENCE_BYTES: Final = 1 << 29  # unpacked; a day of speech is some 150 MB
MAX_HEADER_BYTES: Final = 1 << 16

_DTYPES: Final = {
    "header": np.dtype(np.uint8),
    "speech": np.dtype(np.float64),
    "windows": np.dtype(np.float64),
    "voices": np.dtype(np.float16),
    "activity": np.dtype(np.uint8),
}
_WEIGHTS: Final = re.compile(r"weights\.[a-z][a-z0-9_]{0,31}")
_WEIGHT_DTYPES: Final = (np.dtype(np.float32), np.dtype(np.float64))
_HINT: Final = "Give the .speakers.npz file that Stenograf wrote beside the transcript."


def render_evidence(evidence: SpeakerEvidence) -> bytes:
    """The whole file."""
    activity = evidence.activity
    header = {
        "format_version": EVIDENCE_VERSION,
        "engine": evidence.engine,
        "model": evidence.model,
        "duration": evidence.duration,
        "parameters": dict(evidence.parameters),
        "recording_sha256": evidence.recording_sha256,
        "frames_per_window": None if activity is None else activity.shape[1],
    }
    text = json.dumps(header, allow_nan=False).encode()
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(text, np.uint8),
        "speech": evidence.speech,
        "windows": evidence.windows,
        "voices": evidence.voices,
    }
    if activity is not None:
        arrays["activity"] = np.packbits(activity, axis=1)
    for name, weights in evidence.arrays.items():
        arrays[f"weights.{name}"] = np.ascontiguousarray(weights)
    file = BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def read_evidence(data: bytes) -> SpeakerEvidence:
    """The evidence of any version up to this one.

    Raises DocumentInvalidError for anything else, however it was made up, before more than
    MAX_EVIDENCE_BYTES are unpacked; DocumentTooNewError for a later version.
    """
    arrays = _arrays(data)
    header = _header(arrays.pop("header", None))
    weights = {name: arrays.pop(name) for name in list(arrays) if name not in _DTYPES}
    try:
        activity = _unpacked(arrays.pop("activity", None), header["frames_per_window"])
        evidence = SpeakerEvidence(
            engine=_text(header["engine"]),
            model=_text(header["model"]),
            duration=_number(header["duration"]),
            parameters={_text(key): _plain(value) for key, value in header["parameters"].items()},
            recording_sha256=_text(header["recording_sha256"] or "") or None,
            activity=activity,
            arrays={name.partition(".")[2]: array for name, array in weights.items()},
            **arrays,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _invalid("its header or one of its arrays is missing or wrong") from error
    _check(evidence)
    return evidence


def _arrays(data: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of the archive by name, each of the kind its name promises."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            names = [member.filename.removesuffix(".npy") for member in members]
            if len(set(names)) < len(names) or not all(map(_is_known, names)):
                raise _invalid("it holds other files")
            if sum(member.file_size for member in members) > MAX_EVIDENCE_BYTES:
                raise _invalid("it is too large")
            # A member never yields more than the size that it claims.
            contents = [archive.read(member) for member in members]
    except (BadZipFile, zlib.error, EOFError, OSError) as error:
        raise _invalid("the archive is damaged") from error
    except (NotImplementedError, RuntimeError) as error:
        raise _invalid("the archive is packed in a way we never use") from error
    return {name: _array(name, part) for name, part in zip(names, contents, strict=True)}


def _is_known(name: str) -> bool:
    return name in _DTYPES or _WEIGHTS.fullmatch(name) is not None


def _array(name: str, content: bytes) -> NDArray[Any]:
    """One array, checked against its own size before anything is allocated."""
    file = BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(version)
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    except ValueError as error:
        raise _invalid("it holds something that is no array") from error
    size = math.prod(shape) * dtype.itemsize
    is_expected = dtype == _DTYPES[name] if name in _DTYPES else dtype in _WEIGHT_DTYPES
    if not is_expected or is_fortran or size != len(content) - file.tell():
        raise _invalid("one of its arrays is of another kind or size")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape)


def _header(stored: NDArray[Any] | None) -> dict[str, Any]:
    if stored is None or stored.ndim != 1 or len(stored) > MAX_HEADER_BYTES:
        raise _invalid("it has no header")
    try:
        header = json.loads(stored.tobytes())
    except (ValueError, RecursionError) as error:
        raise _invalid("its header is not JSON") from error
    version = header.get("format_version") if isinstance(header, dict) else None
    if type(version) is not int or version < 1:
        raise _invalid("its header has no version")
    if version > EVIDENCE_VERSION:
        raise DocumentTooNewError(
            "The evidence has format version {found}; this program reads up to {known}.",
            found=version,
            known=EVIDENCE_VERSION,
        )
    return dict(header)


def _unpacked(packed: NDArray[Any] | None, n_frames: Any) -> LocalActivity | None:
    if packed is None:
        return None
    if packed.ndim != 3 or type(n_frames) is not int or -(-n_frames // 8) != packed.shape[1]:
        raise ValueError("frames and bits differ")
    if len(packed) * n_frames * packed.shape[2] > MAX_EVIDENCE_BYTES:
        raise ValueError("too many frames")
    return np.unpackbits(packed, axis=1, count=n_frames).astype(np.bool_)


def _check(evidence: SpeakerEvidence) -> None:
    """Shapes agree, times run forwards inside the recording, voices are finite or not there."""
    n_windows = len(evidence.windows)
    voices, activity = evidence.voices, evidence.activity
    sound = (
        _runs_forwards(evidence.speech)
        and _runs_forwards(evidence.windows)
        and voices.ndim == 3
        and len(voices) == n_windows
        and 0 not in voices.shape[1:]
        and not np.isinf(voices).any()
        and all(np.isfinite(weights).all() for weights in evidence.arrays.values())
        and evidence.duration >= 0.0
    )
    if sound and activity is not None:
        sound = len(activity) == n_windows and activity.shape[2] == voices.shape[1]
    if not sound:
        raise _invalid("its arrays contradict each other")


def _runs_forwards(spans: NDArray[Any]) -> bool:
    return bool(
        spans.ndim == 2
        and spans.shape[1] == 2
        and (np.abs(spans) <= 1e9).all()
        and (spans[:, 0] <= spans[:, 1]).all()
        and (np.diff(spans[:, 0]) >= 0).all()
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e9:
        raise ValueError(value)
    return value


def _plain(value: Any) -> float | str:
    return value if isinstance(value, str) else _number(value)


def _invalid(reason: str) -> DocumentInvalidError:
    return DocumentInvalidError(
        "This is no speaker evidence of Stenograf: {reason}.", hint=_HINT, reason=reason
    )
