"""What every Whisper runtime shares: language, prompt, blocks and batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from stenograf.core.errors import UnsupportedError
from stenograf.core.options import AsrOptions, AsrTask
from stenograf.core.ports import Capabilities, OnProgress, Recognition, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform
from stenograf.engines.asr.batches import decoded, in_batches
from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.packing import BLOCK_S, audible, pack
from stenograf.engines.asr.whisper_language import (
    Ranked,
    detect_language,
    from_whisper,
    to_whisper,
)
from stenograf.engines.asr.whisper_prompt import Prompt, fit_prompt

BLOCK_SAMPLES = int(BLOCK_S * SAMPLE_RATE_HZ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a runtime is asked for every batch of a recording; `language` is Whisper's code."""

    language: str
    task: AsrTask
    beam_size: int
    prompt: Prompt


class WhisperRecognizer(ABC):
    """Recognizer on one Whisper model; a runtime adds what it alone can do.

    Speech is packed into blocks of at most 30 s, decoded without timestamps and aligned by
    attention. The language is found by a vote of several windows.
    """

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """Words spoken inside `speech`; the language is found at once, the words while decoding."""
        self._check(options)
        blocks = list(pack(audible(audio, speech), max_block_s=options.block_s(BLOCK_S)))
        language, probability = options.language, None
        if not self._is_multilingual:
            language = "en"
        elif language is None and blocks:
            found, probability = detect_language(self._ranked, audio, blocks, on_progress)
            language = from_whisper(found)
        prompt = fit_prompt(self._n_tokens, options)
        request = Request(
            language=to_whisper(language or "en"),
            task=options.task,
            beam_size=options.beam_size,
            prompt=prompt,
        )
        words = decoded(
            audio,
            in_batches(blocks, options.batch_size or self._batch_size),
            partial(self._decode, request=request),
            language=language,
            on_progress=on_progress,
        )
        return Recognition(words, language, probability, prompt.notices if blocks else ())

    def _check(self, options: AsrOptions) -> None:
        """Refuse what this model cannot do before anything is decoded."""
        if not self._is_multilingual:
            if options.language not in (None, "en") or options.task == "translate":
                raise UnsupportedError(
                    "This Whisper model knows English only.",
                    hint="Choose a model without .en in its name.",
                )
        elif options.language is not None and not self._knows(to_whisper(options.language)):
            raise UnsupportedError(
                "This Whisper model does not know the language {language}.",
                language=options.language,
                hint="Give an ISO 639-1 code such as en or ru, or leave the language out.",
            )

    @property
    @abstractmethod
    def _is_multilingual(self) -> bool:
        """Whether the model knows more than English."""

    @property
    def _batch_size(self) -> int:
        """Blocks at a time where the caller names no number."""
        return 1

    @abstractmethod
    def _knows(self, language: str) -> bool:
        """Whether the vocabulary has a token for Whisper's code of a language."""

    @abstractmethod
    def _n_tokens(self, text: str) -> int:
        """How many tokens a text takes."""

    @abstractmethod
    def _ranked(self, samples: Samples) -> Ranked:
        """Every language's probability in at most 30 s of sound."""

    @abstractmethod
    def _decode(self, batch: Sequence[Samples], *, request: Request) -> list[list[Heard]]:
        """The words of each block of a batch.

        Raises EngineFailedError when the runtime gives up.
        """
