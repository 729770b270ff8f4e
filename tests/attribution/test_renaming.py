"""Speakers of a finished document: renamed, merged, replaced, found again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stenograf.attribution import (
    merge_speakers,
    reclustered,
    rename_speaker,
    replace_turns,
    utterances,
)
from stenograf.core.errors import OptionError
from stenograf.core.ports import Diarization
from stenograf.core.span import Span
from stenograf.core.transcript import (
    Notice,
    Provenance,
    Recording,
    Speaker,
    Transcript,
    Turn,
    Word,
)
from stenograf.testing.documents import CALL, IDS, TRANSCRIPTS

ANNA, BORIS, VERA = IDS


def talk(*turns: tuple[float, float, str], names: dict[str, str] | None = None) -> Transcript:
    """A document whose speakers say a word per second."""
    spans = [Turn(Span(start, end), speaker, 0.8) for start, end, speaker in turns]
    words = [
        Word(Span(second, second + 0.5), f"w{second}", speaker=turn.speaker)
        for turn in spans
        for second in range(int(turn.span.start), int(turn.span.end))
    ]
    ids = sorted({turn.speaker for turn in spans})
    return Transcript(
        Recording("talk.wav", 60.0),
        words=tuple(words),
        turns=tuple(spans),
        speakers=tuple(Speaker(id, (names or {}).get(id)) for id in ids),
    )


THREE = talk((0, 5, ANNA), (5, 9, BORIS), (9, 20, VERA), names={ANNA: "Анна", VERA: "Вера"})


def names(transcript: Transcript) -> list[str | None]:
    return [speaker.name for speaker in transcript.speakers]


def again(before: Transcript, *turns: tuple[float, float, str]) -> Transcript:
    found = Diarization(tuple(Turn(Span(start, end), who) for start, end, who in turns))
    return reclustered(before, found, {"speakers": 2})


def test_names_stay_with_who_shares_most_time() -> None:
    """Ids follow first speech, names follow voices."""
    after = again(THREE, (0, 2, "x"), (2, 5, "y"), (5, 9, "z"), (9, 20, "x"))
    assert names(after) == ["Вера", "Анна", None]
    assert [turn.speaker for turn in after.turns] == [ANNA, BORIS, VERA, ANNA]
    assert {word.speaker for word in after.words[:2]} == {ANNA}


def test_one_name_is_given_once() -> None:
    """Of two new speakers in the place of one, the longer keeps the name."""
    after = again(THREE, (0, 9, "a"), (9, 13, "b"), (13, 20, "c"))
    assert names(after) == ["Анна", None, "Вера"]


def test_name_of_who_is_outweighed_is_lost() -> None:
    """A voice that is mostly a nameless one is not called by a smaller share's name."""
    after = again(talk((0, 2, ANNA), (2, 9, BORIS), names={ANNA: "Анна"}), (0, 9, "a"))
    assert names(after) == [None]


def test_role_goes_with_the_name() -> None:
    """Both were set by the same user."""
    named = rename_speaker(THREE, BORIS, name="Борис", role="host")
    after = again(named, (0, 5, "x"), (5, 20, "y"))
    assert [speaker.role for speaker in after.speakers] == [None, None]
    after = again(named, (0, 5, "x"), (5, 9, "y"), (9, 20, "z"))
    assert [speaker.role for speaker in after.speakers] == [None, "host", None]


def test_document_says_that_it_was_done_again() -> None:
    """The new bounds replace the old ones; notices about the old speakers go, others stay."""
    before = replace(
        THREE,
        notices=(Notice("audio.truncated", "Cut."), Notice("diarization.too_few_voices", "Few.")),
        provenance=Provenance("0", "now", options={"max_speakers": 9, "beam_size": 1}),
    )
    after = again(again(before, (0, 20, "x")), (0, 9, "x"), (9, 20, "y"))
    assert [notice.code for notice in after.notices] == [
        "audio.truncated",
        "speakers.reclustered",
    ]
    assert after.notices[-1].details["n_speakers"] == 2
    assert after.provenance is not None
    assert after.provenance.options == {"max_speakers": 9, "beam_size": 1, "speakers": 2}


