"""Turns from what the networks of `onnx` heard: at once, or again from kept evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeAlias

import numpy as np

from stenograf.core.errors import DocumentInvalidError
from stenograf.core.evidence import SpeakerEvidence, Times, half, times
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Diarization
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Turn, speaker_id
from stenograf.core.waveform import SAMPLE_RATE_HZ
from stenograf.engines.diarization.blas import ONE_THREAD
from stenograf.engines.diarization.labelling import (
    CentredLabeller,
    CentroidLabeller,
    Embeddings,
    Labeller,
    VbxLabeller,
)
from stenograf.engines.diarization.linkage import Labels
from stenograf.engines.diarization.plda import Plda
from stenograf.engines.diarization.reconstruction import (
    MIN_UNHEARD_SHARE,
    Ties,
    count_speakers,
    reconstruct,
    turns_of,
)
from stenograf.engines.diarization.segmentation import (
    FRAMES_PER_WINDOW,
    LOCAL_SPEAKERS,
    WINDOW_SAMPLES,
    Activity,
)

ENGINE: Final = "onnx"

KeptLabeller: TypeAlias = CentroidLabeller | VbxLabeller | CentredLabeller
LABELLERS: Final[Mapping[str, type[KeptLabeller]]] = {
    "centroid": CentroidLabeller,
    "vbx": VbxLabeller,
    "centred": CentredLabeller,
}
"""Labellers that evidence can name: dataclasses of numbers, and a PLDA."""

UNHEARD: Final = "min_unheard_share"  # files of earlier versions lack it
HOPS_S: Final = (0.1, 10.0)  # of kept evidence: steps that leave no gap and no endless frames


@dataclass(frozen=True, slots=True)
class Heard:
    """What the networks made of a recording: all that takes time.

    `activity` and `embeddings` lie on windows of 10 s, one every `hop_s`; a speaker's silences up
    to `min_gap_s` are filled. `min_unheard_share` and `ties` as in `reconstruct`.
    """

    activity: Activity
    embeddings: Embeddings
    duration_s: float
    hop_s: float
    min_gap_s: float = 0.0
    min_unheard_share: float = MIN_UNHEARD_SHARE
    ties: Ties = "stable"

    def diarization(self, labeller: Labeller, options: DiarizationOptions) -> Diarization:
        """Who speaks when, with the number of speakers inside the bounds of `options`."""
        labels = labeller.label(self.embeddings, self.activity, options)
        return with_enough_speakers(
            self.turns(labels, max_speakers=options.max_speakers), options.min_speakers
        )

    def turns(self, labels: Labels, *, max_speakers: int | None) -> list[Turn]:
        """Turns of labelled windows; no more than `max_speakers` talk at a time."""
        count = count_speakers(self.activity, hop_s=self.hop_s)
        if max_speakers is not None:
            count = np.minimum(count, max_speakers).astype(np.uint8)
        frames = reconstruct(
            self.activity,
            labels,
            count,
            hop_s=self.hop_s,
            min_unheard_share=self.min_unheard_share,
            ties=self.ties,
        )
        return turns_of(frames, duration_s=self.duration_s, min_gap_s=self.min_gap_s)


def recluster(evidence: SpeakerEvidence, options: DiarizationOptions) -> Diarization:
    """Turns from what `onnx` heard before, to the last bit as it would find them with `options`.

    Raises DocumentInvalidError where the evidence contradicts itself.
    """
    labeller = _labeller_in(evidence)
    with ONE_THREAD:
        found = _heard_in(evidence).diarization(labeller, options)
    return Diarization(found.turns, found.notices, evidence=evidence)


def evidence_of(
    heard: Heard, speech: Sequence[Span], labeller: Labeller, model: str
) -> SpeakerEvidence | None:
    """What `recluster` needs; None for a labeller of somebody else. `model` is the embedding's."""
    names = [name for name, kind in LABELLERS.items() if type(labeller) is kind]
    if not names:
        return None
    plda = labeller.plda if isinstance(labeller, VbxLabeller) else None
    numbers = {name: getattr(labeller, name) for name in _numbers_of(LABELLERS[names[0]])}
    return SpeakerEvidence(
        engine=ENGINE,
        model=model,
        duration=heard.duration_s,
        speech=times(list(speech)),
        windows=_windows(len(heard.activity), heard.hop_s),
        voices=half(heard.embeddings),
        activity=heard.activity,
        parameters={
            "labeller": names[0],
            "hop_s": heard.hop_s,
            "min_gap_s": heard.min_gap_s,
            UNHEARD: heard.min_unheard_share,
            **numbers,
        },
        arrays={} if plda is None else {f.name: getattr(plda, f.name) for f in fields(plda)},
    )


