"""The sides of `recognition.py`: each works on one recording, in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.diarization import pyannote_turns
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, sample_at
from stenograf.engines.align.ctc import ANY_LANGUAGE, CtcAligner, CtcWeights
from stenograf.engines.align.spelling import Alphabet, spell_all
from stenograf.engines.align.times import Hearing, word_spans
from stenograf.engines.align.viterbi import Silence, best_frames
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.vad.silero import SileroDetector
from stenograf.models.bundled import silero_weights
from stenograf.pipeline import Pipeline, TranscribeOptions

LETTERS: Final = "-|abcdefghijklmnopqrstuvwxyz'"  # blank, between words, letters
ALPHABET: Final = Alphabet({letter: i for i, letter in enumerate(LETTERS) if i > 1}, Silence(0, 1))
CHUNK_S: Final = 30.0
COMPUTE_TYPES: Final = {
    "cpu": "int8",
    "cuda": "float16",
}  # of Whisper, the rest stays on the processor


@dataclass(frozen=True, slots=True)
class Task:
    """Where weights and sound lie, and with how much to work."""

    home: Path
    assets: Path
    threads: int
    batch_size: int
    device: str = "cpu"

    @property
    def sound(self) -> Path:
        """The recording: PCM WAV, 16 kHz mono."""
        return self.home / "sound.wav"

    @property
    def whisper(self) -> Path:
        """A CTranslate2 folder."""
        return self.home / "whisper"


Found: TypeAlias = dict[str, float]
"""What a side did: number of words and turns, and seconds by stage."""


def ours(task: Task) -> Found:
    """Decode, detect and recognize, as `stenograf transcribe --no-diarize`."""
    return _run(task, diarizer=None)


def ours_whole(task: Task) -> Found:
    """Everything, speakers included, one stage after the other."""
    return _run(task, diarizer=_diarizer(task))


def words_alone(task: Task) -> Found:
    """Everything but speakers, on one thread."""
    return _run(replace(task, threads=1), diarizer=None)


def speakers_alone(task: Task) -> Found:
    """Everything but words, on one thread."""
    task = replace(task, threads=1)
    return _run(task, diarizer=_diarizer(task), with_words=False)


def side_by_side(task: Task) -> Found:
    """Words and speakers at the same time, on one thread each."""
    task = replace(task, threads=1)
    return _run(task, diarizer=_diarizer(task), side_by_side=True)


def ours_exact(task: Task) -> Found:
    """Everything, and word times by the same wav2vec2 as in WhisperX's manner."""
    weights = {ANY_LANGUAGE: CtcWeights(task.home / "wav2vec2", "wav2vec2")}
    return _run(task, _diarizer(task), CtcAligner(weights, n_threads=task.threads))


def _run(
    task: Task,
    diarizer: Any,
    aligner: CtcAligner | None = None,
    *,
    with_words: bool = True,
    side_by_side: bool = False,
) -> Found:
    recognizer = None
    if with_words:
        recognizer = FasterWhisperRecognizer(
            task.whisper, device=task.device, n_threads=task.threads
        )
    pipeline = Pipeline(
        SileroDetector(silero_weights()),
        recognizer,
        aligner=aligner,
        diarizer=diarizer,
        side_by_side=side_by_side,
    )
    options = TranscribeOptions(
        language="en",
        batch_size=task.batch_size,
        guards="none",  # nonsense of random weights would be heard again
        diarize=diarizer is not None,
    )
    transcript = pipeline.run(task.sound, options)
    assert transcript.provenance is not None
    counts = {"n_words": len(transcript.words), "n_turns": len(transcript.turns)}
    return {**counts, **transcript.provenance.timings}


def _diarizer(task: Task) -> Any:
    from stenograf.engines.diarization.labelling import VbxLabeller
    from stenograf.engines.diarization.onnx import OnnxDiarizer
    from stenograf.engines.diarization.plda import load_plda
    from stenograf.engines.diarization.resnet import ResNetEmbedder

    home = task.home
    embedder = ResNetEmbedder(home / "trunk.onnx", home / "head.npz", n_threads=task.threads)
    labeller = VbxLabeller(load_plda(home / "plda"))
    return OnnxDiarizer(home / "segmentation.onnx", embedder, labeller, n_threads=task.threads)


def faster_whisper_batched(task: Task) -> Found:
    """faster-whisper's BatchedInferencePipeline as it is called."""
    from faster_whisper import BatchedInferencePipeline

    segments, _ = BatchedInferencePipeline(_whisper(task)).transcribe(
        str(task.sound),
        language="en",
        beam_size=1,
        batch_size=task.batch_size,
        word_timestamps=True,
    )
    return _counted(segments)


