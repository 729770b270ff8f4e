"""Engines in a child: what crosses, what is survived, and what is left behind."""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from stenograf.audio.spool import Spool
from stenograf.core.errors import (
    CancelledError,
    EngineCrashedError,
    EngineError,
    EngineFailedError,
    EngineHungError,
    EngineOutOfMemoryError,
    ModelInvalidError,
    OptionError,
)
from stenograf.core.options import AsrOptions, DiarizationOptions
from stenograf.core.ports import ChannelDiarizer
from stenograf.core.span import Span
from stenograf.core.transcript import Word
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.isolation import (
    IsolatedDetector,
    IsolatedRecognizer,
    Limits,
    Recipe,
    Thrift,
    isolated_diarizer,
)
from stenograf.testing.bad_engines import (
    BadAtBirth,
    BadRecognizer,
    Explaining,
    HungryRecognizer,
    MeasuringDiarizer,
    Noisy,
    UnsendableDiarizer,
)
from stenograf.testing.fakes import FakeDetector, FakeRecognizer

AUDIO = np.ones(10 * SAMPLE_RATE_HZ, dtype=np.float32)
SPEECH = [Span(0.0, 4.0), Span(5.0, 9.0)]
OPTIONS = AsrOptions(language="en")
WHOLE = 16  # words of half a second
BLOCKS = ((Span(0.0, 1.3),),)


def some(values: Sequence[Any], *, quick: int) -> list[Any]:
    """All for the slow suite, the first few also for the quick one."""
    return [
        value if n < quick else pytest.param(value, marks=pytest.mark.e2e)
        for n, value in enumerate(values)
    ]


def isolated(fault: str, *, limits: Limits | None = None, **keywords: object) -> IsolatedRecognizer:
    return IsolatedRecognizer(Recipe.of(BadRecognizer, fault, **keywords), limits)


def words_of(recognizer: IsolatedRecognizer, audio: Waveform = AUDIO) -> list[Word]:
    return list(recognizer.recognize(audio, SPEECH, OPTIONS).words)


def wait_until(true: Callable[[], bool], *, within_s: float = 5.0) -> bool:
    end = time.monotonic() + within_s
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """Whatever a test does, no process and no descriptor stays behind."""
    me = psutil.Process()
    n_files = me.num_fds() if os.name == "posix" else 0
    yield
    if me.children():
        gc.collect()  # a caught error holds frames, and they hold engines
    assert wait_until(lambda: not me.children())
    assert os.name != "posix" or wait_until(lambda: me.num_fds() <= n_files)


CRASHES = ["segfault", "no memory", "abort", "exit", "leave", "kill", "bad_alloc", "cuda memory",
           "bug"]  # fmt: skip
CODES = {
    "leave": "engine.failed",
    "bug": "engine.failed",
    "bad_alloc": "engine.out_of_memory",
    "no memory": "engine.out_of_memory",
    "cuda memory": "engine.out_of_memory",
}


@pytest.mark.parametrize("fault", some(CRASHES, quick=2))
def test_a_crash_is_a_typed_error_and_the_next_job_works(fault: str, tmp_path: Path) -> None:
    """The error says what happened, and a new child takes over."""
    thrift = Thrift(batch_sizes=(), blocks_s=())
    recipe = Recipe.of(BadRecognizer, fault, until=tmp_path / "failed once")
    recognizer = IsolatedRecognizer(recipe, thrift=thrift)
    with pytest.raises(EngineError) as caught:
        words_of(recognizer)
    assert caught.value.code == CODES.get(fault, "engine.crashed")
    assert caught.value.advice
    assert len(words_of(recognizer)) == WHOLE
    recognizer.close()


def test_words_arrive_before_the_crash() -> None:
    """A caller who keeps words as they come has those from before the crash."""
    heard: list[Word] = []
    with pytest.raises(EngineCrashedError) as caught:
        heard.extend(isolated("segfault").recognize(AUDIO, SPEECH, OPTIONS).words)
    assert len(heard) == 3
    assert "Segmentation fault" in caught.value.details["output"]


@pytest.mark.parametrize("fault", some(CRASHES, quick=1))
def test_an_engine_that_cannot_be_built_says_so(fault: str) -> None:
    """`load` raises a typed error, and so does the next job."""
    recognizer = IsolatedRecognizer(
        Recipe.of(BadAtBirth, fault), thrift=Thrift(batch_sizes=(), blocks_s=())
    )
    for attempt in (recognizer.load, lambda: words_of(recognizer)):
        with pytest.raises(EngineError):
            attempt()


@pytest.mark.parametrize("fault", some(["hold", "wait"], quick=1))
def test_a_hang_is_noticed_and_ended(fault: str) -> None:
    """Holding Python in native code, waiting for what never comes: killed after the limit."""
    recognizer = isolated(fault, limits=Limits(hang_s=0.8))
    recognizer.load()
    with pytest.raises(EngineHungError):
        words_of(recognizer)
    assert recognizer.pid is None


