"""What an engine is asked for and cannot do, found before any work."""

from __future__ import annotations

from typing import Any

import pytest

from stenograf.app import options_from
from stenograf.core.errors import UnsupportedError
from stenograf.pipeline import TranscribeOptions, ignore_event
from stenograf.recognizers import choose_recognizer
from stenograf.settings import Settings
from stenograf.workshop import Workshop


def chosen_notices(**options: Any) -> list[str]:
    """What the document will say about PocketSphinx with these options."""
    asked = TranscribeOptions(engine="pocketsphinx", **options)
    workshop = Workshop(asked, Settings(), ignore_event)
    return [notice.text for notice in choose_recognizer(workshop).notices]


def test_what_changes_nothing_is_said() -> None:
    """Whoever gives hot words learns that this engine does not hear them."""
    assert chosen_notices(hotwords="Stenograf", prompt="A call.") == [
        "The engine pocketsphinx does not mind the option prompt.",
        "The engine pocketsphinx does not mind the option hotwords.",
    ]
    assert chosen_notices() == []


@pytest.mark.parametrize("options", [{"languages": "ru,de"}, {"multilingual": True}])
def test_languages_the_engine_lacks_are_refused(options: dict[str, Any]) -> None:
    """English only: neither others nor a switch between them."""
    with pytest.raises(UnsupportedError, match="pocketsphinx"):
        chosen_notices(**options)


def test_one_known_language_of_a_list_is_enough() -> None:
    """A list for all recordings fits an engine that knows some of it."""
    assert chosen_notices(languages="ru,en") == []


def test_the_setting_is_the_list_where_the_caller_gives_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """STENOGRAF_LANGUAGES serves a whole office; an argument outweighs it."""
    monkeypatch.setenv("STENOGRAF_LANGUAGES", "ru, en")
    assert options_from().languages == ("ru", "en")
    assert options_from(languages=["de"]).languages == ("de",)
