"""SRT and VTT, read back by readers of others."""

import html
import io
from dataclasses import replace
from itertools import pairwise

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings
from tests.steps import steps

from stenograf.core.span import Span
from stenograf.core.transcript import Recording, Speaker, Transcript, Word
from stenograf.export import render
from stenograf.export.cues import GAP_MS, MAX_DURATION_MS, MIN_DURATION_MS, cues, timestamp
from stenograf.export.plain import one_line
from stenograf.export.wrapping import MAX_LINE_UNITS, units
from stenograf.testing.documents import CALL, EMPTY, TRANSCRIPTS, TURNS_ONLY, spoken


def transcript(words: list[Word], **names: str) -> Transcript:
    """A document of these words."""
    speakers = tuple(Speaker(id, name) for id, name in names.items())
    return Transcript(Recording("a.wav", 60.0), tuple(words), speakers=speakers)


def texts(words: list[Word]) -> list[list[str]]:
    """The lines of every cue."""
    return [[line.text for line in cue.lines] for cue in cues(transcript(words))]


@given(TRANSCRIPTS)
@settings(max_examples=60)
def test_cues_keep_the_limits_of_broadcasters(document: Transcript) -> None:
    """Two lines of 42, 5/6 to 7 seconds, a gap between, never before the words are spoken."""
    found = cues(document, prefix=lambda speaker: f"{speaker}:" if speaker else "")
    for cue in found:
        assert 1 <= len(cue.lines) <= 2
        assert MIN_DURATION_MS <= cue.end_ms - cue.start_ms <= MAX_DURATION_MS
        for line in cue.lines:
            assert line.text.strip() == line.text != ""
            assert units(line.text) <= MAX_LINE_UNITS
    assert all(b.start_ms - a.end_ms >= GAP_MS for a, b in pairwise(found))


@given(TRANSCRIPTS)
@settings(max_examples=60)
def test_cues_hold_every_character_of_the_words(document: Transcript) -> None:
    """Subtitles are verbatim: whatever is cut, wrapped or shared, nothing is lost."""
    document = replace(document, suspects=())  # their marks are not words
    shown = "".join(line.text for cue in cues(document) for line in cue.lines)
    said = "".join(one_line(word.text) for word in document.words)
    assert sorted(shown.replace(" ", "")) == sorted(said.replace(" ", ""))


@given(TRANSCRIPTS)
@settings(max_examples=60)
def test_vtt_is_read_back_by_webvtt(document: Transcript) -> None:
    """As many cues with the same times and text, whatever the words contain."""
    found = cues(document)
    read = webvtt.from_buffer(io.BytesIO(render(document, "vtt")), format="vtt")
    assert [(c.start, c.end) for c in read.captions] == [
        (timestamp(c.start_ms, point="."), timestamp(c.end_ms, point=".")) for c in found
    ]
    shown = [[html.unescape(line) for line in c.text.split("\n")] for c in read.captions]
    assert shown == [[line.text for line in c.lines] for c in found]


@given(TRANSCRIPTS)
@settings(max_examples=60)
def test_srt_is_read_back_by_pysubs2(document: Transcript) -> None:
    """As many cues with the same times, whatever the words contain."""
    content = render(document, "srt").decode()
    read = pysubs2.SSAFile.from_string(content, format_="srt")
    written = [line for line in content.splitlines() if " --> " in line]
    assert written == [
        f"{timestamp(event.start, point=',')} --> {timestamp(event.end, point=',')}"
        for event in read
    ]
    assert all(a.end < b.start for a, b in pairwise(read))
    assert all(0 < len(event.plaintext.split("\n")) <= 2 for event in read)


def test_vtt_names_speakers_in_voice_tags() -> None:
    """Names and text come back whole, markup in the words as text."""
    read = webvtt.from_buffer(io.BytesIO(render(CALL, "vtt")), format="vtt").captions
    assert [cue.voice for cue in read] == ["Анна Петрова", "SPEAKER_01", None]
    assert "&lt;flowers&gt;" in read[1].raw_text
    assert "\n&amp; some" in read[1].raw_text


