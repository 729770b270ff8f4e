"""Known speakers of a request: names with clips of their voices, as data URLs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, UploadFile

from stenograf.api.auth import Caller
from stenograf.api.services import Services
from stenograf.api.uploads import Form
from stenograf.api.work import heard
from stenograf.core.errors import InvalidRequestError, UnsupportedError
from stenograf.core.evidence import SpeakerEvidence
from stenograf.core.transcript import Transcript
from stenograf.speakers import name_known

NAMES: Final = "known_speaker_names"
REFERENCES: Final = "known_speaker_references"
MOST: Final = 10
_DATA_URL: Final = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,", re.ASCII)


@dataclass(frozen=True, slots=True)
class Clip:
    """A known speaker's voice as it was sent."""

    name: str
    content_type: str
    sound: bytes

    @contextmanager
    def as_upload(self) -> Iterator[UploadFile]:
        """The clip as if it had come as a file."""
        with SpooledTemporaryFile(max_size=1 << 16) as file:
            file.write(self.sound)
            file.seek(0)
            headers = Headers({"content-type": self.content_type})
            yield UploadFile(file, filename="reference", size=len(self.sound), headers=headers)  # type: ignore[arg-type]


def clips_in(form: Form) -> list[Clip]:
    """The known speakers of a form. Raises InvalidRequestError for what is no pair of both."""
    names, references = form.texts(NAMES), form.texts(REFERENCES)
    if len(names) != len(references) or len(set(names)) != len(names):
        raise InvalidRequestError(
            "{param}: as many names, each its own, as references are needed.", param=NAMES
        )
    if len(names) > MOST:
        raise InvalidRequestError("{param}: at most {most} are allowed.", param=NAMES, most=MOST)
    return [_clip(name, url) for name, url in zip(names, references, strict=True)]


async def with_names(
    services: Services,
    caller: Caller,
    request: Request,
    document: tuple[Transcript, SpeakerEvidence | None],
    clips: list[Clip],
) -> Transcript:
    """The document with the known speakers called by name. Raises what a clip fails with."""
    transcript, evidence = document
    if not clips:
        return transcript
    if evidence is None:
        raise UnsupportedError("This diarizer keeps no voices that could be compared.")
    known = {}
    for clip in clips:
        with clip.as_upload() as file:
            alone, voice = await heard(
                services, caller, request, file, {"speakers": 1}, kind="diarize"
            )
        if voice is not None:
            known[clip.name] = (alone, voice)
    return await run_in_threadpool(name_known, transcript, evidence, known)


def _clip(name: str, url: str) -> Clip:
    head = _DATA_URL.match(url)
    if head is None:
        raise InvalidRequestError("{param}: data URLs in base64 are needed.", param=REFERENCES)
    try:
        sound = base64.b64decode(url[head.end() :], validate=True)
    except binascii.Error:
        raise InvalidRequestError("{param}: this is not base64.", param=REFERENCES) from None
    return Clip(name, head[1] or "application/octet-stream", sound)
