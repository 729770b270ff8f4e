"""Blocks of which it is known whether their words are right, for the guards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks import _guard_texts as texts
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.guards import Passage

LETTERS_PER_SECOND = (9.0, 12.0, 15.0, 18.0, 21.0, 24.0, 30.0)
"""From careful to a recording played at twice its speed."""


@dataclass(frozen=True, slots=True)
class Case:
    """`meant` names the guards that may catch it; nothing is wrong where there is none."""

    kind: str
    passage: Passage
    meant: tuple[str, ...] = ()
    held_out: bool = False


def made_cases() -> Iterator[Case]:
    """Some 600 cases of text with made times, the same in every run; half of them held out."""
    rng, lots = np.random.default_rng(5), np.random.default_rng(8)
    for case in [*_right(rng), *_wrong(rng), *_by_ear(np.random.default_rng(9))]:
        yield replace(case, held_out=bool(lots.random() < 0.5))


def _right(rng: np.random.Generator) -> Iterator[Case]:
    for language, known in (("en", texts.ENGLISH), ("ru", texts.RUSSIAN)):
        for text in known:
            for rate in LETTERS_PER_SECOND:
                yield Case("speech", said(_some(text, rng), language, rng, rate=rate))
            yield Case("pauses", said(_some(text, rng), language, rng, rate=14.0, pause_s=2.5))
            quiet = said(_some(text, rng), language, rng, rate=14.0)
            yield Case("far voice", replace(quiet, voice=quiet.voice and quiet.voice[:1]))
    for kind, lines in (
        ("repetition", texts.REPETITIVE),
        ("numbers", texts.NUMBERS),
        ("names", texts.SWITCHING),
        ("short answers", texts.SHORT),
        ("farewells", texts.FAREWELLS),
    ):
        for language, text in lines:
            for rate in (11.0, 17.0):
                yield Case(kind, said(text, language, rng, rate=rate))


def _wrong(rng: np.random.Generator) -> Iterator[Case]:
    for language, lines in texts.LOOPED:
        for text in lines:
            yield Case("loop", _looped(text, "", language, rng), LOOP_GUARDS)
            start = _some(_any(language, rng), rng, longest=15)
            yield Case("loop", _looped(text, start, language, rng), LOOP_GUARDS)
    for language, text in texts.INVENTED:
        for low, high in ((0.2, 0.5), (0.5, 0.9)):
            yield Case("phrase", _on_silence(text, language, rng, low, high), ("phrase",))
    for language in ("en", "ru"):
        for low, high in ((0.1, 0.4), (0.3, 0.55), (0.7, 0.95)):
            for _ in range(4):
                text = _some(_any(language, rng), rng, longest=12)
                yield Case("invented", _on_silence(text, language, rng, low, high), ("voice",))
        for _ in range(14):
            whole = said(_some(_any(language, rng), rng, shortest=30), language, rng, rate=14.0)
            yield Case("missing", _without_words(whole, rng), ("coverage",))
        for _ in range(10):
            crowded = said(_some(_any(language, rng), rng, shortest=25), language, rng, rate=60.0)
            yield Case("crowded", crowded, ("rate",))
    for language, text in texts.STRANGE:
        for low, high in ((0.2, 0.6), (0.5, 0.9)):
            strange = said(text, language, rng, rate=12.0, low=low, high=high)
            yield Case("alphabet", strange, ("language",))


def _by_ear(rng: np.random.Generator) -> Iterator[Case]:
    """Sure words of an engine that also says how probably nobody spoke, rightly or not."""
    for language, text in texts.INVENTED:
        fooled = _on_silence(text, language, rng, 0.7, 0.95)
        partly = Span(0.0, fooled.duration * float(rng.uniform(0.3, 0.6)))
        for voice in (None, (partly,)):
            heard = replace(fooled, voice=voice)
            yield Case("phrase, engine heard nobody", _told(heard, rng, 0.65, 0.95), ("phrase",))
    for language in ("en", "ru"):
        for _ in range(12):
            text = _some(_any(language, rng), rng, longest=12)
            invented = _on_silence(text, language, rng, 0.7, 0.95)
            yield Case(
                "invented, engine heard nobody", _told(invented, rng, 0.65, 0.95), ("voice",)
            )
    for language, text in (*texts.FAREWELLS, *texts.SHORT):
        clear = said(text, language, rng, rate=13.0)
        yield Case("said, engine in doubt", _told(replace(clear, voice=None), rng, 0.0, 0.55))
        yield Case("said, engine wrongly heard nobody", _told(clear, rng, 0.65, 0.95))


def _told(passage: Passage, rng: np.random.Generator, low: float, high: float) -> Passage:
    nobody = float(rng.uniform(low, high))
    words = tuple(replace(word, no_speech=nobody) for word in passage.words)
    return replace(passage, words=words)


LOOP_GUARDS = ("repetition", "compression")


def said(
    text: str,
    language: str,
    rng: np.random.Generator,
    *,
    rate: float,
    pause_s: float = 0.0,
    low: float = 0.6,
    high: float = 0.99,
) -> Passage:
    """A text spoken at `rate` letters per second with voice from its first word to its last.

    Times of words vary by a fifth. After every tenth word there may be a pause that holds no
    voice, though the detector bridged it.
    """
    words: list[Word] = []
    voice: list[Span] = []
    at = begun = 0.2
    for number, part in enumerate(text.split(), start=1):
        length = (len(part) + 0.5) / rate * float(rng.uniform(0.8, 1.2))
        probability = float(rng.uniform(low, high))
        words.append(Word(Span(at, at + length), part, probability))
        at += length
        if pause_s and number % 10 == 0:
            voice.append(Span(begun, at))
            at = begun = at + float(rng.uniform(0.5, 1.0)) * pause_s
    voice.append(Span(begun, at + 0.01))
    speech = (Span(0.0, at + 0.2),)
    return Passage(speech, tuple(words), (language,), tuple(voice))


def _looped(text: str, start: str, language: str, rng: np.random.Generator) -> Passage:
    """Words that come back until the block is full, while somebody says something else."""
    n_times = int(np.exp(rng.uniform(np.log(4), np.log(40))) * (1 if len(text) > 12 else 2))
    whole = " ".join([*start.split(), *[text] * n_times])
    seconds = float(rng.uniform(8.0, 29.0))
    rate = len(whole) / seconds
    return said(whole, language, rng, rate=max(rate, 2.0), low=0.4, high=0.99)


def _on_silence(
    text: str, language: str, rng: np.random.Generator, low: float, high: float
) -> Passage:
    """Words where the detector was taken in by noise, and the witness was not."""
    passage = said(text, language, rng, rate=float(rng.uniform(4.0, 14.0)), low=low, high=high)
    return replace(passage, voice=())


def _without_words(passage: Passage, rng: np.random.Generator) -> Passage:
    """As after a recognizer that gave up: words of 5 s and more are gone, or all."""
    if rng.random() < 0.2:
        return replace(passage, words=())
    length = float(rng.uniform(6.0, max(6.5, passage.duration - 2.0)))
    start = float(rng.uniform(0.0, passage.duration - length))
    gone = Span(start, start + length)
    kept = tuple(word for word in passage.words if not gone.overlap(word.span))
    return replace(passage, words=kept)


def _some(text: str, rng: np.random.Generator, *, shortest: int = 6, longest: int = 60) -> str:
    words = text.split()
    n_words = int(rng.integers(shortest, longest)) if shortest < longest else shortest
    first = int(rng.integers(0, max(1, len(words) - n_words)))
    return " ".join(words[first : first + n_words])


def _any(language: str, rng: np.random.Generator) -> str:
    known: Sequence[str] = texts.ENGLISH if language == "en" else texts.RUSSIAN
    return known[int(rng.integers(len(known)))]
