"""Media files to mono float32 at 16 kHz, in bounded memory, with damage told rather than hidden."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

from stenograf.audio.frames import Clock, Damage, decode_frames
from stenograf.audio.headers import promised_bytes
from stenograf.audio.notices import DAMAGED, GAPS, TIME_JUMPS, TRUNCATED
from stenograf.audio.probe import (
    MICROSECONDS,
    expected_duration,
    find_sound,
    format_name,
    open_container,
)
from stenograf.audio.resample import Resampler
from stenograf.audio.source import Source, open_source
from stenograf.audio.spool import IN_MEMORY_SAMPLES, SpooledWaveform, Spools
from stenograf.core.errors import (
    AudioTooLongError,
    EmptyAudioError,
    TooManyChannelsError,
    TruncatedAudioError,
    UndecodableAudioError,
)
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.core.transcript import Notice, Recording
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s, sample_at

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream
    from av.container import InputContainer

PROGRESS_STEP = 0.005

# Less than this may be missing without a word: codec delay and padding (below 0.1 s), the last
# packet of a live recorder, and clocks that count 0.1 % fast.
MISSING_TOLERANCE_S = 0.5
MISSING_TOLERANCE = 0.001


@dataclass(frozen=True, slots=True)
class Decoded:
    """The sound of a recording: `audio` is the mono mix, `channels` is filled only when asked for.

    Long sound lies in temporary files until `close`, which leaving the `with` block calls.
    """

    audio: Waveform
    recording: Recording
    channels: tuple[Waveform, ...] = ()
    notices: tuple[Notice, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete what was spooled to disk."""
        for waveform in (self.audio, *self.channels):
            if isinstance(waveform, SpooledWaveform):
                waveform.close()


