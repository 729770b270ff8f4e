"""What every test may lean on."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings
from tests.postgresql import database_url, postgresql

__all__ = ["database_url", "postgresql"]

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Tests read English messages whatever the machine speaks; subprocesses inherit it.

    No example is timed: a busy machine is no fault.
    """
    os.environ["STENOGRAF_LANG"] = "en"
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # threads that wait cost a third more
        os.environ.setdefault(name, "1")
    gc.disable()


def pytest_collection_finish() -> None:
    """Modules and tests live to the end: not looking at them again saves a tenth of the time."""
    gc.enable()
    gc.freeze()


@pytest.fixture(scope="session")
def assets() -> Path:
    """The folder of real models and speech; its absence skips, except in CI where it fails."""
    folder = Path(os.environ.get("STENOGRAF_TEST_ASSETS", ROOT / "../shared/assets")).resolve()
    if (folder / "models").is_dir():
        return folder
    message = f"no test assets in {folder}: set STENOGRAF_TEST_ASSETS"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
