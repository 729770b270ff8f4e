"""Minutes in a meeting's own sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Recording, Speaker, Suspect, Transcript, Word
from stenograf.export.plain import one_line
from stenograf.minutes import Item, Minutes, MinutesOptions, Task, extract
from stenograf.minutes.extractive.extract import FEWEST_WORDS
from stenograf.minutes.extractive.wording import LONGEST
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, TURNS_ONLY, spoken
from stenograf.testing.talks import about, bare, talk

MEETING = """
Олег: Всем привет, меня слышно?
Анна: Да, слышно хорошо, добрый день.
Олег: Аренда склада в Подольске заканчивается в июне, и арендодатель поднимает ставку.
Сергей: Можно арендовать меньше площади, и тогда аренда склада останется прежней.
Олег: А стеллажи на меньшую площадь поместятся?
Сергей: Если поставить стеллажи в пять ярусов, то поместятся, но нужен другой погрузчик.
Анна: Погрузчик для склада можно взять в лизинг.
Олег: Хорошо, тогда решили, остаёмся в Подольске и берём погрузчик в лизинг.
Сергей: Я подготовлю новый договор аренды до пятницы.
Олег: Анна, посчитай, пожалуйста, лизинг погрузчика к понедельнику.
Анна: Хорошо, посчитаю.
Олег: Кто-то должен согласовать переезд стеллажей с охраной склада.
Сергей: Давайте я сделаю.
Олег: А кто будет платить за переезд стеллажей?
Анна: Хороший вопрос, я не знаю.
Олег: Мы ещё не решили, когда переезжаем.
Олег: Спасибо, всем пока.
""".strip().splitlines()


def texts(items: Iterable[Item | Task]) -> list[str]:
    return [item.text for item in items]


def everything(minutes: Minutes) -> list[Item | Task]:
    points = [point for topic in minutes.topics for point in topic.points]
    return [*points, *minutes.decisions, *minutes.tasks, *minutes.questions]


def test_a_meeting_is_read_as_a_secretary_would() -> None:
    """What was decided, who does what until when, and what nobody knew."""
    minutes = extract(talk(MEETING, language="ru"))
    assert texts(minutes.decisions) == [
        "Хорошо, тогда решили, остаёмся в Подольске и берём погрузчик в лизинг."
    ]
    assert [(task.text, task.assignee, task.due) for task in minutes.tasks] == [
        ("Я подготовлю новый договор аренды до пятницы.", "Сергей", "до пятницы"),
        (
            "Анна, посчитай, пожалуйста, лизинг погрузчика к понедельнику.",
            "Анна",
            "к понедельнику",
        ),
        ("Кто-то должен согласовать переезд стеллажей с охраной склада.", "Сергей", None),
    ]
    assert texts(minutes.questions) == ["А кто будет платить за переезд стеллажей?"]


def test_one_sentence_is_one_thing() -> None:
    """And greetings, questions and short answers are no points."""
    minutes = extract(talk(MEETING, language="ru"), options=MinutesOptions(max_points=99))
    said = [item.sources[0].span for item in everything(minutes)]
    assert len(said) == len(set(said))
    points = texts(point for topic in minutes.topics for point in topic.points)
    assert "Погрузчик для склада можно взять в лизинг." in points
    for point in points:
        assert "?" not in point
        assert "привет" not in point
        assert len(point.split()) >= FEWEST_WORDS


def test_taking_up_a_task_is_part_of_it() -> None:
    """Whoever says "I can do that" has it, and both sentences are its sources."""
    minutes = extract(talk(MEETING, language="ru"))
    assert [source.speaker for source in minutes.tasks[2].sources] == ["Олег", "Сергей"]


def test_a_short_yes_is_no_task_of_its_own() -> None:
    """It gives the task said before to whoever says it, and says nothing where there is none."""
    tasks = extract(talk(["А: Скиньте мне номер участка.", "Б: Хорошо, скину."])).tasks
    assert [(task.text, task.assignee) for task in tasks] == [("Скиньте мне номер участка.", "Б")]
    tasks = extract(talk(["А: Перезвоните клиенту.", "Б: Ладно, я перезвоню."])).tasks
    assert [(task.text, task.assignee) for task in tasks] == [("Перезвоните клиенту.", "Б")]
    assert extract(talk(["А: Погода хорошая.", "Б: Хорошо, скину."])).tasks == ()
    [task] = extract(talk(["A: Can you book the stand?", "B: I will book it tomorrow."])).tasks
    assert (task.assignee, task.due) == ("B", "tomorrow")


def test_a_promise_in_two_words_is_a_task() -> None:
    """Where no task was said just before."""
    tasks = extract(talk(["А: Я подумаю ещё.", "Б: Хорошо, отправлю сегодня."])).tasks
    assert [(task.assignee, task.due) for task in tasks] == [("Б", "сегодня")]


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("Я отправлю вам приглашение на завтра, вам удобно будет?", "завтра"),
        ("I'll send it tomorrow, okay?", "tomorrow"),
        ("Post the job listings by Friday.", "by Friday"),
        ("Скинь отчёт до пятницы.", "до пятницы"),
    ],
)
def test_tasks_come_in_many_forms(said: str, due: str) -> None:
    """Promises that ask for a yes, and orders with a date."""
    assert [task.due for task in extract(talk([f"А: {said}"])).tasks] == [due]


def test_the_document_says_what_it_is() -> None:
    """How it was made, when, of what, and who spoke."""
    transcript = replace(CALL, recording=replace(CALL.recording, name="Встреча 12.05.m4a"))
    minutes = extract(transcript)
    assert (minutes.title, minutes.recording) == ("Встреча 12.05", "Встреча 12.05.m4a")
    assert (minutes.method, minutes.model, minutes.summary) == ("extractive", None, None)
    assert (minutes.language, minutes.duration) == ("ru", 12.0)
    assert [one.label for one in minutes.participants] == ["Анна Петрова", "SPEAKER_01"]
    assert datetime.fromisoformat(minutes.created_at).utcoffset() is not None
    named = extract(CALL, options=MinutesOptions(title="Созвон", date="5 мая"))
    assert (named.title, named.date) == ("Созвон", "5 мая")


def test_notices_of_the_transcript_stay() -> None:
    """Who reads only the minutes has to know too that sound is missing."""
    assert extract(CALL).notices == CALL.notices


@pytest.mark.parametrize("transcript", [EMPTY, TURNS_ONLY])
def test_nothing_said_is_a_notice(transcript: Transcript) -> None:
    """Not an error, and nothing is made up."""
    minutes = extract(transcript)
    assert [notice.code for notice in minutes.notices] == ["minutes.nothing_said"]
    assert everything(minutes) == []
    assert minutes.topics == ()


def test_other_languages_have_topics_but_no_cues() -> None:
    """A reader is told that nobody looked for decisions, tasks and questions."""
    lines = [f"A: {text}" for text in ("Ich schicke den Vertrag bis Freitag.", "Wer zahlt das?")]
    minutes = extract(talk([*lines * 4, "A: We agreed on the price."], language="de"))
    assert [notice.code for notice in minutes.notices] == ["minutes.cues_unknown"]
    assert len(minutes.topics) == 1
    assert (minutes.decisions, minutes.tasks, minutes.questions) == ((), (), ())


def test_each_sentence_is_judged_by_its_own_language() -> None:
    """People change language within a meeting."""
    lines = ["Анна: Мы решили оставить старую цену.", "Anna B: I'll send the contract by Friday."]
    minutes = extract(talk(lines, language="ru"))
    assert texts(minutes.decisions) == ["Мы решили оставить старую цену."]
    assert [(task.assignee, task.due) for task in minutes.tasks] == [("Anna B", "by Friday")]


def test_script_tells_where_nobody_says_the_language() -> None:
    """Russian letters are Russian, Latin ones English, and Ukrainian is neither."""
    lines = ["А: Мы решили оставить старую цену."]
    assert len(extract(talk(lines)).decisions) == 1
    assert extract(talk(lines, language="uk")).decisions == ()


def test_what_is_suspect_is_left_out() -> None:
    """Minutes state nothing that nobody may have said."""
    transcript = talk(["А: Мы решили оставить старую цену.", "Б: Мы решили поднять цену."])
    first = Suspect(Span(0.0, 2.0), ("voice",))
    assert texts(extract(replace(transcript, suspects=(first,))).decisions) == [
        "Мы решили поднять цену."
    ]


def test_a_long_sentence_is_cut_around_what_it_decides() -> None:
    """At words, with an ellipsis; the source keeps all of it."""
    filler = " ".join(f"слово{i}" for i in range(60))
    minutes = extract(talk([f"А: {filler} мы решили оставить старую цену {filler}"]))
    [decision] = minutes.decisions
    assert "мы решили оставить старую цену" in decision.text
    assert decision.text.startswith("…")
    assert decision.text.endswith("…")
    assert len(decision.text) <= LONGEST + 2
    assert set(decision.text.strip("…").split()) <= set(decision.sources[0].text.split())
    assert decision.sources[0].text.endswith("слово59")


def test_hesitation_is_left_out() -> None:
    """The source keeps it."""
    [decision] = extract(talk(["А: Э-э, мы решили оставить старую цену."])).decisions
    assert decision.text == "Мы решили оставить старую цену."
    assert decision.sources[0].text.startswith("Э-э")


def test_what_is_only_thought_of_is_no_task() -> None:
    """Maybe is no promise."""
    said = ["А: Maybe I'll send the offer tomorrow.", "А: Может, я пришлю договор завтра."]
    assert extract(talk(said)).tasks == ()


def test_points_are_the_best_of_many() -> None:
    """At most as many as were asked for, in order, and none says what another one says."""
    lines = ["A: The landlord of the warehouse raises the lease of the warehouse."] * 5
    minutes = extract(talk([*about("warehouse", 50), *lines]), options=MinutesOptions(max_points=4))
    [topic] = minutes.topics
    assert len(topic.points) == 4
    assert len(set(texts(topic.points))) == 4
    starts = [point.sources[0].span.start for point in topic.points]
    assert starts == sorted(starts)


def test_no_points_where_none_are_wanted() -> None:
    """The topics stay."""
    minutes = extract(talk(about("склад", 20)), options=MinutesOptions(max_points=0))
    assert [topic.points for topic in minutes.topics] == [()]


ANSWERS = [
    (["Б: Да, есть, мы сделали её ещё весной."], False),
    (["Б: Да."], False),
    (["Б: Угу.", "Б: Это делает наш отдел продаж уже два года."], False),
    (["Б: Хм."], True),
    (["Б: Не знаю, надо уточнить."], True),
    (["Б: Так, следующий вопрос у нас про график отпусков."], True),
    (
        ["А: Потому что без интеграции с банком мы не успеем подготовить отчёт вовремя и всё."],
        False,
    ),
    ([], True),
]


@pytest.mark.parametrize(("after", "is_open"), ANSWERS)
def test_a_question_is_open_if_nobody_answers(after: list[str], *, is_open: bool) -> None:
    """Not where somebody did, nor where whoever asked left no room for an answer."""
    lines = ["Б: Мы готовим отчёт.", "А: А интеграция с банком у нас есть?", *after]
    minutes = extract(talk(lines, language="ru"))
    assert bool(minutes.questions) == is_open


def test_a_late_answer_is_none() -> None:
    """What is said a minute later is about something else."""
    asked = talk(["А: А интеграция с банком у нас есть?"])
    late = spoken("Мы сегодня ещё обсудим график отпусков.", speaker="S1", start=60.0)
    both = replace(
        asked, words=(*asked.words, *late), speakers=(*asked.speakers, Speaker("S1", "Б"))
    )
    assert len(extract(both).questions) == 1


def test_without_speakers_another_utterance_answers() -> None:
    """Nobody knows who speaks, so what follows a pause may be an answer."""
    words = (
        *spoken("А интеграция с банком у нас есть?", speaker=None),
        *spoken("Да, мы сделали её ещё весной.", speaker=None, start=4.0),
    )
    assert extract(Transcript(Recording("a.wav", 9.0), words=words)).questions == ()


def test_namesakes_are_nobody() -> None:
    """Of two Annas neither is made to do it; a second name tells them apart."""
    transcript = talk(
        ["Анна Лем: Добрый день.", "Анна Брик: Добрый день.", "Б: Анна, подготовь смету."]
    )
    assert [task.assignee for task in extract(transcript).tasks] == [None]
    told = talk([*["Анна Лем: Да.", "Анна Брик: Да."], "Б: Анна Брик, подготовь смету завтра."])
    assert [task.assignee for task in extract(told).tasks] == ["Анна Брик"]


@pytest.mark.parametrize(
    "form",
    ["Анне нужно обновить прайс", "Поручаем Анне обновить прайс", "пусть анна обновит прайс"],
)
def test_names_are_known_in_any_case(form: str) -> None:
    """Of grammar and of letters."""
    transcript = talk(["Анна Петровна: Добрый день.", f"Б: {form}"])
    assert [task.assignee for task in extract(transcript).tasks] == ["Анна Петровна"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Сергей Лем", "Серёж, сможешь прислать логи?"),
        ("Екатерина", "катя подготовь пожалуйста смету"),
        ("James Wood", "Jim, could you send me the slides?"),
    ],
)
def test_short_names_are_known(name: str, said: str) -> None:
    """Nobody calls people what their passports do."""
    transcript = talk([f"{name}: Добрый день.", f"Б: {said}"])
    assert [task.assignee for task in extract(transcript).tasks] == [name]


@pytest.mark.parametrize(
    ("said", "assignee"),
    [
        ("Поручим Сергею собрать отзывы.", "Сергей"),
        ("Мария сделает презентацию до среды.", "Мария"),
        ("Sarah will send the minutes tomorrow.", "Sarah"),
        ("James, could you check the numbers?", "James"),
        ("sarah will send the minutes tomorrow", None),
        ("Everybody will send the minutes tomorrow.", None),
    ],
)
def test_people_are_named_who_are_no_participants(said: str, assignee: str | None) -> None:
    """By a usual first name that is written as one: most recordings know no names of speakers."""
    tasks = extract(talk([f"SPEAKER_00: {said}"])).tasks
    assert [task.assignee for task in tasks] == ([assignee] if assignee else [])


def test_a_short_name_of_two_is_nobodys() -> None:
    """Саша may be either of them."""
    transcript = talk(["Александр Лем: Да.", "Александра: Да.", "Б: Саша, подготовь смету."])
    assert [task.assignee for task in extract(transcript).tasks] == [None]


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("I'll send the quote on Friday.", "on Friday"),
        ("I'll send the quote Friday.", "Friday"),
        ("I'll send the quote by the end of next week.", "by the end of next week"),
        ("I'll send the quote by May 15th, not tomorrow.", "by May 15th"),
        ("I'll send the quote in a couple of days.", "in a couple of days"),
        ("I'll send the quote.", None),
        ("Я пришлю счёт в пятницу.", "в пятницу"),
        ("Я пришлю счёт к пятнадцатому мая.", "к пятнадцатому мая"),
        ("Я сегодня занят, пришлю счёт до конца следующей недели.", "до конца следующей недели"),
        ("Я пришлю счёт через пару дней.", "через пару дней"),
        ("Я пришлю счёт до 18:00.", "до 18:00"),
        ("Я пришлю счёт.", None),
    ],
)
def test_due_is_what_was_said(said: str, due: str | None) -> None:
    """In the words of whoever said it; a firm date before a day that is mentioned."""
    assert [task.due for task in extract(talk([f"А: {said}"])).tasks] == [due]


def test_usual_words_are_no_names() -> None:
    """«или» has the stem of Илья, and "will" is not Will."""
    transcript = talk(["Илья: Да.", "Will: Yes.", "Б: Нужно обновить прайс или удалить."])
    assert [task.assignee for task in extract(transcript).tasks] == [None]
    transcript = talk(["Will: Yes.", "B: i will send the offer tomorrow"])
    assert [task.assignee for task in extract(transcript).tasks] == ["B"]


ODD = [
    "你好世界" * 30,
    "слово " * 10_000,
    "анна кто надо бы решили не " * 300,
    "a",
    "? ! …",
    "\ue000 will send \ue000 the contract \ue000",
    "да " * 50,
    "İstanbul'a ﬁnal ẞ " * 20,
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("joined", [True, False])
def test_odd_texts_have_minutes(text: str, *, joined: bool) -> None:
    """Whatever recognizers write, with times or all in one moment."""
    words = [replace(word, joined=joined) for word in spoken(text, speaker=None, pace=0.05)]
    for each in (words, [replace(word, span=Span(1.0, 1.0)) for word in words]):
        check(Transcript(Recording("x.wav", 9.0), words=tuple(each)))


def check(transcript: Transcript, *, max_points: int = 3) -> None:
    """What holds of the minutes of any transcript."""
    minutes = extract(transcript, options=MinutesOptions(max_points=max_points))
    said = " ".join(one_line("".join(word.text.split())) for word in transcript.words)
    for item in everything(minutes):
        assert item.text
        assert item.sources
        for source in item.sources:
            assert "".join(one_line(source.text).split()) in "".join(said.split())
            assert not _suspect(transcript, source.span)
    for items in (minutes.decisions, minutes.tasks, minutes.questions):
        firsts = [item.sources[0].span for item in items]
        assert firsts == sorted(firsts)
    for one, other in pairwise(minutes.topics):
        assert one.span.end <= other.span.start
    for topic in minutes.topics:
        assert topic.title
        assert len(topic.points) <= max_points
        points = [point.sources[0].span for point in topic.points]
        assert points == sorted(points)


def _suspect(transcript: Transcript, span: Span) -> bool:
    """Whether a suspect part covers all of a span that lasts."""
    return span.duration > 0 and any(
        part.span.start <= span.start and span.end <= part.span.end for part in transcript.suspects
    )


@settings(max_examples=60)
@given(TRANSCRIPTS)
def test_any_transcript_has_minutes(transcript: Transcript) -> None:
    """Of strange words, overlapping speakers and suspect parts; no error is the reader's fault."""
    check(transcript)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*MEETING, *bare(about("склад", 5)), *about("hiring", 5)]),
            st.floats(0, 600),
            st.sampled_from(["A", "B", None]),
        ),
        max_size=12,
    )
)
def test_any_order_of_lines_has_minutes(lines: list[tuple[str, float, str | None]]) -> None:
    """Speakers that interrupt each other, and words that are not in order."""
    words: list[Word] = []
    for line, start, speaker in lines:
        words += spoken(line.split(": ", 1)[1], speaker=speaker, start=round(start, 2))
    speakers = (Speaker("A", "Анна"), Speaker("B", "Сергей"))
    notices = (Notice("x", "Something."),)
    check(Transcript(Recording("x.wav", 700.0), tuple(words), speakers=speakers, notices=notices))
