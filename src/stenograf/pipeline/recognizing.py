"""The words of a recording: heard, reviewed and aligned, by channel where languages differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate
from typing import Final, TypeVar

from stenograf.attribution import attribute_words
from stenograf.core.ports import (
    Aligner,
    OnProgress,
    OwnSpeech,
    Recognizer,
    VoiceDetector,
)
from stenograf.core.span import Span, intersect, total_duration, union
from stenograf.core.transcript import ModelUse, Notice, Suspect, Turn, Word
from stenograf.pipeline.aligning import align_words
from stenograf.pipeline.by_channel import Parties, Party, Sound, different_languages
from stenograf.pipeline.hearing import Hearing, Remembering
from stenograf.pipeline.options import TranscribeOptions
from stenograf.pipeline.parts import FoundLanguage, Parts, PartsOf
from stenograf.pipeline.review import Reviewed, Reviewer
from stenograf.pipeline.watch import Watch

BEFORE_REVIEW: Final = 0.99
"""How much of recognition is done when all words are there and doubtful ones are heard again."""

REVIEWED: Final = "reviewed"
"""Name of a part that is kept; those of recognition are in `hearing`."""

OWN_SHARE: Final = 0.5
"""How much of a turn a channel holds at least for the channel's words to be the turn's."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Written:
    """What was recognized in one go; words have no speakers yet.

    `speech` is where they may be.
    """

    words: tuple[Word, ...] = ()
    language: FoundLanguage = field(default_factory=lambda: FoundLanguage(None, None))
    suspects: tuple[Suspect, ...] = ()
    notices: tuple[Notice, ...] = ()
    models: tuple[ModelUse, ...] = ()
    speech: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """What writes down one recording: engines, what is asked, who watches, what is kept."""

    recognizer: Recognizer
    detector: VoiceDetector
    witness: VoiceDetector | None
    aligner: Aligner | None
    own_speech: OwnSpeech | None
    options: TranscribeOptions
    watch: Watch
    parts: Parts

    def write(self, sound: Sound, speech: Sequence[Span]) -> list[Written]:
        """All words once, or those of each channel where their languages differ."""
        with self.watch.stage("recognize") as progress:
            finder = Parties(
                recognizer=self.recognizer,
                detector=self.detector,
                own_speech=self.own_speech,
                parts=self.parts,
            )
            options = self.options.recognition
            parties = finder.find(sound, speech, options, on_progress=progress)
            self.watch.note(*different_languages(parties))
            written = [
                self._recognized(party, part)
                for party, part in zip(parties, _shares(progress, parties), strict=True)
            ]
        return self._aligned(parties, written)

    def _recognized(self, party: Party, on_progress: OnProgress) -> Written:
        parts, options = self._parts_of(party), self.options.recognition
        if party.language is not None:
            options = replace(options, language=party.language.language)

        def almost(fraction: float) -> None:
            on_progress(min(fraction, BEFORE_REVIEW))

        hearing = Hearing(parts, self.watch, almost)
        recognition = hearing.run(self.recognizer, party.audio, party.speech, options)
        reviewed = parts.find(REVIEWED, Reviewed)
        if reviewed is None:
            reviewer = Reviewer(
                recognizer=Remembering(self.recognizer, parts),
                audio=party.audio,
                speech=party.speech,
                options=options,
                guards=self.options.guards,
                witness=self.witness,
                on_progress=lambda _: almost(1.0),
            )
            reviewed = reviewer.review(recognition, hearing.words)
            parts.keep(REVIEWED, reviewed)
        language = party.language or FoundLanguage.of(recognition)
        return Written(
            words=reviewed.words,
            language=language,
            suspects=reviewed.suspects,
            notices=_each_once((*language.notices, *recognition.notices, *reviewed.notices)),
            speech=tuple(party.speech),
        )

    def _aligned(self, parties: Sequence[Party], written: list[Written]) -> list[Written]:
        if self.aligner is None or not any(found.words for found in written):
            return written
        aligned = []
        with self.watch.stage("align") as progress:
            for party, found, part in zip(
                parties, written, _shares(progress, parties), strict=True
            ):
                alignment = align_words(
                    self.aligner,
                    party.audio,
                    found.words,
                    party.speech,
                    found.language.language,
                    parts=self._parts_of(party),
                    on_progress=part,
                )
                notices = (*found.notices, *alignment.notices)
                aligned.append(
                    replace(found, words=alignment.words, models=alignment.models, notices=notices)
                )
        return aligned

    def _parts_of(self, party: Party) -> Parts:
        """Channels are kept beside each other."""
        if party.channel is None:
            return self.parts
        return PartsOf(self.parts, f"channel-{party.channel}")


