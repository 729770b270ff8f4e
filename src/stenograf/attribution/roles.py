"""Seller and client: who of a call's speakers sells."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from stenograf.attribution.renaming import find_speaker
from stenograf.core.errors import OptionError
from stenograf.core.transcript import Speaker, Transcript

SELLER: Final = "seller"
CLIENT: Final = "client"

RolesBy: TypeAlias = Literal["order", "content"]

_SELLING: Final = re.compile(
    r"меня зовут|вас беспокоит|компани[яи]|предлага|предложени|скидк|акци[яию]"
    r"|наш(?:а|ей|их|и|у)?\b|удобно (?:ли )?(?:вам )?(?:сейчас )?говорить"
    r"|договор|менеджер|оформ|консультац"
    r"|my name is|calling (?:you )?from|our (?:company|product|service|offer|team)|we offer"
    r"|discount|special offer|how can i help|free trial|demo|is this a good time|sign up",
    re.IGNORECASE,
)
"""What sellers say and clients seldom do, in Russian and English sales calls."""

_CLEAR: Final = 2  # so many phrases more than the other, else the order decides


def assign_roles(
    transcript: Transcript,
    *,
    seller: str | None = None,
    client: str | None = None,
    by: RolesBy = "order",
) -> Transcript:
    """The document with one speaker as seller and one as client.

    Who is named, by id or name, gets the role. Else the first speaker sells and the second buys;
    with `by="content"` it is who says clearly more of what sellers say. Others have no role.
    Raises OptionError for a speaker who is not there, or who is given both roles.
    """
    order = [speaker.id for speaker in transcript.speakers]
    named_client = None if client is None else find_speaker(transcript, client).id
    free = [id for id in order if id != named_client]
    selling = next(iter(free), None)
    if seller is not None:
        selling = find_speaker(transcript, seller).id
    elif by == "content":
        selling = _seller_by_content(transcript, free) or selling
    if named_client is not None and selling == named_client:
        raise OptionError("One speaker cannot be both seller and client.")
    buying = named_client or next((id for id in order if id != selling), None)
    roles = {buying: CLIENT, selling: SELLER}
    speakers = tuple(replace(each, role=roles.get(each.id)) for each in transcript.speakers)
    return replace(transcript, speakers=speakers)


def with_role(transcript: Transcript, role: str) -> Speaker | None:
    """The speaker who has the role."""
    return next((speaker for speaker in transcript.speakers if speaker.role == role), None)


def _seller_by_content(transcript: Transcript, candidates: list[str]) -> str | None:
    """Who says more of what sellers say; None where it is not clear."""
    said = {id: _SELLING.findall(_words_of(transcript, id)) for id in candidates}
    ranked = sorted(candidates, key=lambda each: -len(said[each]))
    if not ranked:
        return None
    second = len(said[ranked[1]]) if len(ranked) > 1 else 0
    return ranked[0] if len(said[ranked[0]]) >= second + _CLEAR else None


def _words_of(transcript: Transcript, speaker: str) -> str:
    return " ".join(word.text for word in transcript.words if word.speaker == speaker)
