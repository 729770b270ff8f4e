"""References and results in files or folders, matched and scored together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar

from stenograf.core.errors import EvaluationError
from stenograf.core.span import Span
from stenograf.core.transcript import Transcript, Turn, Word, join_words
from stenograf.evaluate.attribution import wder
from stenograf.evaluate.diarization import der
from stenograf.evaluate.formats import read_ctm, read_rttm, read_stm, read_text, read_uem
from stenograf.evaluate.scores import (
    CpWordScore,
    DiarizationScore,
    Score,
    WordDiarizationScore,
    WordScore,
    pool,
)
from stenograf.evaluate.text import TextRules
from stenograf.evaluate.words import cpwer, in_order, wer

T = TypeVar("T")
ScoreT = TypeVar("ScoreT", bound=Score)

ReadTranscript: TypeAlias = Callable[[Path], Transcript]
"""Opens a stored document; handed in, because documents are read in a sibling room."""

TURN_FORMATS: Final = (".rttm", ".json")
TEXT_FORMATS: Final = (".txt", ".stm", ".ctm", ".json")
SPEAKER_TEXT_FORMATS: Final = (".stm", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class DerRules:
    """What counts: `uem` is a UEM file or a folder of them that names every recording."""

    uem: Path | None = None
    collar_s: float = 0.0
    score_overlap: bool = True


@dataclass(frozen=True, slots=True)
class Report(Generic[ScoreT]):
    """Scores by recording, in the order of the reference, and their sum.

    `unused` names results that no reference asks for.
    """

    recordings: Mapping[str, ScoreT]
    unused: tuple[str, ...] = ()

    @property
    def total(self) -> ScoreT:
        """The pooled score; EvaluationError when nothing was compared."""
        return pool(self.recordings.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "total": self.total.to_dict(),
            "recordings": {name: score.to_dict() for name, score in self.recordings.items()},
            "unused": list(self.unused),
        }


def der_report(
    reference: Path, hypothesis: Path, rules: DerRules, *, read_transcript: ReadTranscript
) -> Report[DiarizationScore]:
    """Diarization errors of a file, or of a folder's files, matched by stem."""
    regions = None if rules.uem is None else _read_regions(rules.uem)

    def load(path: Path) -> dict[str, list[Turn]]:
        if path.suffix.lower() == ".json":
            return {path.stem: list(read_transcript(path).turns)}
        return read_rttm(path) or {path.stem: []}

    def score(name: str, truth: list[Turn], found: list[Turn]) -> DiarizationScore:
        return der(
            truth,
            found,
            uem=None if regions is None else _region(regions, name),
            collar_s=rules.collar_s,
            score_overlap=rules.score_overlap,
        )

    return _report(reference, hypothesis, TURN_FORMATS, load, score)


def wer_report(
    reference: Path,
    hypothesis: Path,
    *,
    read_transcript: ReadTranscript,
    text: TextRules | None = None,
) -> Report[WordScore]:
    """Word errors of a file, or of a folder's files, matched by stem."""

    def load(path: Path) -> dict[str, str]:
        if path.suffix.lower() == ".txt":
            return {path.stem: read_text(path)}
        recordings = _load_words(path, read_transcript)
        return {name: join_words(in_order(words)) for name, words in recordings.items()}

    def score(_name: str, truth: str, found: str) -> WordScore:
        return wer(truth, found, text=text)

    return _report(reference, hypothesis, TEXT_FORMATS, load, score)


def cpwer_report(
    reference: Path,
    hypothesis: Path,
    *,
    read_transcript: ReadTranscript,
    text: TextRules | None = None,
) -> Report[CpWordScore]:
    """Word errors per speaker of a file, or of a folder's files, matched by stem."""
    return _speakers_report(reference, hypothesis, read_transcript, partial(cpwer, text=text))


def wder_report(
    reference: Path,
    hypothesis: Path,
    *,
    read_transcript: ReadTranscript,
    text: TextRules | None = None,
) -> Report[WordDiarizationScore]:
    """Wrongly attributed words of a file, or of a folder's files, matched by stem."""
    return _speakers_report(reference, hypothesis, read_transcript, partial(wder, text=text))


def _speakers_report(
    reference: Path,
    hypothesis: Path,
    read_transcript: ReadTranscript,
    metric: Callable[[list[Word], list[Word]], ScoreT],
) -> Report[ScoreT]:
    """A metric of words that carry speakers; the truth must name them."""

    def load(path: Path) -> dict[str, list[Word]]:
        return _load_words(path, read_transcript)

    def score(name: str, truth: list[Word], found: list[Word]) -> ScoreT:
        _require_speakers(name, truth)
        return metric(truth, found)

    return _report(reference, hypothesis, SPEAKER_TEXT_FORMATS, load, score)


