"""How long does it take to tell the speakers of a one-hour meeting apart again, and what is kept?

    python -m benchmarks.recluster ASSETS [--engine onnx] [--minutes 60] [--rounds 5]

The whole process is timed, imports, reading and writing included, with about 150 words a minute.
The engine hears the first minutes of a made meeting of real voices; the rest repeats them with
fresh noise on every voice, so that nothing compresses or clusters better than new speech would.
`onnx` is segmentation-3.0 with GE2E and the clustering of community-1 (its PLDA is another
network's, and its first cut is lower: what that finds is wrong, what it costs is not).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import stenograf
from stenograf.core.evidence import SpeakerEvidence, half
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarizer
from stenograf.core.span import Span, union
from stenograf.core.transcript import Recording, Transcript, Word
from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.engines.diarization.labelling import VbxLabeller
from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.engines.diarization.onnx import OnnxDiarizer
from stenograf.engines.diarization.plda import load_plda
from stenograf.export import render_evidence, to_json
from stenograf.testing.meetings import MeetingPlan, build_meeting, read_voices

WORD_S = 0.3
COMMANDS = {
    "recluster, no bounds": ["recluster", "T"],
    "recluster --speakers 3": ["recluster", "T", "--speakers", "3"],
    "recluster --min-speakers 8": ["recluster", "T", "--min-speakers", "8"],
    "speakers split --parts 2": ["speakers", "split", "T", "SPEAKER_00"],
    "speakers merge": ["speakers", "merge", "T", "SPEAKER_01", "--into", "SPEAKER_00"],
}


def basic(assets: Path) -> Diarizer:
    return BasicDiarizer(assets / "models/ge2e/ge2e.onnx", n_threads=2)


def onnx(assets: Path) -> Diarizer:
    return OnnxDiarizer(
        assets / "models/segmentation-3.0/model.onnx",
        MaskedGe2eEmbedder(assets / "models/ge2e/ge2e.onnx", n_threads=2),
        VbxLabeller(load_plda(assets / "models/community-1-plda"), threshold=0.3),
    )


ENGINES: dict[str, Callable[[Path], Diarizer]] = {"basic": basic, "onnx": onnx}


def heard(engine: Diarizer, assets: Path, minutes: float, n_speakers: int) -> SpeakerEvidence:
    """What the engine keeps of a made meeting."""
    voices = read_voices(assets / "audio/speakers/train-clean")
    plan = MeetingPlan(n_speakers=n_speakers, duration_s=minutes * 60, seed=1)
    made = build_meeting(voices, plan)
    speech = union(turn.span for turn in made.turns)
    evidence = engine.diarize(made.samples, speech, DiarizationOptions()).evidence
    assert evidence is not None
    return evidence


def repeated(evidence: SpeakerEvidence, times: int) -> SpeakerEvidence:
    """The evidence that many times in a row, with noise of a tenth of a voice's length."""
    shifts = np.repeat(np.arange(times), len(evidence.windows)) * evidence.duration
    speech_shifts = np.repeat(np.arange(times), len(evidence.speech)) * evidence.duration
    voices = np.tile(evidence.voices.astype(np.float32), (times, 1, 1))
    spread = 0.1 / np.sqrt(voices.shape[-1])
    voices += np.random.default_rng(0).normal(0.0, spread, voices.shape)
    voices /= np.linalg.norm(voices, axis=-1, keepdims=True)
    windows = np.round((np.tile(evidence.windows, (times, 1)) + shifts[:, None]) * 100.0) / 100.0
    activity = evidence.activity
    if activity is not None:
        activity = np.tile(activity, (times, 1, 1))
        hop_s = evidence.number("hop_s")
        windows = evidence.windows[0] + np.arange(len(activity))[:, None] * hop_s
    return replace(
        evidence,
        duration=evidence.duration * times,
        speech=np.tile(evidence.speech, (times, 1)) + speech_shifts[:, None],
        windows=windows,
        voices=half(voices),
        activity=activity,
        recording_sha256="ab" * 32,
    )


def document_of(evidence: SpeakerEvidence) -> Transcript:
    """A document with evenly spoken words and the speakers found without bounds."""
    recording = Recording("meeting.wav", evidence.duration, sha256=evidence.recording_sha256)
    words = tuple(spoken(evidence.speech_spans))
    return stenograf.recluster(Transcript(recording, words, (), ()), evidence)


def spoken(speech: list[Span]) -> list[Word]:
    starts = [
        span.start + i * WORD_S for span in speech for i in range(int(span.duration / WORD_S))
    ]
    return [Word(Span(start, start + 0.9 * WORD_S), "word", 0.9) for start in starts]


def whole_process(arguments: list[str], rounds: int) -> tuple[float, float]:
    """Median seconds from start to exit, and of processor time (0 on Windows, which hides it)."""
    wall, processor = [], []
    for _ in range(rounds):
        before, started = os.times(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "stenograf", *arguments], check=True, capture_output=True
        )
        after = os.times()
        wall.append(time.perf_counter() - started)
        used = after.children_user + after.children_system
        processor.append(used - before.children_user - before.children_system)
    return statistics.median(wall), statistics.median(processor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--engine", choices=ENGINES, default="basic")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--heard", type=float, default=5.0)
    parser.add_argument("--speakers", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    times = round(args.minutes / args.heard)
    evidence = repeated(
        heard(ENGINES[args.engine](args.assets), args.assets, args.heard, args.speakers), times
    )
    transcript = document_of(evidence)
    evidence_file = render_evidence(evidence)
    with tempfile.TemporaryDirectory() as folder:
        document, changed = Path(folder, "meeting.json"), Path(folder, "changed.json")
        document.write_bytes(to_json(transcript))
        document.with_suffix(".speakers.npz").write_bytes(evidence_file)
        size_mb = len(evidence_file) / 1e6
        print(
            f"{len(transcript.words)} words, {len(transcript.turns)} turns, "
            f"{np.isfinite(evidence.voices[..., 0]).sum()} voices; "
            f"evidence {size_mb:.2f} MB, "
            f"document {document.stat().st_size / 1e6:.2f} MB\n"
        )
        print("| command | seconds, whole process | of processor time |\n|---|---|---|")
        for name, command in COMMANDS.items():
            arguments = [str(document) if word == "T" else word for word in command]
            wall, processor = whole_process([*arguments, "-o", str(changed)], args.rounds)
            print(f"| {name} | {wall:.2f} | {processor:.2f} |")


if __name__ == "__main__":
    main()