class Decode(Protocol):
    """What `decode` is, here or in a process of its own."""

    def __call__(  # noqa: PLR0913  (each is one word of the command line)
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
        """The sound of a file or a stream."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How to decode: with each channel apart, all or nothing, at most so many seconds and channels.

    Up to `in_memory_samples` of each waveform stay in memory.
    """

    split_channels: bool = False
    strict: bool = False
    max_duration_s: float | None = None
    max_channels: int | None = None
    in_memory_samples: int = IN_MEMORY_SAMPLES


def decode(  # noqa: PLR0913  (each is one word of the command line)
    source: Path | BinaryIO,
    *,
    name: str | None = None,
    split_channels: bool = False,
    strict: bool = False,
    max_duration_s: float | None = None,
    max_channels: int | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Decoded:
    """The sound of a file or a stream, on its own clock: gaps between time stamps are silence.

    A damaged file gives what can be decoded and a notice; `strict` raises TruncatedAudioError
    instead. Raises AudioError for what holds no usable sound, AudioTooLongError once more than
    `max_duration_s` seconds are decoded, TooManyChannelsError for more than `max_channels`,
    DiskFullError when the sound does not fit.
    """
    wishes = Wishes(
        split_channels=split_channels,
        strict=strict,
        max_duration_s=max_duration_s,
        max_channels=max_channels,
    )
    on_progress(0.0)
    with open_source(source, name=name) as opened:
        return decode_source(opened, wishes, on_progress=on_progress)


def decode_source(
    opened: Source, wishes: Wishes, *, on_progress: OnProgress = ignore_progress
) -> Decoded:
    """As `decode`, of bytes that are open already."""
    with open_container(opened) as container:
        stream, notices = find_sound(container, opened.name)
        promise = _Promise.of(container, stream, opened)
        format = format_name(container, stream)
        damage = Damage()
        split, in_memory = wishes.split_channels, wishes.in_memory_samples
        with Spools(split=split, in_memory_samples=in_memory) as spools:
            watch = _Watch(opened, wishes, on_progress)
            _fill(spools, container, stream, damage=damage, watch=watch)
            n_samples = len(spools.mix)
            _require_sound(n_samples, damage, opened.name)
            found = _judge(n_samples / SAMPLE_RATE_HZ, promise, damage)
            if wishes.strict:
                _require_whole(found)
            audio, channels = spools.finish()
    on_progress(1.0)
    recording = Recording(
        name=opened.name,
        duration=duration_s(audio),
        n_channels=spools.n_channels,
        format=format,
        size_bytes=opened.size_bytes,
        sha256=opened.sha256,
    )
    return Decoded(audio, recording, channels, (*notices, *found))


class _Watch:
    """Stops at the limits the caller wants, and tells how much of the file is read.

    They are held against what is decoded: a header may promise anything.
    """

    def __init__(self, opened: Source, wishes: Wishes, report: OnProgress) -> None:
        self._opened = opened
        self._wishes = wishes
        self._report = report
        self._reported = 0.0

    def check(self, n_samples: int) -> None:
        limit = self._wishes.max_duration_s
        if limit is not None and n_samples > limit * SAMPLE_RATE_HZ:
            raise AudioTooLongError(
                "{name} is longer than {limit_s:.0f} s.", name=self._opened.name, limit_s=limit
            )

    def check_channels(self, frame: AudioFrame) -> None:
        limit = self._wishes.max_channels
        if limit is not None and frame.layout.nb_channels > limit:
            raise TooManyChannelsError(
                "{name} has {n_channels} channels; the limit is {limit}.",
                name=self._opened.name,
                n_channels=frame.layout.nb_channels,
                limit=limit,
            )

    def read_until(self, position: int | None) -> None:
        fraction = min(1.0, (position or 0) / self._opened.size_bytes)
        if fraction - self._reported >= PROGRESS_STEP:
            self._reported = fraction
            self._report(fraction)


def _fill(
    spools: Spools,
    container: InputContainer,
    stream: AudioStream,
    *,
    damage: Damage,
    watch: _Watch,
) -> None:
    """Decode the whole track into the spools, with silence where its clock says so."""
    resampler = Resampler(spools)
    clock = Clock((container.start_time or 0) / MICROSECONDS, container.format.name)
    for position, frame in decode_frames(container, stream, damage):
        watch.check_channels(frame)
        start_s, gap_s = clock.place(frame, damage)
        if gap_s > 0:
            watch.check(sample_at(start_s))
            resampler.silence_until(sample_at(start_s))
        resampler.add(frame)
        watch.check(len(spools.mix))
        watch.read_until(position)
    resampler.flush()
    watch.check(len(spools.mix))


def _require_sound(n_samples: int, damage: Damage, name: str) -> None:
    if n_samples:
        return
    if damage.n_errors:
        raise UndecodableAudioError("Nothing of the sound of {name} can be decoded.", name=name)
    raise EmptyAudioError("{name} has a sound track of zero length.", name=name)


def _require_whole(found: tuple[Notice, ...]) -> None:
    for notice in found:
        if notice.code in {TRUNCATED.code, DAMAGED.code}:
            raise TruncatedAudioError(notice.message, **notice.details)


@dataclass(frozen=True, slots=True)
class _Promise:
    """What the header says should be there: seconds, and the file's own size."""

    duration_s: float | None
    completeness: float

    @classmethod
    def of(cls, container: InputContainer, stream: AudioStream, opened: Source) -> Self:
        promised = promised_bytes(opened.file)
        completeness = min(1.0, opened.size_bytes / promised) if promised else 1.0
        return cls(expected_duration(container, stream, opened.file), completeness)

    def missing_from(self, decoded_s: float) -> float | None:
        """The seconds that were promised, if noticeably more than were decoded."""
        expected = max(self.duration_s or 0.0, decoded_s / self.completeness)
        tolerance = MISSING_TOLERANCE_S + MISSING_TOLERANCE * expected
        return expected if decoded_s < expected - tolerance else None


def _judge(decoded_s: float, promise: _Promise, damage: Damage) -> tuple[Notice, ...]:
    """What the reader must know about missing sound."""
    expected_s = None if damage.n_time_jumps else promise.missing_from(decoded_s)
    notices = []
    if expected_s is not None:
        notices.append(TRUNCATED.about(decoded_s=decoded_s, expected_s=expected_s))
    if damage.n_errors > (1 if notices else 0):  # where a file is cut, one packet is broken
        notices.append(DAMAGED.about(n_errors=damage.n_errors))
    if damage.n_gaps:
        notices.append(GAPS.about(n_gaps=damage.n_gaps, gap_s=damage.gap_s))
    if damage.n_time_jumps:
        notices.append(TIME_JUMPS.about(n_jumps=damage.n_time_jumps))
    return tuple(notices)
