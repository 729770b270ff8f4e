"""Matrix products leave the cores to the networks."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from stenograf.engines.diarization.blas import ONE_THREAD


def blas_threads() -> set[int]:
    """How many threads each of numpy's and scipy's libraries multiplies with."""
    found = (each for each in threadpool_info() if each["user_api"] == "blas")
    return {int(each["num_threads"]) for each in found}


@pytest.fixture(autouse=True)
def two_before() -> Iterator[None]:
    with threadpool_limits(2, user_api="blas"):
        yield


def test_products_take_one_thread_inside_and_what_they_had_outside() -> None:
    """Of numpy and of scipy."""
    assert blas_threads() == {2}
    with ONE_THREAD:
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_the_limit_holds_until_the_last_one_leaves() -> None:
    """Two recordings at once: neither gives the other's threads back."""
    with ONE_THREAD:
        other = Thread(target=ONE_THREAD.__enter__)
        other.start()
        other.join()
    assert blas_threads() == {1}
    ONE_THREAD.__exit__()
    assert blas_threads() == {2}
