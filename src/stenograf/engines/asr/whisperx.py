"""Whisper through the WhisperX package, where somebody has it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar, Final

from stenograf.core.errors import EngineFailedError, EngineUnavailableError
from stenograf.core.ports import Capabilities
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.asr.faster_whisper import BATCH_ON_GPU, FasterWhisperRecognizer
from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.whisper_model import check_folder, fitting_compute_type, translated
from stenograf.engines.asr.whisper_recognizer import BLOCK_SAMPLES, Request

BATCH_ON_CPU: Final = 8
"""WhisperX's own default, as is the method: large batches without word times of their own."""


class WhisperXRecognizer(FasterWhisperRecognizer):
    """Recognizer on a CTranslate2 folder, decoded by WhisperX's batched pipeline.

    Speech and language are found as for every engine. WhisperX decodes without times; words are
    laid evenly over their block until an aligner finds where they are. Its own alignment is not
    used: it fetches a model for each language. Raises as FasterWhisperRecognizer does.
    """

    name: ClassVar[str] = "whisperx"
    capabilities: ClassVar[Capabilities] = Capabilities(
        translates=True,
        prompt=True,
        hotwords=True,
        multilingual=True,
        word_times=False,
        note="Words are laid evenly over their block; --align finds where they are.",
    )
    batches: ClassVar[tuple[int, int]] = (BATCH_ON_CPU, BATCH_ON_GPU)

    def __init__(
        self,
        weights: Path,
        *,
        device: str = "cpu",
        compute_type: str | None = None,
        n_threads: int = 0,
    ) -> None:
        compute_type = compute_type or fitting_compute_type(device)
        self._pipeline = _load(weights, device, compute_type, n_threads)
        self._model = self._pipeline.model
        self._usual_batch_size = None

    def _decode(self, batch: Sequence[Samples], *, request: Request) -> list[list[Heard]]:
        from faster_whisper.tokenizer import Tokenizer

        pipeline = self._pipeline
        pipeline.options = replace(
            pipeline.options,
            beam_size=request.beam_size,
            initial_prompt=request.prompt.text,
            hotwords=request.prompt.hotwords,
            no_repeat_ngram_size=request.no_repeat_ngram,
        )
        pipeline.tokenizer = Tokenizer(
            self._model.hf_tokenizer,
            self._is_multilingual,
            task=request.task,
            language=request.language,
        )
        sounds = ({"inputs": samples[:BLOCK_SAMPLES]} for samples in batch)  # no list will do
        try:
            found = list(pipeline(sounds, batch_size=len(batch), num_workers=0))
        except (RuntimeError, ValueError) as error:
            raise EngineFailedError(
                "Whisper failed while decoding: {reason}",
                reason=str(error),
                hint="Try a smaller batch, a smaller model, or another engine.",
            ) from error
        return [
            _laid_evenly(_only(block["text"]), _only(block["avg_logprob"]), len(samples))
            for block, samples in zip(found, batch, strict=True)
        ]


def _load(weights: Path, device: str, compute_type: str, n_threads: int) -> Any:
    check_folder(weights)
    try:
        import whisperx
    except ImportError as error:
        raise EngineUnavailableError(
            "The package whisperx is not installed.", hint="Run: pip install whisperx"
        ) from error
    try:
        with redirect_stdout(StringIO()):  # it prints, and standard output is for results
            return whisperx.load_model(
                str(weights),
                _torch_device(device),
                compute_type=compute_type,
                vad_model=object(),  # speech is found already
                local_files_only=True,
                language="en",  # replaced before every batch
                threads=n_threads or 4,
            )
    except (RuntimeError, ValueError, MemoryError) as error:
        raise translated(error, weights, device, compute_type) from error


def _torch_device(device: str) -> str:
    """WhisperX takes no "auto"."""
    if device != "auto":
        return device
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _only(value: Any) -> Any:
    """WhisperX unwraps results of a batch, but not of a batch of one."""
    return value[0] if isinstance(value, list) else value


def _laid_evenly(text: str, log_probability: float, n_samples: int) -> list[Heard]:
    """Words over the whole block, each as long as its share of the letters."""
    words = text.split()
    n_letters = sum(map(len, words))
    probability = math.exp(min(0.0, log_probability))
    heard, at = [], 0.0
    for word in words:
        end = at + len(word) / n_letters * n_samples / SAMPLE_RATE_HZ
        heard.append(Heard(at, end, f" {word}", probability))
        at = end
    return heard
