"""Exact word times inside the way of one recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from stenograf.core.errors import CancelledError, EngineFailedError
from stenograf.core.events import Event, Progress
from stenograf.core.ports import Alignment, Capabilities, OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse, Notice, Word
from stenograf.core.waveform import Waveform
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.testing.fakes import FakeDetector, FakeDiarizer, FakeRecognizer
from stenograf.testing.media import MediaFormat, tone, write_media


class Shifter:
    """An aligner that hears everything 0.1 s later."""

    name: ClassVar[str] = "shifter"
    capabilities: ClassVar[Capabilities] = Capabilities()

    def align(
        self,
        audio: Waveform,
        words: Sequence[Word],
        speech: Sequence[Span],
        language: str | None,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Alignment:
        on_progress(1.0)
        use = ModelUse("align", self.name, f"for {language}")
        moved = tuple(replace(word, span=word.span.shift(0.1)) for word in words)
        return Alignment(moved, (Notice("align.kept", "One was kept."),), (use,))


class Broken(Shifter):
    """An aligner whose runtime gives up."""

    def align(self, *_: object, **__: object) -> Alignment:
        raise EngineFailedError("The runtime gave up.", hint="Free some memory.")


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Four seconds of a tone."""
    return write_media(tmp_path / "a.wav", tone(4.0), MediaFormat("wav", "wav", "pcm_s16le"))


PLAIN = Pipeline(FakeDetector(), FakeRecognizer(), diarizer=FakeDiarizer())


@pytest.mark.parametrize("side_by_side", [True, False])
def test_the_document_has_the_aligners_times(recording: Path, side_by_side: bool) -> None:
    """Words, notices and models of the aligner are in the document, and its stage is timed."""
    before = PLAIN.run(recording, TranscribeOptions())
    pipeline = replace(PLAIN, aligner=Shifter(), side_by_side=side_by_side)
    after = pipeline.run(recording, TranscribeOptions())
    starts = [word.span.start for word in before.words]
    assert [word.span.start for word in after.words] == [start + 0.1 for start in starts]
    assert "align.kept" in {notice.code for notice in after.notices}
    assert after.provenance is not None
    assert ("align", "for en") in {(use.task, use.model) for use in after.provenance.models}
    assert "align" in after.provenance.timings


def test_a_failed_alignment_keeps_the_words(recording: Path) -> None:
    """The recognizer's times stay, and the document says why."""
    before = PLAIN.run(recording, TranscribeOptions())
    after = replace(PLAIN, aligner=Broken()).run(recording, TranscribeOptions())
    assert after.words == before.words
    (notice,) = [notice for notice in after.notices if notice.code == "align.failed"]
    assert "gave up" in notice.text
    assert notice.hint == "Free some memory."


def test_nothing_recognized_is_nothing_to_align(tmp_path: Path) -> None:
    """Silence never reaches the aligner."""
    silence = write_media(tmp_path / "a.wav", 0 * tone(1.0), MediaFormat("wav", "wav", "pcm_s16le"))
    document = replace(PLAIN, aligner=Broken()).run(silence, TranscribeOptions())
    assert "align.failed" not in {notice.code for notice in document.notices}


def test_cancelling_stops_the_alignment(recording: Path) -> None:
    """It is no failure of the aligner."""

    def cancel(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == "align":
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        replace(PLAIN, aligner=Shifter()).run(recording, TranscribeOptions(), on_event=cancel)
