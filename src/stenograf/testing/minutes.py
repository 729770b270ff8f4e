"""Minutes to write: by hand, and by the thousand."""

from typing import Final

from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.core.transcript import Notice
from stenograf.minutes import Item, Minutes, Participant, Source, Task, Topic
from stenograf.testing.documents import MILLISECONDS, SHARES, TEXTS, spans

_ANNA: Final = Source(Span(62.0, 66.5), "Анна Петрова", "Решили отгрузить 500 штук до пятницы.")
_BORIS: Final = Source(Span(70.25, 73.0), "Boris", "Я пришлю накладные завтра.")
_NOBODY: Final = Source(Span(3725.9, 3730.0), None, "Кто платит за доставку?")

MEETING: Final = Minutes(
    title="Планёрка отдела",
    recording="планёрка 1.mp3",
    duration=3800.25,
    method="model",
    package_version="0.1.0",
    created_at="2026-11-21T04:00:00+00:00",
    date="21 ноября 2026",
    language="ru",
    participants=(
        Participant("Анна Петрова", "Начальник отдела", 2100.5, 0.7),
        Participant("Boris", None, 900.0, 0.3),
    ),
    summary="Отдел готовит отгрузку. Доставка ещё не оплачена.",
    topics=(
        Topic(
            "Отгрузка",
            Span(0.0, 1800.0),
            (Item("Склад готов.", (Source(Span(20.0, 22.0), "Boris", "Склад готов."),)),),
        ),
        Topic("Доставка", Span(1800.0, 3800.25), ()),
    ),
    decisions=(Item("Отгрузить 500 штук до пятницы.", (_ANNA,)),),
    tasks=(
        Task("Прислать накладные.", (_BORIS,), assignee="Boris", due="завтра"),
        Task("Узнать цену доставки.", (_ANNA, _NOBODY)),
    ),
    questions=(Item("Кто платит за доставку?", (_NOBODY,)),),
    model="qwen3:14b",
    notices=(Notice("audio.truncated", "Got {n} s.", "Again.", {"n": 12.0}),),
)
"""With everything that minutes can hold, in Russian."""

SILENCE: Final = Minutes(
    title="silence.wav",
    recording="silence.wav",
    duration=0.0,
    method="extractive",
    package_version="0.1.0",
    created_at="2026-11-21T04:00:00+00:00",
)
"""With nothing but a head."""

SOURCES = st.builds(Source, span=spans(), speaker=TEXTS | st.none(), text=TEXTS)
_SOURCES = st.lists(SOURCES, min_size=1, max_size=3).map(tuple)
ITEMS = st.builds(Item, text=TEXTS, sources=_SOURCES)
TASKS = st.builds(
    Task, text=TEXTS, sources=_SOURCES, assignee=TEXTS | st.none(), due=TEXTS | st.none()
)
TOPICS = st.builds(Topic, title=TEXTS, span=spans(), points=st.lists(ITEMS, max_size=3).map(tuple))
PARTICIPANTS = st.builds(
    Participant,
    label=TEXTS,
    role=TEXTS | st.none(),
    seconds=MILLISECONDS.map(lambda ms: ms / 1000),
    share=SHARES.map(lambda share: share or 0.0),
)
MINUTES = st.builds(
    Minutes,
    title=TEXTS,
    recording=TEXTS,
    duration=MILLISECONDS.map(lambda ms: ms / 1000),
    method=st.sampled_from(["extractive", "model"]),
    package_version=st.just("0.1.0"),
    created_at=st.just("2026-11-21T04:00:00+00:00") | TEXTS,
    date=TEXTS | st.none(),
    language=st.sampled_from([None, "ru", "en", "he", "\x00"]),
    participants=st.lists(PARTICIPANTS, max_size=3).map(tuple),
    summary=TEXTS | st.none(),
    topics=st.lists(TOPICS, max_size=3).map(tuple),
    decisions=st.lists(ITEMS, max_size=3).map(tuple),
    tasks=st.lists(TASKS, max_size=3).map(tuple),
    questions=st.lists(ITEMS, max_size=3).map(tuple),
    model=TEXTS | st.none(),
)
