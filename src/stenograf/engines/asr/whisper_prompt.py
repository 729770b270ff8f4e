"""What Whisper is told before it listens, and how much it may answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from stenograf.core.options import AsrOptions
from stenograf.core.transcript import Notice

CONTEXT_TOKENS = 448  # positions of Whisper's decoder
MAX_NEW_TOKENS = CONTEXT_TOKENS // 2  # openai/whisper, DecodingOptions.sample_len
MARKS = {True: 4, False: 2}  # startoftranscript, notimestamps, and if multilingual language, task
MARK_TOKENS = 1 + MARKS[True]  # startofprev before a prompt
PROMPT_TOKENS = CONTEXT_TOKENS - MAX_NEW_TOKENS - MARK_TOKENS

# Fast speech has 5 words a second, a word up to 4 tokens in Russian; what talks faster is a loop.
TOKENS_PER_SECOND = 20
SPARE_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Prompt:
    """Prompt and hot words that fit beside the answer; `n_tokens` counts both and the marks."""

    text: str | None
    hotwords: str | None
    n_tokens: int
    notices: tuple[Notice, ...] = ()

    def max_new_tokens(self, longest_s: float) -> int:
        """faster-whisper's `max_new_tokens` such that a block of `longest_s` cannot run away.

        CTranslate2 4 halves the total it is given (models/whisper.cc), so the number asked for is
        twice the one meant, less the prompt.
        """
        meant = most_tokens(longest_s)
        return min(max(2 * meant - self.n_tokens, meant), CONTEXT_TOKENS - self.n_tokens)


def most_tokens(longest_s: float) -> int:
    """How many tokens an answer may have, so that a block of `longest_s` cannot run away.

    >>> most_tokens(1.0), most_tokens(30.0)
    (36, 224)
    """
    return min(MAX_NEW_TOKENS, SPARE_TOKENS + ceil(TOKENS_PER_SECOND * longest_s))


def fit_prompt(
    count: Callable[[str], int], options: AsrOptions, *, multilingual: bool = True
) -> Prompt:
    """Hot words from their start and the prompt's end, as much of both as there is room for.

    `count` says how many tokens a text takes.
    """
    hotwords = _shortened(options.hotwords, PROMPT_TOKENS, count, keep_end=False)
    left = PROMPT_TOKENS - (count(f" {hotwords}") if hotwords else 0)
    text = _shortened(options.prompt, left, count, keep_end=True)
    used = PROMPT_TOKENS - left + (count(f" {text}") if text else 0)
    shortened = [
        name
        for name, asked, kept in (
            ("hotwords", options.hotwords, hotwords),
            ("prompt", options.prompt, text),
        )
        if asked and len(" ".join(asked.split())) > len(kept or "")
    ]
    notices = tuple(
        Notice(
            "asr.prompt_shortened",
            "Whisper reads at most {limit} tokens before it listens; the {part} was shortened.",
            details={"part": part, "limit": PROMPT_TOKENS},
        )
        for part in shortened
    )
    n_marks = MARKS[multilingual] + bool(text or hotwords)
    return Prompt(text, hotwords, used + n_marks, notices)


def _shortened(
    text: str | None, room: int, count: Callable[[str], int], *, keep_end: bool
) -> str | None:
    """As many whole words from one end as `room` tokens hold; None when nothing is left."""
    words = (text or "").split()
    fits, too_many = 0, len(words) + 1
    while too_many - fits > 1:
        n = (fits + too_many) // 2
        kept = words[-n:] if keep_end else words[:n]
        if count(" " + " ".join(kept)) <= room:
            fits = n
        else:
            too_many = n
    if not fits:
        return None
    return " ".join(words[-fits:] if keep_end else words[:fits])
