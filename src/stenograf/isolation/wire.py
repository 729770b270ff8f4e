"""What parent and child say to each other: pickled messages, each after its length."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Literal, TypeAlias

from stenograf.core.errors import StenografError
from stenograf.core.ports import Recognition
from stenograf.core.transcript import Word

GREETING: Final = b"\x93stenograf\n"
"""Comes before the first answer: what start-up code prints to standard output is left behind."""

LENGTH: Final = struct.Struct("<Q")
LONGEST_BYTES: Final = 1 << 32  # the evidence of a day's recording is far below

Task = Literal["load", "detect", "recognize", "align", "diarize", "diarize_channels", "decode"]


@dataclass(frozen=True, slots=True)
class Sound:
    """A waveform of a job or a result: its file goes beside (POSIX) or is opened by name (Windows).

    `n_samples` is None for a file that is no waveform.
    """

    n_samples: int | None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do; `arguments` follow the sounds in the call of the engine's method."""

    number: int
    task: Task
    sounds: tuple[Sound, ...]
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop a job, or never begin it."""

    number: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The child lives; `cpu_s` is what all its threads have computed so far."""

    cpu_s: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The engine is built."""


@dataclass(frozen=True, slots=True)
class LoadFailed:
    """The engine cannot be built; the child ends."""

    error: StenografError
    trace: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A job is being worked on."""

    number: int


@dataclass(frozen=True, slots=True)
class Advanced:
    """A job has done `fraction` of its work."""

    number: int
    fraction: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recognizer found out at once; words follow one by one, notices at the end."""

    number: int
    recognition: Recognition


@dataclass(frozen=True, slots=True)
class Found:
    """One word."""

    number: int
    word: Word


@dataclass(frozen=True, slots=True)
class Done:
    """A job's result; of recognition the notices, because words went ahead."""

    number: int
    result: Any
    sounds: tuple[Sound, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A job ended with an error; `trace` tells where in the child."""

    number: int
    error: StenografError
    trace: str = ""


OfJob: TypeAlias = Begun | Advanced | Heard | Found | Done | Failed
Answer: TypeAlias = Beat | Loaded | LoadFailed | OfJob


def write_message(file: BinaryIO, message: object) -> None:
    """Pickle first, so that what cannot be pickled leaves the stream whole."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    file.write(LENGTH.pack(len(body)) + body)
    file.flush()


def read_message(file: BinaryIO) -> Any:
    """The next message; raises EOFError at the end, also inside a message, ValueError for noise."""
    (n_bytes,) = LENGTH.unpack(_exactly(file, LENGTH.size))
    if n_bytes > LONGEST_BYTES:
        raise ValueError(f"a message of {n_bytes} bytes")
    return pickle.loads(_exactly(file, n_bytes))  # noqa: S301 - both ends are this package


def read_greeting(file: BinaryIO) -> None:
    """Skip to behind the greeting; raises EOFError when none comes."""
    seen = b""
    while not seen.endswith(GREETING):
        seen = (seen + _exactly(file, 1))[-len(GREETING) :]


def _exactly(file: BinaryIO, n_bytes: int) -> bytes:
    content = file.read(n_bytes)
    if len(content) < n_bytes:
        raise EOFError
    return content