def test_merge_gives_words_and_turns_to_one() -> None:
    """Touching turns become one, confidence is the mean over time, ids close the hole."""
    after = merge_speakers(THREE, VERA, into=BORIS)
    assert [(t.span, t.speaker) for t in after.turns] == [(Span(0, 5), ANNA), (Span(5, 20), BORIS)]
    assert after.turns[1].confidence == pytest.approx(0.8)
    assert {word.speaker for word in after.words[5:]} == {BORIS}
    assert names(after) == ["Анна", "Вера"]  # Boris had no name
    assert after.notices[-1].code == "speakers.merged"


def test_merge_keeps_the_name_of_whom_it_goes_to() -> None:
    """By name works as well as by id."""
    after = merge_speakers(THREE, "Анна", into="Вера")
    assert names(after) == ["Вера", None]
    assert after.turns[0].speaker == ANNA  # the first to speak


def test_merged_turns_that_overlapped_do_not_any_more() -> None:
    """One speaker never overlaps with themselves."""
    after = merge_speakers(talk((0, 6, ANNA), (4, 5, BORIS), (8, 9, BORIS)), BORIS, into=ANNA)
    assert [turn.span for turn in after.turns] == [Span(0, 6), Span(8, 9)]


def test_a_split_shares_the_words() -> None:
    """The longer part keeps id order by first speech and the name; others' words stay."""
    parts = [Turn(Span(9, 11), "p", 0.9), Turn(Span(11, 20), "q", 0.7)]
    after = replace_turns(THREE, VERA, parts)
    assert names(after) == ["Анна", None, None, "Вера"]
    assert [word.speaker for word in after.words[5:12]] == [
        *[BORIS] * 4,
        *[VERA] * 2,
        "SPEAKER_03",
    ]
    assert [u.speaker for u in utterances(after.words)] == [ANNA, BORIS, VERA, "SPEAKER_03"]
    assert after.notices[-1].code == "speakers.split"


def test_a_name_can_be_given_and_taken() -> None:
    """None leaves a field, the empty text clears it."""
    named = rename_speaker(THREE, BORIS, name="Борис")
    assert names(named) == ["Анна", "Борис", "Вера"]
    assert names(rename_speaker(named, "Борис", name="")) == ["Анна", None, "Вера"]
    assert rename_speaker(named, BORIS, role="host").speakers[1] == Speaker(BORIS, "Борис", "host")


def test_unknown_and_ambiguous_speakers_are_errors() -> None:
    """The error lists who there is."""
    with pytest.raises(OptionError) as caught:
        rename_speaker(THREE, "SPEAKER_09", name="x")
    assert "SPEAKER_02" in caught.value.advice
    twins = rename_speaker(THREE, BORIS, name="Анна")
    with pytest.raises(OptionError):
        rename_speaker(twins, "Анна", name="x")
    with pytest.raises(OptionError):
        merge_speakers(THREE, "Анна", into=ANNA)


@given(TRANSCRIPTS, st.permutations(IDS))
def test_merging_keeps_every_word_and_all_time(transcript: Transcript, ids: list[str]) -> None:
    """Nothing is lost, nobody unknown appears, and the document may be out of order."""
    after = merge_speakers(transcript, ids[0], into=ids[1])
    assert [word.text for word in after.words] == [word.text for word in transcript.words]
    assert len(after.speakers) == len(transcript.speakers) - 1
    known = {speaker.id for speaker in after.speakers}
    assert {turn.speaker for turn in after.turns} <= known
    assert {word.speaker for word in after.words} <= known | {None}
    others = [t for t in transcript.turns if t.speaker == ids[2]]
    time_before = sum(t.span.duration for t in transcript.turns)
    assert sum(t.span.duration for t in after.turns) <= time_before + 1e-9  # order of summation
    assert len(after.turns) >= len(others)


@given(TRANSCRIPTS)
def test_the_same_turns_keep_the_same_names(transcript: Transcript) -> None:
    """Telling apart again what was right changes no name of anybody who speaks."""
    turns = tuple(
        {
            turn.speaker: replace(turn, span=Span(index * 10.0, index * 10.0 + 5.0))
            for index, turn in enumerate(transcript.turns)
        }.values()
    )
    before = replace(transcript, turns=turns)
    after = reclustered(before, Diarization(turns), {})
    heard = {turn.speaker for turn in turns}
    assert {s.name for s in after.speakers} == {s.name for s in before.speakers if s.id in heard}


def test_a_document_without_turns_can_be_changed() -> None:
    """Words alone have speakers too."""
    after = merge_speakers(replace(CALL, turns=()), "SPEAKER_01", into="SPEAKER_00")
    assert {word.speaker for word in after.words} == {"SPEAKER_00", None}
