"""Damaged models, hostile sound and real lack of memory end in a child, never in the parent."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import EngineOutOfMemoryError, StenografError
from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.isolation import IsolatedRecognizer, Recipe, Thrift, isolated_diarizer
from stenograf.testing.fakes import FakeRecognizer
from stenograf.testing.whisper import write_random_whisper

pytestmark = pytest.mark.e2e

N_DAMAGES = 8
SPEECH = [Span(0.0, 3.0)]
OPTIONS = AsrOptions(language="en")
NOISE = np.random.default_rng(0).normal(0, 0.1, 3 * SAMPLE_RATE_HZ).astype(np.float32)
HOSTILE = {
    "not a number": np.full(3 * SAMPLE_RATE_HZ, np.nan, dtype=np.float32),
    "infinite": np.full(3 * SAMPLE_RATE_HZ, np.inf, dtype=np.float32),
    "huge": np.full(3 * SAMPLE_RATE_HZ, 3e38, dtype=np.float32),
    "tiny": np.full(3 * SAMPLE_RATE_HZ, 1e-42, dtype=np.float32),
    "some not a number": np.where(np.arange(3 * SAMPLE_RATE_HZ) % 997, NOISE, np.nan),
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture
def whisper(weights: Path) -> Iterator[IsolatedRecognizer]:
    recognizer = IsolatedRecognizer(Recipe.of(FasterWhisperRecognizer, weights, n_threads=1))
    yield recognizer
    recognizer.close()


def ended_well(job: Any) -> bool:
    """A result or one of our errors; anything else fails the test by itself."""
    try:
        job()
    except StenografError as error:
        return bool(error.advice)
    return True


@pytest.mark.parametrize("seed", range(N_DAMAGES))
def test_a_damaged_model_is_an_error_or_works(weights: Path, tmp_path: Path, seed: int) -> None:
    """Cut short or with flipped bytes: whatever the runtime makes of it, the parent goes on."""
    chance = random.Random(seed)
    folder = tmp_path / "damaged"
    shutil.copytree(weights, folder)
    damage(folder / chance.choice(["model.bin", "model.bin", "tokenizer.json"]), chance)
    recognizer = IsolatedRecognizer(Recipe.of(FasterWhisperRecognizer, folder, n_threads=1))
    assert ended_well(lambda: list(recognizer.recognize(NOISE, SPEECH, OPTIONS).words))
    recognizer.close()


def damage(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if chance.random() < 0.5:
        del content[chance.randrange(len(content)) :]
    else:
        start = chance.randrange(min(2000, len(content)))  # where the structure is told
        for i in range(start, min(start + 64, len(content))):
            content[i] = chance.randrange(256)
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("audio", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sound_is_an_error_or_words(whisper: IsolatedRecognizer, audio: Samples) -> None:
    """Samples that no microphone gives."""
    samples = audio.astype(np.float32)
    assert ended_well(lambda: list(whisper.recognize(samples, SPEECH, OPTIONS).words))


@pytest.mark.parametrize("audio", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sound_is_an_error_or_turns(assets: Path, audio: Samples) -> None:
    """The same for telling speakers apart."""
    recipe = Recipe.of(BasicDiarizer, assets / "models/ge2e/ge2e.onnx", n_threads=1)
    diarizer, samples = isolated_diarizer(recipe), audio.astype(np.float32)
    assert ended_well(lambda: diarizer.diarize(samples, SPEECH, DiarizationOptions()))
    diarizer.close()


class Starved(FakeRecognizer):
    """Whisper where the address space ends a little above what it holds when it is loaded."""

    def __init__(self, weights: Path, spare_mb: int) -> None:
        super().__init__()
        import resource

        self._whisper = FasterWhisperRecognizer(weights, n_threads=1)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + spare_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        self.recognize = self._whisper.recognize  # type: ignore[method-assign]


@pytest.mark.parametrize("spare_mb", [0, 4, 16])
def test_real_lack_of_memory_is_told_as_such(weights: Path, spare_mb: int) -> None:
    """Whoever notices it, numpy, the C++ runtime or nobody: the error names memory."""
    recipe = Recipe.of(Starved, weights, spare_mb)
    thrift = Thrift(batch_sizes=(), blocks_s=())
    recognizer = IsolatedRecognizer(recipe, thrift=thrift)
    loud = np.tile(NOISE, 200)
    speech, options = [Span(0.0, 600.0)], AsrOptions(language="en", batch_size=16)
    with pytest.raises(EngineOutOfMemoryError):
        list(recognizer.recognize(loud, speech, options).words)
    recognizer.close()