def faster_whisper_sequential(task: Task) -> Found:
    """faster-whisper's WhisperModel.transcribe, window after window.

    Without timestamp tokens, conditioning and fallback to other temperatures: with random weights
    these take time that no trained model would.
    """
    segments, _ = _whisper(task).transcribe(
        str(task.sound),
        language="en",
        beam_size=1,
        vad_filter=True,
        word_timestamps=True,
        temperature=0.0,
        condition_on_previous_text=False,
        without_timestamps=True,
    )
    return _counted(segments)


def _whisper(task: Task) -> Any:
    from faster_whisper import WhisperModel

    return WhisperModel(
        str(task.whisper),
        device=task.device,
        compute_type=COMPUTE_TYPES[task.device],
        cpu_threads=task.threads,
    )


def _counted(segments: Iterator[Any]) -> Found:
    return {"n_words": sum(len(segment.words) for segment in segments)}


def whisperx_manner(task: Task) -> Found:
    """WhisperX's stages: merged speech, batches, wav2vec2, pyannote.audio, largest overlap.

    Generous to it: Silero instead of pyannote's own detector, one guess instead of five, and our
    alignment after the network instead of a loop over frames in torch.
    """
    from faster_whisper.audio import decode_audio

    found: Found = {}
    started = time.perf_counter()
    audio = decode_audio(str(task.sound))
    chunks = list(_merged(_speech(audio)))
    spoken = _spoken(task, audio, chunks)
    started = _lap(found, "recognize", started)
    words = _aligned(task, audio, spoken)
    started = _lap(found, "align", started)
    turns = pyannote_turns(task.home, task.assets, batch=32, threads=task.threads)
    started = _lap(found, "diarize", started)
    speakers = [_speaker(word, turns) for word in words]
    return {**found, "n_words": len(speakers), "n_turns": len(turns)}


def _lap(found: Found, stage: str, started: float) -> float:
    now = time.perf_counter()
    found[stage] = round(now - started, 2)
    return now


def _speech(audio: Any) -> list[Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(audio, VadOptions(max_speech_duration_s=CHUNK_S))
    return [Span(s["start"] / SAMPLE_RATE_HZ, s["end"] / SAMPLE_RATE_HZ) for s in found]


def _merged(speech: Sequence[Span]) -> Iterator[Span]:
    """Neighbours in one chunk as long as it stays within 30 s, pauses included."""
    chunk = speech[0]
    for span in speech[1:]:
        if span.end - chunk.start > CHUNK_S:
            yield chunk
            chunk = span
        chunk = Span(chunk.start, span.end)
    yield chunk


def _spoken(task: Task, audio: Any, chunks: Sequence[Span]) -> list[tuple[Span, str]]:
    from faster_whisper import BatchedInferencePipeline

    segments, _ = BatchedInferencePipeline(_whisper(task)).transcribe(
        audio,
        language="en",
        beam_size=1,
        batch_size=task.batch_size,
        clip_timestamps=[{"start": chunk.start, "end": chunk.end} for chunk in chunks],
    )
    return [(Span(s.start, s.end), s.text) for s in segments]


def _aligned(task: Task, audio: Any, spoken: Sequence[tuple[Span, str]]) -> list[Span]:
    """Times of words by torchaudio's wav2vec2 base with random weights, chunk by chunk."""
    import torch
    import torchaudio

    torch.set_num_threads(task.threads)
    network = torchaudio.models.wav2vec2_base(aux_num_out=len(LETTERS)).eval()
    network.load_state_dict(torch.load(task.home / "wav2vec2.pt"))
    words: list[Span] = []
    for span, text in spoken:
        samples = audio[sample_at(span.start) : sample_at(span.end)]
        with torch.inference_mode():
            voice = network(torch.from_numpy(samples)[None])[0][0].log_softmax(-1).numpy()
        words += [word.shift(span.start) for word in _word_spans(text.split(), voice, span)]
    return words


def _word_spans(texts: Sequence[str], voice: Any, chunk: Span) -> list[Span]:
    spelling = spell_all(texts, ALPHABET)
    silence = ALPHABET.silence
    frames = best_frames(voice, spelling.symbols, spelling.begins_word, silence)
    assert frames is not None
    hearing = Hearing(voice, silence, chunk.duration / len(voice))
    return word_spans(texts, spelling, frames, hearing)


def _speaker(word: Span, turns: Sequence[tuple[Span, str]]) -> str | None:
    shares: dict[str, float] = {}
    for span, speaker in turns:
        shares[speaker] = shares.get(speaker, 0.0) + span.overlap(word)
    return max(shares, key=lambda speaker: shares[speaker], default=None)


SIDES: Final[dict[str, Callable[[Task], Found]]] = {
    "ours": ours,
    "faster-whisper batched": faster_whisper_batched,
    "faster-whisper sequential": faster_whisper_sequential,
    "ours, whole": ours_whole,
    "ours, whole, exact word times": ours_exact,
    "WhisperX's manner": whisperx_manner,
    "words alone": words_alone,
    "speakers alone": speakers_alone,
    "side by side": side_by_side,
}
