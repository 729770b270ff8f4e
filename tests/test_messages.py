"""Messages in the reader's language, and the catalogue behind them."""

from __future__ import annotations

import gettext
import sys

import pytest
from tools import messages as tool

from stenograf import messages
from stenograf.core.errors import AudioNotFoundError, AudioTooLongError, EvaluationError
from stenograf.core.transcript import Notice
from stenograf.messages import Localized, language, localize, translate


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"STENOGRAF_LANG": "ru", "LC_ALL": "en_US.UTF-8"}, "ru"),
        ({"STENOGRAF_LANG": "en", "LANG": "ru_RU.UTF-8"}, "en"),
        ({"LC_ALL": "ru_RU.UTF-8", "LANG": "en_US"}, "ru"),
        ({"LC_ALL": "", "LC_MESSAGES": "ru", "LANG": "C"}, "ru"),
        ({"LANG": "ru-RU"}, "ru"),
        ({"LANG": "RU.KOI8-R"}, "ru"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "../../etc"}, "en"),
    ],
)
def test_first_variable_that_is_set_decides(environ: dict[str, str], expected: str) -> None:
    """Ours first, then POSIX order; a language that we do not speak is answered in English."""
    assert language(environ) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks its own user interface")
def test_nothing_set_is_english() -> None:
    """A bare container speaks English."""
    assert language({}) == "en"


def test_windows_language_is_asked_when_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows sets no LANG; its user interface language decides."""
    monkeypatch.setattr(messages, "_windows_language", lambda: "ru")
    assert language({}) == "ru"
    assert language({"LANG": "en_US"}) == "en"


def test_error_speaks_russian_with_its_details() -> None:
    """Message and hint are translated first, then filled in."""
    error = AudioTooLongError("{name} is longer than {limit_s:.0f} s.", name="a.mp3", limit_s=60.4)
    assert localize(error, "en") == Localized(str(error), error.advice)
    russian = localize(error, "ru")
    assert russian.hint == "Разделите запись или увеличьте предел."


def test_hint_of_one_error_is_filled_in_too() -> None:
    """A hint given with the error may hold details."""
    error = EvaluationError(
        "The UEM does not name the recording {name}.",
        hint="Add a line with the time that counts: {name} 1 0.000 END.",
        name="call",
    )
    assert localize(error, "ru") == Localized(
        "В UEM не указана запись call.",
        "Добавьте строку с оцениваемым временем: call 1 0.000 КОНЕЦ.",
    )


def test_notice_is_localized_like_an_error() -> None:
    """A notice without hint has an empty one."""
    notice = Notice("test", "There is no file {path}.", details={"path": "a {b}"})
    assert localize(notice, "ru") == Localized("Файл не найден: a {b}.", "")


def test_unknown_texts_stay_english() -> None:
    """A message added by a plugin is shown as it is."""
    error = AudioNotFoundError("{x} has no translation.", x=1)
    assert localize(error, "ru").message == "1 has no translation."
    assert translate("", "ru") == ""
    assert translate("Check the path.", "xx") == "Check the path."


def test_translations_use_the_same_details() -> None:
    """A placeholder lost or invented by a translation would fail in front of a user."""
    wrong = [
        str(entry.id)
        for entry in tool.catalogue("ru")
        if entry.id
        and tool.placeholders(str(entry.id)) != tool.placeholders(str(entry.string or entry.id))
    ]
    assert wrong == []


def test_compiled_catalogue_is_fresh() -> None:
    """What the program reads is what translators wrote: run `python -m tools.messages`."""
    with tool.mo_path("ru").open("rb") as file:
        shipped = gettext.GNUTranslations(file)
    written = {str(entry.id): str(entry.string) for entry in tool.catalogue("ru") if entry.string}
    assert {text: shipped.gettext(text) for text in written if text} == {
        text: translation for text, translation in written.items() if text
    }


@pytest.mark.e2e
def test_every_message_of_the_code_has_a_translation() -> None:
    """Run `python -m tools.messages`, then fill in the empty entries of the .po."""
    assert tool.complaints("ru") == []


CODE = '''
LIMIT_HINT = "From a constant."

class PluginError(AudioError):
    """Not a message."""

    hint = "From a class."

def fail(name):
    raise AudioError("First {a} " "second.", hint=LIMIT_HINT, a=1)
    raise EngineError("One." if name else "Other.")
    raise OptionError(f"Made of {name}.")
    Notice("some.code", "Notice.", "Notice hint.")
    raise AudioError(other.message, hint=other.hint or "Fallback.", **other.details)
    ValueError("Not ours.")
    translate("Said by a door.")
    translate(name)
'''


def test_messages_are_found_where_they_are_given() -> None:
    """Errors, notices, class hints and constants; nothing else."""
    found = [text.text for text in tool.find(CODE, "engines/plugin.py")]
    assert sorted(filter(None, found)) == [
        "Fallback.",
        "First {a} second.",
        "From a class.",
        "From a constant.",
        "Notice hint.",
        "Notice.",
        "One.",
        "Other.",
        "Said by a door.",
    ]
    assert [text.line for text in tool.find(CODE, "a.py") if text.text is None] == [12]


def test_help_is_found_in_the_command_line_only() -> None:
    """A docstring is a message when click shows it."""
    code = (
        '@click.command(short_help="Short.")\n@click.option("--x", help="About x.")\n'
        'def run(x):\n    """Long.\n\n    More.\n    """\n\ndef other():\n    """No."""\n'
    )
    assert {text.text for text in tool.find(code, "cli/run.py")} == {
        "Short.",
        "About x.",
        "Long.\n\nMore.",
    }
    assert list(tool.find(code, "engines/run.py")) == []
