"""Blocks that the guards object to: heard again, and marked where that does not help."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from stenograf.core.errors import EngineError
from stenograf.core.options import AsrOptions
from stenograf.core.ports import (
    OnProgress,
    Recognition,
    Recognizer,
    VoiceDetector,
    ignore_progress,
)
from stenograf.core.span import Span, intersect, total_duration, union, widen
from stenograf.core.transcript import Notice, Suspect, Word
from stenograf.core.waveform import Waveform, duration_s, sample_at
from stenograf.guards import Passage, doubtful_parts, needs_voice, objections

BLOCK_S: Final = 30.0
"""The length of passages where an engine does not tell its blocks."""

CAREFUL_BEAM: Final = 5  # openai/whisper's own default
SHORT_BLOCK_S: Final = 10.0
NO_REPEAT_TOKENS: Final = 6
"""In a short block nobody says six tokens twice by chance, and one token no loop of seven words."""

BELIEVABLE: Final = 0.5
"""Mean word probability: a decoder that may not say what it wants says anything."""

PATIENCE: Final = 8
"""So many passages are heard again at once; where none of them gains, the rest is only marked."""

CONTEXT_S: Final = 1.0  # the detector hears so much before it answers for a block


@dataclass(frozen=True, slots=True)
class Reviewed:
    """All words in time order, and which parts of the recording remain in doubt."""

    words: tuple[Word, ...]
    suspects: tuple[Suspect, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A passage and which guards object to it."""

    passage: Passage
    reasons: tuple[str, ...]

    def beats(self, other: _Judged) -> bool:
        """Whether it has fewer objections and words one may believe, or as many and surer words.

        No words at all are better only where nobody objects to that.
        """
        mine, theirs = self.passage.sureness, other.passage.sureness
        surer = mine is not None and theirs is not None and mine > theirs
        if len(self.reasons) != len(other.reasons):
            said = bool(self.passage.words) or not other.passage.words
            believable = mine is None or mine >= BELIEVABLE or surer
            fewer = len(self.reasons) < len(other.reasons)
            return fewer and believable and (said or not self.reasons)
        return surer


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """What looks over the words of one recording.

    `witness` is a stricter detector that says where voice is beyond doubt; without one the guards
    that listen have less to say. `guards` are their names. `on_progress` may raise CancelledError.
    """

    recognizer: Recognizer
    audio: Waveform
    speech: Sequence[Span]
    options: AsrOptions
    guards: Sequence[str]
    witness: VoiceDetector | None = None
    on_progress: OnProgress = ignore_progress

    def review(self, recognition: Recognition, words: Sequence[Word]) -> Reviewed:
        """The words, those of doubtful blocks replaced where hearing them again was better.

        Every block that still fails is marked, never dropped. A block is heard again first
        carefully (beam search, no prompt), then in shorter blocks and without repetitions, too.
        """
        if not self.guards or not self.speech:
            return Reviewed(tuple(words))
        blocks = _all_blocks(recognition.blocks, self.speech)
        languages = _languages(recognition, self.options)
        judged = [self._judged(passage) for passage in passages_of(blocks, words, languages)]
        options = replace(self.options, heard_until_s=0.0)
        if not options.multilingual:
            options = replace(options, language=recognition.language)
        notices = self._hear_again(judged, options)
        return _reviewed(judged, notices)

    def _judged(self, passage: Passage) -> _Judged:
        if passage.voice is None and self.witness is not None and needs_voice(passage, self.guards):
            voice = voice_in(self.witness, self.audio, passage.speech)
            passage = replace(passage, voice=voice)
        return _Judged(passage, objections(passage, self.guards))

    def _hear_again(self, judged: list[_Judged], options: AsrOptions) -> list[Notice]:
        """Replace what gets better, in place; returns what the engine noticed."""
        notices: list[Notice] = []
        doubtful = [i for i, found in enumerate(judged) if found.reasons]
        for first in range(0, len(doubtful), PATIENCE):
            group, gained = doubtful[first : first + PATIENCE], False
            for careful in _carefully(options):
                left = [i for i in group if judged[i].reasons]
                try:
                    again = self._again([judged[i].passage for i in left], careful, notices)
                except EngineError as error:
                    return [*notices, _gave_up(error)]
                for i, passage in zip(left, again, strict=True):
                    other = self._judged(passage)
                    if other.beats(judged[i]):
                        judged[i] = other
                        gained = True
            if not gained:
                break
        return notices

    def _again(
        self, before: Sequence[Passage], options: AsrOptions, notices: list[Notice]
    ) -> list[Passage]:
        """The passages as they are heard with other options."""
        if not before:
            return []
        held = union(span for passage in before for span in passage.speech)
        speech = list(intersect(union(self.speech), held))  # blocks have margins that would grow
        heard = self.recognizer.recognize(self.audio, speech, options, on_progress=self.on_progress)
        words = list(heard.words)
        notices.extend(heard.notices)
        after = passages_of([passage.speech for passage in before], words, ())
        return [replace(old, words=new.words) for old, new in zip(before, after, strict=True)]


