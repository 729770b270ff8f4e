"""How exact are the speakers of a call whose channels leak?

    python -m benchmarks.channels ASSETS

Calls of two LibriSpeech speakers, four per row, 60 s each; strict DER and its parts in percent of
the reference speech. Likeness is how closely one channel's level follows the other's: below
LEAST_LIKENESS of `bleed.py` it is no leak. The last rows are `basic` on the mix of those calls.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from stenograf.core.options import DiarizationOptions
from stenograf.core.transcript import Turn
from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.engines.diarization.bleed import likenesses
from stenograf.engines.diarization.channels import ChannelsDiarizer
from stenograf.engines.vad.silero import SileroDetector
from stenograf.evaluate import DiarizationScore, der
from stenograf.models.bundled import silero_weights
from stenograf.testing.calls import Call, CallPlan, build_call
from stenograf.testing.meetings import Voices, read_voices

PLANS = {
    "nothing leaks": CallPlan(),
    "leak -30 dB, noise -50 dB": CallPlan(leak_db=-30.0, noise_db=-50.0),
    "leak -20 dB": CallPlan(leak_db=-20.0),
    "leak -12 dB": CallPlan(leak_db=-12.0),
    "echo -20 dB after 0.15 s": CallPlan(leak_db=-20.0, leak_delay_s=0.15),
    "one party 20 dB quieter": CallPlan(levels_db=(0.0, -20.0)),
    "telephone band, leak -25 dB": CallPlan(leak_db=-25.0, telephone=True, noise_db=-55.0),
}
SEEDS = range(4)
OPTIONS = DiarizationOptions()


def calls(voices: Voices, plan: CallPlan) -> list[Call]:
    from dataclasses import replace

    names = sorted(voices)
    pairs = [[{name: voices[name]} for name in names[seed : seed + 2]] for seed in SEEDS]
    return [build_call(pair, replace(plan, seed=i)) for i, pair in enumerate(pairs)]


def row(title: str, scored: list[tuple[Call, tuple[Turn, ...]]], likeness: str = "") -> None:
    scores: list[DiarizationScore] = [der(call.turns, turns) for call, turns in scored]
    total = sum(score.total_s for score in scores)
    parts = [
        100 * sum(getattr(score, part) for score in scores) / total
        for part in ("missed_s", "false_alarm_s", "confusion_s")
    ]
    cells = [title, f"{sum(parts):.1f}", *(f"{part:.1f}" for part in parts), likeness]
    print("| " + " | ".join(cells) + " |")


def alike(made: list[Call], detector: SileroDetector) -> str:
    """The least and the most that the channels of these calls follow each other."""
    found = [
        value
        for call in made
        for value in likenesses(call.channels, [detector.detect(c) for c in call.channels])
    ]
    return f"{min(found):.2f} to {max(found):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    assets = parser.parse_args().assets
    voices = read_voices(assets / "audio/speakers/test-other")
    detector = SileroDetector(silero_weights())
    channels = ChannelsDiarizer(detector)
    basic = BasicDiarizer(assets / "models/ge2e/ge2e.onnx")
    print("| call | DER | missed | false alarm | confusion | likeness |\n" + "|---" * 6 + "|")
    for title, plan in PLANS.items():
        made = calls(voices, plan)
        found = [
            channels.diarize_channels(c.mix, c.channels, detector.detect(c.mix), OPTIONS).turns
            for c in made
        ]
        row(title, list(zip(made, found, strict=True)), alike(made, detector))
    for title in ("nothing leaks", "telephone band, leak -25 dB"):
        made = calls(voices, PLANS[title])
        found = [basic.diarize(c.mix, detector.detect(c.mix), OPTIONS).turns for c in made]
        row(f"{title}: `basic` on the mix", list(zip(made, found, strict=True)))


if __name__ == "__main__":
    main()
