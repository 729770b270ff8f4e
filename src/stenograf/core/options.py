"""What a caller may ask of an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from stenograf.core.errors import OptionError

AsrTask = Literal["transcribe", "translate"]

SHORTEST_BLOCK_S: Final = 1.0
"""Blocks much shorter than a phrase cut more words than they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsrOptions:
    """How to recognize: None leaves a value to the engine.

    `language` is an ISO 639-1 code, None means "find out", among `languages` if there are any;
    `multilingual` finds it out for each block of speech anew. `prompt` is text the recording might
    follow; `hotwords` are names and terms to listen for; `batch_size` counts blocks of speech;
    `max_block_s` is the longest block to decode at once, in seconds; no `no_repeat_ngram` tokens
    in a row may come twice in a block (0: any may), where an engine can see to it. Blocks that end
    at or before `heard_until_s` are left out: an earlier run has their words.
    """

    language: str | None = None
    languages: tuple[str, ...] = ()
    multilingual: bool = False
    task: AsrTask = "transcribe"
    prompt: str | None = None
    hotwords: str | None = None
    beam_size: int = 1
    batch_size: int | None = None
    max_block_s: float | None = None
    no_repeat_ngram: int = 0
    heard_until_s: float = 0.0

    def __post_init__(self) -> None:
        if self.beam_size < 1 or (self.batch_size is not None and self.batch_size < 1):
            raise OptionError("Beam size and batch size count from 1.")
        if self.max_block_s is not None and self.max_block_s < SHORTEST_BLOCK_S:
            raise OptionError(
                "Blocks last {shortest_s:.0f} s or more.", shortest_s=SHORTEST_BLOCK_S
            )

    def block_s(self, longest_s: float) -> float:
        """The longest block for an engine that takes up to `longest_s`.

        >>> AsrOptions(max_block_s=10.0).block_s(30.0), AsrOptions().block_s(30.0)
        (10.0, 30.0)
        """
        return longest_s if self.max_block_s is None else min(longest_s, self.max_block_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiarizationOptions:
    """How many speakers there are, as far as the caller knows.

    >>> DiarizationOptions.of(speakers=2)
    DiarizationOptions(min_speakers=2, max_speakers=2)
    """

    min_speakers: int = 1
    max_speakers: int | None = None

    def __post_init__(self) -> None:
        if self.min_speakers < 1:
            raise OptionError("The number of speakers counts from 1.")
        if self.max_speakers is not None and self.max_speakers < self.min_speakers:
            raise OptionError(
                "At least {min} and at most {max} speakers cannot both hold.",
                min=self.min_speakers,
                max=self.max_speakers,
            )

    @classmethod
    def of(
        cls,
        *,
        speakers: int | None = None,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
    ) -> DiarizationOptions:
        """Bounds from the three numbers people give; an exact count excludes the other two."""
        if speakers is None:
            return cls(
                min_speakers=1 if min_speakers is None else min_speakers, max_speakers=max_speakers
            )
        if min_speakers is not None or max_speakers is not None:
            raise OptionError("Give either the number of speakers or its bounds, not both.")
        return cls(min_speakers=speakers, max_speakers=speakers)

    @property
    def num_speakers(self) -> int | None:
        """The exact count when the bounds leave one choice."""
        return self.min_speakers if self.min_speakers == self.max_speakers else None
