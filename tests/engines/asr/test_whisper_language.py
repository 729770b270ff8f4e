"""The vote on the language, with a model whose opinion is known."""

from __future__ import annotations

import numpy as np
import pytest

from stenograf.core.ports import ignore_progress
from stenograf.core.span import Span
from stenograf.core.waveform import Samples
from stenograf.engines.asr.packing import Block
from stenograf.engines.asr.whisper_language import Ranked, Vote, likeliest, vote_on_language

RUSSIAN = {"ru": 0.6, "uk": 0.3, "en": 0.1}
UKRAINIAN = {"uk": 0.6, "ru": 0.3, "en": 0.1}
ENGLISH = {"en": 0.97, "ru": 0.02, "uk": 0.01}


def vote(
    *opinions: dict[str, float], allowed: tuple[str, ...] = (), seconds: tuple[float, ...] = ()
) -> tuple[Vote, int]:
    """The outcome where block i gives rise to opinion i, and how many blocks were heard."""
    lengths = seconds or (30.0,) * len(opinions)
    audio = np.repeat(np.arange(len(opinions), dtype=np.float32), 30 * 16_000)
    blocks = [Block((Span(30.0 * i, 30.0 * i + lengths[i]),)) for i in range(len(opinions))]
    heard = []

    def rank(samples: Samples) -> Ranked:
        heard.append(int(samples[0]))
        return sorted(opinions[heard[-1]].items(), key=lambda item: -item[1])

    return vote_on_language(rank, audio, blocks, allowed, ignore_progress), len(heard)


def test_two_sure_windows_end_the_vote() -> None:
    """Nobody waits for what will not change."""
    outcome, n_heard = vote(*[ENGLISH] * 9)
    assert (outcome.language, n_heard) == ("en", 2)
    assert outcome.probability == pytest.approx(0.97)


def test_unsure_windows_that_agree_are_three() -> None:
    """A likely language is not a sure one."""
    outcome, n_heard = vote(*[RUSSIAN] * 9)
    assert (outcome.language, n_heard) == ("ru", 3)


def test_a_foreign_greeting_is_outvoted() -> None:
    """What most of the recording speaks wins, and all five windows are asked."""
    outcome, n_heard = vote(ENGLISH, RUSSIAN, RUSSIAN, RUSSIAN, RUSSIAN)
    assert (outcome.language, n_heard) == ("ru", 5)
    assert outcome.means == pytest.approx({"ru": 0.484, "en": 0.274, "uk": 0.242})


def test_windows_count_by_their_length() -> None:
    """Two short remarks do not outweigh half a minute."""
    outcome, _ = vote(ENGLISH, RUSSIAN, ENGLISH, seconds=(2.0, 30.0, 2.0))
    assert outcome.language == "ru"


def test_a_list_keeps_neighbours_out() -> None:
    """A Russian call taken for Ukrainian becomes Russian, and the document says what was heard."""
    outcome, _ = vote(*[UKRAINIAN] * 5, allowed=("ru", "en"))
    assert outcome.language == "ru"
    assert outcome.probability == pytest.approx(0.3)
    assert outcome.means["uk"] == pytest.approx(0.6)
    assert [notice.code for notice in outcome.notices] == ["language.not_allowed"]
    assert "sounds like uk" in outcome.notices[0].text


def test_what_is_allowed_needs_no_notice() -> None:
    """The list did what it was for."""
    outcome, _ = vote(*[RUSSIAN] * 5, allowed=("ru", "en"))
    assert outcome.notices == ()


def test_codes_are_iso_and_not_whispers() -> None:
    """Javanese is jv everywhere but in Whisper."""
    outcome, _ = vote({"jw": 0.99, "en": 0.01}, allowed=("jv",))
    assert (outcome.language, set(outcome.means)) == ("jv", {"jv", "en"})


def test_a_language_the_model_never_named_can_still_be_the_only_one_allowed() -> None:
    """A list of one decides, with a probability that tells how wrong it is."""
    outcome, _ = vote(ENGLISH, allowed=("de",))
    assert (outcome.language, outcome.probability) == ("de", 0.0)


def test_a_block_without_a_clear_language_switches_nothing() -> None:
    """Three equal guesses are none."""
    assert likeliest([("ru", 0.34), ("en", 0.33), ("de", 0.33)], ()) is None
    assert likeliest([], ()) is None
