"""Which thresholds and padding lose the least speech of real conversations?

    python -m benchmarks.vad_accuracy ASSETS

Scores the first 30 s (the UEM) of the AMI excerpts and the pyannote sample against their RTTM;
missed and false seconds are percentages of the reference speech.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from stenograf.core.span import Span, intersect, total_duration, union
from stenograf.core.waveform import duration_s
from stenograf.engines.vad.hysteresis import Probabilities, VadOptions, speech_spans
from stenograf.engines.vad.silero import FRAME_S, SileroDetector
from stenograf.models.bundled import silero_weights
from stenograf.testing.sound import read_speech

SCORED_S = 30.0


@dataclass(frozen=True)
class Case:
    """One scored recording: what the network says, and who spoke in its first 30 s."""

    probabilities: Probabilities
    duration: float
    reference: list[Span]


def load(audio: Path, detector: SileroDetector) -> Case:
    samples = read_speech(audio)
    lines = audio.with_suffix(".rttm").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.startswith("SPEAKER")]
    turns = union(Span(float(row[3]), float(row[3]) + float(row[4])) for row in rows)
    scored = list(intersect(turns, [Span(0.0, SCORED_S)]))
    return Case(detector.probabilities(samples), duration_s(samples), scored)


def score(cases: list[Case], options: VadOptions) -> tuple[float, float]:
    """Missed and false speech in percent."""
    missed = false = spoken = 0.0
    for case in cases:
        found = speech_spans(
            case.probabilities, frame_s=FRAME_S, duration=case.duration, options=options
        )
        heard = list(intersect(found, [Span(0.0, SCORED_S)]))
        both = total_duration(intersect(case.reference, heard))
        missed += total_duration(case.reference) - both
        false += total_duration(heard) - both
        spoken += total_duration(case.reference)
    return 100 * missed / spoken, 100 * false / spoken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    detector = SileroDetector(silero_weights())
    found = sorted(parser.parse_args().assets.glob("audio/diarization/*/*.wav"))
    cases = [load(path, detector) for path in found if path.with_suffix(".rttm").is_file()]
    print("| threshold | min silence, s | pad, s | missed % | false % | sum % |")
    print("|---|---|---|---|---|---|")
    for threshold, silence, pad in product((0.3, 0.4, 0.5), (0.3, 0.5), (0.1, 0.2, 0.3, 0.4)):
        options = VadOptions(
            threshold=threshold,
            neg_threshold=round(threshold - 0.15, 2),
            min_silence_s=silence,
            pad_s=pad,
        )
        missed, false = score(cases, options)
        sums = f"{missed:.1f} | {false:.1f} | {missed + false:.1f}"
        print(f"| {threshold} | {silence} | {pad} | {sums} |")


if __name__ == "__main__":
    main()
