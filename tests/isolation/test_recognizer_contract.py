"""A recognizer in a child promises what it promises here: the same suite."""

from __future__ import annotations

import psutil
import pytest
from tests.contract.test_recognizer_contract import *  # noqa: F403 - every test of the suite

from stenograf.audio.spool import Spool
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Recognizer
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer
from stenograf.isolation import IsolatedRecognizer, Recipe
from stenograf.models.bundled import pocketsphinx_weights
from stenograf.testing.fakes import FakeRecognizer
from stenograf.testing.whisper import write_random_whisper


@pytest.fixture(  # type: ignore[no-redef]
    scope="module",
    params=[
        "fake",
        pytest.param("faster-whisper", marks=pytest.mark.e2e),
        pytest.param("pocketsphinx", marks=pytest.mark.e2e),
    ],
)
def recognizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Recognizer:
    recipe: Recipe[Recognizer] = Recipe.of(FakeRecognizer)
    if request.param == "pocketsphinx":
        recipe = Recipe.of(PocketSphinxRecognizer, pocketsphinx_weights())
    if request.param == "faster-whisper":
        folder = write_random_whisper(tmp_path_factory.mktemp("whisper"))
        recipe = Recipe.of(FasterWhisperRecognizer, folder, n_threads=1)
    return IsolatedRecognizer(recipe)


def test_five_hours_are_read_where_somebody_speaks(recognizer: Recognizer) -> None:  # type: ignore[no-redef]
    """Sound on disk goes over as it lies there: this process reads none of it."""
    spool = Spool(in_memory_samples=0)
    spool.append_silence(5 * 3600 * SAMPLE_RATE_HZ)
    audio = spool.finish()
    before = psutil.Process().io_counters().read_chars
    list(recognizer.recognize(audio, [Span(17_000.0, 17_004.0)], AsrOptions(language="en")).words)
    assert psutil.Process().io_counters().read_chars - before < 10_000_000
    spool.close()