def with_enough_speakers(turns: Sequence[Turn], min_speakers: int) -> Diarization:
    """The turns with at least that many speakers: the longest turns are halved where too few.

    It happens when fewer voices can be told apart than were asked for; a notice says so.
    """
    n_found = len({turn.speaker for turn in turns})
    if not turns or n_found >= min_speakers:
        return Diarization(tuple(turns))
    split = list(turns)
    for extra in range(n_found, min_speakers):
        longest = max(range(len(split)), key=lambda index: split[index].span.duration)
        span, speaker = split[longest].span, split[longest].speaker
        split[longest] = Turn(Span(span.start, span.middle), speaker, 0.0)
        split.append(Turn(Span(span.middle, span.end), f"extra {extra}", 0.0))
    split.sort(key=lambda turn: turn.span)
    names: dict[str, str] = {}
    for turn in split:
        names.setdefault(turn.speaker, speaker_id(len(names)))
    renamed = tuple(Turn(turn.span, names[turn.speaker], turn.confidence) for turn in split)
    notice = Notice(
        "diarization.too_few_voices",
        "Only {found} voices could be told apart, {wanted} were asked for.",
        hint="Ask for fewer speakers; the turns added to meet the number are arbitrary.",
        details={"found": n_found, "wanted": min_speakers},
    )
    return Diarization(renamed, (notice,))


def _windows(n_windows: int, hop_s: float) -> Times:
    starts = np.arange(n_windows) * hop_s
    return np.stack([starts, starts + WINDOW_SAMPLES / SAMPLE_RATE_HZ], axis=1)


def _heard_in(evidence: SpeakerEvidence) -> Heard:
    """The kept arrays, checked: they may come from anywhere."""
    activity, hop_s = evidence.activity, evidence.number("hop_s")
    n_windows = len(evidence.windows)
    if (
        activity is None
        or activity.shape != (n_windows, FRAMES_PER_WINDOW, LOCAL_SPEAKERS)
        or evidence.voices.shape[:2] != (n_windows, LOCAL_SPEAKERS)
        or not HOPS_S[0] <= hop_s <= HOPS_S[1]
        or not np.array_equal(_windows(n_windows, hop_s), evidence.windows)
    ):
        raise DocumentInvalidError("The evidence does not fit the windows it was taken from.")
    return Heard(
        activity,
        evidence.voices.astype(np.float32),
        evidence.duration,
        hop_s,
        evidence.number("min_gap_s"),
        evidence.number(UNHEARD) if UNHEARD in evidence.parameters else MIN_UNHEARD_SHARE,
    )


def _labeller_in(evidence: SpeakerEvidence) -> KeptLabeller:
    kind = LABELLERS.get(str(evidence.parameters.get("labeller")))
    if kind is None:
        raise DocumentInvalidError("The evidence names no way to tell its voices apart.")
    numbers = {name: evidence.number(name) for name in _numbers_of(kind)}
    if kind is VbxLabeller:
        return VbxLabeller(_plda_in(evidence), **numbers)
    return kind(**numbers)  # type: ignore[arg-type]


def _numbers_of(kind: type[KeptLabeller]) -> list[str]:
    return [field.name for field in fields(kind) if field.name != "plda"]


def _plda_in(evidence: SpeakerEvidence) -> Plda:
    plda = Plda(**{field.name: evidence.array(field.name).copy() for field in fields(Plda)})
    n_in, n_out = evidence.voices.shape[2], len(np.atleast_1d(plda.phi))
    expected = ((n_in,), (n_out,), (n_in, n_out), (n_out,), (n_out, n_out), (n_out,))
    found = (plda.mean1, plda.mean2, plda.lda, plda.mu, plda.transform, plda.phi)
    if any(array.shape != shape for array, shape in zip(found, expected, strict=True)):
        raise DocumentInvalidError("The evidence holds a PLDA of another size than its voices.")
    return plda