def _report(
    reference: Path,
    hypothesis: Path,
    formats: tuple[str, ...],
    load: Callable[[Path], dict[str, T]],
    score: Callable[[str, T, T], ScoreT],
) -> Report[ScoreT]:
    scores: dict[str, ScoreT] = {}
    unused: list[str] = []
    for truth_path, found_path in _match_files(reference, hypothesis, formats, unused):
        for name, truth, found in _match_recordings(truth_path, found_path, load, unused):
            if name in scores:
                raise EvaluationError(
                    "{path} holds the recording {name}, which another file holds too.",
                    hint="Give each recording once.",
                    path=str(truth_path),
                    name=name,
                )
            scores[name] = score(name, truth, found)
    return Report(scores, tuple(unused))


def _match_files(
    reference: Path, hypothesis: Path, formats: tuple[str, ...], unused: list[str]
) -> Iterator[tuple[Path, Path]]:
    """A pair of files, or the pairs of two folders; results without reference go to `unused`."""
    if not reference.is_dir() and not hypothesis.is_dir():
        yield _known(reference, formats), _known(hypothesis, formats)
        return
    truths, founds = _by_stem(reference, formats), _by_stem(hypothesis, formats)
    unused += [founds[stem].name for stem in founds if stem not in truths]
    for stem, truth in truths.items():
        if stem not in founds:
            raise EvaluationError(
                "{folder} has no counterpart of {reference}.",
                hint="Name it like the reference: {stem}{formats}.",
                folder=str(hypothesis),
                reference=str(truth),
                stem=stem,
                formats="|".join(formats),
            )
        yield truth, founds[stem]


def _by_stem(folder: Path, formats: tuple[str, ...]) -> dict[str, Path]:
    """The files of a folder by stem, sorted; of one stem the format that comes first."""
    if not folder.is_dir():
        raise EvaluationError(
            "{path} is not a folder, but the other side is.",
            hint="Give two files or two folders.",
            path=str(folder),
        )
    files = [path for path in folder.iterdir() if path.suffix.lower() in formats]
    files.sort(key=lambda path: (path.stem, -formats.index(path.suffix.lower())))
    if not files:
        raise EvaluationError(
            "{folder} holds no file that can be scored.",
            hint="Formats for this score: {formats}.",
            folder=str(folder),
            formats=" ".join(formats),
        )
    return {path.stem: path for path in files}


def _known(path: Path, formats: tuple[str, ...]) -> Path:
    if path.suffix.lower() not in formats:
        raise EvaluationError(
            "{path} is in no format that this score reads.",
            hint="Formats for this score: {formats}.",
            path=str(path),
            formats=" ".join(formats),
        )
    return path


def _match_recordings(
    truth_path: Path, found_path: Path, load: Callable[[Path], dict[str, T]], unused: list[str]
) -> Iterator[tuple[str, T, T]]:
    """Recordings of two files by name; one on each side belong together whatever their names."""
    truths, founds = load(truth_path), load(found_path)
    if len(truths) == len(founds) == 1:
        founds = dict(zip(truths, founds.values(), strict=True))
    unused += [name for name in founds if name not in truths]
    for name, truth in truths.items():
        if name not in founds:
            raise EvaluationError(
                "{path} says nothing about the recording {name}.",
                hint="Both files must use the same recording names.",
                path=str(found_path),
                name=name,
            )
        yield name, truth, founds[name]


def _load_words(path: Path, read_transcript: ReadTranscript) -> dict[str, list[Word]]:
    match path.suffix.lower():
        case ".stm":
            return read_stm(path) or {path.stem: []}
        case ".ctm":
            return read_ctm(path) or {path.stem: []}
        case _:
            return {path.stem: list(read_transcript(path).words)}


def _read_regions(path: Path) -> dict[str, list[Span]]:
    regions: dict[str, list[Span]] = {}
    for file in sorted(path.glob("*.uem")) if path.is_dir() else [path]:
        regions |= read_uem(file)
    return regions


def _region(regions: dict[str, list[Span]], name: str) -> list[Span]:
    if name not in regions:
        raise EvaluationError(
            "The UEM does not name the recording {name}.",
            hint="Add a line with the time that counts: {name} 1 0.000 END.",
            name=name,
        )
    return regions[name]


def _require_speakers(name: str, words: list[Word]) -> None:
    if any(word.speaker is None for word in words):
        raise EvaluationError(
            "The reference of {name} has words without a speaker.",
            hint="Give a reference in which every word has a speaker.",
            name=name,
        )
