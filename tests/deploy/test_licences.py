"""Which licences may be shipped beside ours."""

from __future__ import annotations

import pytest
from tools.release.licences import Licensed, judged, page, verdict


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("MIT", "permissive"),
        ("Apache Software License; MIT License", "permissive"),
        ("(Apache-2.0 OR BSD-2-Clause) AND MIT", "permissive"),
        ("LGPL-2.1-or-later", "weak copyleft"),
        ("MPL-2.0 AND MIT", "weak copyleft"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "weak copyleft"),
        ("((MIT OR ISC) AND (MIT OR BSD-3-Clause))", "permissive"),
        ("GPL-3.0", "refused"),
        ("MIT OR GPL-2.0-only", "refused"),
        ("GNU Affero General Public License v3", "refused"),
        ("UNKNOWN", "refused"),
        ("", "refused"),
        ("Other/Proprietary License", "refused"),
    ],
)
def test_the_strictest_part_of_a_licence_decides(licence: str, expected: str) -> None:
    """Copyleft that reaches beyond a library, secrets and silence are refused."""
    assert verdict("anything", licence) == expected


def test_what_was_looked_into_says_what_was_found() -> None:
    """PyAV calls itself BSD; its wheel carries more than that."""
    (av,) = judged([{"Name": "av", "Version": "1", "License": "BSD-3-Clause", "URL": "https://x"}])
    assert av.verdict == "reviewed"
    assert "x264" in av.licence


def test_the_page_begins_with_the_strictest() -> None:
    """So that a reader sees first what needs thought."""
    free = Licensed("a", "1", "MIT", "https://a", "permissive")
    strict = Licensed("z", "2", "GPL-3.0", "https://z", "refused")
    rows = page("9.8.7", [free, strict]).splitlines()[-2:]
    assert rows == [
        "| [z](https://z) 2 | GPL-3.0 | refused |",
        "| [a](https://a) 1 | MIT | permissive |",
    ]
