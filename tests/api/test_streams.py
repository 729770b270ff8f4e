"""Streams of events that say that they live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from stenograf.api import streams
from stenograf.api.streams import BEAT, with_beats
from stenograf.client.answers import parsed

ONE = 'data: {"n": 1}\n\n'
TWO = 'data: {"n": 2}\n\n'


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.01)


def test_silence_is_filled_with_comments() -> None:
    """Nothing is lost or told twice, and clients see the events alone."""

    async def lines() -> AsyncIterator[str]:
        yield ONE
        await asyncio.sleep(0.05)
        yield TWO

    async def run() -> list[str]:
        return [each async for each in with_beats(lines())]

    told = asyncio.run(run())
    assert [each for each in told if each != BEAT] == [ONE, TWO]
    assert told[1] == BEAT
    assert [event.data for event in parsed(iter("".join(told).split("\n")))] == [{"n": 1}, {"n": 2}]


def test_an_error_of_what_makes_the_lines_comes_through() -> None:
    """As without comments."""

    async def lines() -> AsyncIterator[str]:
        yield ONE
        raise RuntimeError("inside")

    async def run() -> None:
        async for _ in with_beats(lines()):
            pass

    with pytest.raises(RuntimeError, match="inside"):
        asyncio.run(run())


def test_who_leaves_ends_what_makes_the_lines() -> None:
    """Before the stream itself has ended: it may hold a recording that is deleted then."""
    ended: list[bool] = []

    async def lines() -> AsyncIterator[str]:
        try:
            await asyncio.Event().wait()
            yield ""
        finally:
            await asyncio.sleep(0.01)
            ended.append(True)

    async def run() -> None:
        async with aclosing(with_beats(lines())) as told:
            assert await anext(told) == BEAT
        assert ended == [True]

    asyncio.run(run())
