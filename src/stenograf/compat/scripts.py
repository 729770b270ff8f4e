"""What the documented scripts do."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from stenograf.cli.exit_codes import exit_code
from stenograf.core.errors import StenografError


def diarize(arguments: Sequence[str] | None = None) -> int:
    """`diarize.py FILE`: the answer of `POST /diarize` on standard output, or its error."""
    from stenograf import app
    from stenograf.compat.audio_diarization import as_plain

    asked = _arguments(arguments, "Who speaks when, as JSON on standard output.")
    try:
        transcript = app.diarize(
            asked.file,
            speakers=asked.num_speakers,
            min_speakers=asked.min_speakers,
            max_speakers=asked.max_speakers,
        )
    except StenografError as error:
        _print({"error": f"{error} {error.advice}".strip()})
        return exit_code(error)
    found = as_plain(transcript)
    _print({"speakers": found["segments"], "duration": found["duration"]})
    return 0


def simple_diarization_test(arguments: Sequence[str] | None = None) -> int:
    """`simple_diarization_test.py FILE`: each turn on a line, for people."""
    from stenograf.compat.audio_diarization import AudioDiarization

    asked = _arguments(arguments, "Who speaks when, for people.")
    work = AudioDiarization().diarize_audio(
        audio_file_path=asked.file,
        min_speakers=asked.min_speakers,
        max_speakers=asked.max_speakers,
    )
    try:
        found = asyncio.run(work)
    except StenografError as error:
        sys.stderr.write(f"{error} {error.advice}\n")
        return exit_code(error)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for turn in found["segments"]:
        sys.stdout.write(f"{turn['start']:9.2f} {turn['end']:9.2f}  {turn['speaker']}\n")
    sys.stdout.write(f"{found['totalSpeakers']} speakers in {found['duration']:.1f} s\n")
    return 0


def _arguments(arguments: Sequence[str] | None, description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("file")
    parser.add_argument("--num-speakers", type=int)
    parser.add_argument("--min-speakers", type=int)
    parser.add_argument("--max-speakers", type=int)
    return parser.parse_args(arguments)


def _print(body: dict[str, Any]) -> None:
    """ASCII, so that no console's encoding can spoil it."""
    sys.stdout.write(json.dumps(body) + "\n")
