"""Aligning words to sound, end to end on a model that hears tones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stenograf.core.errors import CancelledError, ModelMissingError, UnsupportedError
from stenograf.core.span import Span, intersect, total_duration
from stenograf.core.transcript import Word
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, duration_s
from stenograf.engines.align.ctc import CtcAligner, CtcWeights
from stenograf.engines.align.times import longest_s
from stenograf.engines.asr.packing import audible, pack
from stenograf.testing.ctc import say_in_tones, write_random_gigaam, write_tone_model

SENTENCE = ["so", "it", "goes", "on", "and", "on", "until", "nobody", "listens"]


@pytest.fixture(scope="module")
def aligner(tmp_path_factory: pytest.TempPathFactory) -> CtcAligner:
    folder = tmp_path_factory.mktemp("ctc")
    weights = {
        "en": CtcWeights(write_tone_model(folder / "en"), "tones"),
        "ru": CtcWeights(write_random_gigaam(folder / "ru"), "random"),
    }
    return CtcAligner(weights, n_threads=1)


@pytest.fixture(scope="module")
def talk() -> tuple[Samples, list[Span], list[Span]]:
    """40 s with a long silence inside: sound, speech, and when each word is played."""
    first, early = say_in_tones(SENTENCE * 4)
    pause_s = 5.0
    silence = np.zeros(round(pause_s * SAMPLE_RATE_HZ), dtype=np.float32)
    later_s = duration_s(first) + pause_s
    late = [span.shift(later_s) for span in early]
    speech = [Span(0.0, duration_s(first)), Span(later_s, later_s + duration_s(first))]
    return np.concatenate([first, silence, first]), speech, early + late


def guessed(spans: list[Span], texts: list[str], error_s: float = 0.4) -> list[Word]:
    """Words as a recognizer might place them: off by up to `error_s`, in order."""
    rng = np.random.default_rng(0)
    starts = sorted(max(0.0, span.start + rng.uniform(-error_s, error_s)) for span in spans)
    return [
        Word(Span(start, start + 0.2), text, 0.5) for start, text in zip(starts, texts, strict=True)
    ]


def test_words_are_found_where_they_are_played(
    aligner: CtcAligner, talk: tuple[Samples, list[Span], list[Span]]
) -> None:
    """Starts and ends lie within 60 ms of the truth, though the guesses were 400 ms off."""
    audio, speech, truth = talk
    words = guessed(truth, SENTENCE * 8)
    result = aligner.align(audio, words, speech, "en")
    assert [word.text for word in result.words] == SENTENCE * 8
    assert all(word.probability == 0.5 for word in result.words)
    starts = [word.span.start - span.start for word, span in zip(result.words, truth, strict=True)]
    ends = [word.span.end - span.end for word, span in zip(result.words, truth, strict=True)]
    assert np.abs(starts).max() < 0.06
    assert np.abs(ends).max() < 0.12
    assert result.notices == ()
    assert [(use.task, use.engine, use.model) for use in result.models] == [
        ("align", "ctc", "tones")
    ]


def test_numbers_and_foreign_words_get_times(
    aligner: CtcAligner, talk: tuple[Samples, list[Span], list[Span]]
) -> None:
    """Words that cannot be spelt lie within 100 ms of where something else is played."""
    audio, speech, truth = talk
    texts = SENTENCE * 8
    for i in range(2, len(texts), 9):
        texts[i], texts[i + 4] = "1998", "мир"
    result = aligner.align(audio, guessed(truth, texts), speech, "en")
    for i in range(2, len(texts), 9):
        for at in (i, i + 4):
            assert abs(result.words[at].span.start - truth[at].start) < 0.1
            assert abs(result.words[at].span.end - truth[at].end) < 0.15


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["so", "7", "—", "мир", "goes", "on."]), st.floats(0, 50)),
        max_size=30,
    ),
    st.lists(st.tuples(st.floats(0, 1) | st.floats(0, 20), st.floats(0.05, 40)), max_size=4),
)
@example([("so", 0.0)], [(0.0, 1.0), (0.75, 1.0)])  # found in the pause, too short to be cut out
def test_no_word_leaves_what_was_heard_or_lasts_too_long(
    aligner: CtcAligner, said: list[tuple[str, float]], pauses: list[tuple[float, float]]
) -> None:
    """Whatever is claimed to be said, words stay in order and inside what the model heard."""
    audio = np.random.default_rng(0).normal(0, 0.1, 30 * SAMPLE_RATE_HZ).astype(np.float32)
    at, speech = 0.0, []
    for gap, length in pauses:
        speech.append(Span(at + gap, at + gap + length))
        at = speech[-1].end
    whole = Span(0.0, 30.0)
    given_words = [
        Word(Span(start, start + 0.3).clamp(whole), text)
        for text, start in sorted(said, key=lambda one: one[1])
    ]
    result = aligner.align(audio, given_words, speech, "en")
    assert [replace(word, span=whole) for word in result.words] == [
        replace(word, span=whole) for word in given_words
    ]
    assert all(a.span.start <= b.span.start for a, b in pairwise(result.words))
    kept = sum(notice.details["n_kept"] for notice in result.notices)
    if kept == 0 and result.models:
        heard = [piece for block in pack(audible(audio, speech)) for piece in block.pieces]
        for word in result.words:
            assert word.span.duration <= longest_s(word.text) + 1e-6
            inside = total_duration(intersect([word.span], heard))
            assert inside == pytest.approx(word.span.duration, abs=1e-6)


def test_text_in_another_language_keeps_its_times(
    aligner: CtcAligner, talk: tuple[Samples, list[Span], list[Span]]
) -> None:
    """Russian words for an English model are left alone, and the document says how many."""
    audio, speech, truth = talk
    words = guessed(truth, ["слово"] * len(truth), error_s=0.0)
    result = aligner.align(audio, words, speech, "en")
    assert list(result.words) == words
    assert [notice.details["n_kept"] for notice in result.notices] == [len(words)]


def test_text_too_long_for_its_sound_keeps_its_times(aligner: CtcAligner) -> None:
    """More letters than frames cannot be aligned; nothing breaks."""
    audio, _ = say_in_tones(["so"])
    words = [Word(Span(0.1, 0.2), "word" * 60)]
    result = aligner.align(audio, words, [Span(0.0, 0.5)], "en")
    assert list(result.words) == words
    assert len(result.notices) == 1


def test_each_language_has_its_model(aligner: CtcAligner) -> None:
    """Russian goes to the other network; a language without one is refused by name."""
    audio = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    words = [Word(Span(0.2, 0.5), "да"), Word(Span(0.6, 1.0), "нет")]
    result = aligner.align(audio, words, [Span(0.0, 2.0)], "ru")
    assert [use.model for use in result.models] == ["random"]
    for language in ("de", None):
        with pytest.raises(UnsupportedError, match=language or "ctc"):
            aligner.align(audio, words, [Span(0.0, 2.0)], language)


def test_one_model_may_serve_any_language(tmp_path: Path) -> None:
    """A model given for `*` takes what the others leave, an unknown language too."""
    aligner = CtcAligner({"*": CtcWeights(write_tone_model(tmp_path), "tones")}, n_threads=1)
    audio, spans = say_in_tones(["so", "it", "goes"])
    words = guessed(spans, ["so", "it", "goes"])
    for language in ("de", None):
        result = aligner.align(audio, words, [Span(0.0, duration_s(audio))], language)
        assert abs(result.words[2].span.start - spans[2].start) < 0.06


@pytest.mark.parametrize("speech", [[], [Span(0.0, 1.0)]])
def test_nothing_said_is_nothing_to_do(aligner: CtcAligner, speech: list[Span]) -> None:
    """No words or no speech: the work counts as done."""
    seen: list[float] = []
    silence = np.zeros(16_000, dtype=np.float32)
    assert aligner.align(silence, [], speech, "en", on_progress=seen.append).words == ()
    assert seen[-1] == 1.0


def test_progress_grows_and_cancel_passes(
    aligner: CtcAligner, talk: tuple[Samples, list[Span], list[Span]]
) -> None:
    """Fractions rise to one; an exception from the watcher comes out as it was raised."""
    audio, speech, truth = talk
    words = guessed(truth, SENTENCE * 8)
    seen: list[float] = []
    aligner.align(audio, words, speech, "en", on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        aligner.align(audio, words, speech, "en", on_progress=cancel)


def test_a_missing_model_is_told_before_any_work(tmp_path: Path) -> None:
    """The path is named when the engine is made, not an hour later."""
    with pytest.raises(ModelMissingError, match="nowhere"):
        CtcAligner({"en": CtcWeights(tmp_path / "nowhere", "missing")})
