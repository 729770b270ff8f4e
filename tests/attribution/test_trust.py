"""Suspect parts and the utterances that lie in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stenograf.attribution import by_trust, utterances
from stenograf.core.span import Span
from stenograf.core.transcript import Suspect, Transcript, Utterance
from stenograf.testing.documents import TRANSCRIPTS, spoken


def test_an_utterance_is_cut_where_a_suspect_part_ends() -> None:
    """Good words beside bad ones are not marked."""
    words = spoken("один два три четыре", speaker="A", pace=1.0)
    said = [Utterance("A", tuple(words))]
    parts = list(by_trust(said, [Suspect(Span(0.9, 3.0), ("repetition",))]))
    assert [(part.text, suspect) for part, suspect in parts] == [
        ("один", False),
        ("два три", True),
        ("четыре", False),
    ]


@given(TRANSCRIPTS)
def test_cutting_loses_no_word(transcript: Transcript) -> None:
    """Every word stays, in order, and is suspect exactly when its middle lies in a part."""
    parts = list(by_trust(utterances(transcript.words), transcript.suspects))
    assert tuple(word for part, _ in parts for word in part.words) == transcript.words
    for part, suspect in parts:
        for word in part.words:
            middle = word.span.middle
            assert suspect == any(
                found.span.start <= middle <= found.span.end for found in transcript.suspects
            )


@given(st.lists(st.integers(0, 9), max_size=5))
def test_without_suspect_parts_nothing_is_cut(starts: list[int]) -> None:
    """The usual document reads as before."""
    said = [Utterance("A", tuple(spoken("да нет", speaker="A", start=start))) for start in starts]
    assert list(by_trust(said, [])) == [(part, False) for part in said]
