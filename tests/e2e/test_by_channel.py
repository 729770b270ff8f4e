"""A call in two languages: real voices, real separation, a real decoder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stenograf.app import prepare
from stenograf.core.transcript import Transcript
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.whisper_language import Ranked
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.testing.media import MediaFormat, write_media
from stenograf.testing.sound import read_speech
from stenograf.testing.whisper import write_random_whisper

pytestmark = pytest.mark.e2e

LEAK = 0.1  # -20 dB
STEREO = MediaFormat("wav", "wav", "pcm_s16le", n_channels=2)


@pytest.fixture(scope="module")
def voices(assets: Path) -> dict[str, Samples]:
    """A Russian and an English voice."""
    return {
        "ru": read_speech(assets / "audio/asr/ru/test_sound_ru.wav"),
        "en": read_speech(assets / "audio/asr/jfk.flac")[: 4 * SAMPLE_RATE_HZ],
    }


@pytest.fixture(scope="module")
def recording(voices: dict[str, Samples], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seller speaks Russian on the left, the client English on the right; both leak."""
    noise = np.random.default_rng(0).normal(0.0, 3e-4, (40 * SAMPLE_RATE_HZ, 2))
    sound = noise.astype(np.float32)
    at = SAMPLE_RATE_HZ // 2
    for turn in range(8):
        said = voices[("ru", "en")[turn % 2]]
        sound[at : at + len(said), turn % 2] += said
        sound[at : at + len(said), 1 - turn % 2] += LEAK * said
        at += len(said) + SAMPLE_RATE_HZ // 2
    return write_media(tmp_path_factory.mktemp("call") / "call.wav", sound[:at], STEREO)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_whisper(tmp_path_factory.mktemp("whisper"))


def prepared(model: Path, *, isolate: bool) -> tuple[Pipeline, TranscribeOptions]:
    """What a caller gets who names nothing but a model."""
    options = TranscribeOptions(
        engine="faster-whisper", model=str(model), diarizer="channels", isolate=isolate
    )
    return prepare(options), options


class FakeVote(FasterWhisperRecognizer):
    """A real decoder whose ear for languages is told the voices: its weights know no language."""

    def __init__(self, weights: Path, voices: dict[str, Samples]) -> None:
        super().__init__(weights, n_threads=1)
        self._voices = voices

    def _ranked(self, samples: Samples) -> Ranked:
        likeness = {code: _likeness(samples, voice) for code, voice in self._voices.items()}
        best = max(likeness, key=likeness.__getitem__)
        return [(best, 0.95), *((code, 0.05) for code in likeness if code != best)]


def _likeness(samples: Samples, voice: Samples) -> float:
    """The highest peak of the correlation of a block with a voice."""
    n = len(samples) + len(voice)
    spectrum = np.fft.rfft(samples, n) * np.conj(np.fft.rfft(voice, n))
    return float(np.abs(np.fft.irfft(spectrum, n)).max() / np.linalg.norm(voice))


def words_by_speaker(found: Transcript) -> dict[str | None, set[str | None]]:
    """The languages of each speaker's words."""
    spoken: dict[str | None, set[str | None]] = {}
    for word in found.words:
        spoken.setdefault(word.speaker, set()).add(word.language)
    return spoken


def test_seller_and_client_are_written_in_their_languages(
    recording: Path, voices: dict[str, Samples], model: Path
) -> None:
    """Each voice is decoded as its own language, although it leaks into the other channel."""
    pipeline, options = prepared(model, isolate=False)
    pipeline = replace(pipeline, recognizer=FakeVote(model, voices))
    found = pipeline.run(recording, options)
    assert words_by_speaker(found) == {"SPEAKER_00": {"ru"}, "SPEAKER_01": {"en"}}
    assert "language.by_channel" in [notice.code for notice in found.notices]
    assert found.language in {"ru", "en"}


def test_without_a_clear_difference_nothing_changes(recording: Path, model: Path) -> None:
    """Engines in children vote per channel; what they are unsure of takes no call apart."""
    pipeline, options = prepared(model, isolate=True)
    found = pipeline.run(recording, options)
    told = replace(options, language=found.language)
    usual = replace(pipeline, own_speech=None).run(recording, told)
    assert found.language is not None
    assert found.provenance is not None
    assert found.provenance.language_votes
    assert found.words == usual.words
    assert found.words