@pytest.mark.parametrize("fault", some(["wait", "hold", "compute"], quick=1))
def test_cancel_ends_the_work(fault: str) -> None:
    """Whatever the child would do for a quarter of an hour: no process computes any more."""
    recognizer = isolated(fault)
    recognizer.load()
    child = psutil.Process(recognizer.pid)

    def cancel(fraction: float) -> None:
        if len(heard) == 3:
            raise CancelledError("Stopped.")

    heard: list[Word] = []
    with pytest.raises(CancelledError):
        heard.extend(recognizer.recognize(AUDIO, SPEECH, OPTIONS, on_progress=cancel).words)
    assert not child.is_running()


def test_a_polite_engine_keeps_its_model_when_cancelled() -> None:
    """Only a child that does not stop by itself is killed."""
    recognizer = IsolatedRecognizer(Recipe.of(FakeRecognizer))
    recognizer.load()
    before = recognizer.pid

    def cancel(fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(recognizer.recognize(AUDIO, SPEECH, OPTIONS, on_progress=cancel).words)
    assert len(words_of(recognizer)) == WHOLE
    assert recognizer.pid == before


@pytest.mark.e2e
def test_an_idle_model_is_unloaded_and_comes_again() -> None:
    """The memory is given back, and the next job does not notice."""
    recognizer = IsolatedRecognizer(Recipe.of(FakeRecognizer), Limits(idle_s=0.1))
    recognizer.load()
    assert wait_until(lambda: recognizer.pid is None)
    for _ in range(5):
        assert len(words_of(recognizer)) == WHOLE
        time.sleep(0.1)  # as the child decides to go


def test_noise_of_native_code_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither our standard output nor our standard error; words are whole."""
    assert len(words_of(IsolatedRecognizer(Recipe.of(Noisy)))) == WHOLE
    assert capfd.readouterr() == ("", "")


def test_errors_of_the_engine_cross_whole(tmp_path: Path) -> None:
    """Type, message and details are those of the engine, with the child's traceback as a note."""
    recognizer = IsolatedRecognizer(Recipe.of(FasterWhisperRecognizer, tmp_path))
    with pytest.raises(ModelInvalidError) as caught:
        recognizer.load()
    assert caught.value.details["path"] == str(tmp_path)
    assert "faster_whisper.py" in caught.value.__notes__[0]


@pytest.mark.parametrize("engine", [UnsendableDiarizer, Explaining])
def test_what_cannot_cross_is_a_typed_error(engine: type[UnsendableDiarizer]) -> None:
    """A result or a detail that cannot be pickled ends the job and not the child."""
    diarizer = isolated_diarizer(Recipe.of(engine))
    diarizer.load()
    before = diarizer.pid
    with pytest.raises(EngineFailedError) as caught:
        diarizer.diarize(AUDIO, SPEECH, DiarizationOptions())
    assert engine is UnsendableDiarizer or caught.value.details["n_frames"] == 7
    assert diarizer.pid == before


def test_a_recipe_that_cannot_cross_is_refused() -> None:
    """A class without an import path says so before any process is started."""
    with pytest.raises(OptionError, match="process of its own"):
        IsolatedDetector(Recipe.of(type("Local", (FakeDetector,), {}))).load()


def sums(sounds: list[Waveform]) -> list[tuple[int, float]]:
    return [(len(sound), float(np.sum(sound[0 : len(sound)], dtype="f8"))) for sound in sounds]


def test_sound_arrives_as_it_was_sent() -> None:
    """Arrays, spooled files, silence and nothing, in order, also where one comes twice."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, 3 * SAMPLE_RATE_HZ).astype(np.float32)
    spool = Spool(in_memory_samples=0)
    spool.append(noise[::-1])
    spooled, nothing = spool.finish(), np.zeros(0, dtype=np.float32)
    sounds: list[Waveform] = [noise, spooled, np.zeros(99, dtype=np.float32), nothing, noise]
    diarizer = isolated_diarizer(Recipe.of(MeasuringDiarizer))
    assert isinstance(diarizer, ChannelDiarizer)
    for _ in range(2):
        found = diarizer.diarize_channels(sounds[0], sounds[1:], SPEECH, DiarizationOptions())
        seen = [(note.details["n_samples"], note.details["sum"]) for note in found.notices]
        assert seen == sums(sounds)
    spool.close()


@pytest.mark.e2e
def test_hours_of_speech_in_pieces_cross_before_the_model_is_loaded() -> None:
    """More than a pipe holds: the parent does not wait for a child that does not read yet."""
    many = [Span(i, i + 0.5) for i in range(100_000)]
    recognizer = IsolatedRecognizer(Recipe.of(FakeRecognizer))
    found = recognizer.recognize(AUDIO, many, OPTIONS)
    assert len(list(found.words)) == 10


def test_a_detector_works_in_a_child() -> None:
    """Speech is what the engine in this process finds."""
    audio = np.repeat(np.array([0, 1, 0], dtype=np.float32), SAMPLE_RATE_HZ)
    assert IsolatedDetector(Recipe.of(FakeDetector)).detect(audio) == FakeDetector().detect(audio)


def test_words_left_alone_do_not_block_the_next_recording() -> None:
    """Two recordings may be read in turns, as with an engine in this process."""
    recognizer = IsolatedRecognizer(Recipe.of(FakeRecognizer))
    first, second = (recognizer.recognize(AUDIO, SPEECH, OPTIONS).words for _ in range(2))
    assert len([next(first), *second, *first]) == 2 * WHOLE


STEPS = [
    ({"batch_size": 4}, ["memory.smaller_batch"]),
    ({"batch_size": 1}, ["memory.smaller_batch"] * 2),
    ({"compute_type": "int8"}, ["memory.smaller_batch"] * 2 + ["memory.compute_type"]),
    ({"max_block_s": 8.0}, ["memory.smaller_batch"] * 2 + ["memory.compute_type"]
     + ["memory.shorter_blocks"] * 2),
]  # fmt: skip


@pytest.mark.parametrize("step", some(STEPS, quick=1))
@pytest.mark.parametrize("fault", some(["no memory", "bad_alloc"], quick=1))
def test_less_memory_is_asked_for_step_by_step(
    step: tuple[dict[str, object], list[str]], fault: str
) -> None:
    """Batch, compute type, block; no word twice, none lost, progress never falls, all of it told.

    The next recording begins with what sufficed, and says so too.
    """
    enough, codes = step
    recipe = Recipe.of(HungryRecognizer, compute_type="float16", enough=enough, fault=fault)
    recognizer = IsolatedRecognizer(recipe, thrift=Thrift(compute_types=("int8",)))
    options = AsrOptions(language="en", batch_size=16)
    pids = []
    for _ in range(2):
        seen: list[float] = []
        found = recognizer.recognize(AUDIO, SPEECH, options, on_progress=seen.append)
        words = list(found.words)
        assert [word.span.start for word in words] == [i / 2 for i in [*range(8), *range(10, 18)]]
        assert seen == sorted(seen)
        assert seen[-1] == 1.0
        assert sorted(note.code for note in found.notices) == sorted([*codes, "own"])
        pids.append(recognizer.pid)
    assert pids[0] == pids[1]


@pytest.mark.e2e
def test_without_any_step_left_the_lack_of_memory_is_the_error() -> None:
    """The last word stays a typed error with a hint."""
    recipe = Recipe.of(HungryRecognizer, enough={"batch_size": -1})
    with pytest.raises(EngineOutOfMemoryError, match="memory"):
        words_of(IsolatedRecognizer(recipe))


ORPHAN = """
import pickle, sys, time
from stenograf.isolation import IsolatedRecognizer, Recipe
from stenograf.testing.bad_engines import BadRecognizer
import numpy as np
from stenograf.core.options import AsrOptions
from stenograf.core.span import Span
recognizer = IsolatedRecognizer(Recipe.of(BadRecognizer, sys.argv[1]))
words = recognizer.recognize(np.ones(160_000, "f4"), [Span(0.0, 9.0)], AsrOptions()).words
next(words)
print(recognizer.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("fault", some(["wait", "compute"], quick=1))
def test_the_child_dies_with_its_parent(fault: str) -> None:
    """Even when the parent is killed and the child is busy."""
    command = [sys.executable, "-c", ORPHAN, fault]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_isolated_errors_can_be_sent_on() -> None:
    """A queue may carry what the child said to yet another process."""
    with pytest.raises(EngineCrashedError) as caught:
        words_of(isolated("abort"))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.details == caught.value.details


def test_everything_found_out_at_once_arrives() -> None:
    """Language, votes and blocks are those of the engine."""
    recipe = Recipe.of(HungryRecognizer, enough={}, blocks=BLOCKS)
    found = IsolatedRecognizer(recipe).recognize(AUDIO, SPEECH, AsrOptions(multilingual=True))
    assert (found.language, found.language_votes) == ("en", {"en": 1.0})
    assert found.blocks == BLOCKS


def test_the_rest_of_a_finished_block_is_not_heard_again() -> None:
    """An engine that runs out of memory itself has done the block of its last word."""
    speech = [Span(0.0, 1.6), Span(5.0, 9.0)]  # the engine fails after two words of three
    recipe = Recipe.of(HungryRecognizer, enough={"batch_size": 1}, blocks=((speech[0],),))
    words = IsolatedRecognizer(recipe).recognize(AUDIO, speech, AsrOptions(batch_size=2)).words
    assert [word.span.start for word in words][:3] == [0.0, 0.5, 5.0]
