"""Meetings by lines of "who: what", and talk about made-up subjects by the hour.

parts = [about(subject, 60) for subject in ("warehouse", "hiring")]
talk(chain(*parts)), begins(parts)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

import numpy as np

from stenograf.core.transcript import Recording, Speaker, Transcript, Word
from stenograf.testing.documents import spoken

PACE_S: Final = 0.4  # of a word: 150 a minute
GAP_S: Final = 0.6


def talk(lines: Iterable[str], *, language: str | None = None, gap_s: float = GAP_S) -> Transcript:
    """Lines of "Anna: what she says", one after another; all who speak are named."""
    split = [line.strip().split(": ", 1) for line in lines if line.strip()]
    ids = {who: f"S{i}" for i, who in enumerate(dict.fromkeys(who for who, _ in split))}
    words: list[Word] = []
    start = 0.0
    for who, text in split:
        words += spoken(text, speaker=ids[who], start=start, pace=PACE_S)
        start += len(text.split()) * PACE_S + gap_s
    speakers = tuple(Speaker(id, name) for name, id in ids.items())
    return Transcript(
        Recording("talk.mp3", start), tuple(words), speakers=speakers, language=language
    )


def bare(lines: Iterable[str]) -> list[str]:
    """Lines as recognizers without punctuation write them."""
    return [
        f"{who}: {''.join(c for c in text.lower() if c not in '.,?!:')}"
        for who, text in (line.split(": ", 1) for line in lines)
    ]


SUBJECTS: Final = {
    "warehouse": (
        "warehouse pallet forklift shelf aisle lease landlord truck loading dock cargo "
        "inventory barcode scanner picker packing crate freight container storage roof"
    ),
    "advertising": (
        "advertising campaign banner click conversion audience keyword budget visitor landing "
        "headline newsletter subscriber impression brand poster slogan channel blogger traffic"
    ),
    "hiring": (
        "hiring candidate interview salary resume vacancy recruiter probation vacation onboarding "
        "employee manager contract bonus skill mentor offer training experience degree"
    ),
    "склад": (
        "склад паллета погрузчик стеллаж аренда арендодатель грузовик разгрузка накладная "
        "инвентаризация штрихкод сканер кладовщик упаковка коробка контейнер хранение кровля ворота"
    ),
    "реклама": (
        "реклама баннер клик конверсия аудитория бюджет посетитель заголовок рассылка подписчик "
        "показ бренд слоган канал блогер трафик ставка площадка объявление охват"
    ),
    "наём": (
        "кандидат собеседование зарплата резюме вакансия рекрутер стажировка отпуск адаптация "
        "сотрудник оклад премия навык наставник обучение опыт диплом увольнение должность график"
    ),
}
_FRAMES: Final = {
    "en": (
        "We looked at the {0} and the {1} again and they are better now.",
        "The {0} costs more than the {1} did before that.",
        "I think that {0} is why the {1} was late.",
        "There was a {0} with a {1} and another {2}.",
        "It is the same {0} as always, only the {1} is different.",
    ),
    "ru": (
        "У нас там {0} и ещё {1}, это было раньше.",
        "Мне кажется, что {0} стоит больше, чем {1}.",
        "Вот {0} нам мешает, и поэтому {1} опять задержали.",
        "Там есть {0}, есть {1} и даже {2}.",
        "Это такая же {0}, только {1} другая.",
    ),
}


def about(
    subject: str, n_lines: int, *, seed: int = 0, who: Sequence[str] = ("Ann", "Bob")
) -> list[str]:
    """Lines that people say about one of `SUBJECTS`, none of them a cue; the same for a seed.

    A few words come again and again for a while, as they do when people talk.
    """
    drawn = np.random.default_rng([crc32(subject.encode()), seed])
    words = SUBJECTS[subject].split()
    frames = _FRAMES["en" if subject.isascii() else "ru"]
    lines: list[str] = []
    recent = [str(word) for word in drawn.choice(words, 5, replace=False)]
    for i in range(n_lines):
        recent = [*recent[1:], str(drawn.choice(words))]
        said = drawn.choice(recent, 3, replace=False)
        lines.append(f"{who[i % len(who)]}: {drawn.choice(frames).format(*said)}")
    return lines


def begins(parts: Sequence[Sequence[str]]) -> list[float]:
    """The second at which each part after the first begins, of parts given to `talk` as one."""
    lengths = [talk(part).recording.duration for part in parts]
    return [sum(lengths[:i]) for i in range(1, len(parts))]
