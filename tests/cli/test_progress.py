"""How a run is shown to people and to programs."""

from __future__ import annotations

import json
from functools import partial

import click
import pytest
from rich.console import Console

from stenograf.cli.progress import _Bars, _bars, shown
from stenograf.cli.recordings import for_each
from stenograf.core.errors import AudioNotFoundError, OptionError
from stenograf.core.events import Finished, NoticeRaised, Progress, WordsReady
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Recording, Transcript, Word

MISSING = AudioNotFoundError("There is no file {path}.", path="нет.mp3")


def fail(argument: str) -> None:
    raise MISSING


def test_a_program_gets_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Failures and their sum are lines of JSON too, in ASCII so that no encoding spoils them."""
    with shown(quiet=False, json_events=True) as show:
        assert for_each(["a", "b"], fail, show) == 1
    err = capsys.readouterr().err
    events = [json.loads(line) for line in err.splitlines()]
    assert [(event["type"], event["file"]) for event in events] == [
        ("failed", "a"),
        ("failed", "b"),
    ]
    assert events[0]["code"] == "audio.not_found"
    assert "нет.mp3" in events[0]["message"]
    assert err.isascii()


def test_what_stops_the_call_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A program that reads events learns why there were none."""
    with pytest.raises(click.exceptions.Exit) as left, shown(quiet=False, json_events=True):
        raise OptionError("No.")
    assert left.value.exit_code == 2
    assert json.loads(capsys.readouterr().err)["code"] == "option.invalid"


def test_progress_is_a_line_for_each_hundredth(capsys: pytest.CaptureFixture[str]) -> None:
    """An engine may report as often as it likes."""
    with shown(quiet=False, json_events=True) as show:
        for step in range(10_001):
            show.show("a", Progress("decode", step / 10_000))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 101
    assert json.loads(lines[-1]) == {
        "type": "progress", "file": "a", "stage": "decode", "fraction": 1.0,
    }  # fmt: skip


def test_times_of_words_are_rounded_to_milliseconds(capsys: pytest.CaptureFixture[str]) -> None:
    """Sums of frames have no more digits than that."""
    with shown(quiet=False, json_events=True) as show:
        show.show("a", WordsReady((Word(Span(0.29000000000000004, 5.859999999999999), "and"),)))
    assert json.loads(capsys.readouterr().err)["words"] == [
        {"start": 0.29, "end": 5.86, "text": "and"}
    ]


def test_a_log_gets_notices_and_no_bars(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard error is no terminal, nothing moves on it."""
    with shown(quiet=False, json_events=False) as show:
        show.show("a", Progress("decode", 0.5))
        show.show("a", NoticeRaised(Notice("x", "Decoded {n}.", details={"n": 3})))
        with show.paused():
            pass
    assert capsys.readouterr().err == "a: Decoded 3.\n"


def test_a_fault_of_ours_does_not_stop_the_other_recordings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is told with what a report needs, and the next recording is worked on."""
    done = []

    def work(argument: str) -> None:
        if argument == "a":
            raise ZeroDivisionError("by zero")
        done.append(argument)

    with shown(quiet=True, json_events=False) as show:
        assert for_each(["a", "b"], work, show) == 1
    err = capsys.readouterr().err
    assert done == ["b"]
    assert "Traceback" in err
    assert "error: a: Unexpected: ZeroDivisionError: by zero" in err
    assert "1 of 2 recordings failed:\n  a (internal)" in err


def test_a_reader_who_left_ends_the_call() -> None:
    """`| head` is no failure of one recording after the other."""

    def work(argument: str) -> None:
        raise BrokenPipeError

    with shown(quiet=True, json_events=False) as show, pytest.raises(BrokenPipeError):
        for_each(["a", "b"], work, show)


def test_a_finished_recording_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside notices, a log keeps one line for each recording; quiet means none."""
    finished = Finished(Transcript(Recording("call.mp3", 60.0), language="ru"))
    with shown(quiet=False, json_events=False) as show:
        show.show("call.mp3", finished)
    line = "finished file=call.mp3 duration_s=60.0 language=ru speakers=0 words=0\n"
    assert capsys.readouterr().err == line
    with shown(quiet=True, json_events=False) as show:
        show.show("call.mp3", finished)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("width", [50, 80, 200])
def test_a_long_name_leaves_room_for_the_percentage(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On any terminal a bar says of what file it is, and how far it came."""
    terminal = partial(Console, width=width, force_terminal=True)
    monkeypatch.setattr("rich.console.Console", terminal)
    with _bars() as bars:
        _Bars(bars).show(f"{'long ' * 40}.flac", Progress("recognize", 0.42))
        bars.refresh()
    err = capsys.readouterr().err
    assert "c: Recognizing words" in err
    assert "42%" in err
