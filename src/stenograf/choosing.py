"""Which recognizer and model suit a recording and this machine, decided from what is here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from stenograf.core.errors import ModelUnknownError, UnsupportedError
from stenograf.core.home import expanded
from stenograf.engines.asr.whisper_model import has_gpu
from stenograf.models import Entry, Places, catalog, entry, folder_size, where
from stenograf.models.catalog import family
from stenograf.models.forms import FORM_NAMES, Form, inspect
from stenograf.models.locate import is_path
from stenograf.pipeline import TranscribeOptions

DEFAULT_MODEL: Final = "small"
"""Good in many languages, and half a gigabyte: nobody waits 20 minutes for a first result."""

PACKAGES: Final = {
    "faster-whisper": "faster_whisper",
    "whispercpp": "_pywhispercpp",
    "whisper": "whisper",
    "onnx": "onnx_asr",
}
"""Engines by what they need to be importable, the quickest reader of Whisper first."""

ENGINE_OF_FORM: Final[dict[Form, str]] = {
    "ctranslate2": "faster-whisper",
    "ggml": "whispercpp",
    "openai": "whisper",
    "onnx": "onnx",
}
ON_CPU: Final = ("small", "medium", "large-v3-turbo", "base", "large-v3", "large-v2", "tiny")
ON_GPU: Final = ("large-v3-turbo", "large-v3", "medium", "small", "large-v2", "base", "tiny")
"""Whisper models to take where nobody names one: the first that is here and fits."""

RUSSIAN: Final = ("gigaam-v3",)
WORKING_MB: Final = 700
"""What a run takes beside the weights (benchmarks/README.md)."""

IN_MEMORY: Final = {"whisper": 2.0}
"""How much larger weights are in memory than on disk: torch keeps float32 on a processor."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An engine, the model it gets, by name or path, and why it was taken."""

    engine: str
    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides beside the recording: engines that can run, memory in MB if known, a GPU."""

    engines: Collection[str]
    memory_mb: float | None = None
    has_gpu: bool = False

    @classmethod
    def here(cls, device: str) -> Machine:
        """This machine, as a run on `device` sees it."""
        engines = [name for name, package in PACKAGES.items() if find_spec(package)]
        return cls(engines, available_mb(), device != "cpu" and has_gpu())

    def fits(self, engine: str, size_mb: float) -> bool:
        """Whether weights of that size on disk can be worked with."""
        needed = size_mb * IN_MEMORY.get(engine, 1.0) + WORKING_MB
        return self.memory_mb is None or needed <= self.memory_mb


@dataclass(frozen=True, slots=True)
class _Find:
    """A model on disk in a form that an engine which can run reads."""

    engine: str
    name: str
    path: Path
    form: Form


def choose(options: TranscribeOptions, places: Places, machine: Machine) -> Choice:
    """The engine for a recording where the caller leaves it to us.

    What was named is taken in whatever form it is here. Otherwise Russian goes to a Russian model
    that is here, the rest to the first Whisper that is here and fits into memory, then to another
    model that knows the language, then to the default, which has to be fetched.
    """
    if options.model is not None:
        return _of_named(options.model, places, machine)
    found = [*_russian(options, places, machine), *_whisper(options, places, machine)]
    found = found or list(_others(options, places, machine))
    default = Choice("faster-whisper", DEFAULT_MODEL, "the default")
    return found[0] if found else default


def model_for(engine: str, model: str, places: Places) -> str:
    """The name under which an engine finds a model: its own form of it, one that is here first.

    A path stays as it is. Raises UnsupportedError where the engine reads no form of the model.
    """
    if is_path(model):
        return model
    try:
        subject = entry(model)
    except ModelUnknownError:
        return model
    kin = [known.name for known in family(subject) if known.engine == engine]
    if not kin:
        raise UnsupportedError(
            "The engine {engine} does not read the model {model}.", engine=engine, model=model
        )
    looks = (look for look in where(model, places).looks if look.content.usable)
    return next((look.entry.name for look in looks if look.entry.name in kin), kin[0])


def available_mb() -> float | None:
    """Memory that this process may still take without swapping, in MB.

    On Linux the least of what the kernel and the control group leave; None elsewhere.
    """
    left = [bytes_ for bytes_ in (_of_kernel(), _of_control_group()) if bytes_ is not None]
    return min(left) / 1e6 if left else None


def _of_kernel() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None


def _of_control_group() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        limit, used = (
            (folder / name).read_text(encoding="ascii").strip()
            for name in ("memory.max", "memory.current")
        )
    except OSError:
        return None
    return None if limit == "max" else max(0, int(limit) - int(used))


def _of_named(model: str, places: Places, machine: Machine) -> Choice:
    content = inspect(expanded(model)) if is_path(model) else None
    if content is not None:
        engine = ENGINE_OF_FORM.get(content.form or "ctranslate2", "faster-whisper")
        return Choice(engine, model, f"{file_first(model)}{_reads(content.form)}")
    subject = entry(model)
    story = where(model, places)
    if story.winner is not None:
        return Choice(subject.engine, model, f"the model asked for, {_reads(subject.form)}")
    for find in _finds(subject, places, machine):
        return Choice(find.engine, find.name, f"{model} is here as {FORM_NAMES[find.form]}")
    return Choice(subject.engine, model, "the model asked for")


def file_first(model: str) -> str:
    """What a reason says first where a file hides the model that the catalog calls so."""
    hides = is_path(model) and any(model in known.names for known in catalog())
    return "the file here before the known model of that name: " if hides else ""


def _reads(form: Form | None) -> str:
    return f"a {FORM_NAMES[form]}" if form else "a model of unknown form"


def _russian(options: TranscribeOptions, places: Places, machine: Machine) -> Iterator[Choice]:
    plain = options.task == "transcribe" and not (options.prompt or options.hotwords)
    if _language(options) != "ru" or not plain:
        return
    for name in RUSSIAN:
        for find in _finds(entry(name), places, machine):
            yield Choice(find.engine, find.name, f"the language is Russian and {name} is here")


def _whisper(options: TranscribeOptions, places: Places, machine: Machine) -> Iterator[Choice]:
    english = _language(options) == "en" and options.task == "transcribe"
    for size in ON_GPU if machine.has_gpu else ON_CPU:
        for name in (size, f"{size}.en") if english else (size,):
            if name in _names():
                for find in _finds(entry(name), places, machine):
                    yield Choice(find.engine, find.name, _why(find, size))


def _why(find: _Find, size: str) -> str:
    is_default = size == DEFAULT_MODEL and find.engine == "faster-whisper"
    return "the default" if is_default else f"it is here as {FORM_NAMES[find.form]}"


def _others(options: TranscribeOptions, places: Places, machine: Machine) -> Iterator[Choice]:
    language = _language(options)
    if language is None or options.task == "translate":
        return
    for known in catalog():
        if known.engine == "onnx" and known.task == "recognize" and language in known.languages:
            for find in _finds(known, places, machine):
                yield Choice("onnx", find.name, f"it is here and knows the language {language}")


def _finds(subject: Entry, places: Places, machine: Machine) -> Iterator[_Find]:
    """Every form of a model that is on disk, can be read here and fits, the quickest first."""
    looks = [look for look in where(subject.name, places).looks if look.content.usable]
    for engine in PACKAGES:
        for look in looks:
            form, path = look.content.form, look.content.path
            if form is None or ENGINE_OF_FORM.get(form) != engine or engine not in machine.engines:
                continue
            if machine.fits(engine, folder_size(path) / 1e6):
                yield _Find(engine, look.entry.name, path, form)


def _language(options: TranscribeOptions) -> str | None:
    """The only language that can be spoken, as far as the caller knows."""
    if options.language is not None:
        return options.language
    return options.languages[0] if len(options.languages) == 1 else None


def _names() -> frozenset[str]:
    return frozenset(known.name for known in catalog())
