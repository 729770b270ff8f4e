"""How like do two clips of one person sound, and of two? The limit of known speakers comes from it.

    python -m benchmarks.known_speakers ASSETS

Clips of LibriSpeech in the assets: five people of test-other with ten clips each, fifty people of
train-clean with one. Each clip becomes the mean voice that a known speaker's clip becomes, with
GE2E; pairs under the limit are nobody's.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stenograf import app
from stenograf.engines.diarization.known import mean_voices
from stenograf.pipeline import Pipeline, TranscribeOptions

Voice: TypeAlias = NDArray[np.float32]
OPTIONS = TranscribeOptions(diarizer="basic", speakers=1, isolate=False, offline=True)
LIMITS = (0.65, 0.70, 0.75, 0.76, 0.77, 0.78, 0.79, 0.80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    assets = parser.parse_args().assets
    os.environ["STENOGRAF_MODELS_DIR"] = str(assets / "models")
    pipeline, clips = app.prepare(OPTIONS, recognize=False), assets / "audio/speakers"
    people = [voices(pipeline, each) for each in sorted((clips / "test-other").iterdir())]
    crowd = voices(pipeline, clips / "train-clean")
    same = [each for own in people for each in likenesses(combinations(own, 2))]
    different = [
        each
        for a, b in combinations(people, 2)
        for each in likenesses((one, other) for one in a for other in b)
    ]
    strangers = likenesses(combinations(crowd, 2))
    print(f"| limit | one person missed ({len(same)} pairs) |", end="")
    print(f" two people of five taken for one ({len(different)}) | of fifty ({len(strangers)}) |")
    print("|---|---|---|---|")
    for limit in LIMITS:
        missed = 100 * np.mean(np.array(same) < limit)
        taken = [100 * np.mean(np.array(each) >= limit) for each in (different, strangers)]
        print(f"| {limit:.2f} | {missed:.1f} % | {taken[0]:.1f} % | {taken[1]:.1f} % |")


def voices(pipeline: Pipeline, folder: Path) -> list[Voice]:
    """The mean voice of each clip in which one could be heard."""
    found: list[Voice] = []
    for clip in sorted(folder.glob("*.flac")):
        transcript, evidence = pipeline.run_with_evidence(clip, OPTIONS)
        if evidence is not None:
            found += mean_voices(evidence, transcript.turns).values()
    return found


def likenesses(pairs: Iterable[tuple[Voice, Voice]]) -> list[float]:
    return [float(one @ other) for one, other in pairs]


if __name__ == "__main__":
    main()
