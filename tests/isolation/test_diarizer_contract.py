"""A diarizer in a child promises what it promises here: the same suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.contract.test_diarizer_contract import *  # noqa: F403 - every test of the suite
from tests.contract.test_diarizer_contract import Subject

from stenograf.engines.diarization.basic import BasicDiarizer
from stenograf.isolation import Recipe, isolated_diarizer

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")  # type: ignore[no-redef]
def diarizer(assets: Path) -> Subject:
    weights = assets / "models/ge2e/ge2e.onnx"
    return Subject(isolated_diarizer(Recipe.of(BasicDiarizer, weights, n_threads=1)))
