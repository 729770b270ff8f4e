"""Chooses the conversion for what is there: `stenograf models convert`."""

from __future__ import annotations

from pathlib import Path

from stenograf.core.errors import ModelMissingError, OptionError
from stenograf.core.home import expanded
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.models.catalog import entry
from stenograf.models.convert.model_bin import Quantization
from stenograf.models.finds import Find, identify, weights_file
from stenograf.models.forms import FORM_NAMES, Content, inspect
from stenograf.models.locate import installed_path, where
from stenograf.models.places import Places
from stenograf.models.staging import disk_faults, staged_folder


def convert_model(
    source: str,
    target: Path | None,
    places: Places,
    *,
    quantization: Quantization | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Path:
    """Convert a file, a folder or an installed model by name, and return where the result lies.

    Without `target` it goes where the engine that reads the new form will find it. Raises
    OptionError for forms that no engine here needs converted.
    """
    content = _content(source, places)
    with disk_faults(target.parent if target else places.home):
        return _converted(content, target, places, quantization, on_progress)


def _converted(
    content: Content,
    target: Path | None,
    places: Places,
    quantization: Quantization | None,
    on_progress: OnProgress,
) -> Path:
    if content.form in ("openai", "ggml"):
        return _speech(content, target, places, quantization, on_progress)
    if content.form == "torch" and quantization is None:
        return _diarization(content, target, places, on_progress)
    raise OptionError(
        "{path} is not converted: its form is {form}{rest}.",
        hint="Whisper's .pt and ggml files and pyannote's checkpoints can be converted.",
        path=content.path,
        form=FORM_NAMES[content.form] if content.form else "unknown",
        rest=", which takes no quantization" if content.form == "torch" else "",
    )


def _content(source: str, places: Places) -> Content:
    content = inspect(expanded(source))
    if content is not None:
        return content
    for look in where(source, places).looks:
        if look.content.form in ("openai", "ggml", "torch") and look.content.problem is None:
            return look.content
    raise ModelMissingError("There is no {name} here to convert.", name=source)


def _speech(
    content: Content,
    target: Path | None,
    places: Places,
    quantization: Quantization | None,
    on_progress: OnProgress,
) -> Path:
    from stenograf.models.convert import convert_ggml, convert_whisper

    file = weights_file(content.path)
    place = target or places.home / _speech_name(file)
    convert = convert_whisper if content.form == "openai" else convert_ggml
    convert(file, place, quantization=quantization, on_progress=on_progress)
    return place


def _speech_name(file: Path) -> str:
    """What faster-whisper's users call the model of a file.

    >>> _speech_name(Path("ggml-medium.bin")), _speech_name(Path("mine.pt"))
    ('medium', 'mine')
    """
    return file.stem.removeprefix("ggml-")


def _diarization(
    content: Content, target: Path | None, places: Places, on_progress: OnProgress
) -> Path:
    from stenograf.models.convert import convert_ge2e, convert_segmentation, convert_wespeaker

    file = weights_file(content.path)
    name = "ge2e" if file.name == "pretrained.pt" else identify(Find(content)).name
    known = {
        "pyannote-segmentation-3.0": "segmentation-3.0",
        "pyannote-wespeaker": "wespeaker-resnet34",
    }
    place = target or installed_path(entry(known.get(name, name)), places)
    with staged_folder(place) as folder:
        if name == "ge2e":
            convert_ge2e(file, folder / "model.onnx")
        elif name == "pyannote-segmentation-3.0":
            convert_segmentation(file, folder / "model.onnx")
        else:
            convert_wespeaker(file, folder / "trunk.onnx", folder / "head.npz")
    on_progress(1.0)
    return place
