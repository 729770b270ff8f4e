"""WebVTT subtitles, W3C "WebVTT: The Web Video Text Tracks Format"."""

from __future__ import annotations

from collections.abc import Mapping

from stenograf.core.transcript import Transcript
from stenograf.export.cues import Cue, cues, timestamp
from stenograf.export.plain import encoded, labels


def render(transcript: Transcript) -> bytes:
    """Cues in UTF-8; each names its speakers in voice tags."""
    names = labels(transcript)
    return encoded("WEBVTT\n" + "".join(_block(cue, names) for cue in cues(transcript)))


def _block(cue: Cue, names: Mapping[str, str]) -> str:
    start, end = timestamp(cue.start_ms, point="."), timestamp(cue.end_ms, point=".")
    voices = []
    for speaker, texts in cue.runs():
        tag = "" if speaker is None else _voice(names[speaker])
        voices.append(tag + "\n".join(_escaped(text) for text in texts))
    return f"\n{start} --> {end}\n" + "\n".join(voices) + "\n"


def _voice(name: str) -> str:
    """A voice tag; a name that ends with dashes must not make it end with an arrow."""
    return f"<v {_escaped(name)}{' ' if name.endswith('--') else ''}>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
