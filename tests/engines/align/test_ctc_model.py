"""Models of both kinds, made here, and what cannot be one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stenograf.core.errors import ModelInvalidError, ModelMissingError
from stenograf.engines.align.ctc_model import CtcModel
from stenograf.engines.align.log_mels import N_MELS, log_mels
from stenograf.testing.ctc import (
    ENGLISH,
    RUSSIAN,
    say_in_tones,
    tone_hz,
    write_random_gigaam,
    write_random_wav2vec2,
    write_tone_model,
)

MAKERS = [write_random_wav2vec2, write_random_gigaam, write_tone_model]


@pytest.mark.parametrize(("make", "frame_s"), [(MAKERS[0], 0.02), (MAKERS[1], 0.04)])
@pytest.mark.parametrize("n_samples", [1, 1_600, 16_000, 100_001])
def test_frames_are_distributions(
    make: Callable[[Path], Path], frame_s: float, n_samples: int, tmp_path: Path
) -> None:
    """Every length of sound has a frame or more, and in each probabilities add up to one."""
    sound = np.random.default_rng(0).normal(0, 0.1, n_samples).astype(np.float32)
    found = CtcModel(make(tmp_path)).log_probabilities(sound)
    np.testing.assert_allclose(np.exp(found).sum(axis=1), 1.0, atol=1e-5)
    assert abs(len(found) * frame_s - max(n_samples / 16_000, 0.1)) < 2.5 * frame_s


def test_alphabets_hold_letters_and_both_silences(tmp_path: Path) -> None:
    """Special tokens are no letters; wav2vec2 parts words by a bar, GigaAM by a low line."""
    english = CtcModel(write_random_wav2vec2(tmp_path / "en")).alphabet
    assert set(english.symbols) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ'")
    assert english.silence.blank == ENGLISH.index("<pad>")
    assert english.silence.between_words == ENGLISH.index("|")
    russian = CtcModel(write_random_gigaam(tmp_path / "ru")).alphabet
    assert len(russian.symbols) == 32
    assert russian.silence.blank == RUSSIAN.index("<blk>")
    assert russian.silence.between_words == RUSSIAN.index("▁")


def test_loudness_does_not_matter_to_wav2vec2(tmp_path: Path) -> None:
    """Sound is brought to one variance, as the model's settings ask."""
    model = CtcModel(write_tone_model(tmp_path))
    sound, _ = say_in_tones(["hello"])
    loud, soft = model.log_probabilities(sound), model.log_probabilities(sound * np.float32(0.1))
    np.testing.assert_allclose(np.exp(loud), np.exp(soft), atol=0.01)
    assert loud.argmax(axis=1).max() > 0


def test_a_model_may_hear_sound_as_it_is(tmp_path: Path) -> None:
    """Where its settings say so, the variance is left alone."""
    folder = write_tone_model(tmp_path)
    settings = json.dumps({"do_normalize": False})
    (folder / "preprocessor_config.json").write_text(settings, encoding="utf-8")
    sound, _ = say_in_tones(["hello"])
    model = CtcModel(folder)
    assert model.log_probabilities(sound * np.float32(0.01)).argmax(axis=1).max() == 0


def test_the_file_itself_does_as_well_as_its_folder(tmp_path: Path) -> None:
    """The vocabulary is found beside the file or one folder up."""
    folder = write_random_wav2vec2(tmp_path)
    sound = np.ones(8_000, dtype=np.float32)
    by_file = CtcModel(folder / "onnx" / "model_quantized.onnx").log_probabilities(sound)
    np.testing.assert_array_equal(by_file, CtcModel(folder).log_probabilities(sound))


def damage_nothing(folder: Path) -> Path:
    return folder / "nowhere"


def damage_model(folder: Path) -> Path:
    next(folder.rglob("*.onnx")).write_bytes(b"not onnx")
    return folder


def damage_json(folder: Path) -> Path:
    (folder / "vocab.json").write_text("[", encoding="utf-8")
    return folder


def list_vocabulary(folder: Path) -> Path:
    (folder / "vocab.json").write_text("[1]", encoding="utf-8")
    return folder


def word_vocabulary(folder: Path) -> Path:
    tokens = {"<pad>": 0, "hello": 1, "world": 2}
    (folder / "vocab.json").write_text(json.dumps(tokens), encoding="utf-8")
    return folder


def remove_vocabulary(folder: Path) -> Path:
    (folder / "vocab.json").unlink()
    return folder


def remove_model(folder: Path) -> Path:
    next(folder.rglob("*.onnx")).unlink()
    return folder


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (damage_nothing, ModelMissingError),
        (damage_model, ModelInvalidError),
        (damage_json, ModelInvalidError),
        (list_vocabulary, ModelInvalidError),
        (word_vocabulary, ModelInvalidError),
        (remove_vocabulary, ModelInvalidError),
        (remove_model, ModelInvalidError),
    ],
)
def test_what_is_no_model_is_named(
    damage: Callable[[Path], Path], error: type[Exception], tmp_path: Path
) -> None:
    """Each fault is a typed error that tells the path."""
    with pytest.raises(error, match=tmp_path.name):
        CtcModel(damage(write_random_wav2vec2(tmp_path)))


def test_a_foreign_onnx_model_is_refused(tmp_path: Path, assets: Path) -> None:
    """Other networks take other inputs."""
    with pytest.raises(ModelInvalidError, match="neither"):
        CtcModel(assets / "models/segmentation-3.0/model.onnx")


def test_a_vocabulary_too_large_for_the_model_is_refused(tmp_path: Path) -> None:
    """A letter with a number beyond the model's outputs cannot be its letter."""
    folder = write_random_wav2vec2(tmp_path)
    tokens = {**json.loads((folder / "vocab.json").read_text()), "Ä": 99}
    (folder / "vocab.json").write_text(json.dumps(tokens), encoding="utf-8")
    with pytest.raises(ModelInvalidError, match="does not belong"):
        CtcModel(folder).log_probabilities(np.ones(16_000, dtype=np.float32))


def test_a_tone_lies_in_its_mel_band() -> None:
    """The band with the most power is the one around the pitch."""
    times = np.arange(16_000) / 16_000
    centres = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 66) / 2595) - 1)[1:-1]
    for letter in "AMZ":
        tone = np.sin(2 * np.pi * tone_hz(letter) * times).astype(np.float32)
        mels = log_mels(tone)
        assert mels.shape == (N_MELS, 99)
        loudest = centres[mels.mean(axis=1).argmax()]
        assert abs(loudest - tone_hz(letter)) < 0.08 * tone_hz(letter)


def test_gigaam_hears_the_features_it_was_trained_on() -> None:
    """The same as onnx-asr's own, whose window and filters are rounded to half precision."""
    from onnx_asr.preprocessors.numpy_preprocessor import GigaamPreprocessorNumpy

    sound = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    theirs, _ = GigaamPreprocessorNumpy("gigaam_v3")(sound[None], np.array([len(sound)]))
    ours = log_mels(sound)
    np.testing.assert_allclose(ours, theirs[0], atol=0.1)
    assert np.abs(ours - theirs[0]).mean() < 0.005
