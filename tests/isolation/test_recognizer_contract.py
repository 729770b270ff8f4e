"""A recognizer in a child promises what it promises here: the same suite."""

from __future__ import annotations

import pytest
from tests.contract.test_recognizer_contract import *  # noqa: F403 - every test of the suite

from stenograf.core.ports import Recognizer
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
