"""Speech written down while it is spoken, by any recognizer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from stenograf.attribution.reading import ends_sentence
from stenograf.core.errors import OptionError
from stenograf.core.options import AsrOptions
from stenograf.core.ports import LiveText, Recognizer, VoiceDetector
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, sample_at
from stenograf.pipeline.agreement import MOST_COMPARED, n_agreed, n_known

SOFT_START_S: Final = 0.5
"""Kept before what comes next: the soft beginning of a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions:
    """When to listen and when to believe; times in seconds of sound.

    The recognizer hears what is not final yet after every `step_s`. A word is final when
    `n_answers` in a row agree on it and on all before it, or when nobody has spoken for `pause_s`
    after it. From `trim_s` on, sound is forgotten up to the last final sentence; at `longest_s`
    what was heard becomes final as it is, but for the last `unsure_s`.
    """

    step_s: float = 1.0
    n_answers: int = 2
    pause_s: float = 1.0
    trim_s: float = 12.0
    longest_s: float = 25.0
    unsure_s: float = 2.0

    def __post_init__(self) -> None:
        if self.n_answers < 1 or self.step_s <= 0.0 or self.pause_s <= SOFT_START_S:
            raise OptionError("Live recognition needs an answer, a step and a longer pause.")
        if not 0.0 < self.unsure_s < self.trim_s < self.longest_s:
            raise OptionError("Live recognition needs unsure_s < trim_s < longest_s.")


