"""ONNX models that give a probability of each letter in each frame: wav2vec2 and GigaAM CTC."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stenograf.core.errors import EngineFailedError, ModelInvalidError, ModelMissingError
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.align.log_mels import log_mels
from stenograf.engines.align.spelling import Alphabet, is_spoken
from stenograf.engines.align.viterbi import LogProbabilities, Silence
from stenograf.engines.onnx_session import open_session

SHORTEST: Final = SAMPLE_RATE_HZ // 10  # samples; shorter sound is padded with silence
BLANKS: Final = ("<pad>", "[PAD]", "<blk>", "<blank>")
BETWEEN_WORDS: Final = ("|", "▁", " ")
FEWEST_LETTERS: Final = 10
ONNX_FILES: Final = ("onnx/model_quantized.onnx", "onnx/model.onnx", "*ctc*.onnx", "*.onnx")


class CtcModel:
    """A network with its alphabet.

    `path` is the ONNX file or the folder of a model; the vocabulary lies beside the file or one
    folder above it: `vocab.json` with wav2vec2 (as the hub's exports have it), `*vocab.txt` with
    GigaAM v3. Raises ModelMissingError and ModelInvalidError.
    """

    def __init__(self, path: Path, *, n_threads: int = 0) -> None:
        file = _onnx_file(path)
        self._path = file
        self._session = open_session(file, n_threads=n_threads)
        inputs = [node.name for node in self._session.get_inputs()]
        if inputs not in (["input_values"], ["features", "feature_lengths"]):
            raise ModelInvalidError(
                "{path} is an ONNX model, but neither wav2vec2 nor GigaAM CTC.", path=str(file)
            )
        self._hears_mels = len(inputs) == 2
        self._normalizes = not self._hears_mels and _normalizes(file)
        self.alphabet = _alphabet(file)

    def log_probabilities(self, samples: Samples) -> LogProbabilities:
        """Of each symbol in each frame; frames divide the sound evenly. Takes 1 sample or more."""
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        if len(samples) < SHORTEST:
            samples = np.pad(samples, (0, SHORTEST - len(samples)))
        try:
            (scores, *_) = self._session.run(None, self._inputs(samples))
        except (errors.Fail, errors.RuntimeException, errors.InvalidArgument) as error:
            raise EngineFailedError("Alignment failed: {reason}", reason=str(error)) from error
        return _log_softmax(self._checked(scores[0]))

    def _inputs(self, samples: Samples) -> dict[str, Any]:
        if self._hears_mels:
            mels = log_mels(samples)[None]
            return {"features": mels, "feature_lengths": np.array([mels.shape[-1]], np.int64)}
        if self._normalizes:
            samples = (samples - samples.mean()) / np.sqrt(samples.var() + np.float32(1e-7))
        return {"input_values": samples[None].astype(np.float32)}

    def _checked(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        if scores.shape[1] <= max(self.alphabet.symbols.values()):
            raise ModelInvalidError(
                "{path} does not belong to the vocabulary beside it.", path=str(self._path)
            )
        return scores


def _log_softmax(scores: NDArray[np.float32]) -> LogProbabilities:
    shifted = scores - scores.max(axis=1, keepdims=True)
    result: LogProbabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _onnx_file(path: Path) -> Path:
    if not path.exists():
        raise ModelMissingError("There is no model at {path}.", path=str(path))
    if path.is_file():
        return path
    found = next((file for pattern in ONNX_FILES for file in sorted(path.glob(pattern))), None)
    if found is None:
        raise ModelInvalidError("{path} holds no ONNX model.", path=str(path))
    return found


def _beside(file: Path, patterns: tuple[str, ...]) -> Path | None:
    """The first match in the folder of a file, or in the one above."""
    folders = (file.parent, file.parent.parent)
    return next((hit for f in folders for p in patterns for hit in sorted(f.glob(p))), None)


def _normalizes(file: Path) -> bool:
    """Whether sound is to be brought to mean 0 and variance 1; most wav2vec2 models want it."""
    config = _beside(file, ("preprocessor_config.json",))
    return config is None or bool(_read_json(config).get("do_normalize", True))


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelInvalidError("{path} is damaged.", path=str(file)) from error
    if not isinstance(content, dict):
        raise ModelInvalidError("{path} belongs to another kind of model.", path=str(file))
    return content


def _alphabet(file: Path) -> Alphabet:
    vocabulary = _beside(file, ("vocab.json", "v?_vocab.txt", "*vocab.txt"))
    if vocabulary is None:
        raise ModelInvalidError("Beside {path} lies no vocabulary.", path=str(file))
    tokens = _tokens(vocabulary)
    blank = next((tokens[name] for name in BLANKS if name in tokens), None)
    between = next((tokens[name] for name in BETWEEN_WORDS if name in tokens), None)
    letters = {token: i for token, i in tokens.items() if _is_letter(token)}
    if blank is None or len(letters) < FEWEST_LETTERS:
        raise ModelInvalidError(
            "{path} is no alphabet: single letters and a blank are needed.", path=str(vocabulary)
        )
    return Alphabet(letters, Silence(blank, between))


def _is_letter(symbol: str) -> bool:
    return symbol == "'" or (len(symbol) == 1 and is_spoken(symbol) and symbol not in BETWEEN_WORDS)


def _tokens(vocabulary: Path) -> Mapping[str, int]:
    """Numbers by token, out of JSON or of lines `token number`."""
    try:
        if vocabulary.suffix == ".json":
            return {str(token): int(i) for token, i in _read_json(vocabulary).items()}
        lines = vocabulary.read_text(encoding="utf-8").splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if line.strip()]
        return {token: int(i) for token, i in pairs}
    except (ValueError, TypeError) as error:
        raise ModelInvalidError("{path} is damaged.", path=str(vocabulary)) from error
