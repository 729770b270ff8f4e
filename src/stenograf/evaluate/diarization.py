"""Who spoke when, compared in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stenograf.core.errors import OptionError
from stenograf.core.span import Span, intersect, union
from stenograf.core.transcript import Turn
from stenograf.evaluate.packages import scorer
from stenograf.evaluate.scores import DiarizationScore


def der(
    reference: Sequence[Turn],
    hypothesis: Sequence[Turn],
    *,
    uem: Sequence[Span] | None = None,
    collar_s: float = 0.0,
    score_overlap: bool = True,
) -> DiarizationScore:
    """Diarization and Jaccard error of one recording, under the best pairing of speakers.

    Only time inside `uem` counts; without it, from the first to the last turn of either side.
    `collar_s` is left out on each side of every reference boundary (NIST md-eval; dscore and
    pyannote.metrics count the whole width, twice this). Turns of one speaker that overlap or
    touch are one turn. Computed by pyannote.metrics (Bredin, Interspeech 2017); the Jaccard error
    is that of the second DIHARD evaluation plan, 2019.
    """
    if not collar_s >= 0:
        raise OptionError("The collar counts seconds from 0.")
    truth, found = _by_speaker(reference), _by_speaker(hypothesis)
    scored = union(uem) if uem is not None else _extent([*truth.values(), *found.values()])
    truth, found = _inside(truth, scored), _inside(found, scored)
    seconds, jaccard = _components(truth, found, scored, collar_s, score_overlap)
    return DiarizationScore(
        total_s=seconds["total"],
        missed_s=seconds["missed detection"],
        false_alarm_s=seconds["false alarm"],
        confusion_s=seconds["confusion"],
        jaccard_errors=jaccard["speaker error"],
        n_jaccard_speakers=round(jaccard["speaker count"]),
        n_reference_speakers=len(truth),
        n_hypothesis_speakers=len(found),
        speaker_count_errors=abs(len(found) - len(truth)),
        collar_s=float(collar_s),
        score_overlap=score_overlap,
    )


def _by_speaker(turns: Sequence[Turn]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for turn in turns:
        spans.setdefault(turn.speaker, []).append(turn.span)
    return {speaker: union(of_one) for speaker, of_one in spans.items()}


def _extent(speakers: Sequence[Sequence[Span]]) -> list[Span]:
    spans = [span for of_one in speakers for span in of_one]
    if not spans:
        return []
    return [Span(min(span.start for span in spans), max(span.end for span in spans))]


def _inside(speakers: dict[str, list[Span]], scored: Sequence[Span]) -> dict[str, list[Span]]:
    inside = {speaker: list(intersect(spans, scored)) for speaker, spans in speakers.items()}
    return {speaker: spans for speaker, spans in inside.items() if spans}


def _components(
    truth: dict[str, list[Span]],
    found: dict[str, list[Span]],
    scored: Sequence[Span],
    collar_s: float,
    score_overlap: bool,
) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds by kind of error, and the Jaccard error summed over reference speakers."""
    with scorer("pyannote.metrics"):
        import pyannote.metrics.diarization as metrics
        from pyannote.core import Segment, Timeline

        region = Timeline([Segment(span.start, span.end) for span in scored])
        sides = _annotation(truth), _annotation(found)
        options: dict[str, Any] = {"collar": 2 * collar_s, "skip_overlap": not score_overlap}
        kinds: list[Any] = [metrics.DiarizationErrorRate, metrics.JaccardErrorRate]
        seconds, jaccard = (
            kind(**options).compute_components(*sides, uem=region) for kind in kinds
        )
        return seconds, jaccard


def _annotation(speakers: dict[str, list[Span]]) -> Any:
    from pyannote.core import Annotation, Segment

    annotation = Annotation()
    for speaker, spans in speakers.items():
        for span in spans:
            annotation[Segment(span.start, span.end), speaker] = speaker
    return annotation
