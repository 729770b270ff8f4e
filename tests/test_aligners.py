"""Which CTC models are brought, from a fake hub, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stenograf.aligners import MODELS, choose_aligner
from stenograf.core.errors import OptionError, UnsupportedError
from stenograf.core.ports import Aligner
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.core.waveform import duration_s
from stenograf.models import entry
from stenograf.pipeline import TranscribeOptions, ignore_event
from stenograf.settings import Settings
from stenograf.testing.ctc import say_in_tones, write_random_gigaam, write_tone_model
from stenograf.testing.hub import FakeHub
from stenograf.workshop import Workshop


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    """A hub that has our small models under the published names."""
    with FakeHub() as hub:
        for name, make in (("en", write_tone_model), ("ru", write_random_gigaam)):
            folder = make(tmp_path_factory.mktemp(name))
            files = {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file()
            }
            hub.add(entry(MODELS[name]).repositories[0], files)
        yield hub


@pytest.fixture
def home(tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty places, and the fake hub as the only one."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("STENOGRAF_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def aligner(options: TranscribeOptions) -> Aligner:
    chosen = choose_aligner(Workshop(options, Settings(), ignore_event))
    assert chosen is not None
    return chosen.engine.make()


def test_the_recognizers_times_need_no_model() -> None:
    """Without being asked for, nothing is fetched."""
    assert choose_aligner(Workshop(TranscribeOptions(), Settings(), ignore_event)) is None


def test_the_language_decides_what_is_fetched(home: Path) -> None:
    """English brings wav2vec2 and nothing else, and it aligns."""
    audio, spans = say_in_tones(["so", "it", "goes"])
    words = [Word(Span(0.0, 0.1), text) for text in ("so", "it", "goes")]
    engine = aligner(TranscribeOptions(align="ctc", language="en"))
    result = engine.align(audio, words, [Span(0.0, duration_s(audio))], "en")
    starts = [(w.span.start, s.start) for w, s in zip(result.words, spans, strict=True)]
    assert all(abs(found - played) < 0.06 for found, played in starts)
    assert [use.model for use in result.models] == [MODELS["en"]]
    assert sorted(path.name for path in home.iterdir() if path.name[0] != ".") == [MODELS["en"]]


@pytest.mark.parametrize(
    ("options", "brought"),
    [
        (TranscribeOptions(align="ctc"), ["en", "ru"]),
        (TranscribeOptions(align="ctc", languages=("ru", "de")), ["ru"]),
    ],
)
def test_an_unknown_language_brings_all_it_may_be(
    options: TranscribeOptions, brought: list[str], home: Path
) -> None:
    """Nobody should wait for a download after an hour of recognition."""
    aligner(options)
    names = {path.name for path in home.iterdir()}
    assert names >= {MODELS[language] for language in brought}
    assert names.isdisjoint({MODELS[language] for language in {"en", "ru"} - set(brought)})


def test_a_model_of_ones_own_serves_any_language(tmp_path: Path) -> None:
    """A path instead of the catalog's models."""
    folder = write_tone_model(tmp_path / "mine")
    engine = aligner(TranscribeOptions(align="ctc", align_model=str(folder), language="de"))
    audio, _ = say_in_tones(["so"])
    result = engine.align(audio, [Word(Span(0.0, 0.1), "so")], [Span(0.0, 0.5)], "de")
    assert [use.model for use in result.models] == ["mine"]


@pytest.mark.parametrize(
    "options",
    [
        TranscribeOptions(align="ctc", language="de"),
        TranscribeOptions(align="ctc", languages=("de", "fr")),
    ],
)
def test_a_language_without_a_model_is_refused_before_any_work(options: TranscribeOptions) -> None:
    """The hint names the way out."""
    with pytest.raises(UnsupportedError, match="de") as caught:
        aligner(options)
    assert "--align-model" in caught.value.advice


def test_contradictions_are_refused() -> None:
    """A model that nobody uses, and times of words that nobody speaks."""
    with pytest.raises(OptionError):
        TranscribeOptions(align_model="mine")
    with pytest.raises(OptionError):
        TranscribeOptions(align="ctc", task="translate")
