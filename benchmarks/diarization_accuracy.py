"""How often is the speaker wrong, with the number of speakers found or given?

    python -m benchmarks.diarization_accuracy ASSETS [--engine basic] [--seeds 3] [--each]

Scores are strict: no collar, overlap counts. AMI excerpts count inside their UEM only; made
meetings come from voices no threshold was chosen on (test-other) and, beyond five speakers and
for comparison, from those it was (train-clean). Speech is found by Silero, as in the product.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarizer
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.core.waveform import Samples, duration_s
from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.engines.diarization.labelling import CentredLabeller, CentroidLabeller
from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
from stenograf.engines.vad.silero import SileroDetector
from stenograf.evaluate.diarization import der
from stenograf.evaluate.formats import read_rttm, read_uem
from stenograf.evaluate.scores import DiarizationScore, pool
from stenograf.models.bundled import silero_weights
from stenograf.testing.meetings import MeetingPlan, build_meeting, read_voices
from stenograf.testing.sound import read_speech


def basic(assets: Path) -> Diarizer:
    return BasicDiarizer(assets / "models/ge2e/ge2e.onnx")


def onnx(assets: Path) -> Diarizer:
    embedder = MaskedGe2eEmbedder(assets / "models/ge2e/ge2e.onnx", n_threads=2)
    return OnnxDiarizer(assets / SEGMENTATION, embedder, CentredLabeller())


def onnx_reference(assets: Path) -> Diarizer:
    """The shape of pyannote's 3.1 with GE2E and its own best threshold."""
    weights = assets / "models/ge2e/ge2e.onnx"
    return OnnxDiarizer(
        assets / SEGMENTATION,
        MaskedGe2eEmbedder(weights, n_threads=2, clean=False),
        CentroidLabeller(threshold=0.5),
        options=OnnxOptions(mode="reference"),
    )


SEGMENTATION = "models/segmentation-3.0/model.onnx"
ENGINES: dict[str, Callable[[Path], Diarizer]] = {
    "basic": basic,
    "onnx": onnx,
    "onnx-reference": onnx_reference,
}

# Clean, more overlap in noise, telephone band in more noise.
CONDITIONS = (
    MeetingPlan(overlap_ratio=0.1),
    MeetingPlan(overlap_ratio=0.25, snr_db=20.0),
    MeetingPlan(overlap_ratio=0.0, snr_db=15.0, telephone=True),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One recording and its truth; only `scored` counts."""

    family: str
    name: str
    samples: Samples
    turns: list[Turn]
    scored: list[Span]

    @property
    def n_speakers(self) -> int:
        """Who speaks in the scored part."""
        return len({t.speaker for t in self.turns if any(t.span.overlap(s) for s in self.scored)})


def cases(assets: Path, n_seeds: int) -> Iterator[Case]:
    for path in sorted((assets / "audio/diarization/ami").glob("*.wav")):
        scored = read_uem(path.with_suffix(".uem"))[path.stem]
        yield recorded("AMI excerpts", path, scored)
    sample = assets / "audio/diarization/pyannote-sample/sample.wav"
    yield recorded("pyannote sample", sample, None)
    for corpus, most in (("test-other", 5), ("train-clean", 8)):
        voices = read_voices(assets / "audio/speakers" / corpus)
        for n_speakers in range(2, most + 1):
            for seed in range(n_seeds):
                plan = CONDITIONS[seed % len(CONDITIONS)]
                yield made(corpus, voices, n_speakers, seed, plan)


def recorded(family: str, path: Path, scored: list[Span] | None) -> Case:
    samples = read_speech(path)
    turns = next(iter(read_rttm(path.with_suffix(".rttm")).values()))
    return Case(family, path.stem, samples, turns, scored or [Span(0.0, duration_s(samples))])


def made(
    corpus: str, voices: dict[str, list[Samples]], n_speakers: int, seed: int, plan: MeetingPlan
) -> Case:
    seconds = 60.0 + 15.0 * n_speakers
    plan = replace(plan, n_speakers=n_speakers, duration_s=seconds, seed=1000 + seed)
    meeting = build_meeting(voices, plan)
    name = f"{corpus}-{n_speakers}-{seed}"
    family = f"made, {corpus}, {n_speakers} speakers"
    return Case(family, name, meeting.samples, list(meeting.turns), [Span(0.0, seconds)])


def score(case: Case, engine: Diarizer, speech: list[Span], given: bool) -> DiarizationScore:
    options = DiarizationOptions.of(speakers=case.n_speakers if given else None)
    turns = engine.diarize(case.samples, speech, options).turns
    return der(case.turns, turns, uem=case.scored)


def row(name: str, auto: DiarizationScore, given: DiarizationScore) -> str:
    def percent(seconds: float) -> str:
        return f"{100 * seconds / auto.total_s:.1f}"

    cells = [name, str(auto.n_recordings)]
    for side in (auto, given):
        parts = (side.error_s, side.missed_s, side.false_alarm_s, side.confusion_s)
        cells += [percent(part) for part in parts]
        cells.append(f"{side.speaker_count_error:.2f}")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--engine", choices=ENGINES, default="basic")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--each", action="store_true", help="also a row per recording")
    args = parser.parse_args()
    engine, detector = ENGINES[args.engine](args.assets), SileroDetector(silero_weights())
    families: dict[str, list[tuple[DiarizationScore, DiarizationScore]]] = {}
    seconds = sound = 0.0
    print(
        "| recordings | n | auto: DER | miss | false | conf. | count | given: DER | miss | false ",
        end="",
    )
    print("| conf. | count |\n" + "|---" * 12 + "|")
    for case in cases(args.assets, args.seeds):
        speech = detector.detect(case.samples)
        started = time.perf_counter()
        pair = score(case, engine, speech, False), score(case, engine, speech, True)
        seconds += (time.perf_counter() - started) / 2
        sound += duration_s(case.samples)
        families.setdefault(case.family, []).append(pair)
        if args.each:
            print(row(case.name, *pair), flush=True)
    everything = [pair for pairs in families.values() for pair in pairs]
    for family, pairs in [*families.items(), ("**all**", everything)]:
        print(row(family, pool(a for a, _ in pairs), pool(g for _, g in pairs)))
    print(f"\n{sound:.0f} s of sound in {seconds:.1f} s, scoring included")


if __name__ == "__main__":
    main()
