"""The folders where models may lie, in the order they are searched."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from stenograf.core.errors import HomeUnknownError
from stenograf.core.home import expanded, home_needed

Kind = Literal[
    "path", "models_dir", "pyannote_model_path", "whisper_cache_dir", "hub_cache", "data_dir",
    "openai_cache",
]  # fmt: skip


class Place(NamedTuple):
    """One folder of the search; `setting` is what a person changes to move it."""

    kind: Kind
    folder: Path
    setting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where models are looked for; new ones go to `home`."""

    data_dir: Path
    hub_cache: Path
    models_dir: Path | None = None
    whisper_cache_dir: Path | None = None
    pyannote_model_path: Path | None = None
    openai_cache: Path | None = None

    @classmethod
    def usual(
        cls,
        *,
        models_dir: Path | None = None,
        whisper_cache_dir: Path | None = None,
        pyannote_model_path: Path | None = None,
    ) -> Places:
        """The places of this machine and user, with the ones that settings give.

        For a user without a home, as system services run, `models_dir` stands for the folders
        that would lie there. Raises HomeUnknownError where that is not given either.
        """
        return cls(
            data_dir=_or_in(models_dir, "", _data_folder),
            hub_cache=_or_in(models_dir, "hub", lambda: hub_cache_folder(os.environ)),
            models_dir=models_dir,
            whisper_cache_dir=whisper_cache_dir,
            pyannote_model_path=pyannote_model_path,
            openai_cache=_or_in(models_dir, "whisper", lambda: _cache_home(os.environ) / "whisper"),
        )

    @property
    def home(self) -> Path:
        """The folder that new models are installed to."""
        return self.models_dir or self.data_dir

    def in_order(self) -> tuple[Place, ...]:
        """Every place that is known, the first to win first; each folder once."""
        places = (
            ("models_dir", self.models_dir, "STENOGRAF_MODELS_DIR"),
            ("pyannote_model_path", self.pyannote_model_path, "PYANNOTE_MODEL_PATH"),
            ("whisper_cache_dir", self.whisper_cache_dir, "WHISPER_CACHE_DIR"),
            ("hub_cache", self.hub_cache, "HF_HUB_CACHE or HF_HOME"),
            ("data_dir", self.data_dir, "the user's data folder"),
            ("openai_cache", self.openai_cache, "openai-whisper's own cache"),
        )
        once: dict[Path, Place] = {}
        for kind, path, name in places:
            if path is not None:
                once.setdefault(path, Place(kind, path, name))  # type: ignore[arg-type]
        return tuple(once.values())


def _or_in(given: Path | None, name: str, usual: Callable[[], Path]) -> Path:
    """The usual folder, or `name` inside the given one for a user without a home."""
    try:
        return usual()
    except HomeUnknownError:
        if given is None:
            raise
        return given / name


def _data_folder() -> Path:
    import platformdirs

    with home_needed():
        return Path(platformdirs.user_data_path("stenograf", appauthor=False)) / "models"


def hub_cache_folder(environment: Mapping[str, str]) -> Path:
    """The cache of the hub's own client, by the variables it reads.

    >>> hub_cache_folder({"HF_HOME": "hf"}).as_posix()
    'hf/hub'
    """
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if environment.get(name):
            return expanded(environment[name])
    return hub_home(environment) / "hub"


def hub_home(environment: Mapping[str, str]) -> Path:
    """The folder of the hub's own client: its cache and its login. Raises HomeUnknownError."""
    if environment.get("HF_HOME"):
        return expanded(environment["HF_HOME"])
    return _cache_home(environment) / "huggingface"


def _cache_home(environment: Mapping[str, str]) -> Path:
    return expanded(environment.get("XDG_CACHE_HOME") or "~/.cache")
