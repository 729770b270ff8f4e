"""What callers may ask for."""

from __future__ import annotations

from typing import get_type_hints

import pytest

from stenograf.core.errors import OptionError
from stenograf.core.options import DiarizationOptions
from stenograf.pipeline import TranscribeKeywords, TranscribeOptions


def test_exact_number_of_speakers_sets_both_bounds() -> None:
    """Asking for two speakers leaves no other choice."""
    assert DiarizationOptions.of(speakers=2).num_speakers == 2


def test_exact_number_excludes_bounds() -> None:
    """A number and its bounds contradict each other."""
    with pytest.raises(OptionError):
        DiarizationOptions.of(speakers=2, max_speakers=3)


@pytest.mark.parametrize("bounds", [{"speakers": 0}, {"min_speakers": 0}, {"max_speakers": 0}])
def test_nobody_is_no_number_of_speakers(bounds: dict[str, int]) -> None:
    """Counts start at one."""
    with pytest.raises(OptionError):
        DiarizationOptions.of(**bounds)


def test_bounds_must_not_cross() -> None:
    """At least four and at most two cannot both hold."""
    with pytest.raises(OptionError, match="at most 2"):
        DiarizationOptions.of(min_speakers=4, max_speakers=2)


def test_speakers_without_diarization_are_refused() -> None:
    """Counting speakers needs somebody to tell them apart."""
    with pytest.raises(OptionError):
        TranscribeOptions(diarize=False, speakers=2)


@pytest.mark.parametrize("given", ["ru,en", ["ru", "en", "ru"], (" ru", "en ")])
def test_languages_are_a_list_however_they_are_given(given: str | list[str]) -> None:
    """The command line has one text, Python a list."""
    assert TranscribeOptions(languages=given).recognition.languages == ("ru", "en")


def test_one_language_and_a_switch_contradict_each_other() -> None:
    """Each block its own language, or all the same."""
    with pytest.raises(OptionError):
        TranscribeOptions(language="ru", multilingual=True)


def test_keyword_arguments_are_the_fields_of_the_options() -> None:
    """Python's keywords and the options value never drift apart."""
    declared = get_type_hints(TranscribeOptions)
    assert get_type_hints(TranscribeKeywords) == declared
