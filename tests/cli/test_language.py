"""Help in the reader's language."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from stenograf.cli.language import translated


def run(*args: str, lang: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "STENOGRAF_LANG": lang, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "stenograf", *args],
        capture_output=True,
        encoding="utf-8",
        env=environ,
        check=False,
    )


def test_help_speaks_russian_down_to_the_options() -> None:
    """Our texts and click's own come from one catalogue."""
    done = run("evaluate", "der", "--help", lang="ru")
    assert done.returncode == 0
    assert "Использование: stenograf evaluate der" in done.stdout
    assert "Ошибка диаризации: кто и когда говорил" in done.stdout
    assert "Не оценивать время, когда говорят несколько человек." in done.stdout
    assert "Показать эту справку и выйти." in done.stdout


def test_list_of_commands_speaks_russian() -> None:
    """The first screen a newcomer sees."""
    done = run("--help", lang="ru")
    assert "Кто, что и когда сказал." in done.stdout
    assert "Команды:" in done.stdout
    group = run("evaluate", "--help", lang="ru").stdout
    assert "REF и HYP — два файла или две папки" in group


def test_english_stays_english() -> None:
    """The setting outweighs the locale."""
    done = run("evaluate", "der", "--help", lang="en")
    assert "Usage: stenograf evaluate der" in done.stdout
    assert "Do not score time with several speakers." in done.stdout


def test_wrong_calls_are_explained_in_russian() -> None:
    """Click's own complaints have the same status in any language."""
    done = run("evaluate", "der", "one", lang="ru")
    assert done.returncode == 2
    assert "Не хватает аргумента" in done.stderr


def test_errors_are_printed_in_russian_with_their_code() -> None:
    """Sentence and hint are translated; the code is for programs and stays."""
    done = run("evaluate", "wer", "no.txt", "no.txt", lang="ru")
    assert done.returncode == 8
    assert "Файл не найден: no.txt." in done.stderr
    assert "Проверьте путь." in done.stderr
    assert "evaluate" in done.stderr


def test_texts_without_translation_are_left_alone() -> None:
    """A command of a plugin is shown as it was written."""
    command = click.Command(
        "x", help="Unknown text.", params=[click.Option(["--y"], help="Print JSON.")]
    )
    shown = translated(command, "ru")
    assert shown.help == "Unknown text."
    assert isinstance(shown.params[0], click.Option)
    assert shown.params[0].help == "Вывести JSON."
    assert shown.epilog is None
