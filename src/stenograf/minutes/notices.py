"""What readers of minutes should know about how they came to be."""

from __future__ import annotations

from typing import Final

from stenograf.core.transcript import Notice

NOTHING_SAID: Final = Notice(
    "minutes.nothing_said",
    "There are no minutes: the transcript holds no words to rely on.",
    "Listen to the recording, or transcribe it with a larger model.",
)

CUES_UNKNOWN: Final = Notice(
    "minutes.cues_unknown",
    "Most of what was said is neither Russian nor English, so decisions, tasks and questions were "
    "not looked for in it.",
    "Let a language model write the minutes: it reads other languages too.",
)


def unfounded(n: int) -> Notice:
    """That `n` statements of a language model were left out, because nothing said bears them."""
    return Notice(
        "minutes.unfounded",
        "Left out {n} statements of the language model that name no line they rest on.",
        "If there are many, take a larger language model.",
        {"n": n},
    )


def stale(version: int, newest: int) -> Notice:
    """That the transcript was changed after these minutes were made of it."""
    return Notice(
        "minutes.stale",
        "These minutes are of version {version} of the transcript, which has version {newest} by "
        "now.",
        "Make the minutes again.",
        {"version": version, "newest": newest},
    )
