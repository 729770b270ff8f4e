"""What does each shortcut of the default diarizer change in its turns?

    python -m benchmarks.diarization_shortcuts ASSETS [--voices ge2e] [--seeds 1] [--families AMI]

Turns of the `reference` mode, which does what pyannote.audio does, count as the truth, strictly:
no collar, overlap counts. Each row takes one shortcut alone, the last two all of them. Beside it
stands what that does to the error against the true turns. `--voices resnet34` has WeSpeaker's
network with random weights (needs torch and pyannote.audio) and the clustering of community-1.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.diarization_accuracy import SEGMENTATION, Case, made, recorded
from stenograf.core.options import DiarizationOptions
from stenograf.core.span import Span
from stenograf.core.transcript import Turn
from stenograf.core.waveform import SAMPLE_RATE_HZ, duration_s
from stenograf.engines.diarization.embedding import SpeakerEmbedder
from stenograf.engines.diarization.labelling import (
    CentredLabeller,
    Embeddings,
    Labeller,
    VbxLabeller,
)
from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.engines.diarization.onnx import OnnxDiarizer, OnnxOptions
from stenograf.engines.diarization.plda import load_plda
from stenograf.engines.diarization.relabelling import Heard
from stenograf.engines.diarization.resnet import ResNetEmbedder
from stenograf.engines.diarization.segmentation import Activity
from stenograf.evaluate.diarization import der
from stenograf.evaluate.formats import read_uem
from stenograf.evaluate.scores import DiarizationScore, pool
from stenograf.testing.meetings import MeetingPlan, read_voices

FAMILIES = ("AMI", "sample", "made")
PLANS = {
    2: MeetingPlan(overlap_ratio=0.1),
    3: MeetingPlan(overlap_ratio=0.25, snr_db=20.0),
    4: MeetingPlan(overlap_ratio=0.0, snr_db=15.0, telephone=True),
    6: MeetingPlan(overlap_ratio=0.2),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A diarizer's parts: voices heard window by window, voices heard at once, clustering."""

    slow: SpeakerEmbedder
    quick: SpeakerEmbedder
    labeller: Labeller


def ge2e(assets: Path, home: Path) -> Setting:
    """GE2E hears window by window either way."""
    embedder = MaskedGe2eEmbedder(assets / "models/ge2e/ge2e.onnx", n_threads=2)
    return Setting(embedder, embedder, CentredLabeller())


def resnet34(assets: Path, home: Path) -> Setting:
    from benchmarks.diarization import prepare

    prepare(assets, home, seconds=1.0)
    embedder = partial(ResNetEmbedder, home / "trunk.onnx", home / "head.npz", n_threads=2)
    return Setting(embedder(per_window=True), embedder(), VbxLabeller(load_plda(home / "plda")))


SETTINGS: dict[str, Callable[[Path, Path], Setting]] = {"ge2e": ge2e, "resnet34": resnet34}


def cases(assets: Path, n_seeds: int) -> Iterator[Case]:
    for path in sorted((assets / "audio/diarization/ami").glob("*.wav")):
        yield recorded("AMI", path, read_uem(path.with_suffix(".uem"))[path.stem])
    yield recorded("sample", assets / "audio/diarization/pyannote-sample/sample.wav", None)
    voices = read_voices(assets / "audio/speakers/train-clean")
    for seed in range(n_seeds):
        for n_speakers, plan in PLANS.items():
            yield made("made", voices, n_speakers, 10 * seed + n_speakers, plan)


