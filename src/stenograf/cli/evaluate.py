"""`stenograf evaluate`: error rates against a reference."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stenograf.core.errors import DocumentError, EvaluationError
from stenograf.core.transcript import Transcript
from stenograf.evaluate.folder import (
    DerRules,
    Report,
    cpwer_report,
    der_report,
    wder_report,
    wer_report,
)
from stenograf.evaluate.formats import read_bytes
from stenograf.evaluate.scores import (
    CpWordScore,
    DiarizationScore,
    ScoreT,
    WordDiarizationScore,
    WordScore,
)
from stenograf.evaluate.text import AS_WRITTEN, TextRules

F = TypeVar("F", bound=Callable[..., Any])
PIPED_WIDTH: Final = 120
NOTHING: Final = "-"
"""Printed for a rate whose reference is empty."""

_PATH: Final = click.Path(path_type=Path)


@click.group()
def evaluate() -> None:
    """Error rates against a reference.

    REF and HYP are two files, or two folders whose files are matched by name.
    """


def _subject(command: F) -> F:
    """The two arguments and the option that all scores share."""
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)
    command = click.argument("hypothesis", metavar="HYP", type=_PATH)(command)
    return click.argument("reference", metavar="REF", type=_PATH)(command)


def _text_rules(command: F) -> F:
    return click.option(
        "--as-written",
        is_flag=True,
        help="Compare words as written; by default case, punctuation and ё/е do not count.",
    )(command)


@evaluate.command()
@_subject
@click.option("--uem", type=_PATH, help="UEM file or folder: only this time counts.")
@click.option(
    "--collar",
    "collar_s",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Seconds not scored on each side of a reference boundary.",
)
@click.option("--skip-overlap", is_flag=True, help="Do not score time with several speakers.")
def der(
    reference: Path,
    hypothesis: Path,
    *,
    uem: Path | None,
    collar_s: float,
    skip_overlap: bool,
    as_json: bool,
) -> None:
    """Diarization error: who spoke when, in seconds (.rttm, .json)."""
    counted = DerRules(uem=uem, collar_s=collar_s, score_overlap=not skip_overlap)
    report = der_report(reference, hypothesis, counted, read_transcript=_read_transcript)
    region = f"inside {uem.name}" if uem else "from the first to the last turn"
    overlap = "skipped" if skip_overlap else "scored"
    rules = f"Seconds; collar {collar_s:g} s on each side, overlap {overlap}, {region}"
    _show(report, as_json=as_json, rules=rules, columns=DER_COLUMNS)


@evaluate.command()
@_subject
@_text_rules
def wer(reference: Path, hypothesis: Path, as_written: bool, as_json: bool) -> None:
    """Word error rate, speakers ignored (.txt, .stm, .ctm, .json)."""
    text = AS_WRITTEN if as_written else TextRules()
    report = wer_report(reference, hypothesis, read_transcript=_read_transcript, text=text)
    _show(report, as_json=as_json, rules=f"Text: {text}", columns=WER_COLUMNS)


@evaluate.command()
@_subject
@_text_rules
def cpwer(reference: Path, hypothesis: Path, as_written: bool, as_json: bool) -> None:
    """Word error rate with speakers paired at best (.stm, .json)."""
    text = AS_WRITTEN if as_written else TextRules()
    report = cpwer_report(reference, hypothesis, read_transcript=_read_transcript, text=text)
    _show(report, as_json=as_json, rules=f"Text: {text}", columns=CPWER_COLUMNS)


@evaluate.command()
@_subject
@_text_rules
def wder(reference: Path, hypothesis: Path, as_written: bool, as_json: bool) -> None:
    """Share of words given to the wrong speaker (.stm, .json)."""
    text = AS_WRITTEN if as_written else TextRules()
    report = wder_report(reference, hypothesis, read_transcript=_read_transcript, text=text)
    _show(report, as_json=as_json, rules=f"Text: {text}", columns=WDER_COLUMNS)


DER_COLUMNS: Final[dict[str, Callable[[DiarizationScore], str]]] = {
    "DER": lambda score: _percent(score.der),
    "missed": lambda score: f"{score.missed_s:.2f}",
    "false": lambda score: f"{score.false_alarm_s:.2f}",
    "confused": lambda score: f"{score.confusion_s:.2f}",
    "total": lambda score: f"{score.total_s:.2f}",
    "JER": lambda score: _percent(score.jer),
    "speakers": lambda score: f"{score.n_hypothesis_speakers}/{score.n_reference_speakers}",
    "off by": lambda score: _number(score.speaker_count_error),
}
WER_COLUMNS: Final[dict[str, Callable[[WordScore], str]]] = {
    "WER": lambda score: _percent(score.wer),
    "words": lambda score: str(score.n_words),
    "substituted": lambda score: str(score.substituted),
    "deleted": lambda score: str(score.deleted),
    "inserted": lambda score: str(score.inserted),
}
CPWER_COLUMNS: Final[dict[str, Callable[[CpWordScore], str]]] = {
    "cpWER": lambda score: _percent(score.cpwer),
    "words": lambda score: str(score.n_words),
    "substituted": lambda score: str(score.substituted),
    "deleted": lambda score: str(score.deleted),
    "inserted": lambda score: str(score.inserted),
    "missed speakers": lambda score: str(score.missed_speakers),
    "extra speakers": lambda score: str(score.extra_speakers),
}
WDER_COLUMNS: Final[dict[str, Callable[[WordDiarizationScore], str]]] = {
    "WDER": lambda score: _percent(score.wder),
    "aligned words": lambda score: str(score.n_words),
    "wrong speaker": lambda score: str(score.errors),
    "of these misheard": lambda score: str(score.substituted_wrong_speaker),
}


def _show(
    report: Report[ScoreT],
    *,
    as_json: bool,
    rules: str,
    columns: dict[str, Callable[[ScoreT], str]],
) -> None:
    if report.unused:
        click.echo(f"Not scored, without reference: {', '.join(report.unused)}", err=True)
    if as_json:
        click.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
        return
    # Piped output has no width of its own: wide enough that no number is cut.
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = PIPED_WIDTH
    console.print(_table(report, columns))
    click.echo(rules)


def _table(report: Report[ScoreT], columns: dict[str, Callable[[ScoreT], str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("recording", overflow="fold")
    for heading in columns:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, score in report.recordings.items():
        table.add_row(name, *(cell(score) for cell in columns.values()))
    table.add_section()
    table.add_row("all", *(cell(report.total) for cell in columns.values()), style="bold")
    return table


def _percent(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate:.2%}"


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def _read_transcript(path: Path) -> Transcript:
    from stenograf.export import read_json

    try:
        return read_json(read_bytes(path))
    except DocumentError as error:
        raise EvaluationError(
            "{path} is not a transcript: {reason}",
            hint="Give a .json file that Stenograf wrote.",
            path=str(path),
            reason=str(error),
        ) from error
