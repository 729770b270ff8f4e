"""A Dockerfile's steps in clean roots, as root of this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from tools.container.dockerfile import Config, Stage, Step, command, configured, let_in, stages
from tools.container.namespaces import Room, as_user, network_files, network_variables

SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")
"""Where Debian keeps the machine's own mirrors."""


@dataclass(frozen=True, slots=True)
class Debian:
    """What stands for a base that only a registry has: a release of Debian and packages."""

    release: str
    packages: tuple[str, ...]


BASES = {
    "python:3.11-slim-bookworm": Debian(
        "bookworm",
        ("ca-certificates", "netbase", "python-is-python3", "python3", "python3-venv", "tzdata"),
    )
}
"""The official image has the same release; its Python 3.11 is newer and lies in /usr/local."""

BASE = Config(
    environ={
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
    }
)


@dataclass(frozen=True, slots=True)
class Image:
    """A folder that is somebody's root, and its configuration."""

    root: Path
    config: Config


def build(
    dockerfile: Path, context: Path, work: Path, *, arguments: Mapping[str, str] | None = None
) -> Image:
    """The image of the last stage; the roots of all stages lie in `work`.

    `arguments` are those of ARG, as `docker build --build-arg` gives them.
    """
    built: dict[str, Image] = {}
    for stage in stages(dockerfile.read_text()):
        given = replace(BASE, given=arguments or {})
        image = Image(_clean_root(stage, work), given)
        for step in stage.steps:
            if step.keyword == "RUN":
                _run(step, image)
            if step.keyword == "COPY":
                _copy(step, image, context, built)
            image = replace(image, config=configured(image.config, step))
            (image.root / image.config.folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        built[stage.name] = image
    return image


def _clean_root(stage: Stage, work: Path) -> Path:
    """Debian as the stage's base has it; unpacked again for each stage, fetched once."""
    debian = BASES[stage.base]
    archive = work / f"{debian.release}.tar"
    if not archive.exists():
        sources = [path for path in SOURCES if Path(path).is_file()]
        packages = f"--include={','.join(debian.packages)}"
        command = ["mmdebstrap", "--quiet", "--variant=minbase", packages, *_apt_options()]
        subprocess.run([*command, debian.release, str(archive), *sources], check=True)
    root = work / stage.name
    root.mkdir()
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", root], check=True)
    return root


def _apt_options() -> list[str]:
    """The machine's way to its mirrors, as apt on this machine has it."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    ways = ("Acquire::http", "Acquire::https", "Acquire::Retries")
    return [f"--aptopt={line}" for line in dump.splitlines() if line.startswith(ways)]


def _run(step: Step, image: Image) -> None:
    """RUN: the shell's line as the stage's user, who reaches mirrors as this machine does."""
    environ = {**network_variables(), **image.config.arguments, **image.config.environ}
    shell = as_user(image.config.user, image.config.folder, environ, command(step.words))
    subprocess.run(Room(image.root, network_files()).command(shell), check=True)


def _copy(step: Step, image: Image, context: Path, built: Mapping[str, Image]) -> None:
    """COPY: the contents of folders and files; all belongs to root afterwards."""
    *sources, target = image.config.fill(step.words).split()
    destination = image.root / str(image.config.place(target)).lstrip("/")
    into_folder = len(sources) > 1 or target.endswith(("/", "."))
    for source in sources:
        if origin := step.options.get("from"):
            _copy_tree(built[origin].root / source.lstrip("/"), destination)
            continue
        for path in _let_in(context, source):
            inner = path.relative_to(context / source)
            place = (
                destination / path.name if into_folder and inner == Path() else destination / inner
            )
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def _copy_tree(source: Path, destination: Path) -> None:
    destination.mkdir(parents=True, exist_ok=True)
    options = ["--archive", "--no-preserve=ownership", "--no-target-directory"]
    subprocess.run(["cp", *options, source, destination], check=True)


def _let_in(context: Path, source: str) -> Iterator[Path]:
    """The files of a source that .dockerignore lets into the context."""
    ignored = (context / ".dockerignore").read_text().split()
    top = context / source
    found = [
        path
        for path in ([top] if top.is_file() else sorted(top.rglob("*")))
        if path.is_file() and let_in(PurePosixPath(path.relative_to(context)), ignored)
    ]
    if not found:
        raise FileNotFoundError(f"nothing that .dockerignore lets in: {source}")
    yield from found
