"""`AudioDiarization`: who speaks when, as the protocol maker calls it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from stenograf import app
from stenograf.core.errors import (
    AccessError,
    ModelMissingError,
    RepositoryMissingError,
    StenografError,
    TokenInvalidError,
    TokenMalformedError,
)
from stenograf.core.transcript import Transcript
from stenograf.pipeline import Pipeline, TranscribeOptions
from stenograf.settings import Settings


class AudioDiarization:
    """Tells speakers apart. A token is needed only for the gated pipelines of pyannote.

    `use_auth_token` outweighs HUGGINGFACE_HUB_TOKEN, HF_TOKEN and HUGGINGFACE_TOKEN. `diarizer`
    is a name of `stenograf diarize --diarizer`.
    """

    def __init__(
        self, device: str = "cpu", use_auth_token: str | None = None, *, diarizer: str = "auto"
    ) -> None:
        self._options = {"device": device, "diarizer": diarizer}
        self._token = SecretStr(use_auth_token) if use_auth_token else None
        self._pipeline: Pipeline | None = None

    async def diarize_audio(
        self,
        audio_file_path: str | Path,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
    ) -> dict[str, Any]:
        """Turns and speakers, in the shape of `POST /api/diarize`.

        Raises ValueError with "Authentication required" or "Invalid token" and OSError with
        "Model ... not found", each with the next step, and StenografError for anything else.
        """
        options = TranscribeOptions(
            **self._options,  # type: ignore[arg-type]
            min_speakers=min_speakers,
            max_speakers=max_speakers,
        )
        with as_documented(options.diarizer):
            transcript = await asyncio.to_thread(self._run, Path(audio_file_path), options)
        return as_plain(transcript)

    def _run(self, path: Path, options: TranscribeOptions) -> Transcript:
        if self._pipeline is None:
            token = self._token or Settings().hf_token
            app.fetch(options, recognize=False, token=token)
            self._pipeline = app.prepare(options, recognize=False)
        return self._pipeline.run(path, options)


def as_plain(transcript: Transcript) -> dict[str, Any]:
    """Turns in order of start, and the speakers in order of first speech."""
    turns = sorted(transcript.turns, key=lambda turn: (turn.span, turn.speaker))
    speakers = list(dict.fromkeys(turn.speaker for turn in turns))
    return {
        "success": True,
        "segments": [
            {
                "speaker": turn.speaker,
                "start": round(turn.span.start, 3),
                "end": round(turn.span.end, 3),
            }
            for turn in turns
        ],
        "speakers": speakers,
        "totalSpeakers": len(speakers),
        "duration": round(transcript.recording.duration, 3),
    }


@contextmanager
def as_documented(model: str) -> Iterator[None]:
    """The hub's refusals as the exceptions that the protocol maker's guide names."""
    try:
        yield
    except (TokenInvalidError, TokenMalformedError) as error:
        raise ValueError(f"Invalid token: {_told(error)}") from error
    except AccessError as error:
        said = f"Authentication required to access {model}: {_told(error)}"
        raise ValueError(said) from error
    except (RepositoryMissingError, ModelMissingError) as error:
        raise OSError(f"Model {model} not found: {_told(error)}") from error


def _told(error: StenografError) -> str:
    return f"{error} {error.advice}"
