"""Whisper in C++ through pywhispercpp: reads whisper.cpp's ggml files, quantised ones too."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Final

import numpy as np

from stenograf.core.errors import EngineFailedError
from stenograf.core.ports import Capabilities
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.asr.ggml_file import read_header
from stenograf.engines.asr.heard import Heard
from stenograf.engines.asr.pieces import Piece, to_heard
from stenograf.engines.asr.whisper_language import Ranked
from stenograf.engines.asr.whisper_prompt import most_tokens
from stenograf.engines.asr.whisper_recognizer import BLOCK_SAMPLES, Request, WhisperRecognizer
from stenograf.engines.asr.whispercpp_context import open_context

TIME_S: Final = 0.01  # whisper.cpp counts time in hundredths
FIRST_LANGUAGES: Final = 51_766  # tokens of a multilingual vocabulary that are no languages


class WhisperCppRecognizer(WhisperRecognizer):
    """Recognizer on a ggml file, decoded block after block; words get their times by DTW.

    whisper.cpp's own token times need timestamps, which cost decoding steps; attention gives
    times as in the other Whisper engines. The file says how it computes. Native code that gives
    up ends the process: run it in a child. Raises ModelError when the file holds no usable model,
    EngineUnavailableError when the package or the device is not there.
    """

    name: ClassVar[str] = "whispercpp"
    capabilities: ClassVar[Capabilities] = Capabilities(
        translates=True,
        prompt=True,
        hotwords=True,
        multilingual=True,
        note="One block at a time: --batch-size changes nothing.",
    )

    def __init__(self, weights: Path, *, device: str = "cpu", n_threads: int = 0) -> None:
        self._header = read_header(weights)
        self._context = open_context(weights, self._header, device=device)
        self._n_threads = n_threads
        self._alone = Lock()  # a decoder that was told to stop may still be on its way out
        weakref.finalize(self, _free, self._context)

    @property
    def _is_multilingual(self) -> bool:
        return self._header.is_multilingual

    def _knows(self, language: str) -> bool:
        return language in self._languages

    @cached_property
    def _languages(self) -> list[str]:
        import _pywhispercpp as native

        return [native.whisper_lang_str(i) for i in range(self._header.n_vocab - FIRST_LANGUAGES)]

    def _n_tokens(self, text: str) -> int:
        """As whisper.cpp counts: the longest token that fits, again and again."""
        rest, n = text.encode(), 0
        while rest:
            longest = min(len(rest), self._longest_token)
            size = next((k for k in range(longest, 1, -1) if rest[:k] in self._tokens), 1)
            rest, n = rest[size:], n + 1
        return n

    @cached_property
    def _tokens(self) -> frozenset[bytes]:
        import _pywhispercpp as native

        end = native.whisper_token_eot(self._context)
        return frozenset(native.whisper_token_to_bytes(self._context, i) for i in range(end))

    @cached_property
    def _longest_token(self) -> int:
        return max(map(len, self._tokens))

    def _ranked(self, samples: Samples) -> Ranked:
        import _pywhispercpp as native

        samples = samples[:BLOCK_SAMPLES]
        probabilities = np.zeros(native.whisper_lang_max_id() + 1, dtype=np.float32)
        parameters = self._parameters()
        with self._alone:
            status = native.whisper_pcm_to_mel(
                self._context, samples, len(samples), parameters.n_threads
            )
            if status == 0:
                status = native.whisper_lang_auto_detect(
                    self._context, 0, parameters.n_threads, probabilities
                )
        if status < 0:
            raise EngineFailedError(
                "Whisper failed while finding the language: {reason}", reason=f"status {status}"
            )
        found = zip(self._languages, probabilities.tolist(), strict=False)
        return sorted(found, key=lambda item: -item[1])

    def _decode(self, batch: Sequence[Samples], *, request: Request) -> list[list[Heard]]:
        return [self._decode_block(samples[:BLOCK_SAMPLES], request) for samples in batch]

    def _decode_block(self, samples: Samples, request: Request) -> list[Heard]:
        import _pywhispercpp as native

        parameters = self._parameters(request, len(samples) / SAMPLE_RATE_HZ)
        with self._alone:
            status = native.whisper_full(self._context, parameters, samples, len(samples))
            if request.stop.is_set():
                return []
            if status != 0:
                raise EngineFailedError(
                    "Whisper failed while decoding: {reason}",
                    reason=f"status {status}",
                    hint="Try a smaller model, or another engine.",
                )
            pieces = self._pieces()
        return to_heard(pieces, request.language, len(samples) / SAMPLE_RATE_HZ)

    def _pieces(self) -> list[Piece]:
        """The tokens of what was decoded last."""
        import _pywhispercpp as native

        end = native.whisper_token_eot(self._context)
        found = [
            native.whisper_full_get_token_data(self._context, i, j)
            for i in range(native.whisper_full_n_segments(self._context))
            for j in range(native.whisper_full_n_tokens(self._context, i))
        ]
        return [
            Piece(
                native.whisper_token_to_bytes(self._context, token.id),
                max(0, token.t_dtw) * TIME_S,
                token.p,
            )
            for token in found
            if token.id < end
        ]

    def _parameters(self, request: Request | None = None, duration_s: float = 0.0) -> Any:
        import _pywhispercpp as native

        strategy = native.WHISPER_SAMPLING_GREEDY
        if request and request.beam_size > 1:
            strategy = native.WHISPER_SAMPLING_BEAM_SEARCH
        parameters = native.whisper_full_default_params(strategy)
        if self._n_threads:
            parameters.n_threads = self._n_threads
        parameters.print_progress = False
        parameters.no_context = parameters.no_timestamps = parameters.single_segment = True
        parameters.suppress_nst = True  # symbols that nobody speaks, as the other engines do
        parameters.temperature_inc = 0.0
        if request:
            _tell(parameters, request, duration_s)
        return parameters


def _tell(parameters: Any, request: Request, duration_s: float) -> None:
    """Write into whisper.cpp's parameters what the caller wants."""
    import _pywhispercpp as native

    parameters.language = request.language
    parameters.translate = request.task == "translate"
    parameters.greedy = {"best_of": 1}
    parameters.beam_search = {"beam_size": request.beam_size, "patience": -1.0}
    parameters.max_tokens = most_tokens(duration_s) - 1  # it stops one later
    told = (request.prompt.hotwords, request.prompt.text)
    parameters.initial_prompt = "".join(f" {text}" for text in told if text)
    native.assign_abort_callback(parameters, request.stop.is_set)


def _free(context: Any) -> None:
    import _pywhispercpp as native

    native.whisper_free(context)