class LocalAgreement:
    """LiveRecognizer on top of a Recognizer that answers anew after every step.

    Memory holds `longest_s` and a step of sound, however long the stream is. Where nobody gave
    the language, the one found with the first final words stays.
    """

    def __init__(
        self,
        detector: VoiceDetector,
        recognizer: Recognizer,
        options: AsrOptions,
        live: LiveOptions | None = None,
    ) -> None:
        self._detector = detector
        self._recognizer = recognizer
        self._asked = options
        self._live = live or LiveOptions()
        self._begin()

    def _begin(self) -> None:
        self._options = self._asked
        self._sound: list[Samples] = []
        self._n_held = 0  # samples of `_sound`
        self._n_new = 0  # of them since the last answer
        self._n_forgotten = 0  # samples of the stream before `_sound`
        self._final: list[Word] = []  # in `_sound`, and a few before
        self._latest_start_s = 0.0
        self._answers: deque[Sequence[Word]] = deque(maxlen=self._live.n_answers)

    @property
    def held_s(self) -> float:
        """Seconds of sound in memory."""
        return self._n_held / SAMPLE_RATE_HZ

    @property
    def heard_s(self) -> float:
        """Seconds of sound since the stream began."""
        return (self._n_forgotten + self._n_held) / SAMPLE_RATE_HZ

    def feed(self, samples: Samples) -> LiveText:
        """What is known after more sound; the recognizer is asked whenever a step is full."""
        started = time.perf_counter()
        step = sample_at(self._live.step_s)
        committed: list[Word] = []
        while len(samples):  # in parts: a large piece must not fill the memory at once
            part, samples = np.split(samples, [step - self._n_new])
            self._sound.append(np.array(part, dtype=np.float32))
            self._n_held += len(part)
            self._n_new += len(part)
            if self._n_new == step:
                committed += self._listen(ended=False)
        return self._text(committed, started)

    def finish(self) -> LiveText:
        """Everything that was said is final, and the next sound begins a new stream at 0."""
        started = time.perf_counter()
        text = self._text(self._listen(ended=True), started)
        self._begin()
        return text

    def _text(self, committed: Sequence[Word], started: float) -> LiveText:
        pending = tuple(self._answers[-1]) if self._answers else ()
        return LiveText(tuple(committed), pending, self.heard_s, time.perf_counter() - started)

    def _listen(self, *, ended: bool) -> list[Word]:
        """Ask once about all that is held; gives the words that became final."""
        self._n_new = 0
        audio = np.concatenate([*self._sound, np.empty(0, dtype=np.float32)])
        speech = self._detector.detect(audio) if len(audio) else []
        answer = self._ask(audio, speech)
        fresh = answer[n_known(answer, self._final, self._n_forgotten / SAMPLE_RATE_HZ) :]
        self._answers.append(fresh)
        pause = self._last_pause(speech)
        closed_s = self.heard_s if ended or pause.end >= self.heard_s else pause.middle
        agreed = n_agreed(self._answers) if len(self._answers) == self._live.n_answers else 0
        sure = max(agreed, _n_before(fresh, closed_s), _n_before(fresh, self._forced_until()))
        committed = self._commit(fresh[:sure])
        trusted = self._answers if sure == agreed else [fresh]
        self._answers = deque((known[sure:] for known in trusted), self._answers.maxlen)
        self._forget(audio, self._cut(pause))
        return committed

    def _ask(self, audio: Samples, speech: Sequence[Span]) -> list[Word]:
        if not speech:
            return []
        result = self._recognizer.recognize(audio, speech, self._options)
        forgotten_s = self._n_forgotten / SAMPLE_RATE_HZ
        words = [replace(word, span=word.span.shift(forgotten_s)) for word in result.words]
        if self._final and not self._options.multilingual:
            self._options = replace(self._options, language=result.language)
        return words

    def _last_pause(self, speech: Sequence[Span]) -> Span:
        """The latest silence of `pause_s` or more, on the stream's clock; else its empty start."""
        begun_s = self._n_forgotten / SAMPLE_RATE_HZ
        starts = [0.0, *(span.end for span in speech)]
        ends = [*(span.start for span in speech), self.held_s]
        pauses = [Span(a, max(a, b)) for a, b in zip(starts, ends, strict=True)]
        long = [pause for pause in pauses if pause.duration >= self._live.pause_s]
        return (long[-1] if long else Span(0.0, 0.0)).shift(begun_s)

    def _forced_until(self) -> float:
        """Memory is full: what was said before this is believed as it is."""
        return self.heard_s - self._live.unsure_s if self.held_s >= self._live.longest_s else 0.0

    def _commit(self, words: Sequence[Word]) -> list[Word]:
        """The same words, none of them before the last one that is final."""
        committed: list[Word] = []
        for word in words:
            self._latest_start_s = max(self._latest_start_s, word.span.start)
            end_s = max(self._latest_start_s, word.span.end)
            committed.append(replace(word, span=Span(self._latest_start_s, end_s)))
        self._final += committed
        return committed

    def _cut(self, pause: Span) -> float:
        """Up to where sound is not needed any more, on the stream's clock."""
        cut_s = max(pause.start, pause.end - SOFT_START_S)
        if self.held_s >= self._live.trim_s:
            ends = [word.span.end for word in self._final if ends_sentence(word.text)]
            cut_s = max(cut_s, *ends[-1:], 0.0)
        if self.held_s >= self._live.longest_s:
            pending = self._answers[-1]
            following_s = pending[0].span.start if pending else self.heard_s
            ends = [word.span.end for word in self._final]
            cut_s = max(cut_s, *ends[-1:], min(following_s, self._forced_until()))
        return max(cut_s, self.heard_s - self._live.longest_s)

    def _forget(self, audio: Samples, until_s: float) -> None:
        n_cut = min(max(0, sample_at(until_s) - self._n_forgotten), self._n_held)
        self._sound = [audio[n_cut:].copy()]
        self._n_held -= n_cut
        self._n_forgotten += n_cut
        begun_s = self._n_forgotten / SAMPLE_RATE_HZ
        n_gone = _n_before(self._final, begun_s - SOFT_START_S)
        self._final = self._final[min(n_gone, max(0, len(self._final) - MOST_COMPARED)) :]


def _n_before(words: Sequence[Word], instant_s: float) -> int:
    """How many first words lie, for the most part, before an instant."""
    return next((i for i, word in enumerate(words) if word.span.middle >= instant_s), len(words))
