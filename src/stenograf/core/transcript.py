"""The document: who said what, when, and how we know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from stenograf.core.span import Span

FORMAT_VERSION = 3
"""Version of the stored document; raise it together with a migration in `export.json`."""


@dataclass(frozen=True, slots=True)
class Word:
    """One written word and the time it was spoken.

    `text` has no white space around it. `joined` is True where no space separates it from the
    word before (Chinese, Japanese, the second half of a hyphenated word). `probability` and
    `speaker_confidence` lie in [0, 1]; None means that nobody measured it. `speaker` is None
    where nothing is known about who spoke. `language` is an ISO 639 code where the words of a
    recording were spoken in several languages; None means that of the document. `no_speech` is
    the engine's own probability that nobody spoke where it heard the word: evidence for guards,
    which no document keeps and which makes no word differ from another.
    """

    span: Span
    text: str
    probability: float | None = None
    speaker: str | None = None
    speaker_confidence: float | None = None
    joined: bool = False
    language: str | None = None
    no_speech: float | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's span; turns of different speakers may overlap."""

    span: Span
    speaker: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """Consecutive words of one speaker, for reading; holds at least one word."""

    speaker: str | None
    words: tuple[Word, ...]

    @property
    def span(self) -> Span:
        """From the first word's start to the latest word's end."""
        return Span(self.words[0].span.start, max(word.span.end for word in self.words))

    @property
    def text(self) -> str:
        """The words as one line."""
        return join_words(self.words)


@dataclass(frozen=True, slots=True)
class Speaker:
    """One voice of a recording: `id` as in turns and words, and what people call it."""

    id: str
    name: str | None = None
    role: str | None = None

    @property
    def label(self) -> str:
        """What to print: the name if there is one, else the id."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader of a document should know, though the work went on.

    `message` and `hint` are templates over `details`, so that a door may translate them.

    >>> Notice("audio.truncated", "Decoded {decoded_s:.1f} s.", details={"decoded_s": 12.09}).text
    'Decoded 12.1 s.'
    """

    code: str
    message: str
    hint: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The message in English with its details filled in."""
        return self.message.format_map(self.details)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A part of a recording whose words may be invented, wrong or missing.

    `reasons` names the guards that object to it (docs/guards.md); there is at least one.
    """

    span: Span
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """One source of sound: `name` is a file name, never a path; `duration` is in seconds."""

    name: str
    duration: float
    n_channels: int = 1
    format: str | None = None
    size_bytes: int | None = None
    sha256: str | None = None


ModelTask = Literal["detect", "recognize", "diarize", "align"]


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One model that took part: which engine ran it, what its file hashes to, why it was chosen."""

    task: ModelTask
    engine: str
    model: str
    sha256: str | None = None
    reason: str | None = None


TOTAL = "total"
"""The key of a whole run among the timings of its stages."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a document came to be: enough to make it again.

    `created_at` is ISO 8601 in UTC; `timings` are wall-clock seconds by stage (stages may run side
    by side), with `total` for the whole run. `language_votes` are mean probabilities by language
    where the language was found by a vote.
    """

    package_version: str
    created_at: str
    models: tuple[ModelUse, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    language_votes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transcript:
    """Who said what, when: the document that everything else reads.

    `words` are in time order; `turns` keep overlapping speech; `speakers` are numbered by first
    speech and name every speaker of `words` and `turns`. `language` is an ISO 639 code, the one
    most spoken where words carry their own. `suspects` are in time order and do not overlap;
    nothing in them was left out for that.
    """

    recording: Recording
    words: tuple[Word, ...] = ()
    turns: tuple[Turn, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    language: str | None = None
    language_probability: float | None = None
    notices: tuple[Notice, ...] = ()
    provenance: Provenance | None = None
    suspects: tuple[Suspect, ...] = ()
    format_version: int = FORMAT_VERSION

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for each second of sound; None where nobody measured the work."""
        total = self.provenance.timings.get(TOTAL) if self.provenance else None
        return total / self.recording.duration if total and self.recording.duration else None

    @property
    def text(self) -> str:
        """All words as one line."""
        return join_words(self.words)

    def speaker(self, id: str | None) -> Speaker | None:
        """The speaker with this id; None for None and for an id nobody carries."""
        return next((speaker for speaker in self.speakers if speaker.id == id), None)


def join_words(words: tuple[Word, ...] | list[Word]) -> str:
    """Words as running text, with a space wherever the language writes one.

    >>> join_words([Word(Span(0, 1), "Guten Tag"), Word(Span(1, 1), "!", joined=True)])
    'Guten Tag!'
    """
    text = "".join(word.text if word.joined else f" {word.text}" for word in words)
    return text.strip()


def speaker_id(index: int) -> str:
    """The id of the speaker who was heard `index`-th, from 0.

    >>> speaker_id(1)
    'SPEAKER_01'
    """
    return f"SPEAKER_{index:02d}"
