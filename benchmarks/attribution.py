"""Which rules of attribution pay, and how much?

    python -m benchmarks.attribution ASSETS [--engine basic] [--tune] [--severity 1.0] [--cache DIR]

Each rule is switched alone, the others staying as they are: word diarization error (WDER) and
cpWER with and without it, words it repaired and words it broke. Turns come from a diarizer,
`basic` or `onnx` (segmentation-3.0 and GE2E), with the number of speakers found (auto) and given,
and from the truth. Those of `onnx` overlap; for them "who began first keeps the floor" is compared
with the newcomer, and with whom most windows hear (the exclusive turns of pyannote). Words are
simulated inside the true turns of made meetings and AMI excerpts, with a recognizer's mistakes
(`_talk.py`), or really recognized by PocketSphinx in conversations of flite's voices (needs the
program `flite`): as they are, and with the script's full stops where its words were found.
Constants were chosen on the `--tune` meetings. With `--cache` a rerun does not listen again.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._flite import talk
from benchmarks._talk import Mistakes, add_backchannels, recognize, say
from stenograf.attribution import AttributionRules, attribute_words
from stenograf.attribution.reading import ends_sentence
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.ports import Diarizer
from stenograf.core.span import Span
from stenograf.core.transcript import Turn, Word
from stenograf.core.waveform import Samples, duration_s, sample_at
from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer
from stenograf.engines.diarization import basic, relabelling
from stenograf.engines.diarization.labelling import CentredLabeller
from stenograf.engines.diarization.masked_ge2e import MaskedGe2eEmbedder
from stenograf.engines.diarization.onnx import OnnxDiarizer
from stenograf.engines.vad.silero import SileroDetector
from stenograf.evaluate import CpWordScore, TextRules, WordDiarizationScore, cpwer, wder
from stenograf.evaluate.formats import read_rttm
from stenograf.evaluate.scores import pool
from stenograf.evaluate.words import align
from stenograf.models.bundled import pocketsphinx_weights, silero_weights
from stenograf.testing.meetings import MeetingPlan, build_meeting, read_voices
from stenograf.testing.sound import read_speech

CONDITIONS = (
    MeetingPlan(overlap_ratio=0.1),
    MeetingPlan(overlap_ratio=0.25, snr_db=20.0),
    MeetingPlan(overlap_ratio=0.15, snr_db=15.0, telephone=True),
)
MEETING_S = 120.0
AMI_S = 30.0  # the part their UEM scores
BACKCHANNELS_PER_MINUTE = 3.0
N_DRAWS = 5  # of words for each meeting
TUNE_SEED, REPORT_SEED = 5000, 7000
TEXT = TextRules()

RULES = AttributionRules()
EFFECTS = {  # with the rule, without it
    "nearest turn": (RULES, replace(RULES, max_gap_s=0.0)),
    "sentence followed": (RULES, replace(RULES, max_run_words=0)),
    "only by doubtful words": (RULES, replace(RULES, max_run_confidence=1.01)),
    "by two words too (off)": (replace(RULES, max_run_words=2), RULES),
    "stretched words shortened (off)": (replace(RULES, shorten=True), RULES),
}
FIRST_KEEPS_FLOOR = "who began first keeps the floor"
MOST_HEARD = "the same, instead of whom most windows hear"


@dataclass(frozen=True, slots=True)
class Sample:
    """Recognized words, the turns to attribute them to, and the truth.

    `truth` is the speaker of those written words that stand for a word of the reference.
    """

    family: str
    reference: list[Word]
    written: list[Word]
    truth: Mapping[int, str]
    turns: list[Turn]
    most_heard: list[Turn] | None = None


def diarizer_of(name: str, assets: Path) -> Diarizer:
    weights = assets / "models/ge2e/ge2e.onnx"
    if name == "basic":
        return basic.BasicDiarizer(weights)
    segmentation = assets / "models/segmentation-3.0/model.onnx"
    return OnnxDiarizer(segmentation, MaskedGe2eEmbedder(weights, n_threads=2), CentredLabeller())


class Ears:
    """The engines, which remember in `folder` what they have heard."""

    def __init__(self, assets: Path, folder: Path | None, engine: str) -> None:
        self._detector = SileroDetector(silero_weights())
        self._diarizer = diarizer_of(engine, assets)
        self._again = basic.recluster if engine == "basic" else relabelling.recluster
        self._engine = engine
        self._recognizer = PocketSphinxRecognizer(pocketsphinx_weights())
        self._folder = folder

    def turns(self, name: str, samples: Samples, n_speakers: int) -> list[list[Turn]]:
        """What the diarizer finds, without and with the number of speakers.

        Behind these the same with the speaker whom most windows hear alone, from `onnx`.
        """

        def listen() -> Iterator[Sequence[Turn]]:
            speech = self._detector.detect(samples)
            kept = self._diarizer.diarize(samples, speech, DiarizationOptions()).evidence
            bounds = [DiarizationOptions.of(speakers=asked) for asked in (None, n_speakers)]
            alone = self._engine == "onnx"
            if kept is None:  # nobody speaks
                yield from [()] * (4 if alone else 2)
                return
            yield from (self._again(kept, options).turns for options in bounds)
            if alone:
                yield from (most_heard(kept, options) for options in bounds)

        rows = self._remember(
            f"{name}-{self._engine}",
            lambda: [[[t.span.start, t.span.end, t.speaker] for t in turns] for turns in listen()],
        )
        return [[Turn(Span(start, end), who) for start, end, who in turns] for turns in rows]

    def words(self, name: str, samples: Samples) -> list[Word]:
        """What the recognizer hears, in time order."""

        def listen() -> Iterator[Word]:
            speech = self._detector.detect(samples)
            return self._recognizer.recognize(samples, speech, AsrOptions(language="en")).words

        rows = self._remember(
            f"{name}-words",
            lambda: [[word.span.start, word.span.end, word.text] for word in listen()],
        )
        return [Word(Span(start, end), text) for start, end, text in rows]

    def _remember(self, key: str, listen: Callable[[], list[Any]]) -> list[Any]:
        if self._folder is None:
            return listen()
        path = self._folder / f"{key}.json"
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(listen()), encoding="utf-8")
        return list(json.loads(path.read_text(encoding="utf-8")))


def most_heard(kept: SpeakerEvidence, options: DiarizationOptions) -> Sequence[Turn]:
    """Turns with the count of each frame capped at one, as pyannote makes its exclusive ones."""
    heard, labeller = relabelling._heard_in(kept), relabelling._labeller_in(kept)
    labels = labeller.label(heard.embeddings, heard.activity, options)
    return heard.turns(labels, max_speakers=1)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Sound and who truly speaks when; `seed` draws the words."""

    family: str
    name: str
    samples: Samples
    truth: list[Turn]
    seed: int

    def turns(self, ears: Ears) -> Iterator[tuple[str, list[Turn], list[Turn] | None]]:
        """Turns as found, as found with the number of speakers given, and true ones."""
        n_speakers = len({turn.speaker for turn in self.truth})
        auto, given, *alone = ears.turns(self.name, self.samples, n_speakers)
        yield "auto", auto, alone[0] if alone else None
        yield "given", given, alone[1] if alone else None
        yield "true turns", self.truth, None


