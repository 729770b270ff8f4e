"""Conversations with a known script, spoken by flite (Debian package flite)."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from stenograf.core.span import Span
from stenograf.core.transcript import Turn, Word
from stenograf.core.waveform import Samples, duration_s, sample_at
from stenograf.testing.sound import read_speech

VOICES = ("slt", "rms", "awb", "kal16")
SILENCE_LEVEL = 0.01  # of full scale: flite pads every sentence with near silence
OVERLAP_RATE = 0.15
BACKCHANNEL_RATE = 0.25

LINES = """
Good morning everybody, let us begin with the report from last week.
The new building will be ready in the spring. We still need doors and windows.
I think we should wait. The price may go down in the summer.
Who is going to write the letter to the school?
My sister called me yesterday. She wants to sell her car and buy a small boat.
We had twelve people at the dinner, but there was food for thirty.
The train was late again this morning. I had to walk the last two miles in the rain.
Can you send me the numbers before noon?
The doctor said it is nothing serious. He should stay in bed for three days.
I do not agree with that. We tried it two years ago and it did not work.
Let me show you the picture. You can see the river and the old bridge behind the trees.
There are five questions on the list. We have time for two of them.
The first one is about money, as always.
I would like to thank everybody who helped us with the garden.
It is cold in here. Could somebody please close the window?
We sold more than four hundred tickets in one day. Nobody expected that.
The teacher asked the children to read the whole book.
My brother lives in the north. He says the winter is long and dark there.
If we leave at seven we can be home before dinner.
Please do not forget the keys. Last time we stood outside for an hour.
The music was too loud, so we went to another place.
He works for a large company and travels most of the year.
What did the manager say about the second plan?
She said that it was a good idea. But she wants to see the cost first.
The water came up to the second step, then it stopped.
I can take the bus on Friday. The car needs a new wheel anyway.
Your answer was very clear, thank you. I have only one more question.
We could ask the city for help. They gave money to the hospital last year.
The market opens at six. You have to be early if you want fresh bread.
I read it in the paper this morning, and I could not believe it.
""".strip().splitlines()
BACKCHANNELS = ("Yes.", "Right.", "Okay.", "I see.", "Sure.")


@dataclass(frozen=True, slots=True)
class Line:
    """One voice's lines, where they begin."""

    text: str
    speaker: str
    start_s: float
    sound: Samples

    @property
    def span(self) -> Span:
        """From the first sound to the last."""
        return Span(self.start_s, self.start_s + duration_s(self.sound))

    @property
    def words(self) -> list[Word]:
        """The script's words, spread evenly."""
        texts = self.text.split()
        edges = np.linspace(self.span.start, self.span.end, len(texts) + 1)
        return [
            Word(Span(float(start), float(end)), text, speaker=self.speaker)
            for text, (start, end) in zip(texts, pairwise(edges), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Talk:
    """Sound, who speaks when, and the script; words are spread evenly over their lines."""

    samples: Samples
    turns: list[Turn]
    words: list[Word]


def talk(*, n_speakers: int, n_lines: int, seed: int) -> Talk:
    """A conversation with pauses, some overlap and backchannels, in a quiet room."""
    rng = np.random.default_rng(seed)
    voices = [str(name) for name in rng.permutation(VOICES)[:n_speakers]]
    lines: list[Line] = []
    for index in rng.permutation(len(LINES))[:n_lines]:
        end_s = lines[-1].span.end if lines else 0.0
        speaker = _other(voices, lines[-1].speaker if lines else "", rng)
        overlap = bool(lines) and rng.random() < OVERLAP_RATE
        start_s = end_s - rng.uniform(0.2, 0.6) if overlap else end_s + rng.uniform(0.1, 0.9)
        line = Line(LINES[int(index)], speaker, start_s, speak(LINES[int(index)], speaker))
        if line.span.duration > 3.0 and rng.random() < BACKCHANNEL_RATE:
            listener, answer = _other(voices, speaker, rng), str(rng.choice(BACKCHANNELS))
            at_s = start_s + rng.uniform(1.0, line.span.duration - 1.0)
            lines.append(Line(answer, listener, at_s, 0.5 * speak(answer, listener)))
        lines.append(line)
    words = sorted((word for line in lines for word in line.words), key=lambda word: word.span)
    return Talk(_mix(lines, rng), [Turn(line.span, line.speaker) for line in lines], words)


def _other(voices: list[str], speaker: str, rng: np.random.Generator) -> str:
    return str(rng.choice([voice for voice in voices if voice != speaker]))


def speak(text: str, voice: str) -> Samples:
    """Samples of one line without the silence around it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        command = ["flite", "-voice", voice, "-t", text, "-o", str(path)]
        subprocess.run(command, check=True)
        samples = read_speech(path)
    loud = np.flatnonzero(np.abs(samples) > SILENCE_LEVEL)
    return samples[loud[0] : loud[-1] + 1]


def _mix(lines: list[Line], rng: np.random.Generator) -> Samples:
    n_samples = sample_at(max(line.span.end for line in lines) + 0.5)
    mix = rng.normal(0.0, 0.0005, n_samples).astype(np.float32)  # no room is digitally silent
    for line in lines:
        at = sample_at(line.start_s)
        mix[at : at + len(line.sound)] += line.sound
    return mix
