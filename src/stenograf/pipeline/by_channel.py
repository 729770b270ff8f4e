"""Recordings whose channels speak different languages: what is recognized by itself.

Each channel of a call votes on its own language, over speech that is its own. Only where two are
sure and differ is the call taken apart; otherwise the mix is recognized as ever, in the language
that the votes give together, so that nobody votes a third time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from stenograf.audio.channels import are_identical
from stenograf.core.options import AsrOptions
from stenograf.core.ports import (
    OnProgress,
    OwnSpeech,
    Recognition,
    Recognizer,
    VoiceDetector,
    ignore_progress,
)
from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import Notice
from stenograf.core.waveform import Waveform
from stenograf.pipeline.parts import FoundLanguage, FoundParties, FoundParty, Parts

PARTIES: Final = "parties"
LEAST_VOTE_S: Final = 5.0
"""Less speech of its own makes no vote: a greeting alone sounds like many languages. Chosen, not
measured, as is SURE_PROBABILITY: only a trained Whisper could tell (docs/tuning.md)."""

SURE_PROBABILITY: Final = 0.7
"""Mean probability from which a channel's language counts against another's. A call taken apart by
mistake is worse than one whose second language is recognized as the first."""

LEFT_OUT: Final = float("inf")  # of AsrOptions.heard_until_s: there is nothing left to decode


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording as it was decoded: the mix, and its channels where they were asked for."""

    audio: Waveform
    channels: tuple[Waveform, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """What is recognized by itself: sound, the speech in it, its language where it was found.

    `channel` None is the mix of all.
    """

    audio: Waveform
    speech: Sequence[Span]
    channel: int | None = None
    language: FoundLanguage | None = None


@dataclass(frozen=True, slots=True)
class _Vote:
    """What one channel says about its language; `seconds` of speech are its own."""

    seconds: float
    language: FoundLanguage

    @property
    def is_sure(self) -> bool:
        return (self.language.probability or 0.0) >= SURE_PROBABILITY


def can_differ(options: AsrOptions) -> bool:
    """Whether the options leave it open that channels speak different languages."""
    return options.language is None and not options.multilingual and len(options.languages) != 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Finds what of a recording has to be recognized by itself."""

    recognizer: Recognizer
    detector: VoiceDetector
    own_speech: OwnSpeech | None
    parts: Parts

    def find(
        self,
        sound: Sound,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> list[Party]:
        """One per channel where two speak different languages, else the mix alone.

        `on_progress` is told that the work goes on, never a fraction above 0.
        """

        def alive(fraction: float) -> None:
            on_progress(0.0)

        if not can_differ(options) or self.own_speech is None or not _may_be_a_call(sound):
            return [Party(sound.audio, speech)]
        known = self.parts.find(PARTIES, FoundParties)
        if known is None:
            known = FoundParties(self._found(sound, speech, options, self.own_speech, alive))
            self.parts.keep(PARTIES, known)
        return [
            Party(
                sound.audio if found.channel is None else sound.channels[found.channel],
                speech if found.channel is None else found.speech,
                found.channel,
                found.language,
            )
            for found in known.parties
        ]

    def _found(
        self,
        sound: Sound,
        speech: Sequence[Span],
        options: AsrOptions,
        own_speech: OwnSpeech,
        alive: OnProgress,
    ) -> tuple[FoundParty, ...]:
        """First by the speech of the mix; only a call of several languages is listened to again."""
        votes = self._votes(sound, speech, options, own_speech, alive)
        together = _together(votes, options.languages)
        mix = FoundParty(None, (), together)
        if together is None or len(_sure_languages(votes)) < 2:
            return (mix,)
        detected = [self.detector.detect(channel, on_progress=alive) for channel in sound.channels]
        own = own_speech(sound.channels, detected)
        found = tuple(
            FoundParty(channel, spans, _language_of(votes, channel, together))
            for channel, spans in enumerate(own)
            if spans
        )
        return found if len(found) > 1 else (mix,)

    def _votes(
        self,
        sound: Sound,
        speech: Sequence[Span],
        options: AsrOptions,
        own_speech: OwnSpeech,
        alive: OnProgress,
    ) -> dict[int, _Vote]:
        """By channel; empty where fewer than two have enough to say or the engine does not vote."""
        own = own_speech(sound.channels, [speech] * len(sound.channels))
        spoken = {i: spans for i, spans in enumerate(own) if total_duration(spans) >= LEAST_VOTE_S}
        votes: dict[int, _Vote] = {}
        for channel, spans in spoken.items() if len(spoken) > 1 else ():
            asked = replace(options, heard_until_s=LEFT_OUT)
            found = self.recognizer.recognize(
                sound.channels[channel], spans, asked, on_progress=alive
            )
            without_words(found)
            if found.language is None or not found.language_votes:
                return {}
            votes[channel] = _Vote(total_duration(spans), FoundLanguage.of(found))
        return votes


def without_words(found: Recognition) -> None:
    """Let an engine go that was asked for the language only, whether or not it has words left."""
    if next(iter(found.words), None) is not None and isinstance(found.words, Generator):
        found.words.close()


def different_languages(parties: Sequence[Party]) -> Iterator[Notice]:
    """What the document says where channels were recognized by themselves."""
    if len(parties) < 2:
        return
    spoken = {str(p.channel): p.language.language for p in parties if p.language is not None}
    yield Notice(
        "language.by_channel",
        "The channels speak different languages ({languages}), so each was recognized by itself.",
        "If that is wrong, say --language.",
        {"languages": ", ".join(filter(None, spoken.values())), "channels": spoken},
    )


def _may_be_a_call(sound: Sound) -> bool:
    return len(sound.channels) > 1 and not are_identical(sound.channels)


def _sure_languages(votes: Mapping[int, _Vote]) -> set[str | None]:
    return {vote.language.language for vote in votes.values() if vote.is_sure}


def _language_of(
    votes: Mapping[int, _Vote], channel: int, together: FoundLanguage
) -> FoundLanguage:
    """A channel's own language where it is sure of it, else that of all."""
    vote = votes.get(channel)
    return vote.language if vote is not None and vote.is_sure else together


def _together(votes: Mapping[int, _Vote], allowed: Sequence[str]) -> FoundLanguage | None:
    """One vote of all channels, each weighed by its speech; None where there is none."""
    if not votes:
        return None
    total = sum(vote.seconds for vote in votes.values())
    means: dict[str, float] = defaultdict(float)
    for vote in votes.values():
        for language, probability in vote.language.votes.items():
            means[language] += probability * vote.seconds / total
    winner = max(allowed or means, key=lambda language: means.get(language, 0.0))
    ordered = dict(sorted(means.items(), key=lambda item: -item[1]))
    notices = tuple(
        notice
        for vote in votes.values()
        for notice in vote.language.notices
        if vote.language.language == winner
    )
    return FoundLanguage(winner, min(1.0, means.get(winner, 0.0)), ordered, notices[:1])