def test_srt_names_a_speaker_where_the_speaker_changes() -> None:
    """Not on every cue of one long speech."""
    text = "one two three four five six seven eight nine ten. " * 4
    words = spoken(text, speaker="A") + spoken("да", speaker="B", start=20)
    srt = render(transcript(words, A="Анна", B="Борис"), "srt").decode()
    assert srt.count("Анна:") == 1
    assert srt.count("Борис: да") == 1
    assert len(pysubs2.SSAFile.from_string(srt, format_="srt")) > 3


@pytest.mark.parametrize("hostile", ["-->", "<script>", "{\\an8}", "\n\n2\n00:00:00,000"])
def test_no_word_breaks_out_of_its_cue(hostile: str) -> None:
    """Tags, overrides, blank lines and arrows in words stay words."""
    words = [Word(Span(0.0, 0.5), f"a{hostile}b", speaker="A")]
    document = transcript(words, A="N--><i>N")
    for name in ("srt", "vtt"):
        content = render(document, name).decode()
        assert content.count("-->") == 1
        assert "<script>" not in content
        if name == "srt":
            [event] = pysubs2.SSAFile.from_string(content, format_="srt")
            assert "\\an8" not in event.plaintext.split("(")[0]
            assert not event.plaintext.count("\n\n")


def test_lines_are_balanced_and_break_after_punctuation() -> None:
    """The second line does not hold one lonely word."""
    words = spoken("Good morning, and thank you for calling the little garden shop.", speaker="A")
    [[first, second]] = texts(words)
    assert abs(len(first) - len(second)) < 20
    words = spoken("I would like three trees, and after that some more flowers.", speaker="A")
    assert texts(words)[0][0].endswith("trees,")


def test_a_cue_ends_with_the_sentence() -> None:
    """A long speech is not cut in the middle of a sentence that would fit."""
    text = "We have young apple trees in the store right now. They are twenty dollars each, madam."
    assert texts(spoken(text, speaker="A"))[0][-1].endswith("now.")


def test_chinese_lines_hold_sixteen_characters() -> None:
    """Words without spaces break between characters, and no line begins with a comma."""
    words = [
        Word(Span(i * 0.2, i * 0.2 + 0.2), c, joined=True)
        for i, c in enumerate("你好世界,我们去" * 8)
    ]
    lines = [line for cue in texts(words) for line in cue]
    assert max(len(line.replace(",", "")) for line in lines) <= 16
    assert " " not in "".join(lines)


def test_quick_remarks_of_two_people_share_a_cue() -> None:
    """Neither is late, and each keeps a line."""
    words = [
        Word(Span(1.0, 1.3), "Да?", speaker="A"),
        Word(Span(1.4, 1.7), "Нет!", speaker="B"),
    ]
    [cue] = cues(transcript(words))
    assert [(line.speaker, line.text) for line in cue.lines] == [("A", "Да?"), ("B", "Нет!")]
    vtt = render(transcript(words, A="Анна", B="Борис"), "vtt").decode()
    assert "<v Анна>Да?\n<v Борис>Нет!" in vtt


def test_a_short_cue_stays_until_it_can_be_read() -> None:
    """Longer than its words where the pause after it allows."""
    words = spoken("unbelievably comprehensive documentation", speaker="A", pace=0.2)
    [cue] = cues(transcript(words))
    assert cue.end_ms - cue.start_ms == pytest.approx(40 / 17 * 1000, abs=2)


def test_a_name_of_dashes_does_not_close_the_cue() -> None:
    """`<v -->` would end the text for every reader."""
    vtt = render(transcript(spoken("да", speaker="A"), A="--"), "vtt")
    [cue] = webvtt.from_buffer(io.BytesIO(vtt), format="vtt").captions
    assert (str(cue.voice).strip(), cue.text) == ("--", "да")


@pytest.mark.parametrize("document", [EMPTY, TURNS_ONLY])
def test_no_words_give_no_cues(document: Transcript) -> None:
    """A valid file all the same."""
    assert render(document, "srt") == b""
    assert render(document, "vtt") == b"WEBVTT\n"


def test_the_work_of_subtitles_grows_with_the_length_not_its_square() -> None:
    """Also where no space tells where a line may end."""

    def work(n_words: int) -> int:
        words = [Word(Span(i * 0.3, i * 0.3 + 0.3), "长", joined=True) for i in range(n_words)]
        document = transcript(words)
        return steps(lambda: cues(document))

    assert work(600) < 2.2 * work(300)
