"""Real speech and sounds without any, through real engines, as blocks for the guards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks._guard_cases import LOOP_GUARDS, Case
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Recognizer, VoiceDetector
from stenograf.core.span import Span
from stenograf.core.waveform import SAMPLE_RATE_HZ, Samples, duration_s
from stenograf.engines.asr.faster_whisper import FasterWhisperRecognizer
from stenograf.engines.asr.pocketsphinx import PocketSphinxRecognizer
from stenograf.engines.vad.hysteresis import BEYOND_DOUBT
from stenograf.engines.vad.silero import SileroDetector
from stenograf.guards import Passage
from stenograf.models.bundled import pocketsphinx_weights, silero_weights
from stenograf.pipeline.review import passages_of, voice_in
from stenograf.testing.sound import read_speech
from stenograf.testing.whisper import write_random_whisper

ENGLISH = AsrOptions(language="en")
LOST_S = 6.0
SCORED_S = 30.0  # of the AMI excerpts; behind it their turns are not known
SOUND_S = 4.0
CLIP_S = 12.0


def sound_cases(assets: Path) -> Iterator[Case]:
    """Cases from recordings and made sounds; every second recording or sound is held out."""
    detector = SileroDetector(silero_weights())
    witness = SileroDetector(silero_weights(), options=BEYOND_DOUBT)
    sphinx = PocketSphinxRecognizer(pocketsphinx_weights())
    yield from _speech(assets, sphinx, detector, witness)
    yield from _meetings(assets, sphinx, detector, witness)
    yield from _no_speech(assets, sphinx, witness)
    yield from _random_whisper(assets, detector, witness)


def _speech(
    assets: Path, engine: Recognizer, detector: VoiceDetector, witness: VoiceDetector
) -> Iterator[Case]:
    rng = np.random.default_rng(6)
    for number, path in enumerate(_clips(assets)):
        held_out = bool(number % 2)
        clip = read_speech(path)[: int(CLIP_S * SAMPLE_RATE_HZ)]
        for kind, sound in (
            ("clip", clip),
            ("clip, noise 5 dB below", _noisy(clip, rng)),
            ("clip, 1.4 times as fast", _faster(clip, 1.4)),
        ):
            for passage in _heard(engine, sound, detector.detect(sound), witness):
                yield Case(kind, passage, (), held_out)
                if kind == "clip" and passage.duration > LOST_S + 3.0:
                    yield Case("clip, words lost", _cut_out(passage), ("coverage",), held_out)


def _meetings(
    assets: Path, engine: Recognizer, detector: VoiceDetector, witness: VoiceDetector
) -> Iterator[Case]:
    for number, path in enumerate(sorted((assets / "audio/diarization/ami").glob("*.wav"))):
        sound = read_speech(path)[: int(SCORED_S * SAMPLE_RATE_HZ)]
        for passage in _heard(engine, sound, detector.detect(sound), witness):
            yield Case("meeting", passage, (), bool(number % 2))


def _no_speech(assets: Path, engine: Recognizer, witness: VoiceDetector) -> Iterator[Case]:
    """As if the detector had taken all of it for speech."""
    room = read_speech(assets / "audio/asr/ru/test_silence.wav")
    second = room[4 * SAMPLE_RATE_HZ : 5 * SAMPLE_RATE_HZ]
    for number, sound in enumerate([*made_sounds().values(), room, second]):
        for passage in _heard(engine, sound, [Span(0.0, duration_s(sound))], witness):
            held_out = bool(number % 2)
            if passage.words:
                yield Case("no speech, words", passage, ("voice",), held_out)
            else:
                yield Case("no speech, no words", passage, (), held_out)


def _random_whisper(
    assets: Path, detector: VoiceDetector, witness: VoiceDetector
) -> Iterator[Case]:
    """Whisper's architecture with weights that say nonsense, or the same token for ever."""
    for size, kind in (("tiny-random", "nonsense Whisper"), ("tiny-looping", "looping Whisper")):
        for seed in range(3):
            with tempfile.TemporaryDirectory() as folder:
                weights = write_random_whisper(Path(folder), size=size, seed=seed)
                engine = FasterWhisperRecognizer(weights, n_threads=1)
            for number, path in enumerate(_clips(assets)[:8]):
                clip = read_speech(path)[: int(CLIP_S * SAMPLE_RATE_HZ)]
                for passage in _heard(engine, clip, detector.detect(clip), witness):
                    meant = LOOP_GUARDS if size == "tiny-looping" else ("rate",)
                    yield Case(kind, passage, meant, bool(number % 2))


