"""Standard streams that are full, closed, or speak another encoding."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

WORDS = ("transcribe", "--engine", "pocketsphinx", "-l", "en", "--offline", "--no-diarize")

INTERRUPTIBLE = """
import signal
from stenograf.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""The command; a shell's background job would have it ignore Ctrl-C, and the tests may be one."""


def stenograf(*arguments: object, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "stenograf", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("arguments", [(*WORDS, "asr/jfk.flac"), ("--help",)], ids=lambda a: a[0])
def test_a_full_disk_behind_standard_output_is_told(
    assets: Path, arguments: tuple[str, ...]
) -> None:
    """Its own code and status, and nothing from Python itself."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "stenograf", *arguments],
            stdout=full, stderr=subprocess.PIPE, cwd=assets / "audio", timeout=120, check=False,
        )  # fmt: skip
    assert done.returncode == 7
    assert b"output.disk_full" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_a_reader_who_leaves_gets_no_traceback(assets: Path) -> None:
    """As with `| head -1`."""
    with stenograf(*WORDS, assets / "audio/asr/jfk.flac", "--quiet") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode != 0


def test_a_name_that_the_terminal_cannot_show_stops_nothing(assets: Path, tmp_path: Path) -> None:
    """Russian names under a Western code page; results are UTF-8 all the same."""
    path = tmp_path / "Запись.flac"
    path.write_bytes((assets / "audio/asr/jfk.flac").read_bytes())
    with stenograf(
        *WORDS, path, tmp_path / "нет.flac", PYTHONIOENCODING="cp1252", STENOGRAF_LANG="ru"
    ) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert f"== {path} ==" in out.decode()
    assert b"audio.not_found" in err
    assert b"Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_interrupted_work_ends_with_130(assets: Path) -> None:
    """Ctrl-C stops both branches, says so, and is no traceback."""
    sample = assets / "audio/diarization/pyannote-sample/sample.wav"
    arguments = [*WORDS, str(sample), "--json-events"]
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if b'"recognize"' in line:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Stopped." in err
    assert b"Traceback" not in err
