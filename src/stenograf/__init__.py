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
    from stenograf.attribution import merge_speakers, rename_speaker, utterances
    from stenograf.client import Client
    from stenograf.core.errors import StenografError
    from stenograf.core.evidence import SpeakerEvidence
    from stenograf.core.span import Span
    from stenograf.core.transcript import Speaker, Transcript, Turn, Utterance, Word
    from stenograf.export import read_evidence, read_json, render, render_evidence
    from stenograf.minuting import make_minutes
    from stenograf.pipeline import Pipeline, TranscribeOptions
    from stenograf.speakers import recluster, split_speaker

_HOMES: Final = {
    "Client": "stenograf.client",
    "Pipeline": "stenograf.pipeline",
    "Span": "stenograf.core.span",
    "Speaker": "stenograf.core.transcript",
    "SpeakerEvidence": "stenograf.core.evidence",
    "StenografError": "stenograf.core.errors",
    "TranscribeOptions": "stenograf.pipeline",
    "Transcript": "stenograf.core.transcript",
    "Turn": "stenograf.core.transcript",
    "Utterance": "stenograf.core.transcript",
    "Word": "stenograf.core.transcript",
    "diarize": "stenograf.app",
    "make_minutes": "stenograf.minuting",
    "merge_speakers": "stenograf.attribution",
    "prepare": "stenograf.app",
    "read_evidence": "stenograf.export",
    "read_json": "stenograf.export",
    "recluster": "stenograf.speakers",
    "rename_speaker": "stenograf.attribution",
    "render": "stenograf.export",
    "render_evidence": "stenograf.export",
    "split_speaker": "stenograf.speakers",
    "transcribe": "stenograf.app",
    "utterances": "stenograf.attribution",
}

__all__ = [
    "Client",
    "Pipeline",
    "Span",
    "Speaker",
    "SpeakerEvidence",
    "StenografError",
    "TranscribeOptions",
    "Transcript",
    "Turn",
    "Utterance",
    "Word",
    "__version__",
    "diarize",
    "make_minutes",
    "merge_speakers",
    "prepare",
    "read_evidence",
    "read_json",
    "recluster",
    "rename_speaker",
    "render",
    "render_evidence",
    "split_speaker",
    "transcribe",
    "utterances",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'stenograf' has no attribute {name!r}")
    return getattr(import_module(home), name)
