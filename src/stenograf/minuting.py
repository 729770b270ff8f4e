"""Minutes of a finished document: of its own sentences, or by the language model that is set."""

from __future__ import annotations

from typing import Final, get_args

from stenograf.core.errors import LanguageModelMissingError, OfflineError, OptionError
from stenograf.core.events import Progress
from stenograf.core.transcript import Transcript
from stenograf.minutes import (
    Answers,
    LanguageModel,
    Minutes,
    MinutesBy,
    MinutesOptions,
    NoAnswers,
)
from stenograf.network import is_this_machine
from stenograf.network.addresses import parse_url
from stenograf.pipeline import OnEvent, ignore_event
from stenograf.settings import Settings

METHODS: Final[tuple[MinutesBy, ...]] = get_args(MinutesBy)
MAX_HEAD_CHARS: Final = 1000
_FORGETFUL: Final = NoAnswers()


def make_minutes(  # noqa: PLR0913  (each is an option of the command)
    transcript: Transcript,
    *,
    method: MinutesBy = "auto",
    title: str | None = None,
    date: str | None = None,
    max_points: int = 5,
    offline: bool = False,
    on_event: OnEvent = ignore_event,
    answers: Answers = _FORGETFUL,
) -> Minutes:
    """What a meeting was about, what was decided and who does what, each with its source.

    `method` is `extractive` for sentences of the transcript itself, `model` for the language model
    that STENOGRAF_LLM_URL and STENOGRAF_LLM_MODEL name, `auto` for that where both are set, else
    extractive. `title` heads the minutes, by default the name of the recording; `date` is printed
    as it is given; `max_points` bounds the points of each topic. `offline` allows only a language
    model on this machine. What `on_event` raises ends the work.

    Raises OptionError, LanguageModelError, AddressError or OfflineError.
    """
    settings = Settings()
    options = MinutesOptions(title=title or None, date=date or None, max_points=max_points)
    _check(method, options)
    on_event(Progress("minutes", 0.0))
    if method == "model" or (method == "auto" and settings.llm_url and settings.llm_model):
        model = language_model(settings, offline=offline)
        from stenograf.minutes.written.write import write

        made = write(
            transcript,
            model,
            options=options,
            on_progress=lambda fraction: on_event(Progress("minutes", fraction)),
            answers=answers,
        )
    else:
        from stenograf.minutes.extractive.extract import extract

        made = extract(transcript, options=options)
    on_event(Progress("minutes", 1.0))
    return made


def language_model(settings: Settings, *, offline: bool = False) -> LanguageModel:
    """The language model of the settings; nothing is asked of it yet.

    Raises LanguageModelMissingError where none is named, AddressInvalidError for a URL that is
    none, and OfflineError where only this machine may be asked and it is on another.
    """
    from stenograf.minutes.written.chat import ChatModel

    url, model, key = settings.llm_url, settings.llm_model, settings.llm_key
    if not (url and model):
        raise LanguageModelMissingError("No language model is set that could write minutes.")
    host = parse_url(url).host
    if (offline or settings.offline) and not is_this_machine(host):
        raise OfflineError(
            "The language model is on {host}, and no connection to another machine is allowed.",
            hint="Leave out --offline, or ask for the method extractive.",
            host=host,
        )
    secret = key.get_secret_value() if key else None
    return ChatModel(url, model, key=secret, timeout_s=settings.llm_timeout_s)


def _check(method: str, options: MinutesOptions) -> None:
    if method not in METHODS:
        raise OptionError(
            "There is no method {name}.",
            hint="Choose one of {known}.",
            name=method,
            known=", ".join(METHODS),
        )
    if options.max_points < 1:
        raise OptionError("A topic has one point or more.")
    if any(len(text or "") > MAX_HEAD_CHARS for text in (options.title, options.date)):
        raise OptionError("Title and date have at most {limit} characters.", limit=MAX_HEAD_CHARS)
