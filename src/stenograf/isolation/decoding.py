"""Decoding in a process of its own: a recording that crashes FFmpeg is an error and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from stenograf.audio.decode import Decoded, Wishes, decode_source
from stenograf.audio.source import Source, open_source
from stenograf.audio.spool import SpooledWaveform
from stenograf.core.errors import DecoderDiedError, EngineCrashedError, EngineHungError
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.isolation.engines import DIED, Isolated
from stenograf.isolation.recipe import Recipe
from stenograf.isolation.sound import Blob, Brought
from stenograf.isolation.vitals import Limits


@dataclass(frozen=True, slots=True)
class Label:
    """What the parent knows of the bytes that it sends."""

    name: str
    size_bytes: int
    sha256: str


class FileDecoder:
    """The child's side: an open file in, open files of samples out."""

    def __init__(self) -> None:
        import av  # noqa: F401 - now, while the recording is still on its way
        import soxr  # noqa: F401

    def decode(
        self, blob: Blob, label: Label, wishes: Wishes, *, on_progress: OnProgress = ignore_progress
    ) -> Brought:
        """The recording and the notices, with the mix and the channels that differ from it."""
        file = cast("BinaryIO", blob.file)
        file.seek(0)
        source = Source(file, label.name, label.size_bytes, label.sha256)
        wishes = replace(wishes, in_memory_samples=0)
        found = decode_source(source, wishes, on_progress=on_progress)
        others = tuple(channel for channel in found.channels if channel is not found.audio)
        return Brought(
            (found.recording, found.notices),
            cast("tuple[SpooledWaveform, ...]", (found.audio, *others)),
        )


DECODER: Final[Recipe[Any]] = Recipe.of(FileDecoder)


class IsolatedDecoder(Isolated):
    """`decode` in a process of its own, which is kept for the next recording.

    Reading, hashing and copying a stream to disk stay here; only FFmpeg and the resampler are
    over there. Needs a system that can send open files from process to process.
    """

    def __init__(self, recipe: Recipe[Any] = DECODER, limits: Limits | None = None) -> None:
        super().__init__(recipe, limits)

    def decode(  # noqa: PLR0913  (as `decode`)
        self,
        source: Path | BinaryIO,
        *,
        name: str | None = None,
        split_channels: bool = False,
        strict: bool = False,
        max_duration_s: float | None = None,
        max_channels: int | None = None,
        on_progress: OnProgress = ignore_progress,
    ) -> Decoded:
        """As `decode`, all sound on disk; raises DecoderDiedError when the process dies or hangs.

        Raises EngineOutOfMemoryError where it lacked memory.
        """
        wishes = Wishes(
            split_channels=split_channels,
            strict=strict,
            max_duration_s=max_duration_s,
            max_channels=max_channels,
        )
        on_progress(0.0)
        with open_source(source, name=name) as opened, _as_audio_error(opened.name):
            opened.file.flush()
            label = Label(opened.name, opened.size_bytes, opened.sha256)
            found = self._room.result("decode", (Blob(opened.file),), (label, wishes), on_progress)
        return _put_together(found, split_channels=split_channels)


def _put_together(found: Any, *, split_channels: bool) -> Decoded:
    """A recording of one channel has its mix for this channel."""
    recording, notices = found.told
    audio, *channels = found.sounds
    if split_channels and not channels:
        channels = [audio]
    return Decoded(audio, recording, tuple(channels), notices)


@contextmanager
def _as_audio_error(name: str) -> Iterator[None]:
    """A process that died of a recording says something about the recording."""
    try:
        yield
    except EngineCrashedError as error:
        if DIED not in error.details:
            raise
        raise DecoderDiedError(
            "{name} ended the process that decoded it ({how}).", name=name, **error.details
        ) from error
    except EngineHungError as error:
        raise DecoderDiedError(
            "{name} kept the process that decoded it without a sign of life.",
            hint=EngineHungError.hint,
            name=name,
        ) from error