def rows(case: Case, assets: Path, setting: Setting) -> dict[str, Heard]:
    """What is heard in the reference mode, with each shortcut, and with all of them."""
    slow = {hop: analysed(case, assets, setting.slow, hop) for hop in (1.0, 2.0)}
    quick = slow
    if setting.quick is not setting.slow:
        quick = {hop: analysed(case, assets, setting.quick, hop) for hop in (1.0, 2.0)}
    heard = partial(Heard, duration_s=duration_s(case.samples))
    all_admitted = partial(heard, min_unheard_share=0.0, ties="quicksort")
    found = {
        "reference": all_admitted(*slow[1.0], hop_s=1.0),
        "ties to the lower label": all_admitted(*slow[1.0], hop_s=1.0, ties="stable"),
        "no unheard speaker below 2 % of the speech": heard(
            *slow[1.0], hop_s=1.0, ties="quicksort"
        ),
        "voices kept in half precision": all_admitted(*rounded(slow[1.0]), hop_s=1.0),
    }
    if quick is not slow:
        found["trunk run once"] = all_admitted(*quick[1.0], hop_s=1.0)
    return found | {
        "a window every 2 s": all_admitted(*slow[2.0], hop_s=2.0),
        "all, a window every 1 s (default)": heard(*rounded(quick[1.0]), hop_s=1.0),
        "all, a window every 2 s": heard(*rounded(quick[2.0]), hop_s=2.0),
    }


def analysed(
    case: Case, assets: Path, embedder: SpeakerEmbedder, hop_s: float
) -> tuple[Activity, Embeddings]:
    options = OnnxOptions(hop_s=hop_s)
    engine = OnnxDiarizer(assets / SEGMENTATION, embedder, CentredLabeller(), options=options)
    return engine.analyse(case.samples)


def rounded(heard: tuple[Activity, Embeddings]) -> tuple[Activity, Embeddings]:
    return heard[0], heard[1].astype(np.float16).astype(np.float32)


def least_likeness(left: Heard, right: Heard) -> float:
    """Lowest cosine between voices that both of them describe; NaN where windows differ."""
    if left.hop_s != right.hop_s:
        return float("nan")
    a, b = left.embeddings, right.embeddings
    both = np.isfinite(a).all(axis=-1) & np.isfinite(b).all(axis=-1)
    cosines = (a * b).sum(axis=-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    return float(cosines[both].min(initial=1.0))


def percent(scores: list[DiarizationScore]) -> str:
    return f"{100 * (pool(scores).der or 0.0):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--voices", choices=SETTINGS, default="ge2e")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--families", choices=FAMILIES, nargs="+", default=FAMILIES)
    args = parser.parse_args()
    scores: dict[str, list[list[DiarizationScore]]] = {}
    likeness: dict[str, list[float]] = {}
    sound_s = 0.0
    with tempfile.TemporaryDirectory() as folder:
        setting = SETTINGS[args.voices](args.assets, Path(folder))
        for case in cases(args.assets, args.seeds):
            if case.family.split(",")[0] not in args.families:
                continue
            sound_s += len(case.samples) / SAMPLE_RATE_HZ
            heard = rows(case, args.assets, setting)
            for name, row in heard.items():
                likeness.setdefault(name, []).append(least_likeness(heard["reference"], row))
                cells = scores.setdefault(name, [[], [], [], []])
                for cell, score in zip(cells, compared(case, heard, name, setting), strict=True):
                    cell.append(score)
    print(f"{args.voices}, {' and '.join(args.families)}, {sound_s:.0f} s of sound\n")
    print(
        "| shortcut | from reference, % | the same, number given | DER | DER, number given |",
        end="",
    )
    print(" least cosine |\n" + "|---" * 6 + "|")
    for name, cells in scores.items():
        lowest = "" if np.isnan(likeness[name]).any() else f"{min(likeness[name]):.5f}"
        print(f"| {name} | " + " | ".join(map(percent, cells)) + f" | {lowest} |")


def compared(
    case: Case, heard: dict[str, Heard], name: str, setting: Setting
) -> list[DiarizationScore]:
    """Against the reference with the number found and given, then against the truth."""
    whole = [Span(0.0, duration_s(case.samples))]

    def turns(row: str, given: bool) -> tuple[Turn, ...]:
        options = DiarizationOptions.of(speakers=case.n_speakers if given else None)
        return heard[row].diarization(setting.labeller, options).turns

    apart = [der(turns("reference", g), turns(name, g), uem=whole) for g in (False, True)]
    return apart + [der(case.turns, turns(name, g), uem=case.scored) for g in (False, True)]


if __name__ == "__main__":
    main()
