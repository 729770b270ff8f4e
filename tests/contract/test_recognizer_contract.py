"""What every recognizer promises, whatever runtime is behind it."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.engines.asr.test_whisperx import STAND_IN

from stenograf.core.errors import CancelledError, ModelError
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Recognizer
from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import Word
from stenograf.core.waveform import Samples, duration_s
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.onnx import OnnxRecognizer
from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer
from stenograf.engines.asr.whisper import OpenaiWhisperRecognizer
from stenograf.engines.asr.whispercpp import WhisperCppRecognizer
from stenograf.engines.asr.whisperx import WhisperXRecognizer
from stenograf.models.bundled import pocketsphinx_weights
from stenograf.testing.fakes import FakeRecognizer
from stenograf.testing.onnx_speech import write_gigaam_ctc, write_parakeet
from stenograf.testing.sound import read_speech
from stenograf.testing.whisper import write_random_whisper
from stenograf.testing.whisper_files import make_dims, make_weights, write_ggml, write_pt

ENGLISH = AsrOptions(language="en", batch_size=2)
TELL_SILENCE = ("faster-whisper", "whisper")
TOLERANCE_S = 0.25  # half of the longest pause that packing may bridge


def faster_whisper(folder: Path) -> Recognizer:
    return FasterWhisperRecognizer(write_random_whisper(folder), n_threads=1)


def whisper(folder: Path) -> Recognizer:
    dims = make_dims()
    return OpenaiWhisperRecognizer(write_pt(folder / "tiny.pt", dims, make_weights(dims)))


def whispercpp(folder: Path) -> Recognizer:
    dims = make_dims(layers=1)
    path = write_ggml(folder / "ggml-tiny.bin", dims, make_weights(dims))
    return WhisperCppRecognizer(path, n_threads=1)


def gigaam(folder: Path) -> Recognizer:
    return OnnxRecognizer(write_gigaam_ctc(folder), n_threads=1)


def parakeet(folder: Path) -> Recognizer:
    return OnnxRecognizer(write_parakeet(folder), n_threads=1)


def whisperx(folder: Path) -> Recognizer:
    """With a stand-in for the package, which is seldom installed."""
    with pytest.MonkeyPatch.context() as package:
        package.setitem(sys.modules, "whisperx", STAND_IN)
        return WhisperXRecognizer(write_random_whisper(folder), n_threads=1)


def pocketsphinx(folder: Path) -> Recognizer:
    return PocketSphinxRecognizer(pocketsphinx_weights())


def fake(folder: Path) -> Recognizer:
    return FakeRecognizer()


TORCH = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]
ENGINES = [
    fake,
    faster_whisper,
    whispercpp,
    gigaam,
    parakeet,
    whisperx,
    pytest.param(whisper, marks=TORCH),
    pytest.param(pocketsphinx, marks=pytest.mark.e2e),
]


@pytest.fixture(scope="module", params=ENGINES)
def recognizer(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Recognizer:
    made: Recognizer = request.param(tmp_path_factory.mktemp("weights"))
    return made


@pytest.fixture(scope="module")
def audio(assets: Path) -> Samples:
    """The start of the Kennedy clip twice with a long pause between: 12 s."""
    clip = read_speech(assets / "audio/asr/jfk.flac")[: 4 * 16_000]
    return np.concatenate([clip, np.zeros(4 * 16_000, dtype=np.float32), clip])


@pytest.fixture(scope="module")
def speech() -> list[Span]:
    return [Span(0.2, 2.2), Span(2.5, 4.0), Span(8.0, 12.0)]


def peak_memory_bytes() -> int:
    """The most that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def recognized(recognizer: Recognizer, audio: Samples, speech: list[Span]) -> list[Word]:
    return list(recognizer.recognize(audio, speech, ENGLISH).words)


def test_words_come_in_order_inside_speech(
    recognizer: Recognizer, audio: Samples, speech: list[Span]
) -> None:
    """Each word lies inside the recording and touches speech; starts never go back."""
    words = recognized(recognizer, audio, speech)
    assert len(words) > 3
    assert all(a.span.start <= b.span.start for a, b in pairwise(words))
    for word in words:
        assert 0.0 <= word.span.start <= word.span.end <= duration_s(audio)
        assert any(
            span.start - TOLERANCE_S <= word.span.middle <= span.end + TOLERANCE_S
            for span in speech
        )


def test_words_are_written_as_the_document_wants(
    recognizer: Recognizer, audio: Samples, speech: list[Span]
) -> None:
    """No white space around a word, no empty word, probabilities in [0, 1]."""
    for word in recognized(recognizer, audio, speech):
        assert word.text
        assert word.text == word.text.strip()
        assert word.probability is None or 0.0 <= word.probability <= 1.0
        assert (word.no_speech is not None) == (recognizer.name in TELL_SILENCE)


def test_the_same_audio_gives_the_same_words(
    recognizer: Recognizer, audio: Samples, speech: list[Span]
) -> None:
    """Nothing of one recording is left over in the next."""
    assert recognized(recognizer, audio, speech) == recognized(recognizer, audio, speech)


def test_progress_grows_to_one(recognizer: Recognizer, audio: Samples, speech: list[Span]) -> None:
    """The watcher sees fractions that never fall and end at one."""
    seen: list[float] = []
    list(recognizer.recognize(audio, speech, ENGLISH, on_progress=seen.append).words)
    assert seen == sorted(seen)
    assert 0.0 <= seen[0] <= seen[-1] == 1.0


