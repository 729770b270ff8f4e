"""Answers as the document shows them, made of one short call by the code that answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from stenograf._version import __version__
from stenograf.api.asr import AsrQuery, Output, written
from stenograf.api.native.wire import sse
from stenograf.api.openai_shapes import diarized, simple, usage, verbose
from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Turn, Word
from stenograf.export import FORMATS, render
from stenograf.export.formats import FileKind
from stenograf.jobs import JobEvent
from stenograf.minutes import Item, Minutes, Participant, Source, Task, Topic
from stenograf.minutes.formats import FORMATS as MINUTES_FORMATS

CALL: Final = Transcript(
    recording=Recording(name="call.mp3", duration=4.2),
    words=(
        Word(Span(0.4, 0.8), "Good", 0.98, "SPEAKER_00"),
        Word(Span(0.8, 1.3), "morning!", 0.97, "SPEAKER_00"),
        Word(Span(2.1, 2.4), "What", 0.99, "SPEAKER_01"),
        Word(Span(2.4, 2.7), "does", 0.96, "SPEAKER_01"),
        Word(Span(2.7, 3.0), "it", 0.95, "SPEAKER_01"),
        Word(Span(3.0, 3.6), "cost?", 0.99, "SPEAKER_01"),
    ),
    turns=(Turn(Span(0.4, 1.3), "SPEAKER_00"), Turn(Span(2.1, 3.6), "SPEAKER_01")),
    speakers=(Speaker("SPEAKER_00"), Speaker("SPEAKER_01")),
    language="en",
    language_probability=0.99,
)

_ASKED: Final = Source(Span(2.1, 3.6), "Speaker 2", "What does it cost?")
MEETING: Final = Minutes(
    title="Call about the price",
    recording="call.mp3",
    duration=4.2,
    method="model",
    package_version=__version__,
    created_at="2026-11-21T09:00:00Z",
    date="21 November 2026",
    language="en",
    participants=(
        Participant("Speaker 1", "seller", 0.9, 0.375),
        Participant("Speaker 2", "client", 1.5, 0.625),
    ),
    summary="The client asks for the price.",
    topics=(Topic("Price", Span(0.4, 3.6), (Item("The client wants to know it.", (_ASKED,)),)),),
    tasks=(Task("Name the price.", (_ASKED,), assignee="Speaker 1"),),
    questions=(Item("What does it cost?", (_ASKED,)),),
    model="qwen3:8b",
)

METRICS: Final = """# HELP stenograf_jobs Jobs by status.
# TYPE stenograf_jobs gauge
stenograf_jobs{status="queued"} 2.0
"""


def answers(path: str) -> dict[str, dict[str, Any]]:
    """Successful answers of the route by media type and name, where no model describes them."""
    made = {
        "/v1/audio/transcriptions": _heard,
        "/v1/audio/translations": _heard,
        "/asr": _asr,
        "/metrics": lambda: {"text/plain": {"metrics": METRICS}},
        "/api/v1/recordings/{id}/transcript": _exports,
        "/api/v1/recordings/{id}/minutes": _minutes,
        "/api/v1/jobs/{id}/events": _events,
    }
    return made[path]() if path in made else {}


def _heard() -> dict[str, dict[str, Any]]:
    delta = {"type": "transcript.text.delta", "delta": "Good morning!"}
    done = {"type": "transcript.text.done", "text": CALL.text, "usage": usage(CALL)}
    said = [*map(json.dumps, (delta, done)), "[DONE]"]
    return {
        "application/json": {
            "json": simple(CALL),
            "verbose_json": verbose(CALL, task="transcribe", granularities=(), temperature=0.0),
            "diarized_json": diarized(CALL),
        },
        "text/plain": {"text": CALL.text + "\n"},
        "text/srt": {"srt": render(CALL, "srt").decode()},
        "text/vtt": {"vtt": render(CALL, "vtt").decode()},
        "text/event-stream": {"stream": "".join(f"data: {line}\n\n" for line in said)},
    }


def _asr() -> dict[str, dict[str, Any]]:
    outputs: tuple[Output, ...] = ("txt", "vtt", "srt", "tsv", "json")
    shown: dict[str, Any] = {name: written(CALL, AsrQuery(output=name), None) for name in outputs}
    return {"text/plain": shown}


def _exports() -> dict[str, dict[str, Any]]:
    return _files((each, partial(each.render, CALL)) for each in FORMATS.values())


def _minutes() -> dict[str, dict[str, Any]]:
    return _files((each, partial(each.render, MEETING)) for each in MINUTES_FORMATS.values())


def _files(
    files: Iterable[tuple[FileKind, Callable[[], bytes]]],
) -> dict[str, dict[str, Any]]:
    """Every format; those that are no text have no example."""
    found: dict[str, dict[str, Any]] = {}
    for each, made in files:
        shown = found.setdefault(each.media_type, {})
        if each.is_text:
            text = made().decode()
            shown[each.name] = json.loads(text) if each.name == "json" else text
    return found


def _events() -> dict[str, dict[str, Any]]:
    told: list[tuple[Any, dict[str, Any]]] = [
        ("queued", {}),
        ("started", {"attempt": 1}),
        ("progress", {"stage": "recognize", "fraction": 0.4}),
    ]
    events = [
        JobEvent(job_id="", seq=seq, kind=kind, data=data, at=1_763_712_000.0 + seq)
        for seq, (kind, data) in enumerate(told, start=1)
    ]
    return {"text/event-stream": {"events": "".join(map(sse, events))}}
