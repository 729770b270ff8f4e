"""Weights inside packages."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from stenograf.core.errors import ModelMissingError
from stenograf.models.bundled import pocketsphinx_weights, silero_weights


def test_silero_lies_in_the_faster_whisper_package() -> None:
    """The default install carries a voice detector."""
    assert silero_weights().name.startswith("silero_vad_")
    assert silero_weights().stat().st_size > 100_000


def test_pocketsphinx_carries_model_dictionary_and_language_model() -> None:
    """The folder holds the three parts that the engine reads."""
    names = {path.name for path in pocketsphinx_weights().iterdir()}
    assert names >= {"en-us", "cmudict-en-us.dict", "en-us.lm.bin"}


def test_finding_weights_imports_no_runtime() -> None:
    """Looking for the file must not cost the seconds that loading the package takes."""
    code = (
        "import sys; from stenograf.models.bundled import silero_weights; silero_weights();"
        "sys.exit('faster_whisper' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_absent_package_is_a_missing_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the error names what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelMissingError) as caught:
        pocketsphinx_weights()
    assert "--force-reinstall 'pocketsphinx'" in caught.value.advice