def _carefully(options: AsrOptions) -> Iterator[AsrOptions]:
    """Nothing that leads astray; then shorter blocks, and no repetitions, too."""
    beam = max(options.beam_size, CAREFUL_BEAM)
    careful = replace(options, beam_size=beam, prompt=None, hotwords=None)
    yield careful
    yield replace(
        careful, max_block_s=careful.block_s(SHORT_BLOCK_S), no_repeat_ngram=NO_REPEAT_TOKENS
    )


def _languages(recognition: Recognition, options: AsrOptions) -> tuple[str, ...]:
    """What may be written; empty where a recording may change its language at will."""
    if options.task == "translate":
        return ("en",)
    if options.multilingual:
        return options.languages
    return (recognition.language,) if recognition.language else ()


def _all_blocks(told: Sequence[tuple[Span, ...]], speech: Sequence[Span]) -> list[tuple[Span, ...]]:
    """What the engine tells, and what an earlier run must have heard before that."""
    first = told[0][0].start if told else float("inf")
    earlier = intersect(union(speech), [Span(float("-inf"), first)])
    return [*_grouped(list(earlier)), *told]


def _grouped(speech: Sequence[Span]) -> Iterator[tuple[Span, ...]]:
    """Neighbouring speech of at most 30 s together."""
    group: list[Span] = []
    for span in speech:
        if group and total_duration([*group, span]) > BLOCK_S:
            yield tuple(group)
            group = []
        group.append(span)
    if group:
        yield tuple(group)


def passages_of(
    blocks: Sequence[tuple[Span, ...]], words: Iterable[Word], languages: tuple[str, ...]
) -> list[Passage]:
    """The blocks, each with the words whose middle lies nearest; no word is lost."""
    starts = [block[0].start for block in blocks]
    held: list[list[Word]] = [[] for _ in blocks]
    for word in words:
        index = max(0, bisect_right(starts, word.span.middle) - 1)
        held[_nearer(blocks, index, word.span.middle)].append(word)
    return [
        Passage(block, tuple(found), languages) for block, found in zip(blocks, held, strict=True)
    ]


def _nearer(blocks: Sequence[tuple[Span, ...]], index: int, instant: float) -> int:
    """The block at `index` or, in the pause behind it, the next one if that is nearer."""
    end = blocks[index][-1].end
    if index + 1 < len(blocks) and instant > end:
        return index + int(blocks[index + 1][0].start - instant < instant - end)
    return index


def voice_in(witness: VoiceDetector, audio: Waveform, speech: Sequence[Span]) -> tuple[Span, ...]:
    """Where the witness hears voice inside the speech."""
    found: list[Span] = []
    for span in union(widen(speech, CONTEXT_S, Span(0.0, duration_s(audio)))):
        sound = audio[sample_at(span.start) : sample_at(span.end)]
        found += [part.shift(span.start) for part in witness.detect(sound)]
    return tuple(intersect(union(found), speech))


def _reviewed(judged: Sequence[_Judged], notices: Sequence[Notice]) -> Reviewed:
    words = [word for found in judged for word in found.passage.words]
    suspects = tuple(part for found in judged for part in _suspects(found))
    told = {notice.code: notice for notice in notices}
    if suspects:
        told["words.suspect"] = _marked(suspects)
    return Reviewed(
        tuple(sorted(words, key=lambda word: word.span.start)), suspects, tuple(told.values())
    )


def _suspects(found: _Judged) -> Iterator[Suspect]:
    """What is wrong with a passage, as precisely as the guards can tell."""
    bounds = _extent(found.passage)
    for part, reasons in doubtful_parts(found.passage, found.reasons):
        yield Suspect(part.clamp(bounds), reasons)


def _extent(passage: Passage) -> Span:
    """The block's time, and that of words in the pauses around it."""
    middles = [word.span.middle for word in passage.words]
    return Span(min([passage.span.start, *middles]), max([passage.span.end, *middles]))


def _gave_up(error: EngineError) -> Notice:
    return Notice(
        "words.not_heard_again",
        "Doubtful words could not be heard again: {reason}",
        error.hint,
        {**error.details, "reason": str(error), "cause": error.code},
    )


def _marked(suspects: Sequence[Suspect]) -> Notice:
    return Notice(
        "words.suspect",
        "Some words may be invented, wrong or missing (parts: {n_parts}, {seconds:.0f} s in all); "
        "they are marked (?).",
        "Listen to these parts before you rely on them.",
        {
            "n_parts": len(suspects),
            "seconds": total_duration(part.span for part in suspects),
            "reasons": sorted({reason for part in suspects for reason in part.reasons}),
        },
    )
