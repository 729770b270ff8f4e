"""GigaAM, Parakeet and Vosk as ONNX through onnx-asr, from a folder on this machine."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np

from stenograf.core.errors import EngineFailedError, UnsupportedError
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Capabilities, OnProgress, Recognition, ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, Waveform
from stenograf.engines.asr.batches import decoded, in_batches
from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.onnx_folder import load_folder
from stenograf.engines.asr.packing import audible, pack, unheard
from stenograf.engines.asr.pieces import Piece, to_heard
from stenograf.engines.onnx_session import runtime_errors

BLOCK_S: Final = 20.0
"""What these models hear at once: most accept 20 to 30 s (onnx-asr's README)."""

TAIL_S: Final = 0.25
"""How long a word lasts after its last token began, in seconds: a syllable."""

SHORTEST_SAMPLES: Final = SAMPLE_RATE_HZ // 5
"""Less is filled with silence: the encoders need some frames to work on."""


class OnnxRecognizer:
    """Recognizer on a folder with GigaAM v2 or v3, NeMo's Parakeet or FastConformer, or Vosk.

    The kind of model is told by its files. Words get the times of their tokens. `languages` are
    those the model knows, if the caller knows them: a model with one language says it, one with
    several hears which is spoken but does not tell. Nothing is ever downloaded. Raises ModelError
    when the folder holds no usable model, EngineUnavailableError when the package or the device
    is not there.
    """

    name: ClassVar[str] = "onnx"
    capabilities: ClassVar[Capabilities] = Capabilities(
        note="The model decides which languages it knows."
    )

    def __init__(
        self,
        weights: Path,
        *,
        device: str = "cpu",
        n_threads: int = 0,
        languages: Collection[str] = (),
    ) -> None:
        self._model = load_folder(weights, device=device, n_threads=n_threads)
        self._languages = tuple(languages)

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """Words spoken inside `speech`, in the writing of the model."""
        self._check(options)
        blocks = list(pack(audible(audio, speech), max_block_s=options.block_s(BLOCK_S)))
        blocks = unheard(blocks, options.heard_until_s)
        language = options.language
        if language is None and len(self._languages) == 1:
            language = self._languages[0]
        words = decoded(
            audio,
            in_batches(blocks, options.batch_size or 1),
            partial(self._decode, language=language),
            language=language,
            on_progress=on_progress,
        )
        return Recognition(words, language, blocks=tuple(block.pieces for block in blocks))

    def _check(self, options: AsrOptions) -> None:
        asked = options.languages if options.language is None else (options.language,)
        if asked and self._languages and not set(asked) & set(self._languages):
            raise UnsupportedError(
                "This model does not know the language {language}.", language=", ".join(asked)
            )
        if options.task == "translate":
            raise UnsupportedError("The engine {engine} cannot translate.", engine=self.name)

    def _decode(self, batch: Sequence[Samples], *, language: str | None) -> list[list[Heard]]:
        try:
            results = self._model.recognize([_long_enough(samples) for samples in batch])
        except runtime_errors(ValueError, LookupError, AssertionError) as error:
            raise EngineFailedError(
                "The ONNX model failed while decoding: {reason}",
                reason=str(error) or type(error).__name__,
                hint="Try a smaller batch, or another engine.",
            ) from error
        return [
            to_heard(_pieces(result), language, len(samples) / SAMPLE_RATE_HZ, tail_s=TAIL_S)
            for result, samples in zip(results, batch, strict=True)
        ]


def _long_enough(samples: Samples) -> Samples:
    return np.pad(samples, (0, max(0, SHORTEST_SAMPLES - len(samples))))


def _pieces(result: Any) -> list[Piece]:
    """Tokens with times; a token's probability is e to the power of what the decoder summed."""
    tokens, starts = result.tokens or (), result.timestamps or ()
    logs = result.logprobs or [0.0] * len(tokens)
    return [
        Piece(token.encode(), start, math.exp(min(0.0, log)))
        for token, start, log in zip(tokens, starts, logs, strict=True)
    ]
