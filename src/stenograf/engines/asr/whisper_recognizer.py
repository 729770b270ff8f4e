"""What every Whisper runtime shares: language, prompt, blocks and batches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event
from typing import ClassVar

from stenograf.core.errors import UnsupportedError
from stenograf.core.options import AsrOptions, AsrTask
from stenograf.core.ports import Capabilities, OnProgress, Recognition, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform
from stenograf.engines.asr.batches import Decode, decoded, in_batches
from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.heartbeat import stopping
from stenograf.engines.asr.packing import BLOCK_S, Block, audible, pack, unheard
from stenograf.engines.asr.whisper_language import (
    Ranked,
    Vote,
    likeliest,
    to_whisper,
    vote_on_language,
)
from stenograf.engines.asr.whisper_prompt import Prompt, fit_prompt

BLOCK_SAMPLES = int(BLOCK_S * SAMPLE_RATE_HZ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a runtime is asked for every batch of a recording; `language` is Whisper's code.

    `stop` is set when nobody waits for the answer any more.
    """

    language: str
    task: AsrTask
    beam_size: int
    prompt: Prompt
    stop: Event
    no_repeat_ngram: int = 0


class WhisperRecognizer(ABC):
    """Recognizer on one Whisper model; a runtime adds what it alone can do.

    Speech is packed into blocks of at most 30 s, decoded without timestamps and aligned by
    attention. The language is found by a vote of several windows, or block by block.
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
        vote = self._vote(audio, blocks, options, on_progress)
        language = vote.language if vote else options.language or self._only_language
        blocks = unheard(blocks, options.heard_until_s)
        prompt = fit_prompt(self._n_tokens, options, multilingual=self._is_multilingual)
        stop = Event()
        request = Request(
            language=to_whisper(language or "en"),
            task=options.task,
            beam_size=options.beam_size,
            prompt=prompt,
            stop=stop,
            no_repeat_ngram=options.no_repeat_ngram,
        )
        words = decoded(
            audio,
            in_batches(blocks, options.batch_size or self._batch_size),
            self._decoder(request, options),
            language=language,
            on_progress=stopping(on_progress, stop),
        )
        return Recognition(
            words,
            language,
            vote.probability if vote else None,
            (*(vote.notices if vote else ()), *(prompt.notices if blocks else ())),
            vote.means if vote else {},
            tuple(block.pieces for block in blocks),
        )

    @property
    def _only_language(self) -> str | None:
        return None if self._is_multilingual else "en"

    def _vote(
        self,
        audio: Waveform,
        blocks: Sequence[Block],
        options: AsrOptions,
        on_progress: OnProgress,
    ) -> Vote | None:
        """What the windows say, if there is anything to decide."""
        if options.language is not None or self._only_language is not None or not blocks:
            return None
        return vote_on_language(self._ranked, audio, blocks, options.languages, on_progress)

    def _decoder(self, request: Request, options: AsrOptions) -> Decode:
        if options.multilingual and self._is_multilingual:
            allowed = options.languages
            return partial(self._decode_switching, request=request, allowed=allowed)
        return partial(self._decode, request=request)

    def _decode_switching(
        self, batch: Sequence[Samples], *, request: Request, allowed: Sequence[str]
    ) -> list[list[Heard]]:
        """As `_decode`, each block in the language that it sounds like."""
        known = {to_whisper(language) for language in allowed}
        languages = [
            likeliest(self._ranked(samples), known) or request.language for samples in batch
        ]
        result: list[list[Heard]] = [[] for _ in batch]
        for language in dict.fromkeys(languages):
            chosen = [i for i, found in enumerate(languages) if found == language]
            found = self._decode(
                [batch[i] for i in chosen], request=replace(request, language=language)
            )
            for i, heard in zip(chosen, found, strict=True):
                result[i] = heard
        return result

    def _check(self, options: AsrOptions) -> None:
        """Refuse what this model cannot do before anything is decoded."""
        asked = options.languages if options.language is None else (options.language,)
        if self._only_language is not None:
            if (asked and self._only_language not in asked) or options.task == "translate":
                raise UnsupportedError(
                    "This Whisper model knows English only.",
                    hint="Choose a model without .en in its name.",
                )
            return
        for language in asked:
            if not self._knows(to_whisper(language)):
                raise UnsupportedError(
                    "This Whisper model does not know the language {language}.",
                    language=language,
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