def meetings(assets: Path, *, tune: bool) -> Iterator[Meeting]:
    for corpus in ("train-clean",) if tune else ("train-clean", "test-other"):
        voices = read_voices(assets / "audio/speakers" / corpus)
        for n_speakers, index in product(range(2, 6), range(6 if tune else 3)):
            seed = (TUNE_SEED if tune else REPORT_SEED) + 10 * n_speakers + index
            plan = CONDITIONS[index % len(CONDITIONS)]
            plan = replace(plan, n_speakers=n_speakers, duration_s=MEETING_S, seed=seed)
            made = build_meeting(voices, plan)
            made = add_backchannels(made, voices, per_minute=BACKCHANNELS_PER_MINUTE, seed=seed)
            name = f"{corpus}-{n_speakers}-{seed}"
            yield Meeting(f"made, {corpus}", name, made.samples, list(made.turns), seed)


def excerpts(assets: Path) -> Iterator[Meeting]:
    for path in sorted((assets / "audio/diarization/ami").glob("*.wav")):
        samples = read_speech(path)[: sample_at(AMI_S)]
        turns = next(iter(read_rttm(path.with_suffix(".rttm")).values()))
        inside = [replace(turn, span=turn.span.clamp(Span(0.0, AMI_S))) for turn in turns]
        truth = [turn for turn in inside if turn.span.duration > 0.05]
        yield Meeting("AMI", path.stem, samples, truth, 1)


def simulated(meeting: Meeting, ears: Ears, mistakes: Mistakes, seed: int) -> Iterator[Sample]:
    said = say(meeting.truth, seed=seed)
    found = recognize(said, mistakes, duration_s=duration_s(meeting.samples), seed=seed)
    found.sort(key=lambda pair: pair[1].span.start)
    who = {at: said[index].speaker for at, (index, _) in enumerate(found)}
    written, reference = [word for _, word in found], [word.word for word in said]
    for kind, turns, alone in meeting.turns(ears):
        yield Sample(f"{meeting.family}, {kind}", reference, written, who, turns, alone)