def _heard(
    engine: Recognizer, sound: Samples, speech: Sequence[Span], witness: VoiceDetector
) -> Iterator[Passage]:
    """What the engine writes, block by block, with the voice that the witness hears."""
    recognition = engine.recognize(sound, speech, ENGLISH)
    words = list(recognition.words)
    for passage in passages_of(recognition.blocks, words, ("en",)) if recognition.blocks else ():
        yield replace(passage, voice=voice_in(witness, sound, passage.speech))


def _clips(assets: Path) -> list[Path]:
    speakers = assets / "audio/speakers"
    some = [
        path
        for folder in sorted((speakers / "test-other").iterdir())
        for path in sorted(folder.glob("*.flac"))[:2]
    ]
    return [*some, *sorted((speakers / "train-clean").rglob("*.flac"))[:6]]


def _noisy(clip: Samples, rng: np.random.Generator) -> Samples:
    level = float(np.sqrt(np.mean(clip**2))) * 10 ** (-5 / 20)
    noisy: Samples = clip + rng.standard_normal(len(clip)).astype(np.float32) * np.float32(level)
    return noisy


def _faster(clip: Samples, factor: float) -> Samples:
    """Played faster, and higher with it."""
    import soxr

    changed: Samples = soxr.resample(clip, SAMPLE_RATE_HZ * factor, SAMPLE_RATE_HZ)
    return changed.astype(np.float32, copy=False)


def _cut_out(passage: Passage) -> Passage:
    """As if the recognizer had skipped six seconds in the middle."""
    middle = passage.span.middle
    gone = Span(middle - LOST_S / 2, middle + LOST_S / 2)
    kept = tuple(word for word in passage.words if not gone.overlap(word.span))
    return replace(passage, words=kept)


def made_sounds() -> Mapping[str, Samples]:
    """Noises, hums, beeps and music, 4 s each, the same in every run."""
    rng = np.random.default_rng(7)
    n = int(SOUND_S * SAMPLE_RATE_HZ)
    time_s = np.arange(n) / SAMPLE_RATE_HZ
    found: dict[str, np.ndarray] = {}
    for level in (0.003, 0.03, 0.2):
        white = rng.standard_normal(n)
        found[f"white noise {level}"] = level * white
        found[f"brown noise {level}"] = level * _scaled(np.cumsum(white - white.mean()))
        found[f"murmur {level}"] = level * white * (1 + np.sin(2 * np.pi * 4 * time_s)) / 2
    for hertz in (50.0, 100.0, 425.0, 1000.0):
        overtones = [np.sin(2 * np.pi * hertz * k * time_s) / k for k in (1, 2, 3, 5)]
        found[f"hum {hertz}"] = 0.1 * np.sum(overtones, axis=0)
    found["dial tone"] = 0.2 * np.sin(2 * np.pi * 425 * time_s) * (time_s % 5 < 1)
    found["busy tone"] = 0.2 * np.sin(2 * np.pi * 425 * time_s) * (time_s % 0.7 < 0.35)
    found["siren"] = 0.2 * np.sin(2 * np.pi * (700 * time_s + 150 * np.sin(2 * np.pi * time_s)))
    clicks = np.zeros(n)
    clicks[rng.integers(0, n, 60)] = 0.8
    found["clicks"] = clicks
    for number in range(4):
        found[f"melody {number}"] = _music(rng, time_s, n_voices=1)
        found[f"chords {number}"] = _music(rng, time_s, n_voices=4)
        found[f"band {number}"] = _music(rng, time_s, n_voices=3) + _drums(rng, time_s)
    return {name: sound.astype(np.float32) for name, sound in found.items()}


def _scaled(sound: np.ndarray) -> np.ndarray:
    return np.asarray(sound / np.sqrt(np.mean(sound**2)))


def _music(rng: np.random.Generator, time_s: np.ndarray, *, n_voices: int) -> np.ndarray:
    """Notes of a scale with overtones that die away, three a second."""
    scale = 220.0 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    sound = np.zeros_like(time_s)
    for begun in np.arange(0.0, SOUND_S, 1 / 3):
        since = np.clip(time_s - begun, 0.0, None)
        envelope = (time_s >= begun) * np.exp(-3.0 * since) * np.clip(since / 0.02, 0.0, 1.0)
        for hertz in rng.choice(scale, n_voices):
            for k in range(1, 6):
                sound += envelope * np.sin(2 * np.pi * hertz * k * since) / k**1.5
    return np.asarray(0.1 * _scaled(sound))


def _drums(rng: np.random.Generator, time_s: np.ndarray) -> np.ndarray:
    since = time_s % 0.5
    return np.asarray(0.2 * rng.standard_normal(len(time_s)) * np.exp(-30.0 * since))
