"""Words of a recording, block after block; what an earlier run heard is not decoded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, count
from typing import Final

from stenograf.core.events import WordsReady
from stenograf.core.options import AsrOptions
from stenograf.core.ports import OnProgress, Recognition, Recognizer, ignore_progress
from stenograf.core.span import Span, intersect, total_duration
from stenograf.core.transcript import Word
from stenograf.core.waveform import Waveform
from stenograf.pipeline.parts import Answer, FoundLanguage, HeardWords, Parts
from stenograf.pipeline.watch import Watch

LANGUAGE: Final = "language"
ROUNDING: Final = 1e-6  # shares of time are sums of floats in another order


def words_part(number: int) -> str:
    """The name under which the words of the `number`-th saving are kept."""
    return f"words-{number:06d}"


class Hearing:
    """One recording being recognized: `words` grow, and finished blocks are kept in `parts`."""

    def __init__(self, parts: Parts, watch: Watch, on_progress: OnProgress) -> None:
        self.words: list[Word] = []
        self._parts = parts
        self._watch = watch
        self._on_progress = on_progress
        self._earlier: list[tuple[Span, ...]] = []  # blocks, of runs before this one
        self._until_s = 0.0
        self._is_complete = False
        self._n_kept = 0  # parts
        self._n_words_kept = 0
        self._n_blocks_kept = 0  # of `_blocks`
        self._n_heard_before = 0  # of `_blocks`: not every engine can leave out what was heard
        self._blocks: tuple[tuple[Span, ...], ...] = ()
        self._shares: list[float] = []

    def run(
        self, recognizer: Recognizer, audio: Waveform, speech: Sequence[Span], options: AsrOptions
    ) -> Recognition:
        """What the recognizer found out besides `words`; its own iterator is used up."""
        self._remember()
        known = self._parts.find(LANGUAGE, FoundLanguage) if self._n_kept else None
        if self.words:
            self._watch.tell(WordsReady(tuple(self.words)))
        if known is None or not self._is_complete:
            begun = _share(speech, self._until_s)
            found = recognizer.recognize(
                audio,
                speech,
                self._rest(options, known),
                on_progress=lambda fraction: self._went_on(fraction, begun),
            )
            known = self._listen(found, known)
        return Recognition(
            iter(()),
            known.language,
            known.probability,
            known.notices,
            known.votes,
            (*self._earlier, *self._blocks[self._n_heard_before :]),
        )

    def _remember(self) -> None:
        """Words that an earlier run kept, as far as they follow each other."""
        for number in count():
            part = self._parts.find(words_part(number), HeardWords)
            if part is None:
                break
            self.words += part.words
            self._earlier += part.blocks
            self._until_s, self._is_complete = part.until_s, part.is_last
            self._n_kept, self._n_words_kept = number + 1, len(self.words)

    def _rest(self, options: AsrOptions, known: FoundLanguage | None) -> AsrOptions:
        """The language was found from the whole recording: what is left may sound otherwise."""
        if known is not None and not options.multilingual:
            options = replace(options, language=known.language)
        return replace(options, heard_until_s=self._until_s)

    def _listen(self, found: Recognition, known: FoundLanguage | None) -> FoundLanguage:
        if known is None:
            self._parts.keep(LANGUAGE, _together(None, found))
        self._blocks = found.blocks
        self._shares = list(accumulate(total_duration(pieces) for pieces in found.blocks))
        resumed_s = self._until_s
        self._n_heard_before = sum(pieces[-1].end <= resumed_s for pieces in found.blocks)
        self._n_blocks_kept = self._n_heard_before
        for word in found.words:
            if word.span.middle >= resumed_s:
                self.words.append(word)
                self._watch.tell(WordsReady((word,)))
        language = _together(known, found)  # notices are complete only now
        self._parts.keep(LANGUAGE, language)
        self._keep(self._until_s, len(self._blocks), is_last=True)
        return language

    def _went_on(self, fraction: float, begun: float) -> None:
        """A fraction says which blocks are done; what earlier runs did counts as done, too."""
        if self._shares:
            done_s = fraction * self._shares[-1] + ROUNDING
            n_done = sum(share <= done_s for share in self._shares)
            until_s = self._blocks[n_done - 1][-1].end if n_done else 0.0
            if until_s > self._until_s:
                self._keep(until_s, n_done, is_last=False)
        self._on_progress(begun + (1.0 - begun) * fraction)

    def _keep(self, until_s: float, n_blocks: int, *, is_last: bool) -> None:
        fresh = tuple(self.words[self._n_words_kept :])
        blocks = self._blocks[self._n_blocks_kept : n_blocks]
        part = HeardWords(fresh, until_s, is_last, blocks)
        self._parts.keep(words_part(self._n_kept), part)
        self._until_s, self._n_kept = until_s, self._n_kept + 1
        self._n_words_kept, self._n_blocks_kept = len(self.words), n_blocks


def _share(speech: Sequence[Span], until_s: float) -> float:
    total = total_duration(speech)
    return total_duration(intersect(speech, [Span(0.0, until_s)])) / total if total else 0.0


def _together(known: FoundLanguage | None, found: Recognition) -> FoundLanguage:
    """The language of the earlier run if there was one, the notices of both."""
    if known is None:
        return FoundLanguage.of(found)
    new = tuple(notice for notice in found.notices if notice not in known.notices)
    return replace(known, notices=known.notices + new)


class Remembering:
    """A recognizer whose answers are kept: asked the same in another run, it does not listen.

    Questions are told apart by their order, which is the same in each run of a recording.
    """

    def __init__(self, inner: Recognizer, parts: Parts) -> None:
        self.name = inner.name
        self.capabilities = inner.capabilities
        self._inner = inner
        self._parts = parts
        self._n_asked = 0

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """As the recognizer behind it; all words are there when this returns."""
        name = f"again-{self._n_asked:06d}"
        self._n_asked += 1
        known = self._parts.find(name, Answer)
        if known is None:
            found = self._inner.recognize(audio, speech, options, on_progress=on_progress)
            words = tuple(found.words)
            known = Answer(words, _together(None, found))
            self._parts.keep(name, known)
        told = known.language
        return Recognition(
            iter(known.words), told.language, told.probability, told.notices, told.votes
        )
