"""Who said what, when: transcripts with speakers, made on your own machine.

    import stenograf

    transcript = stenograf.transcribe("call.mp3", speakers=2)
    for utterance in stenograf.utterances(transcript.words):
        print(utterance.speaker, utterance.text)

Importing this package loads nothing heavy; each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from stenograf._version import __version__

if TYPE_CHECKING:
    from stenograf.app import diarize, prepare, transcribe
    from stenograf.attribution import utterances
    from stenograf.core.errors import StenografError
    from stenograf.core.span import Span
    from stenograf.core.transcript import Speaker, Transcript, Turn, Utterance, Word
    from stenograf.export import read_json, render
    from stenograf.pipeline import Pipeline, TranscribeOptions

_HOMES: Final = {
    "Pipeline": "stenograf.pipeline",
    "Span": "stenograf.core.span",
    "Speaker": "stenograf.core.transcript",
    "StenografError": "stenograf.core.errors",
    "TranscribeOptions": "stenograf.pipeline",
    "Transcript": "stenograf.core.transcript",
    "Turn": "stenograf.core.transcript",
    "Utterance": "stenograf.core.transcript",
    "Word": "stenograf.core.transcript",
    "diarize": "stenograf.app",
    "prepare": "stenograf.app",
    "read_json": "stenograf.export",
    "render": "stenograf.export",
    "transcribe": "stenograf.app",
    "utterances": "stenograf.attribution",
}

__all__ = [
    "Pipeline",
    "Span",
    "Speaker",
    "StenografError",
    "TranscribeOptions",
    "Transcript",
    "Turn",
    "Utterance",
    "Word",
    "__version__",
    "diarize",
    "prepare",
    "read_json",
    "render",
    "transcribe",
    "utterances",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stenograf' has no attribute {name!r}")
    return getattr(import_module(home), name)
