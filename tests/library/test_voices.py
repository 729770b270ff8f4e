"""Enrolled voices: kept with their sources, forgotten for good."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from stenograf.core.errors import OptionError, VoiceNotFoundError
from stenograf.library import EnrolledVoice, Library

VECTOR = (0.6, -0.8, 0.123456)


def enrol(library: Library, name: str = "Анна", *, model: str = "ge2e") -> EnrolledVoice:
    """One source more, from a clip."""
    return library.enrol_voice(name, model=model, vector=VECTOR, seconds=4.5, file_name="a.wav")


def test_the_same_name_again_adds_a_source(library: Library) -> None:
    """One person, known by several recordings; vectors come back as they were, to float32."""
    first = enrol(library)
    again = enrol(library, " Анна ", model="wespeaker-resnet34")
    enrol(library, "Boris")
    assert [voice.name for voice in library.voices()] == ["Boris", "Анна"]
    assert again.id == first.id
    assert [source.model for source in again.sources] == ["ge2e", "wespeaker-resnet34"]
    assert again.sources[0] == first.sources[0]
    assert again.sources[0].vector == pytest.approx(VECTOR)
    assert (again.sources[0].seconds, again.sources[0].file_name) == (4.5, "a.wav")


def test_a_bad_enrolment_is_undone_alone(library: Library) -> None:
    """The other sources stay; the voice goes with the last of them."""
    good, other = enrol(library), enrol(library, "Boris")
    bad = enrol(library).sources[-1]
    with pytest.raises(VoiceNotFoundError):
        library.delete_voice_source(other.id, bad.id)
    library.delete_voice_source(good.id, bad.id)
    assert good in library.voices()
    library.delete_voice_source(good.id, good.sources[0].id)
    assert library.voices() == [other]


def test_a_deleted_voice_is_gone_from_the_disk(library: Library, tmp_path: Path) -> None:
    """No file holds the name or the vector after the next sweep."""
    voice = enrol(library, "Aurelia Unmistakable")
    library.delete_voice(voice.id)
    library.sweep()
    assert library.voices() == []
    traces = (b"Unmistakable", struct.pack("<3f", *VECTOR))
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or not any(trace in path.read_bytes() for trace in traces)
    with pytest.raises(VoiceNotFoundError):
        library.delete_voice(voice.id)


def test_a_voice_needs_a_name(library: Library) -> None:
    """Blanks are none, and nothing is kept."""
    with pytest.raises(OptionError):
        enrol(library, "  ")
    assert library.voices() == []
