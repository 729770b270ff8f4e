"""TextGrid for Praat, the long text form of its manual ("TextGrid file formats")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stenograf.core.transcript import Transcript
from stenograf.export.plain import encoded, seconds_text, to_ms
from stenograf.export.tiers import Interval, Tier, tiers


def render(transcript: Transcript) -> bytes:
    """Interval tiers in UTF-8 that cover the whole recording, silence with empty text.

    Praat needs one tier and some time at least: without speakers there is an empty one.
    """
    found = tiers(transcript) or [Tier("speech", "", ())]
    ends = [interval.end_ms for tier in found for interval in tier.intervals]
    end_ms = max([to_ms(transcript.recording.duration), 1, *ends])
    head = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0.000",
        f"xmax = {seconds_text(end_ms)}",
        "tiers? <exists>",
        f"size = {len(found)}",
        "item []:",
    ]
    body = [line for index, tier in enumerate(found, 1) for line in _tier(index, tier, end_ms)]
    return encoded("\n".join([*head, *body]) + "\n")


def _tier(index: int, tier: Tier, end_ms: int) -> Iterator[str]:
    intervals = list(_covering(tier.intervals, end_ms))
    yield f"    item [{index}]:"
    yield '        class = "IntervalTier"'
    yield f"        name = {_quoted(tier.name)}"
    yield "        xmin = 0.000"
    yield f"        xmax = {seconds_text(end_ms)}"
    yield f"        intervals: size = {len(intervals)}"
    for number, interval in enumerate(intervals, start=1):
        yield f"        intervals [{number}]:"
        yield f"            xmin = {seconds_text(interval.start_ms)}"
        yield f"            xmax = {seconds_text(interval.end_ms)}"
        yield f"            text = {_quoted(interval.text)}"


def _covering(intervals: Sequence[Interval], end_ms: int) -> Iterator[Interval]:
    """The intervals with empty ones between them, from 0 to the end without a hole."""
    covered_ms = 0
    for interval in intervals:
        if interval.start_ms > covered_ms:
            yield Interval(covered_ms, interval.start_ms, "")
        yield interval
        covered_ms = interval.end_ms
    if covered_ms < end_ms:
        yield Interval(covered_ms, end_ms, "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