def attributed(written: Sequence[Written], turns: Sequence[Turn]) -> Written:
    """All of it as one, in time order, each word with its speaker.

    A channel's words belong to the people on that channel, whoever else talks at that time; they
    carry their language. The language of all is the one most spoken.
    """
    if len(written) < 2:
        found = written[0] if written else Written()
        return replace(found, words=tuple(attribute_words(found.words, turns)))
    return Written(
        words=_interleaved(
            [
                replace(word, language=found.language.language)
                for word in attribute_words(found.words, _turns_in(found.speech, turns))
            ]
            for found in written
        ),
        language=_language(written),
        suspects=tuple(_joined(part for found in written for part in found.suspects)),
        notices=_each_once(notice for found in written for notice in found.notices),
        models=_each_once(use for found in written for use in found.models),
    )


def _turns_in(speech: Sequence[Span], turns: Sequence[Turn]) -> list[Turn]:
    """The turns that lie in the speech of a channel for the greater part."""
    return [
        turn
        for turn in turns
        if total_duration(intersect([turn.span], speech)) >= OWN_SHARE * turn.span.duration
    ]


def _interleaved(sides: Iterable[Sequence[Word]]) -> tuple[Word, ...]:
    """The words of all sides in time order; none is joined to a word of another side."""
    marked = [(word, side) for side, words in enumerate(sides) for word in words]
    marked.sort(key=lambda item: item[0].span.start)
    befores = [None, *(side for _, side in marked)]
    return tuple(
        word if side == before or not word.joined else replace(word, joined=False)
        for (word, side), before in zip(marked, befores, strict=False)
    )


def _joined(suspects: Iterable[Suspect]) -> Iterator[Suspect]:
    """Parts that overlap as one with the reasons of all, in time order."""
    known = sorted(suspects, key=lambda part: part.span)
    for span in union(part.span for part in known):
        reasons = (name for part in known if _within(part.span, span) for name in part.reasons)
        yield Suspect(span, tuple(dict.fromkeys(reasons)))


def _within(part: Span, whole: Span) -> bool:
    return whole.start <= part.start and part.end <= whole.end


def _language(written: Sequence[Written]) -> FoundLanguage:
    """The one most spoken, with the votes of all, each weighed by its speech."""
    spoken: dict[str | None, float] = defaultdict(float)
    votes: dict[str, float] = defaultdict(float)
    total = sum(total_duration(found.speech) for found in written)
    for found in written:
        seconds = total_duration(found.speech)
        spoken[found.language.language] += seconds
        for language, probability in found.language.votes.items():
            votes[language] += probability * seconds / total
    most = max(spoken, key=spoken.__getitem__)
    sure = next(found.language.probability for found in written if found.language.language == most)
    ordered = dict(sorted(votes.items(), key=lambda item: -item[1]))
    return FoundLanguage(most, sure, ordered)


def _shares(on_progress: OnProgress, parties: Sequence[Party]) -> Iterator[OnProgress]:
    """Progress of each party as progress of the whole, by the length of its speech."""
    lengths = [total_duration(party.speech) for party in parties]
    total = sum(lengths) or 1.0
    for end, length in zip(accumulate(lengths), lengths, strict=True):
        yield partial(_share, on_progress, (end - length) / total, length / total)


def _share(on_progress: OnProgress, start: float, length: float, fraction: float) -> None:
    on_progress(start + length * fraction)


def _each_once(items: Iterable[Item]) -> tuple[Item, ...]:
    """Without repetitions; details of notices cannot be hashed."""
    found: list[Item] = []
    for item in items:
        if item not in found:
            found.append(item)
    return tuple(found)
