"""What recognizers say when nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from statistics import fmean
from typing import Final

from stenograf.core.span import Span, intersect, total_duration
from stenograf.core.transcript import Word
from stenograf.guards.passage import (
    HEARS_NOBODY,
    Passage,
    extent,
    no_speech,
    plain,
    plain_words,
    sureness,
)

ANYWHERE: Final = """
Thanks for watching
Thank you for watching
Thank you very much for watching
Thank you so much for watching
Thank you for listening
Please subscribe
Subscribe to my channel
Subscribe to the channel
Like and subscribe
Hit the bell
See you in the next video
See you next time
Subtitles by the Amara.org community
Subtitles by
Transcription by
Transcribed by
Translated by
Captions by
Copyright reserved
All rights reserved
Субтитры сделал
Субтитры создавал
Субтитры делал
Субтитры подготовил
Субтитры добавил
Субтитры и перевод
Редактор субтитров
Корректор А
DimaTorzok
Продолжение следует
Спасибо за просмотр
Спасибо за внимание
Благодарю за внимание
Спасибо за подписку
Подписывайтесь на канал
Подписывайтесь на мой канал
Подпишитесь на канал
Ставьте лайки
До новых встреч
До встречи в следующем видео
Увидимся в следующем видео
Динамичная музыка
Спокойная музыка
Напряженная музыка
Играет музыка
"""
"""Credits and farewells of videos with subtitles; each line was seen in reports about Whisper
(openai/whisper discussions 679 and 928; Barański et al. 2025, arXiv 2501.11378)."""

ALONE: Final = """
you
bye
bye bye
okay
oh
thank you
thank you very much
thanks
huh
hmm
the end
music
applause
silence
спасибо
всем пока
пока
ура
конец
музыка
аплодисменты
тишина
"""
"""Too usual to mean anything, except where a block holds nothing else."""


def phrase_without_voice(passage: Passage) -> float:
    """How little speaks for a phrase of the lists, in [0, 1]; 0 where none is written.

    What speaks for it is voice during its words and their probability; the weaker one counts. An
    engine that heard nobody itself is believed where nobody looked for voice, else by half. A
    phrase of which nothing is known is believed.
    """
    return max((doubt for doubt, _ in _doubts(passage)), default=0.0)


def phrase_span(passage: Passage) -> Span:
    """The words of the phrase for which the least speaks."""
    _, words = max(_doubts(passage), key=lambda found: found[0], default=(0.0, ()))
    return extent(words) if words else passage.span


def _doubts(passage: Passage) -> Iterator[tuple[float, Sequence[Word]]]:
    for words in _occurrences(plain_words(passage.words)):
        yield _doubt(words, passage.voice), words


def _doubt(words: Sequence[Word], voice: Sequence[Span] | None) -> float:
    sure, nobody = sureness(words), no_speech(words)
    doubts = [] if sure is None else [1.0 - sure]
    silence = [] if voice is None else [_unheard(extent(words), voice)]
    if nobody is not None and nobody > HEARS_NOBODY:
        doubts.append(fmean([*silence, nobody]))
    return max([*doubts, *silence], default=0.0)


def _unheard(said: Span, voice: Sequence[Span]) -> float:
    """The share of the time that holds no voice."""
    heard = total_duration(intersect([said], voice))
    return 1.0 - heard / said.duration if said.duration > 0 else float(not heard)


def _occurrences(words: Sequence[tuple[str, Word]]) -> Iterator[list[Word]]:
    texts = tuple(text for text, _ in words)
    for phrase in _listed(ANYWHERE):
        for first in range(len(texts) - len(phrase) + 1):
            if texts[first : first + len(phrase)] == phrase:
                yield [word for _, word in words[first : first + len(phrase)]]
    for phrase in _listed(ALONE):
        n_times, rest = divmod(len(texts), len(phrase))
        if n_times and not rest and texts == phrase * n_times:
            yield [word for _, word in words]


@lru_cache
def _listed(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(plain, line.split())) for line in text.strip().splitlines())
