"""TextGrid and EAF, read back by Praat and ELAN libraries of others."""

import warnings
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import praatio.textgrid
import pytest
import textgrid
from hypothesis import given, settings

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Word
from stenograf.export import render
from stenograf.export.tiers import laid_out, tiers
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, TURNS_ONLY


def read_praat(document: Transcript) -> praatio.textgrid.Textgrid:
    """The TextGrid as praatio reads it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.TextGrid"
        path.write_bytes(render(document, "textgrid"))
        return praatio.textgrid.openTextgrid(str(path), includeEmptyIntervals=True)


def test_praat_finds_a_tier_per_speaker_and_one_for_the_words() -> None:
    """Names, times and text, also of a speaker nobody knows."""
    grid = read_praat(CALL)
    assert grid.tierNames == (
        "Анна Петрова",
        "Анна Петрова words",
        "SPEAKER_01",
        "SPEAKER_01 words",
        "UNKNOWN",
        "UNKNOWN words",
        "suspect",
    )
    said = [entry for entry in grid.getTier("Анна Петрова").entries if entry.label]
    assert [tuple(entry) for entry in said] == [(0.5, 2.28, "Добрый день, чем я могу помочь?")]
    doubts = [entry for entry in grid.getTier("suspect").entries if entry.label]
    assert [tuple(entry) for entry in doubts] == [(7.9, 8.4, "voice")]
    assert (grid.minTimestamp, grid.maxTimestamp) == (0.0, 12.0)


@given(TRANSCRIPTS)
@settings(max_examples=40, deadline=None)
def test_tiers_cover_the_recording_without_a_hole(document: Transcript) -> None:
    """Every interval begins where the one before ends, as Praat demands."""
    for tier in read_praat(document).tiers:
        assert tier.entries[0].start == 0.0
        assert all(a.end == b.start for a, b in pairwise(tier.entries))
        assert tier.entries[-1].end == tier.maxTimestamp


def test_a_second_reader_finds_quotes_as_they_were(tmp_path: Path) -> None:
    """Quotes inside a text are doubled in the file and single again when read."""
    word = Word(Span(0.0, 1.0), 'say "hi"', speaker="A")
    document = Transcript(Recording("a.wav", 2.0), (word,), speakers=(Speaker("A", 'An "A"'),))
    path = tmp_path / "a.TextGrid"
    path.write_bytes(render(document, "textgrid"))
    grid = textgrid.TextGrid.fromFile(str(path))
    assert grid.tiers[0].intervals[0].mark == 'say "hi"'
    assert grid.tiers[0].maxTime == 2.0


@pytest.mark.parametrize("document", [EMPTY, TURNS_ONLY])
def test_praat_opens_documents_without_words(document: Transcript) -> None:
    """Silence has one empty tier; turns alone carry the speaker's name."""
    grid = read_praat(document)
    assert grid.tierNames == (("speech",) if document is EMPTY else ("SPEAKER_00", "Boris"))
    labels = {entry.label for tier in grid.tiers for entry in tier.entries}
    assert labels == ({""} if document is EMPTY else {"", "SPEAKER_00", "Boris"})


def test_elan_finds_tiers_with_participants(tmp_path: Path) -> None:
    """Names, times and text, the recording beside the file."""
    path = tmp_path / "a.eaf"
    path.write_bytes(render(CALL, "eaf"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pympi warns about versions it was not told of
        import pympi

        eaf = pympi.Elan.Eaf(str(path))
    assert list(eaf.get_tier_names())[:2] == ["Анна Петрова", "Анна Петрова words"]
    assert eaf.get_parameters_for_tier("Анна Петрова words")["PARTICIPANT"] == "Анна Петрова"
    assert [tuple(a[:3]) for a in eaf.get_annotation_data_for_tier("SPEAKER_01")] == [
        (3000, 5380, "Hello. Three apple trees & some <flowers>, please!")
    ]
    assert [tuple(a[:3]) for a in eaf.get_annotation_data_for_tier("suspect")] == [
        (7900, 8400, "voice")
    ]
    assert eaf.get_linked_files()[0]["RELATIVE_MEDIA_URL"].startswith("./")


@given(TRANSCRIPTS)
@settings(max_examples=60)
def test_eaf_is_xml_whatever_was_said(document: Transcript) -> None:
    """Each annotation's slots exist and run forwards; tier names differ."""
    root = ET.fromstring(render(document, "eaf"))  # noqa: S314 - our own file
    slots = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in root.iter("TIME_SLOT")}
    for annotation in root.iter("ALIGNABLE_ANNOTATION"):
        start = slots[annotation.get("TIME_SLOT_REF1")]
        end = slots[annotation.get("TIME_SLOT_REF2")]
        assert int(start or -1) < int(end or -1)
    names = [tier.get("TIER_ID") for tier in root.iter("TIER")]
    assert len(set(names)) == len(names)


@given(TRANSCRIPTS)
def test_intervals_of_a_tier_never_overlap(document: Transcript) -> None:
    """One mouth, one text at a time."""
    for tier in tiers(document):
        assert all(a.end_ms <= b.start_ms for a, b in pairwise(tier.intervals))
        assert all(interval.start_ms < interval.end_ms for interval in tier.intervals)


def test_text_without_time_of_its_own_joins_the_one_before() -> None:
    """Nothing said is lost."""
    items = [(Span(0.0, 2.0), "a"), (Span(0.5, 1.0), "b"), (Span(1.5, 3.0), "c")]
    assert [(i.start_ms, i.end_ms, i.text) for i in laid_out(items)] == [
        (0, 2000, "a b"),
        (2000, 3000, "c"),
    ]
