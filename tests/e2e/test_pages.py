"""The code blocks of every page, run in order with real engines, a real server and real curl.

Each page gets a folder with recordings, the project's own folders and small models with random
weights, so that commands work and their words are nonsense; English is heard by PocketSphinx.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import pytest
from tests.docs.blocks import BENCHMARK, Block, all_blocks, blocks, name, pages
from tests.e2e.pages_pattern import HUB_TOKEN, own_environ, publish, write_pattern
from tests.e2e.test_server import TOKEN, Program

from stenograf.testing.hub import FakeHub

pytestmark = pytest.mark.e2e

STENOGRAF = (sys.executable, "-m", "stenograf")


@dataclass
class Place:
    """Where pages are tried: `pattern` is the folder that each page gets a copy of."""

    folder: Path
    pattern: Path
    hub: FakeHub
    started: list[Program] = field(default_factory=list)
    first_asks: Lock = field(default_factory=Lock)

    @property
    def server(self) -> Program:
        """One server for all pages that need one."""
        with self.first_asks:
            return self._server

    @cached_property
    def _server(self) -> Program:
        return self.serve([*STENOGRAF, "serve", "--port", "{port}"], self.fresh("server"))

    def serve(self, command: list[str], folder: Path) -> Program:
        """A server as a page or a test starts it; it is stopped at the end at the latest."""
        program = Program(command, folder, **own_environ(folder))
        self.started.append(program)
        return program

    def fresh(self, page: str) -> Path:
        """A page's own copy of the pattern; files are shared until they are replaced."""
        to = self.folder / re.sub(r"\W+", "-", page)
        shutil.copytree(self.pattern, to, copy_function=os.link, symlinks=True)
        return to


@pytest.fixture(scope="module")
def place(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The pattern and a model hub, and at the end no server."""
    folder = tmp_path_factory.mktemp("pages")
    with FakeHub() as hub:
        place = Place(folder, folder / "pattern", hub)
        write_pattern(place.pattern, assets)
        publish(hub, place.pattern, assets)
        yield place
        for program in place.started:
            if program.process.poll() is None:
                program.stop()


def run_sh(block: Block, folder: Path, place: Place) -> str:
    return run(["bash", "-euo", "pipefail", "-c", block.text], block, folder, place)


def run_python(block: Block, folder: Path, place: Place) -> str:
    return run([sys.executable, "-c", block.text], block, folder, place)


def run_js(block: Block, folder: Path, place: Place) -> str:
    return run(["node", "--input-type=module", "-e", block.text], block, folder, place)


def run_php(block: Block, folder: Path, place: Place) -> str:
    script = block.text if block.text.startswith("<?php") else f"<?php\n{block.text}"
    (folder / "block.php").write_text(script, encoding="utf-8")
    return run(["php", "-l", "block.php"], block, folder, place)


RUN: dict[str, Callable[[Block, Path, Place], str]] = {
    "sh": run_sh, "python": run_python, "js": run_js, "php": run_php,
}  # fmt: skip


def run(command: list[str], block: Block, folder: Path, place: Place) -> str:
    """What a command prints; "stg_..." and the usual port stand for the real ones."""
    if block.way == "server":
        address = place.server.url.removeprefix("http://")
        command = [part.replace("127.0.0.1:8000", address) for part in command]
        command = [part.replace("stg_...", TOKEN) for part in command]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("STENOGRAF_")}
    kept["STENOGRAF_LANG"] = "en"
    environ = kept | own_environ(folder)
    if block.way == "bare":
        environ["STENOGRAF_MODELS_DIR"] = str(folder / "bare")
    if block.way == "hub":
        command = [part.replace("hf_...", HUB_TOKEN) for part in command]
        environ["STENOGRAF_MODELS_DIR"] = str(folder / "fetched")
        environ |= {"HF_ENDPOINT": place.hub.url, "STENOGRAF_OFFLINE": "false"}
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{block}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def start_and_stop(block: Block, folder: Path, place: Place) -> None:
    """The server of the block becomes ready, and ends when it is told to."""
    script = folder / "serve.sh"
    script.write_text(block.text, encoding="utf-8")
    program = place.serve(["bash", "-eu", str(script)], folder)
    os.killpg(program.process.pid, signal.SIGTERM)
    program.process.wait(30)


def same_but_for_a_few_words(shown: str, printed: str) -> bool:
    """One word of PocketSphinx may differ between processors."""
    expected, found = set(shown.split()), set(printed.split())
    return len(expected & found) >= 0.8 * len(expected)


def runs(block: Block) -> bool:
    """Whether there is more to do than to read it."""
    return block.reason is None and (block.language in RUN or bool(block.way))


PAGES = [page for page in pages() if any(runs(block) for block in blocks(page))]


def try_page(page: Path, place: Place) -> None:
    """Its blocks in order, in one folder; outputs are compared with what is shown."""
    folder = place.fresh(name(page))
    printed, above = "", ""
    for block in filter(runs, blocks(page)):
        if block.way == "output":
            assert same_but_for_a_few_words(block.text, printed), f"{block}\n{printed}"
        elif block.way == "serve":
            start_and_stop(block, folder, place)
        elif block.way == "goes on":
            above += block.text
            printed = run([sys.executable, "-c", above], block, folder, place)
        else:
            printed = RUN[block.language](block, folder, place)
            above = block.text if block.language == "python" else above


@pytest.fixture(scope="module")
def tried(place: Place, request: pytest.FixtureRequest) -> Iterator[Mapping[Path, Future[None]]]:
    """The pages that are asked for, as many at a time as there are cores: most of their time is
    programs that start.
    """
    asked = [item for item in request.session.items if isinstance(item, pytest.Function)]
    named = [item.callspec.params.get("page") for item in asked if hasattr(item, "callspec")]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        longest_first = sorted({*PAGES} & {*named}, key=lambda page: -len(blocks(page)))
        yield {page: threads.submit(try_page, page, place) for page in longest_first}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.stem)
def test_the_blocks_of_a_page_run(page: Path, tried: Mapping[Path, Future[None]]) -> None:
    """In order, in a folder of the page's own."""
    tried[page].result()


class _Read(Exception):  # noqa: N818 - no error: the options were read
    pass


BENCHMARKS = [b for b in all_blocks() if b.page == "benchmarks/README.md"]


@pytest.mark.parametrize("block", BENCHMARKS, ids=str)
def test_a_benchmark_takes_its_options(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser of the benchmark itself reads them, and it goes no further."""

    def read(parser: argparse.ArgumentParser, *_: object) -> None:
        original(parser)
        raise _Read

    original = argparse.ArgumentParser.parse_args
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", read)
    for line in filter(None, block.text.splitlines()):
        module, *options = line.removeprefix(BENCHMARK).split("#")[0].split()
        assert find_spec(f"benchmarks.{module}"), line
        monkeypatch.setattr("sys.argv", [module, *options])
        if options:  # without any there is nothing to read
            with pytest.raises(_Read):
                importlib.import_module(f"benchmarks.{module}").main()
