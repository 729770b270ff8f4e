"""The version comes from the tag, and is honest where there is none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOREIGN = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "_stamp.py", "dist", "vendor"
)


def checkout(folder: Path) -> Path:
    """This tree as it is, committed to a repository of its own."""
    shutil.copytree(ROOT, folder, ignore=FOREIGN)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """All that is there, changed or not."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "A step")


def tag(folder: Path, name: str) -> None:
    """The last commit gets a name."""
    git(folder, "tag", name)


def git(folder: Path, *arguments: str) -> None:
    """A git of nobody in particular, whatever this machine's user has set."""
    me = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.invalid"]
    quiet = ["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main", "-c", "gc.auto=0"]
    subprocess.run(["git", "-C", str(folder), *me, *quiet, *arguments], check=True)


def version(folder: Path) -> str:
    """What the build of a folder would call itself."""
    command = [sys.executable, "-m", "hatchling", "version"]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.e2e
def test_the_version_is_the_tag_or_what_comes_after_it(tmp_path: Path) -> None:
    """v9.8.7 is 9.8.7; a commit later the next one is in the making, with the commit's name."""
    source = checkout(tmp_path / "source")
    assert version(source).startswith("0.dev1+g")
    tag(source, "v9.8.7")
    assert version(source) == "9.8.7"
    commit(source)
    assert version(source).startswith("9.8.8.dev1+g")


@pytest.mark.e2e
def test_a_folder_without_git_is_told_its_version_or_says_that_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy builds as 0.dev0, which is older than every release; an image is told."""
    source = checkout(tmp_path / "source")
    shutil.rmtree(source / ".git")
    assert version(source) == "0.dev0"
    monkeypatch.setenv("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_STENOGRAF_LOCAL", "9.8.7")
    assert version(source) == "9.8.7"


@pytest.mark.e2e
def test_a_shallow_clone_builds(tmp_path: Path) -> None:
    """The tag is known where it is on the last commit; elsewhere the commit's name is."""
    source = checkout(tmp_path / "source")
    tag(source, "v9.8.7")
    git(tmp_path, "clone", "--quiet", "--depth=1", source.as_uri(), "tagged")
    assert version(tmp_path / "tagged") == "9.8.7"
    commit(source)
    git(tmp_path, "clone", "--quiet", "--depth=1", source.as_uri(), "later")
    assert "+g" in version(tmp_path / "later")