def test_what_was_heard_before_is_left_out(
    recognizer: Recognizer, audio: Samples, speech: list[Span]
) -> None:
    """After the first block another run yields what this one would have yielded."""
    asked = replace(ENGLISH, max_block_s=4.0, batch_size=1)
    whole = recognizer.recognize(audio, speech, asked)
    words, until_s = list(whole.words), whole.blocks[0][-1].end
    rest = recognizer.recognize(audio, speech, replace(asked, heard_until_s=until_s))
    later = list(rest.words)
    assert 0 < len(later) < len(words)
    assert words[-len(later) :] == later
    assert all(word.span.end <= until_s for word in words[: -len(later)])
    assert rest.blocks == whole.blocks[1:]


def test_progress_says_which_blocks_are_done(
    recognizer: Recognizer, audio: Samples, speech: list[Span]
) -> None:
    """When progress reaches the share of a block, no word of it is still to come."""
    done: list[float] = []
    asked = replace(ENGLISH, max_block_s=4.0, batch_size=1)
    result = recognizer.recognize(audio, speech, asked, on_progress=done.append)
    ends = list(accumulate(total_duration(pieces) for pieces in result.blocks))
    n_early = 0
    for word in result.words:
        n_done = sum(end <= done[-1] * ends[-1] + 1e-6 for end in ends)
        n_early += n_done > 0
        for pieces in result.blocks[:n_done]:
            assert word.span.middle >= pieces[-1].end
    assert n_early > 0


def test_cancel_passes_and_leaves_the_engine_usable(
    recognizer: Recognizer, audio: Samples, speech: list[Span]
) -> None:
    """The exception comes out as it was raised, and the next recording is recognized."""

    def cancel(fraction: float) -> None:
        raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        list(recognizer.recognize(audio, speech, ENGLISH, on_progress=cancel).words)
    assert recognized(recognizer, audio, speech)


def test_abandoned_words_leave_the_engine_usable(
    recognizer: Recognizer, audio: Samples, speech: list[Span]
) -> None:
    """A caller who stops reading costs the next one nothing."""
    first = next(recognizer.recognize(audio, speech, ENGLISH).words)
    assert recognized(recognizer, audio, speech)[0] == first


@pytest.mark.parametrize("n_samples", [0, 1, 16_000])
def test_no_speech_gives_no_words(recognizer: Recognizer, n_samples: int) -> None:
    """Without speech nothing is invented, and the work counts as done."""
    seen: list[float] = []
    silence = np.zeros(n_samples, dtype=np.float32)
    result = recognizer.recognize(silence, [], ENGLISH, on_progress=seen.append)
    assert list(result.words) == []
    assert seen[-1] == 1.0


def test_speech_beyond_the_recording_is_ignored(recognizer: Recognizer) -> None:
    """Spans that lie behind the end give no words."""
    silence = np.zeros(8_000, dtype=np.float32)
    assert recognized(recognizer, silence, [Span(0.5, 2.0), Span(3.0, 4.0)]) == []


def test_silence_taken_for_speech_breaks_nothing(recognizer: Recognizer) -> None:
    """A detector may be wrong: perfect silence is recognized as little or something, in time."""
    silence = np.zeros(5 * 16_000, dtype=np.float32)
    for word in recognized(recognizer, silence, [Span(0.5, 4.5)]):
        assert 0.0 <= word.span.start <= word.span.end <= 5.0


def test_five_hours_are_read_where_somebody_speaks(
    recognizer: Recognizer, audio: Samples, tmp_path: Path
) -> None:
    """A recording on disk stays there: memory grows by what is heard, not by the hours."""
    n_samples = 5 * 3600 * 16_000
    spool: Samples = np.memmap(tmp_path / "spool", dtype=np.float32, mode="w+", shape=n_samples)
    at_s = (60.0, 2.5 * 3600, 5 * 3600 - 12.0)
    for start_s in at_s:  # the rest of the file is a hole
        spool[int(start_s * 16_000) :][: len(audio)] = audio
    before = peak_memory_bytes()
    words = recognized(recognizer, spool, [Span(s, s + 4.0) for s in at_s])
    assert peak_memory_bytes() - before < 0.5 * spool.nbytes
    assert words
    for word in words:
        assert any(start_s - 0.25 <= word.span.middle <= start_s + 4.25 for start_s in at_s)


@pytest.mark.parametrize("span", [Span(0.0, 0.001), Span(1.0, 1.00001), Span(0.0, 0.03)])
def test_a_click_of_speech_breaks_nothing(
    recognizer: Recognizer, audio: Samples, span: Span
) -> None:
    """Speech of a few samples is recognized as little or nothing, inside the recording."""
    for word in recognized(recognizer, audio, [span]):
        assert word.span.end <= duration_s(audio)


@pytest.mark.parametrize(
    "engine",
    [
        FasterWhisperRecognizer,
        PocketSphinxRecognizer,
        WhisperCppRecognizer,
        OnnxRecognizer,
        WhisperXRecognizer,
        pytest.param(OpenaiWhisperRecognizer, marks=TORCH),
    ],
    ids=lambda e: e.name,
)
@pytest.mark.parametrize("content", [None, {}, {"model.bin": b"x", "feat.params": b"y"}])
def test_wrong_weights_are_a_model_error(
    engine: Callable[[Path], Recognizer], content: dict[str, bytes] | None, tmp_path: Path
) -> None:
    """A missing, empty or foreign folder is named as such, without a runtime's own exception."""
    folder = tmp_path / "weights"
    if content is not None:
        folder.mkdir()
        for name, data in content.items():
            (folder / name).write_bytes(data)
    with pytest.raises(ModelError) as caught:
        engine(folder)
    assert str(folder) in str(caught.value)
