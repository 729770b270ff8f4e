"""Transcribe the two-person conversation beside this file and print who said what.

It takes the best models it can get. Where no model hub can be reached, the engine `pocketsphinx`
finds the words; speakers are always told apart by a real engine.

    python demo/run.py [--picture FILE.svg]    also keep what it prints as a picture
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

import stenograf
from stenograf.cli.exit_codes import exit_code
from stenograf.cli.messages import notice_text, print_error
from stenograf.cli.progress import shown

HERE = Path(__file__).parent
RECORDING = HERE / "conversation.flac"
OUT = HERE / "out"
FORMATS = ("txt", "json", "srt", "vtt", "rttm", "docx")
COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")


def main() -> int:
    """The demo; returns its exit status."""
    parser = argparse.ArgumentParser(description="Transcribe a made conversation.")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg")
    picture: Path | None = parser.parse_args().picture
    console = Console(record=True, width=100) if picture else Console()
    console.print(f"Transcribing {RECORDING.relative_to(HERE.parent)}, two speakers", style="bold")
    try:
        with shown(quiet=False, json_events=False) as show:
            transcript = stenograf.transcribe(
                RECORDING, language="en", speakers=2, on_event=show.watch(RECORDING.name)
            )
    except stenograf.StenografError as error:
        print_error(error)
        return exit_code(error)
    print_conversation(console, transcript)
    for notice in transcript.notices if picture or not console.is_terminal else ():
        console.print(notice_text(notice), style="dim", markup=False)
    print_provenance(console, transcript)
    for path in write_exports(transcript):
        console.print(f"  {path.relative_to(HERE.parent)}")
    if picture:
        # Without rich's font faces, which a viewer would fetch from the network.
        style = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
        console.save_svg(str(picture), title="make demo", code_format=style)
    return 0


def print_conversation(console: Console, transcript: stenograf.Transcript) -> None:
    """Each utterance with its time, every speaker in a colour of their own."""
    colours = {
        speaker.id: COLOURS[index % len(COLOURS)]
        for index, speaker in enumerate(transcript.speakers)
    }
    console.print()
    for utterance in stenograf.utterances(transcript.words):
        minutes, seconds = divmod(utterance.span.start, 60)
        line = Text()
        line.append(f"{int(minutes):02d}:{seconds:04.1f}  ", style="dim")
        label = utterance.speaker or "unknown"
        line.append(f"{label}  ", style=f"bold {colours.get(label, 'white')}")
        line.append(utterance.text)
        console.print(line, soft_wrap=True)
    console.print()


def print_provenance(console: Console, transcript: stenograf.Transcript) -> None:
    """Which engines did it, and how fast."""
    assert transcript.provenance is not None
    for use in transcript.provenance.models:
        console.print(f"{use.task}: {use.engine} ({use.model})", style="dim", markup=False)
    words, turns = right_speakers(transcript)
    console.print(f"Speakers right for {words} of {turns} words, by the demo's own script.")
    console.print("The same conversation for other programs:")


def right_speakers(transcript: stenograf.Transcript) -> tuple[int, int]:
    """Words whose speaker agrees with conversation.rttm, and all words."""
    turns = [line.split() for line in (HERE / "conversation.rttm").read_text("utf-8").splitlines()]
    spoken: list[tuple[str | None, str]] = []
    for word in transcript.words:
        distances = [
            (abs(word.span.middle - float(start) - float(length) / 2) - float(length) / 2, name)
            for _, _, _, start, length, _, _, name, *_ in turns
        ]
        spoken.append((word.speaker, min(distances)[1]))
    # Labels are SPEAKER_00 ...; in this script the seller speaks first, so numbering is known.
    names = dict(zip(("SPEAKER_00", "SPEAKER_01"), ("seller", "client"), strict=True))
    return sum(names.get(label or "") == name for label, name in spoken), len(spoken)


def write_exports(transcript: stenograf.Transcript) -> list[Path]:
    """The document in several formats; returns the files."""
    OUT.mkdir(exist_ok=True)
    paths = []
    for format in FORMATS:
        path = OUT / f"conversation.{format}"
        path.write_bytes(stenograf.render(transcript, format))
        paths.append(path)
    return paths


if __name__ == "__main__":
    sys.exit(main())
