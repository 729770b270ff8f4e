"""Whisper on PyTorch through openai-whisper: reads OpenAI's own `.pt` files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from stenograf.core.errors import EngineFailedError
from stenograf.core.ports import Appetite, Capabilities
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.whisper_checkpoint import load_checkpoint
from stenograf.engines.asr.whisper_language import Ranked
from stenograf.engines.asr.whisper_model import has_gpu
from stenograf.engines.asr.whisper_prompt import most_tokens
from stenograf.engines.asr.whisper_recognizer import BLOCK_SAMPLES, Request, WhisperRecognizer
from stenograf.engines.asr.whisper_words import is_silence

HOP_SAMPLES: Final = 160  # one column of the mel spectrogram
BATCH_ON_GPU: Final = 16


class OpenaiWhisperRecognizer(WhisperRecognizer):
    """Recognizer on an OpenAI checkpoint, decoded and aligned by openai-whisper itself.

    Slower than faster-whisper and larger in memory; there to use `.pt` files as they are.
    `compute_type` None chooses float32 on a processor and float16 on a GPU. Raises ModelError
    when the file holds no usable model, EngineUnavailableError when the package or the device is
    not there.
    """

    name: ClassVar[str] = "whisper"
    capabilities: ClassVar[Capabilities] = Capabilities(
        translates=True, prompt=True, hotwords=True, multilingual=True
    )

    def __init__(
        self, weights: Path, *, device: str = "cpu", compute_type: str | None = None
    ) -> None:
        self._model, self._in_half = load_checkpoint(
            weights, device=device, compute_type=compute_type
        )

    @classmethod
    def appetite(
        cls,
        *,
        device: str | None = None,
        compute_type: str | None = None,
        batch_size: int | None = None,
    ) -> Appetite:
        """What it takes, built with these arguments, and what would be less."""
        if device in (None, "cpu") or not has_gpu():
            return Appetite(batch_size or 1)
        smaller = ("float16",) if compute_type == "float32" else ()
        return Appetite(batch_size or BATCH_ON_GPU, smaller)

    @property
    def _is_multilingual(self) -> bool:
        return bool(self._model.is_multilingual)

    @property
    def _batch_size(self) -> int:
        return BATCH_ON_GPU if self._model.device.type == "cuda" else 1

    def _knows(self, language: str) -> bool:
        return language in self._tokenizer().all_language_codes

    def _n_tokens(self, text: str) -> int:
        return len(self._tokenizer().encode(text))

    def _ranked(self, samples: Samples) -> Ranked:
        try:
            _, ranked = self._model.detect_language(self._mel(samples))
        except (RuntimeError, ValueError) as error:
            raise EngineFailedError(
                "Whisper failed while finding the language: {reason}", reason=str(error)
            ) from error
        return sorted(ranked.items(), key=lambda item: -item[1])

    def _decode(self, batch: Sequence[Samples], *, request: Request) -> list[list[Heard]]:
        import torch
        from whisper.decoding import decode

        try:
            mels = torch.stack([self._mel(samples) for samples in batch])
            results = decode(self._model, mels, self._options(batch, request))
            return [
                [] if is_silence(result) else self._aligned(result, mel, len(samples), request)
                for result, mel, samples in zip(results, mels, batch, strict=True)
            ]
        except (RuntimeError, ValueError) as error:
            raise EngineFailedError(
                "Whisper failed while decoding: {reason}",
                reason=str(error),
                hint="Try a smaller batch, a smaller model, or another engine.",
            ) from error

    def _options(self, batch: Sequence[Samples], request: Request) -> Any:
        from whisper.decoding import DecodingOptions

        longest_s = max(len(samples) for samples in batch) / SAMPLE_RATE_HZ
        told = (request.prompt.hotwords, request.prompt.text)
        encode = self._tokenizer().encode
        return DecodingOptions(
            language=request.language,
            task=request.task,
            beam_size=request.beam_size if request.beam_size > 1 else None,
            sample_len=most_tokens(longest_s),
            prompt=[token for text in told if text for token in encode(f" {text}")] or None,
            without_timestamps=True,
            fp16=self._in_half,
        )

    def _aligned(self, result: Any, mel: Any, n_samples: int, request: Request) -> list[Heard]:
        """The words of one block, with times by attention."""
        from whisper.timing import add_word_timestamps

        duration_s = n_samples / SAMPLE_RATE_HZ
        segment = {"seek": 0, "start": 0.0, "end": duration_s, "tokens": result.tokens}
        add_word_timestamps(
            segments=[segment],
            model=self._model,
            tokenizer=self._tokenizer(request),
            mel=mel,
            num_frames=max(2, min(n_samples, BLOCK_SAMPLES) // HOP_SAMPLES),
            last_speech_timestamp=0.0,
        )
        words: Any = segment["words"]
        nobody = float(result.no_speech_prob)
        return [
            Heard(float(w["start"]), float(w["end"]), w["word"], float(w["probability"]), nobody)
            for w in words
        ]

    def _mel(self, samples: Samples) -> Any:
        """Log mel spectrogram of 30 s, shape (n_mels, 3000), where and as the model wants it.

        Behind the sound it is 0, as openai-whisper's and faster-whisper's own transcribe have it.
        """
        import torch
        from whisper.audio import N_FRAMES, log_mel_spectrogram, pad_or_trim

        samples = samples[:BLOCK_SAMPLES]
        mel = log_mel_spectrogram(samples, self._model.dims.n_mels, padding=HOP_SAMPLES)
        mel = pad_or_trim(mel[:, : len(samples) // HOP_SAMPLES], N_FRAMES)
        return mel.to(self._model.device, torch.float16 if self._in_half else torch.float32)

    def _tokenizer(self, request: Request | None = None) -> Any:
        from whisper.tokenizer import get_tokenizer

        return get_tokenizer(
            self._model.is_multilingual,
            num_languages=self._model.num_languages,
            language=request.language if request else None,
            task=request.task if request else None,
        )
