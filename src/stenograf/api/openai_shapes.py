"""Transcripts in the shapes of OpenAI's audio API."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any, Final

from stenograf.attribution import utterances
from stenograf.core.languages import NAMES
from stenograf.core.transcript import Transcript, Utterance

RESPONSE_FORMATS: Final = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")

# The names that OpenAI's own clients ask for; what runs is the server's default model.
ALIASES: Final = (
    "whisper-1",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-transcribe-diarize",
)


def usage(transcript: Transcript) -> dict[str, Any]:
    """Billing units, as clients expect them: whole seconds begun."""
    return {"type": "duration", "seconds": math.ceil(transcript.recording.duration)}


def simple(transcript: Transcript) -> dict[str, Any]:
    """`json`: the text."""
    return {"text": transcript.text, "usage": usage(transcript)}


def verbose(
    transcript: Transcript, *, task: str, granularities: Sequence[str], temperature: float
) -> dict[str, Any]:
    """`verbose_json`: the text with times.

    What Whisper's decoder would say about tokens is not known for every engine: `tokens` is empty
    and `no_speech_prob` 0; `avg_logprob` follows from the words' probabilities.
    """
    spoken = utterances(transcript.words)
    body: dict[str, Any] = {
        "task": task,
        "language": language_name(transcript.language),
        "duration": _seconds(transcript.recording.duration),
        "text": transcript.text,
        "usage": usage(transcript),
    }
    if "segment" in granularities or not granularities:
        body["segments"] = [
            _verbose_part(index, part, temperature) for index, part in enumerate(spoken)
        ]
    if "word" in granularities:
        body["words"] = [
            {"word": word.text, "start": _seconds(word.span.start), "end": _seconds(word.span.end)}
            for word in transcript.words
        ]
    return body


def diarized(transcript: Transcript, *, task: str = "transcribe") -> dict[str, Any]:
    """`diarized_json`: who said what; speakers are A, B, ... or known by name."""
    return {
        "task": task,
        "duration": _seconds(transcript.recording.duration),
        "text": transcript.text,
        "segments": spoken_parts(transcript),
        "usage": usage(transcript),
    }


def spoken_parts(transcript: Transcript) -> list[dict[str, Any]]:
    """What each speaker said, in order of start."""
    names = letters(transcript)
    return [
        {
            "type": "transcript.text.segment",
            "id": f"seg_{number:03d}",
            "start": _seconds(part.span.start),
            "end": _seconds(part.span.end),
            "text": part.text,
            "speaker": names.get(part.speaker or "", "unknown"),
        }
        for number, part in enumerate(utterances(transcript.words), start=1)
    ]


def letters(transcript: Transcript) -> dict[str, str]:
    """A, B, ..., Z, AA, ... for speakers without a name, in the document's order."""
    return {
        speaker.id: speaker.name or _letter(index)
        for index, speaker in enumerate(transcript.speakers)
    }


def language_name(code: str | None) -> str:
    """The English name, else the code, else `unknown`.

    >>> language_name("ru"), language_name("tlh"), language_name(None)
    ('russian', 'tlh', 'unknown')
    """
    return "unknown" if code is None else NAMES.get(code, code)


def _letter(index: int) -> str:
    """The label of a speaker by number.

    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    higher, last = divmod(index, 26)
    return (_letter(higher - 1) if higher else "") + chr(ord("A") + last)


def _verbose_part(index: int, part: Utterance, temperature: float) -> dict[str, Any]:
    text = part.text.encode()
    known = [word.probability for word in part.words if word.probability]
    logprobs = [math.log(probability) for probability in known]
    return {
        "id": index,
        "seek": round(part.span.start * 100),
        "start": _seconds(part.span.start),
        "end": _seconds(part.span.end),
        "text": part.text,
        "tokens": [],
        "temperature": temperature,
        "avg_logprob": round(sum(logprobs) / len(logprobs), 4) if logprobs else 0.0,
        "compression_ratio": round(len(text) / len(zlib.compress(text)), 4),
        "no_speech_prob": 0.0,
    }


def _seconds(value: float) -> float:
    return round(value, 3)
