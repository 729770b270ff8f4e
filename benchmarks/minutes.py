"""What do extracted minutes find, and how long do they take?

    python -m benchmarks.minutes

Labelled sentences (tests/minutes/data), made meetings about three subjects and about one, pages of
our own documentation read aloud one after another, and a meeting of eight hours.
"""

from __future__ import annotations

import argparse
import csv
import re
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np

from stenograf.core.transcript import Recording, Speaker, Transcript
from stenograf.minutes import Task, extract
from stenograf.testing.documents import spoken
from stenograf.testing.talks import SUBJECTS, about, bare, begins, talk

ROOT: Final = Path(__file__).parent.parent
SENTENCES: Final = ROOT / "tests/minutes/data/sentences.tsv"
PEOPLE: Final = {
    "ru": ("Олег", "Анна", "Сергей", "Мария", "Дмитрий Волков"),
    "en": ("Oliver", "Anna", "James", "Maria", "David Brown"),
}
"""The first one says everything."""

KINDS: Final = ("decision", "task", "question")
APART_S: Final = 100.0  # nobody answers a question
NEAR_S: Final = 20.0  # a boundary this near is found
ENGLISH: Final = ("warehouse", "advertising", "hiring")
RUSSIAN: Final = ("склад", "реклама", "наём")
PAGES: Final = (
    "guards jobs speakers convert production security library isolation http diarization models "
    "tuning architecture"
)


@dataclass(frozen=True)
class Row:
    """One labelled sentence; tests/minutes/data/README.md says what the columns hold."""

    half: str
    language: str
    label: str
    assignee: str
    due: str
    tricky: str
    text: str


def labelled() -> list[Row]:
    """All labelled sentences."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def found(language: str, rows: Sequence[Row]) -> dict[str, tuple[str, str, str]]:
    """Kind, assignee and due, as in the columns, of each text that is anything."""
    names = PEOPLE[language]
    words = (
        word
        for i, row in enumerate(rows)
        for word in spoken(row.text, speaker="S0", start=APART_S * i)
    )
    speakers = tuple(Speaker(f"S{i}", name) for i, name in enumerate(names))
    recording = Recording("m.wav", APART_S * len(rows))
    minutes = extract(Transcript(recording, tuple(words), speakers=speakers, language=language))
    told = {item.sources[0].text: ("decision", "-", "-") for item in minutes.decisions}
    told |= {item.sources[0].text: ("question", "-", "-") for item in minutes.questions}
    return told | {task.sources[0].text: _told(task, names[0]) for task in minutes.tasks}


def _told(task: Task, speaker: str) -> tuple[str, str, str]:
    assignee = "ME" if task.assignee == speaker else task.assignee or "-"
    return ("task", assignee, task.due or "-")


def by_kind() -> None:
    """How much of each kind is found, and how much of it is right."""
    print("| half | language | kind | labelled | found | right | assignee right | due right |")
    print("|---|---|---|---|---|---|---|---|")
    for half in ("tuned", "held"):
        for language in PEOPLE:
            rows = [row for row in labelled() if (row.half, row.language) == (half, language)]
            told = found(language, rows)
            kinds = Counter(kind for kind, _, _ in told.values())
            labels = Counter(row.label for row in rows)
            for kind in KINDS:
                right = [row for row in rows if row.label == kind == told.get(row.text, "-")[0]]
                who = sum(told[row.text][1] == row.assignee for row in right)
                due = sum(told[row.text][2] == row.due for row in right)
                extra = f"{who} | {due}" if kind == "task" else "| "
                counts = f"{labels[kind]} | {kinds[kind]} | {len(right)}"
                print(f"| {half} | {language} | {kind} | {counts} | {extra} |")


def page(name: str) -> list[str]:
    """The sentences of a page of documentation as lines, without code and tables."""
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    text = re.sub(r"```.*?```|^\|.*?$", "", text, flags=re.DOTALL | re.MULTILINE)
    plain = re.sub(r"[#*`\[\]()<>|_]", " ", text)
    sentences = [" ".join(said.split()) for said in re.split(r"(?<=[.!?:])\s+", plain)]
    return [f"{'AB'[i % 2]}: {said}" for i, said in enumerate(sentences) if said.count(" ") > 1]


def meetings() -> dict[str, list[list[list[str]]]]:
    """Meetings by what they are, each with its parts."""
    both = (ENGLISH, RUSSIAN)
    three = [[about(s, 60, seed=k) for s in each] for k in range(100, 110) for each in both]
    rng = np.random.default_rng(0)
    return {
        "three subjects, 4 min each": three,
        "the same without punctuation": [[bare(part) for part in parts] for parts in three],
        "one subject, 16 min": [[about(s, 240, seed=k)] for k in range(100, 104) for s in SUBJECTS],
        "three pages of documentation": [
            [page(str(name)) for name in rng.choice(PAGES.split(), 3, replace=False)]
            for _ in range(40)
        ],
        "one page of documentation": [[page(name)] for name in PAGES.split()],
    }


def by_meeting() -> None:
    """How many boundaries of topics are found, and how many were none."""
    print("\n| meetings | how many | boundaries | found within 20 s | others found |")
    print("|---|---|---|---|---|")
    for name, made in meetings().items():
        n_true = n_right = n_found = 0
        for parts in made:
            cuts = [topic.span.start for topic in extract(talk(chain(*parts))).topics[1:]]
            true = begins(parts)
            n_true += len(true)
            n_found += len(cuts)
            n_right += sum(any(abs(cut - at) <= NEAR_S for cut in cuts) for at in true)
        print(f"| {name} | {len(made)} | {n_true} | {n_right} | {n_found - n_right} |")


def long(hours: float) -> None:
    """Seconds and memory of one long meeting whose subject changes every 20 minutes."""
    n_parts, lines = round(3 * hours), 300
    subjects = [list(SUBJECTS)[i % len(SUBJECTS)] for i in range(n_parts)]
    parts = [about(subject, lines, seed=i) for i, subject in enumerate(subjects)]
    transcript = talk(chain(*parts))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    minutes = extract(transcript)
    seconds = time.perf_counter() - started
    more_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print("\n| hours | words | topics | seconds | MB more |")
    print("|---|---|---|---|---|")
    spoken_h = transcript.recording.duration / 3600
    print(
        f"| {spoken_h:.1f} | {len(transcript.words)} | {len(minutes.topics)} "
        f"| {seconds:.1f} | {more_mb:.0f} |"
    )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("assets", nargs="?", help="not needed")
    parser.add_argument("--hours", type=float, default=8.0, help="length of the long meeting")
    asked = parser.parse_args()
    long(asked.hours)
    by_kind()
    by_meeting()


if __name__ == "__main__":
    main()
