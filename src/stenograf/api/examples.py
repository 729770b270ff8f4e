"""Answers as the document shows them, made of one short call by the code that answers."""

from __future__ import annotations

import json
from typing import Any, Final

from stenograf.api.asr import AsrQuery, Output, written
from stenograf.api.native.wire import sse
from stenograf.api.openai_shapes import diarized, simple, usage, verbose
from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Turn, Word
from stenograf.export import FORMATS, render
from stenograf.jobs import JobEvent

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
    """Every format; those that are no text have no example."""
    found: dict[str, dict[str, Any]] = {}
    for name, each in FORMATS.items():
        shown = found.setdefault(each.media_type, {})
        if each.is_text:
            text = each.render(CALL).decode()
            shown[name] = json.loads(text) if name == "json" else text
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
