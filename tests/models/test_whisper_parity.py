"""A converted Whisper says, token for token, what OpenAI's own code says with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.models.convert import convert_ggml, convert_whisper
from stenograf.models.convert.whisper_dims import WhisperDims

pytestmark = [pytest.mark.e2e, pytest.mark.parity, pytest.mark.filterwarnings("ignore")]

CLIPS = [
    "asr/jfk.flac",
    "asr/ru/test_sound_ru.wav",
    "asr/leopard/test.wav",
    "asr/leopard/test_de.wav",
    "asr/libri-1088-134315-0000.wav",
    "diarization/pyannote-sample/sample.wav",
]
N_TOKENS = 40


def spectrogram(path: Path, n_mels: int) -> Any:
    import av
    import whisper

    with av.open(str(path)) as file:
        frames = av.AudioResampler(format="flt", layout="mono", rate=16_000)
        parts = [
            part.to_ndarray() for frame in file.decode(audio=0) for part in frames.resample(frame)
        ]
    audio = whisper.pad_or_trim(np.concatenate(parts, axis=1)[0])
    return whisper.log_mel_spectrogram(audio, n_mels=n_mels)


def reference_model(dims: WhisperDims, weights: dict[str, np.ndarray]) -> Any:
    import torch
    from whisper.model import ModelDimensions, Whisper

    model = Whisper(ModelDimensions(**asdict(dims)))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return model.eval()


def tokens_of_torch(model: Any, mel: Any) -> list[int]:
    from whisper.decoding import DecodingOptions, decode

    language = "ru" if model.is_multilingual else "en"
    options = DecodingOptions(
        language=language, without_timestamps=True, fp16=False, sample_len=N_TOKENS
    )
    result: Any = decode(model, mel, options)
    return list(result.tokens)


def tokens_of_ctranslate2(folder: Path, mel: Any) -> list[int]:
    import ctranslate2

    model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="float32")
    head = ["<|startoftranscript|>"]
    if model.is_multilingual:
        head += ["<|ru|>", "<|transcribe|>"]
    features = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel.numpy()[None]))
    prompt = [*head, "<|notimestamps|>"]
    (result,) = model.generate(
        features, [prompt], beam_size=1, max_length=2 * (N_TOKENS + len(prompt))
    )
    return list(result.sequences_ids[0])[:N_TOKENS]


@pytest.fixture(params=[(64, 2, 51865, 80), (384, 4, 51864, 80), (128, 2, 51866, 128)], ids=str)
def model(request: Any, make_dims: Any, make_weights: Any) -> tuple[WhisperDims, Any]:
    """Tiny dimensions, those of tiny.en, and large-v3's vocabulary and mel bands."""
    state, layers, n_vocab, n_mels = request.param
    dims = make_dims(state=state, layers=layers, n_vocab=n_vocab, n_mels=n_mels)
    return dims, make_weights(dims)


def compare(dims: WhisperDims, weights: Any, folder: Path, assets: Path) -> None:
    """Every clip gives equal tokens, and the clips give many different ones."""
    reference = reference_model(dims, weights)
    said = []
    for clip in CLIPS:
        mel = spectrogram(assets / "audio" / clip, dims.n_mels)
        expected = tokens_of_torch(reference, mel)
        assert tokens_of_ctranslate2(folder, mel) == expected, clip
        said.append(tuple(expected))
    assert len(set(said)) >= 4
    assert len({token for tokens in said for token in tokens}) > 20


def test_pt_gives_the_tokens_of_openai_whisper(
    model: tuple[WhisperDims, Any], assets: Path, tmp_path: Path, save_pt: Callable[..., Path]
) -> None:
    """Greedy decoding agrees over clips in four languages, in float32."""
    dims, weights = model
    convert_whisper(save_pt(tmp_path / "tiny.pt", dims, weights), tmp_path / "tiny")
    compare(dims, weights, tmp_path / "tiny", assets)


def test_ggml_gives_the_tokens_of_openai_whisper(
    model: tuple[WhisperDims, Any], assets: Path, tmp_path: Path, save_ggml: Callable[..., Path]
) -> None:
    """The same for whisper.cpp's float16 file: its rounded weights are the truth of both sides."""
    dims, weights = model
    path = save_ggml(tmp_path / "ggml-tiny.bin", dims, weights)
    convert_ggml(path, tmp_path / "tiny", quantization="float32")
    rounded = {name: rounded_as_ggml(name, array) for name, array in weights.items()}
    compare(dims, rounded, tmp_path / "tiny", assets)


def rounded_as_ggml(name: str, array: np.ndarray) -> np.ndarray:
    if array.ndim < 2 or "positional" in name:
        return array
    return array.astype("f2").astype("f4")