def talks(ears: Ears, *, tune: bool) -> Iterator[Sample]:
    for index in range(4 if tune else 6):
        seed = (TUNE_SEED if tune else REPORT_SEED) + index
        heard = talk(n_speakers=2 + index % 3, n_lines=18, seed=seed)
        meeting = Meeting("flite", f"flite-{seed}", heard.samples, heard.turns, seed)
        plain = ears.words(meeting.name, heard.samples)
        pairs = align(
            *(["".join(TEXT.words(w.text)) for w in side] for side in (heard.words, plain))
        )
        who = {p.hypothesis: str(heard.words[p.reference].speaker) for p in pairs}
        ends = {p.hypothesis for p in pairs if ends_sentence(heard.words[p.reference].text)}
        stopped = [
            replace(word, text=f"{word.text}.") if at in ends else word
            for at, word in enumerate(plain)
        ]
        for kind, turns, alone in meeting.turns(ears):
            yield Sample(f"flite, {kind}", heard.words, plain, who, turns, alone)
            yield Sample(f"flite, full stops, {kind}", heard.words, stopped, who, turns, alone)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule did to one sample."""

    wder: tuple[WordDiarizationScore, WordDiarizationScore]
    cpwer: tuple[CpWordScore, CpWordScore]
    repaired: int
    broken: int


def effect(sample: Sample, rule: str) -> Effect:
    rules, without = EFFECTS.get(rule, (RULES, RULES))
    turns = sample.turns
    if rule == FIRST_KEEPS_FLOOR:
        turns = newcomer_turns(sample.turns)
    elif rule == MOST_HEARD and sample.most_heard is not None:
        turns = sample.most_heard
    on = attribute_words(sample.written, sample.turns, rules=rules)
    off = attribute_words(sample.written, turns, rules=without)
    partner = pair_speakers(off, sample.truth)
    other = pair_speakers(on, sample.truth) if rule == MOST_HEARD else partner  # numbered anew
    right_on, right_off = (
        {at for at, speaker in sample.truth.items() if names.get(side[at].speaker) == speaker}
        for side, names in ((on, other), (off, partner))
    )
    return Effect(
        (wder(sample.reference, on), wder(sample.reference, off)),
        (cpwer(sample.reference, on), cpwer(sample.reference, off)),
        len(right_on - right_off),
        len(right_off - right_on),
    )


def newcomer_turns(turns: Sequence[Turn]) -> list[Turn]:
    """Turns without overlap in which whoever began last has the floor."""
    edges = sorted({edge for turn in turns for edge in (turn.span.start, turn.span.end)})
    alone: list[Turn] = []
    for span in (Span(start, end) for start, end in pairwise(edges)):
        talking = [turn for turn in turns if turn.span.overlap(span) > 0]
        if talking:
            alone.append(Turn(span, max(talking, key=lambda turn: turn.span).speaker))
    return alone


def pair_speakers(words: Sequence[Word], truth: Mapping[int, str]) -> dict[str | None, str]:
    """True speaker of each found one, one to one, sharing the most words."""
    from scipy.optimize import linear_sum_assignment

    together = Counter((words[at].speaker or "", speaker) for at, speaker in truth.items())
    found = sorted({speaker for speaker, _ in together if speaker})
    true = sorted({speaker for _, speaker in together})
    shared = np.array([[together[a, b] for b in true] for a in found])
    if not found:
        return {}
    rows, columns = linear_sum_assignment(shared, maximize=True)
    return {found[row]: true[column] for row, column in zip(rows, columns, strict=True)}


def row(family: str, rule: str, effects: Sequence[Effect]) -> str:
    rates: list[float | None] = []
    for side in (0, 1):
        rates += [pool(e.wder[side] for e in effects).wder]
    for side in (0, 1):
        rates += [pool(e.cpwer[side] for e in effects).cpwer]
    cells = ["-" if rate is None else f"{100 * rate:.2f}" for rate in rates]
    counts = [str(sum(e.repaired for e in effects)), str(sum(e.broken for e in effects))]
    return "| " + " | ".join([rule, family, *cells, *counts]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assets", type=Path)
    parser.add_argument("--tune", action="store_true", help="the meetings constants are chosen on")
    parser.add_argument("--severity", type=float, default=1.0, help="of simulated mistakes")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--engine", choices=["basic", "onnx"], default="basic")
    args = parser.parse_args()
    ears, mistakes = Ears(args.assets, args.cache, args.engine), Mistakes(severity=args.severity)
    heard = list(meetings(args.assets, tune=args.tune))
    heard += [] if args.tune else excerpts(args.assets)
    samples = [
        sample
        for meeting, draw in product(heard, range(N_DRAWS))
        for sample in simulated(meeting, ears, mistakes, meeting.seed + 100_000 * draw)
    ]
    samples += talks(ears, tune=args.tune)
    print("| rule | words | WDER with | without | cpWER with | without | repaired | broken |")
    print("|---" * 8 + "|")
    for rule in (FIRST_KEEPS_FLOOR, MOST_HEARD, *EFFECTS):
        effects: dict[str, list[Effect]] = {}
        for sample in samples:
            if rule == MOST_HEARD and sample.most_heard is None:
                continue
            effects.setdefault(sample.family, []).append(effect(sample, rule))
        for family, of_family in effects.items():
            print(row(family, rule, of_family), flush=True)


if __name__ == "__main__":
    main()
