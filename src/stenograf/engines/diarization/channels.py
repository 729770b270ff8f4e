"""Stereo calls: one party per channel, several people on a channel told apart by voice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from stenograf.core.errors import UnsupportedError
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import (
    Capabilities,
    Diarization,
    Diarizer,
    OnProgress,
    VoiceDetector,
    ignore_progress,
)
from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import Turn
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform, duration_s
from stenograf.engines.diarization.bleed import Separation, separate
from stenograf.engines.diarization.numbering import numbered

LISTENING: Final = 0.5  # share of the work that finding each channel's speech is


class ChannelsDiarizer:
    """Diarizer for recordings whose channels hold one party each.

    What leaks from one channel into another is left out. `acoustic` tells people on one channel
    apart, when more are asked for than there are parties.
    """

    name: ClassVar[str] = "channels"
    capabilities: ClassVar[Capabilities] = Capabilities(
        note="Needs a recording with one party per channel; overlapping speech is kept."
    )

    def __init__(self, detector: VoiceDetector, acoustic: Diarizer | None = None) -> None:
        self._detector = detector
        self._acoustic = acoustic

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """No speech gives no turns; else UnsupportedError, for one channel says nothing."""
        on_progress(1.0)
        if is_silent(audio, speech):
            return Diarization(())
        raise UnsupportedError(
            "The recording has one channel, or copies of one.", hint="Use --diarizer auto."
        )

    def diarize_channels(
        self,
        audio: Waveform,
        channels: Sequence[Waveform],
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Who speaks when, by channel; of the mix it only matters whether it holds speech at all.

        Raises UnsupportedError when fewer speakers are asked for than there are parties.
        """
        if is_silent(audio, speech):
            on_progress(1.0)
            return Diarization(())
        heard = self.listen(channels, on_progress=lambda done: on_progress(LISTENING * done))
        return self.turns(channels, heard, options, on_progress=on_progress)

    def listen(
        self, channels: Sequence[Waveform], *, on_progress: OnProgress = ignore_progress
    ) -> Separation:
        """What each channel holds of its own."""
        speech = []
        for n_done, channel in enumerate(channels):
            progress = _part(on_progress, n_done / len(channels), (n_done + 1) / len(channels))
            speech.append(self._detector.detect(channel, on_progress=progress))
        on_progress(1.0)
        return separate(channels, speech)

    def turns(
        self,
        channels: Sequence[Waveform],
        heard: Separation,
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """The turns of what was heard, with the number of speakers inside the bounds."""
        counts = share_speakers([heard.own[i] for i in heard.parties], options)
        found: list[Turn] = []
        for n_done, (index, count) in enumerate(zip(heard.parties, counts, strict=True)):
            step = (1.0 - LISTENING) / len(counts)
            start = LISTENING + n_done * step
            progress = _part(on_progress, start, start + step)
            found += self._party(channels[index], heard.own[index], index, count, progress)
        on_progress(1.0)
        return Diarization(numbered(found, max(map(duration_s, channels), default=0.0)))

    def _party(
        self,
        channel: Waveform,
        own: Sequence[Span],
        index: int,
        count: int,
        on_progress: OnProgress,
    ) -> list[Turn]:
        """Turns of one channel; labels are unique among channels."""
        if count == 1:
            return [Turn(span, str(index)) for span in own]
        if self._acoustic is None:
            raise UnsupportedError(
                "Telling {count} people on one channel apart needs a model of voices.",
                hint="Install one: stenograf models pull ge2e",
                count=count,
            )
        people = self._acoustic.diarize(
            Only(channel, own),
            own,
            DiarizationOptions.of(speakers=count),
            on_progress=on_progress,
        )
        return [
            Turn(turn.span, f"{index} {turn.speaker}", turn.confidence) for turn in people.turns
        ]


class Only:
    """A waveform that is silent outside the given sorted, disjoint spans."""

    def __init__(self, audio: Waveform, spans: Sequence[Span]) -> None:
        self._audio = audio
        self._spans = spans

    def __len__(self) -> int:
        return len(self._audio)

    def __getitem__(self, index: slice, /) -> Samples:
        start, stop, _ = index.indices(len(self._audio))
        samples = self._audio[start:stop].copy()
        at = 0
        for span in self._spans:
            first = round(span.start * SAMPLE_RATE_HZ) - start
            last = round(span.end * SAMPLE_RATE_HZ) - start
            if first >= len(samples):
                break
            if last > 0:
                samples[at : max(at, first)] = 0.0
                at = max(at, last)
        samples[at:] = 0.0
        return samples


def is_silent(audio: Waveform, speech: Sequence[Span]) -> bool:
    """Whether the spans hold no time inside the recording."""
    whole = Span(0.0, duration_s(audio))
    return total_duration(span.clamp(whole) for span in speech) == 0.0


def share_speakers(own: Sequence[Sequence[Span]], options: DiarizationOptions) -> list[int]:
    """How many speakers each party has: one, and more where the lower bound needs it.

    Who speaks longest per person gets the next person. Raises UnsupportedError when there are
    more parties than speakers allowed.

    >>> share_speakers([[Span(0, 9)], [Span(9, 11)]], DiarizationOptions(min_speakers=3))
    [2, 1]
    """
    if options.max_speakers is not None and len(own) > options.max_speakers:
        raise UnsupportedError(
            "{found} channels hold a voice, and at most {most} speakers are asked for.",
            hint="Use --diarizer auto.",
            found=len(own),
            most=options.max_speakers,
        )
    counts = [1] * len(own)
    while counts and sum(counts) < options.min_speakers:
        spoken = [total_duration(spans) / n for spans, n in zip(own, counts, strict=True)]
        counts[spoken.index(max(spoken))] += 1
    return counts


def _part(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    return lambda fraction: on_progress(start + (end - start) * fraction)
