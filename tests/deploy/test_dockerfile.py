"""Dockerfiles as values: both images say the same, and what is not understood is an error."""

from __future__ import annotations

from functools import reduce
from pathlib import Path, PurePosixPath

import pytest
from tools.container.dockerfile import Config, configured, let_in, stages, steps
from tools.container.image import BASE, BASES

DOCKER = Path(__file__).parents[2] / "deploy/docker"


def image(name: str) -> Config:
    """What a Dockerfile's last stage says of its containers."""
    return reduce(configured, stages((DOCKER / name).read_text())[-1].steps, BASE)


def test_the_image_for_processors_has_a_base_that_can_be_made_here() -> None:
    """Both of its stages start from what stands for the official Python."""
    assert {stage.base for stage in stages((DOCKER / "Dockerfile").read_text())} == set(BASES)


def test_both_images_run_alike() -> None:
    """User, variables, volume, port and command; only the name of Python differs in the check."""
    cpu, cuda = image("Dockerfile"), image("Dockerfile.cuda")
    assert cpu.healthcheck is not None
    assert cuda.healthcheck is not None
    assert cpu.healthcheck.command[1:] == cuda.healthcheck.command[1:]
    assert (cpu.user, cpu.volumes, cpu.ports) == ("10001:10001", ("/data",), (8000,))
    assert cpu.command == ("stenograf", "serve")
    for name in ("environ", "user", "volumes", "ports", "command", "folder"):
        assert getattr(cpu, name) == getattr(cuda, name)


def test_lines_are_joined_and_comments_left_out() -> None:
    """Also a comment between the lines of one instruction."""
    text = "# head\nRUN one \\\n# why\n    && two\nUSER 1:1\n"
    assert [(step.keyword, step.words) for step in steps(text)] == [
        ("RUN", "one && two"),
        ("USER", "1:1"),
    ]


def test_an_argument_is_what_was_given_or_its_default() -> None:
    """And fills what comes after it."""
    text = "FROM a\nARG VERSION=1\nENV SAID=$VERSION\n"
    said = [
        reduce(configured, stages(text)[0].steps, Config(given=given)).environ["SAID"]
        for given in ({}, {"VERSION": "2"})
    ]
    assert said == ["1", "2"]


@pytest.mark.parametrize("line", ["ONBUILD RUN x", "COPY --chmod=1 a b", "HEALTHCHECK NONE x"])
def test_what_is_not_known_is_an_error(line: str) -> None:
    """Nothing is passed over."""
    with pytest.raises(ValueError, match=r"not known|no command"):
        reduce(configured, steps(line), Config())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/stenograf/app.py", True),
        ("src/stenograf/__pycache__/app.pyc", False),
        ("LICENSE", True),
        (".git/config", False),
        ("docs/README.md", False),
    ],
)
def test_the_context_is_what_dockerignore_lets_in(path: str, expected: bool) -> None:
    """The last line that fits a file or a folder above it decides."""
    ignored = (DOCKER.parents[1] / ".dockerignore").read_text().split()
    assert let_in(PurePosixPath(path), ignored) is expected
