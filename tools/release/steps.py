"""The steps of a release; the version is the tag's, read by hatch-vcs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from stenograf.core.distribution import DISTRIBUTION
from tools.release.licences import judged, page

EXTRAS = "server,offline,whispercpp,onnx-asr,evaluate"
"""What the report covers: every extra that runs without torch."""


class Built(NamedTuple):
    """The two packages."""

    wheel: Path
    sdist: Path

    @property
    def version(self) -> str:
        """As the name of the wheel has it."""
        return self.wheel.name.split("-")[1]


class LicenceRefused(Exception):  # noqa: N818
    """A package may not be shipped, or nobody knows whether it may."""


def release(source: Path, folder: Path) -> list[Path]:
    """All files of a release; the packages are installed elsewhere to see what they bring."""
    built = build(source, folder)
    with TemporaryDirectory(prefix="stenograf-release-") as name:
        python = installed(built.wheel, Path(name))
        return [*built, *report(python, built.version, folder)]


def build(source: Path, folder: Path) -> Built:
    """The sdist, and the wheel that is made from it; what the folder held before is an error."""
    folder.mkdir(parents=True, exist_ok=True)
    if leftovers := sorted(path.name for path in folder.iterdir()):
        raise FileExistsError(f"{folder} holds {', '.join(leftovers)}")
    _python(sys.executable, "build", "--outdir", folder, source)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, sdist)


def installed(wheel: Path, environment: Path) -> Path:
    """The Python of a new environment that holds the wheel and the extras of the report."""
    _python(sys.executable, "venv", environment)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    _python(python, "pip", "install", "--quiet", f"{wheel}[{EXTRAS}]")
    return python


def report(python: Path, version: str, folder: Path) -> list[Path]:
    """Bill of materials, licences and checksums, for what is installed beside a Python."""
    name = f"{DISTRIBUTION.replace('-', '_')}-{version}"  # as the packages are named
    bill, licences = folder / f"{name}.cdx.json", folder / f"{name}-licences.md"
    _python(sys.executable, "cyclonedx_py", "environment", "--output-file", bill, python)
    packages = judged(_licences(python))
    licences.write_text(page(version, packages))
    if refused := [
        f"{each.name}: {each.licence}" for each in packages if each.verdict == "refused"
    ]:
        raise LicenceRefused("; ".join(refused))
    return [bill, licences, _checksums(folder)]


def _licences(python: Path) -> list[dict[str, str]]:
    command = [
        "piplicenses",
        f"--python={python}",
        "--from=mixed",
        "--format=json",
        "--with-urls",
        "--with-system",
    ]
    listed: list[dict[str, str]] = json.loads(_python(sys.executable, *command))
    return listed


def _checksums(folder: Path) -> Path:
    """SHA256SUMS of all that is there, as sha256sum checks it."""
    sums = folder / "SHA256SUMS"
    files = sorted(path for path in folder.iterdir() if path != sums)
    lines = [f"{sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    sums.write_text("".join(lines))
    return sums


def _python(python: Path | str, module: str, *arguments: object) -> str:
    """What a module prints when a Python runs it."""
    command = [str(python), "-m", module, *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
