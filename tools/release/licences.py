"""What may be shipped beside an MIT licence; the rules in words are in docs/release.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from stenograf.core.distribution import DISTRIBUTION

Verdict = Literal["permissive", "weak copyleft", "reviewed", "refused"]

PERMISSIVE: Final = {
    "0BSD", "3-Clause BSD License", "Apache Software License", "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception", "BSD License", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0", "CNRI-Python", "HPND", "ISC", "ISC License (ISCL)", "MIT", "MIT License", "MIT-0",
    "MIT-CMU", "PSF-2.0", "Python Software Foundation License", "Python-2.0",
    "The Unlicense (Unlicense)", "Unlicense", "Zlib",
}  # fmt: skip
"""Names as packages write them: SPDX, or classifiers of PyPI."""

WEAK_COPYLEFT: Final = {
    "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)",
}  # fmt: skip
"""Allowed as what they are here: files of their own, which their users can replace."""

REVIEWED: Final = {
    "av": "BSD-3-Clause; its wheel carries FFmpeg (LGPL-3.0-or-later) with x264 and x265"
    " (GPL-2.0-or-later) in files of their own",
    **dict.fromkeys(
        ("pyannote-core", "pyannote-database", "pyannote-metrics"),
        "MIT, by the text of its licence; its metadata names none",
    ),
}
"""Packages that somebody looked into, and what was found."""


@dataclass(frozen=True, slots=True)
class Licensed:
    """A package, what it says of itself, and what that means for us."""

    name: str
    version: str
    licence: str
    url: str
    verdict: Verdict


def judged(packages: Iterable[Mapping[str, str]]) -> list[Licensed]:
    """The packages as `pip-licenses --format=json --with-urls` lists them."""
    return [_judged(**{name.lower(): value for name, value in each.items()}) for each in packages]


def _judged(name: str, version: str, license: str, url: str) -> Licensed:
    """Some packages put the whole text where the name belongs; its first line names it."""
    named = license.partition("\n")[0].strip()
    return Licensed(name, version, REVIEWED.get(name, named), url, verdict(name, named))


def verdict(name: str, licence: str) -> Verdict:
    """The strictest part decides; what nobody knows is refused, also beside what is known."""
    if name in REVIEWED:
        return "reviewed"
    parts = {_bare(part) for part in re.split(r";| AND | OR ", licence)}
    if parts <= PERMISSIVE:
        return "permissive"
    return "weak copyleft" if parts <= PERMISSIVE | WEAK_COPYLEFT else "refused"


def _bare(part: str) -> str:
    """A part without the brackets of the expression; those of its own name stay."""
    name = part.strip().lstrip("(")
    return name.removesuffix(")" * max(0, name.count(")") - name.count("(")))


def page(version: str, packages: Iterable[Licensed]) -> str:
    """A table for people, the strictest first."""
    order: list[Verdict] = ["refused", "reviewed", "weak copyleft", "permissive"]
    rows = sorted(packages, key=lambda each: (order.index(each.verdict), each.name.lower()))
    title = f"# Licences of what {DISTRIBUTION} {version} runs with\n\n"
    return f"{title}| package | licence | |\n|---|---|---|\n" + "".join(
        f"| [{row.name}]({row.url}) {row.version} | {row.licence} | {row.verdict} |\n"
        for row in rows
    )
