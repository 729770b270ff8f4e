"""A Dockerfile as values, and what its steps make of an image's configuration.

Grammar: https://docs.docker.com/reference/dockerfile/. What is not known here is an error, never
passed over.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from string import Template
from typing import Any

OPTIONS = {
    "COPY": {"from"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "retries"},
}
"""What may stand before an instruction's words, as `--name=value`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its keyword, its options, and the words after them as they are written."""

    keyword: str
    options: Mapping[str, str]
    words: str


@dataclass(frozen=True, slots=True)
class Stage:
    """FROM, and the steps up to the next FROM."""

    base: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """The command that says whether a container works, and for how long it may fail, in seconds."""

    command: tuple[str, ...]
    start_period_s: float


@dataclass(frozen=True, slots=True)
class Config:
    """What an image says about the containers made from it."""

    environ: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    """What ARG gets, should it ask."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    user: str = "0:0"
    folder: str = "/"
    volumes: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: Healthcheck | None = None

    def fill(self, words: str) -> str:
        """The words with `$NAME` and `${NAME}` as they stand; an unknown name is a KeyError."""
        return Template(words).substitute({**self.arguments, **self.environ})

    def place(self, path: str) -> PurePosixPath:
        """A path as an instruction means it: seen from WORKDIR."""
        return PurePosixPath(self.folder, path)


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile in order; one without AS is named by its number."""
    found: list[Stage] = []
    for step in steps(text):
        if step.keyword == "FROM":
            base, *alias = step.words.split()
            found.append(Stage(base, alias[1] if alias else str(len(found)), ()))
        else:
            found[-1] = replace(found[-1], steps=(*found[-1].steps, step))
    return found


def steps(text: str) -> Iterator[Step]:
    """The instructions, with their continued lines joined and comments left out."""
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        keyword, words = line.split(maxsplit=1)
        options = {}
        while option := re.match(r"--([a-z-]+)=(\S+)\s+", words):
            options[option[1]] = option[2]
            words = words[option.end() :]
        if not options.keys() <= OPTIONS.get(keyword, set()):
            raise ValueError(f"options that are not known here: {line}")
        yield Step(keyword, options, words)


def configured(config: Config, step: Step) -> Config:
    """The configuration after one step; RUN and COPY change files only."""
    words = step.words
    changes: dict[str, Any] = {}
    match step.keyword:
        case "RUN" | "COPY":
            pass
        case "ENV":
            pairs = dict(pair.split("=", 1) for pair in shlex.split(config.fill(words)))
            changes["environ"] = {**config.environ, **pairs}
        case "ARG":
            name, _, value = words.partition("=")
            changes["arguments"] = {**config.arguments, name: config.given.get(name, value)}
        case "USER":
            changes["user"] = words
        case "WORKDIR":
            changes["folder"] = str(config.place(words))
        case "VOLUME":
            changes["volumes"] = (*config.volumes, *words.split())
        case "EXPOSE":
            changes["ports"] = (*config.ports, *map(int, words.split()))
        case "CMD":
            changes["command"] = command(words)
        case "HEALTHCHECK":
            changes["healthcheck"] = _healthcheck(step)
        case _:
            raise ValueError(f"an instruction that is not known here: {step.keyword}")
    return replace(config, **changes)


def command(words: str) -> tuple[str, ...]:
    """The arguments of a command in either form: a JSON list, or a line for the shell."""
    return tuple(json.loads(words)) if words.startswith("[") else ("/bin/sh", "-c", words)


def _healthcheck(step: Step) -> Healthcheck:
    keyword, words = step.words.split(maxsplit=1)
    if keyword != "CMD":
        raise ValueError(f"a health check that is no command: {step.words}")
    return Healthcheck(command(words), seconds(step.options.get("start-period", "0s")))


def seconds(words: str) -> float:
    """A duration as Docker writes it, of one unit: 20s, 2m."""
    return float(words[:-1]) * {"s": 1, "m": 60, "h": 3600}[words[-1]]


def let_in(path: PurePosixPath, ignored: Iterable[str]) -> bool:
    """Whether .dockerignore lets a file of the context in: its last line that fits decides."""
    verdict = True
    for line in ignored:
        pattern = line.removeprefix("!").strip("/")
        if any(_fits(str(part), pattern) for part in (path, *path.parents)):
            verdict = line.startswith("!")
    return verdict


def _fits(path: str, pattern: str) -> bool:
    expression = "".join(
        {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)
        for part in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern)
    )
    return re.fullmatch(expression, path) is not None
