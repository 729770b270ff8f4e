"""Named choices of model and batch: what most people need to decide, in one word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from stenograf.core.errors import OptionError

PresetName: TypeAlias = Literal["speed", "balanced", "quality"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A Whisper model and how many blocks of 30 s it hears at once.

    What the presets have in common is everybody's default: only speech is recognized (VAD), one
    guess is followed (beam 1, best of 1), int8 on a processor and float16 on a GPU.
    """

    model: str
    batch_size: int


PRESETS: Final[dict[PresetName, Preset]] = {
    "speed": Preset("tiny", batch_size=16),
    "balanced": Preset("small", batch_size=16),
    "quality": Preset("medium", batch_size=8),
}


def preset(name: PresetName) -> Preset:
    """The preset of that name; raises OptionError when there is none.

    >>> preset("speed").model
    'tiny'
    """
    try:
        return PRESETS[name]
    except KeyError:
        raise OptionError(
            "There is no preset {name}.",
            hint="Choose one of {known}.",
            name=name,
            known=", ".join(PRESETS),
        ) from None
