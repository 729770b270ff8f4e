"""Transcripts to write: by hand, and by the thousand."""

from hypothesis import strategies as st

from stenograf.core.span import Span
from stenograf.core.transcript import (
    ModelUse,
    Notice,
    Provenance,
    Recording,
    Speaker,
    Suspect,
    Transcript,
    Turn,
    Word,
)

IDS = ("SPEAKER_00", "SPEAKER_01", "SPEAKER_02")
TRICKY = (
    "слово",
    "don't",
    "да.",
    "--",
    "-->",
    "<b>",
    "</v>",
    "<v",
    "&amp;",
    "{\\an8}",
    "=1+1",
    "@SUM(A1)",
    "a\nb",
    "\n\n7\n\n",
    "\x00\x07\x1b[0m",
    "\ufffe",
    "\ud800",
    "x\u2028y",
    "你好世界",
    "こんにちは、",
    "مرحبا",
    "שלום",
    "👩‍👩‍👧",
    'say "hi"',
    "42",
    ";;",
    "*md*",
    "NOTE",
    "\t",
    "w" * 120,
    "長" * 70,
    "1 2 3",
)

MILLISECONDS = st.integers(0, 60_000)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Spans on whole milliseconds."""
    start = draw(MILLISECONDS)
    return Span(start / 1000, (start + draw(st.integers(0, 4000))) / 1000)


TEXTS = st.one_of(st.sampled_from(TRICKY), st.text(max_size=12))
SHARES = st.none() | st.integers(0, 10_000).map(lambda n: n / 10_000)
WORDS = st.builds(
    Word,
    span=spans(),
    text=TEXTS,
    probability=SHARES,
    speaker=st.sampled_from([None, *IDS]),
    speaker_confidence=SHARES,
    joined=st.booleans(),
    language=st.sampled_from([None, "en"]),
)
TURNS = st.builds(Turn, span=spans(), speaker=st.sampled_from(IDS), confidence=SHARES)


@st.composite
def suspect_parts(draw: st.DrawFn) -> tuple[Suspect, ...]:
    """Suspect parts in order and disjoint."""
    edges = sorted(draw(st.lists(MILLISECONDS, max_size=6, unique=True)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Suspect(Span(a / 1000, b / 1000), ("repetition",)) for a, b in pairs)


TRANSCRIPTS = st.builds(
    Transcript,
    recording=st.builds(Recording, name=TEXTS, duration=MILLISECONDS.map(lambda ms: ms / 1000)),
    words=st.lists(WORDS, max_size=12).map(
        lambda words: tuple(sorted(words, key=lambda word: word.span))
    ),
    turns=st.lists(TURNS, max_size=5).map(tuple),
    speakers=st.lists(TEXTS | st.none(), min_size=3, max_size=3).map(
        lambda names: tuple(Speaker(id, name) for id, name in zip(IDS, names, strict=True))
    ),
    language=st.sampled_from([None, "ru"]),
    language_probability=SHARES,
    suspects=suspect_parts(),
)


def spoken(text: str, *, speaker: str | None, start: float = 0.0, pace: float = 0.3) -> list[Word]:
    """A sentence spoken evenly, each word with a probability."""
    return [
        Word(
            Span(round(start + i * pace, 3), round(start + (i + 1) * pace - 0.02, 3)),
            part,
            probability=0.9,
            speaker=speaker,
            speaker_confidence=1.0,
        )
        for i, part in enumerate(text.split())
    ]


CALL = Transcript(
    recording=Recording(
        "звонок 1.mp3", 12.0, n_channels=2, format="mp3", size_bytes=9, sha256="ab"
    ),
    words=(
        *spoken("Добрый день, чем я могу помочь?", speaker="SPEAKER_00", start=0.5),
        *spoken(
            "Hello. Three apple trees & some <flowers>, please!", speaker="SPEAKER_01", start=3
        ),
        *spoken("мм", speaker=None, start=8),
    ),
    turns=(
        Turn(Span(0.4, 3.2), "SPEAKER_00", 0.9),
        Turn(Span(3.0, 6.0), "SPEAKER_01"),
    ),
    speakers=(Speaker("SPEAKER_00", "Анна Петрова", "seller"), Speaker("SPEAKER_01")),
    language="ru",
    language_probability=0.98,
    suspects=(Suspect(Span(7.9, 8.4), ("voice",)),),
    notices=(Notice("audio.truncated", "Got {n} s.", "Again.", {"n": 12.0}),),
    provenance=Provenance(
        "0.1.0",
        "2026-11-21T04:00:00+00:00",
        (ModelUse("recognize", "faster-whisper", "small", "cd", "the default"),),
        {"beam_size": 1, "nested": {"a": [1, "б", None]}},
        {"decode": 0.5},
        {"ru": 0.98, "uk": 0.01},
    ),
)
EMPTY = Transcript(Recording("тишина.wav", 0.0))
TURNS_ONLY = Transcript(
    Recording("a b.wav", 9.0),
    turns=(Turn(Span(0.0, 5.0), "SPEAKER_00"), Turn(Span(4.0, 8.0), "SPEAKER_01")),
    speakers=(Speaker("SPEAKER_00"), Speaker("SPEAKER_01", "Boris")),
)
WORDS_ONLY = Transcript(
    Recording("c.wav", 3.0), words=tuple(spoken("nobody knows who", speaker=None))
)
