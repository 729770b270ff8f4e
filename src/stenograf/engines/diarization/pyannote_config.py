"""The `config.yaml` of a pyannote pipeline, with every part found on this disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stenograf.core.errors import ModelInvalidError, ModelMissingError

CONFIG_NAME: Final = "config.yaml"
PIPELINES: Final = (
    "pyannote.audio.pipelines.SpeakerDiarization",
    "pyannote.audio.pipelines.speaker_diarization.SpeakerDiarization",
)
_PARTS: Final = ("segmentation", "embedding", "plda")
_IN_FOLDER: Final = "$model/"
_CHECKPOINT: Final = "pytorch_model.bin"


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """`options` build the pipeline, `parameters` instantiate it; parts are local paths."""

    path: Path
    options: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @property
    def needs_plda(self) -> bool:
        """Whether the clustering is that of community-1."""
        return self.options.get("clustering") == "VBxClustering"

    def invalid(self, reason: str) -> ModelInvalidError:
        """The error of a pipeline that cannot be built."""
        return _invalid(self.path, reason)


def read_config(weights: Path, parts: Mapping[str, Path]) -> PipelineConfig:
    """The configuration of a pipeline's folder, or of its `config.yaml`.

    A part is named by `$model/NAME`, by a path (relative to the folder), or by a hub repository
    that `parts` knows. Raises ModelMissingError and ModelInvalidError.
    """
    path = weights / CONFIG_NAME if weights.is_dir() else weights
    config = _load(path)
    pipeline = config.get("pipeline")
    if not isinstance(pipeline, dict) or pipeline.get("name") not in PIPELINES:
        raise _invalid(path, "it describes no speaker diarization")
    options = dict(pipeline.get("params") or {})
    for part in _PARTS:
        if part in options:
            options[part] = {"checkpoint": str(_find(options[part], path, parts))}
    missing = [part for part in _PARTS[:2] if part not in options]
    if options.get("clustering") == "VBxClustering" and "plda" not in options:
        missing.append("plda")
    if missing:
        raise _invalid(path, f"it does not name: {', '.join(missing)}")
    return PipelineConfig(path, options, config.get("params") or {})


def _load(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ModelMissingError("There is no pyannote pipeline at {path}.", path=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(path, str(error)) from error
    import yaml  # pyannote.audio brings it

    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _invalid(path, "it is not YAML") from error
    if not isinstance(config, dict):
        raise _invalid(path, "it is not a mapping")
    return config


def _find(value: object, path: Path, parts: Mapping[str, Path]) -> Path:
    """The file or folder of one part."""
    if isinstance(value, dict):
        value = str(Path(value.get("checkpoint", "")) / value.get("subfolder", ""))
    name = str(value)
    if name.startswith(_IN_FOLDER):
        candidates = [path.parent / name.removeprefix(_IN_FOLDER)]
    else:
        candidates = [path.parent / name, Path(name)]
        candidates += [parts[repository] for repository in (name, name.split("@", maxsplit=1)[0])
                       if repository in parts]  # fmt: skip
    for candidate in candidates:
        checkpoint = candidate / _CHECKPOINT
        if checkpoint.is_file():  # a file's path is read alike by pyannote 3 and 4
            return checkpoint
        if candidate.exists():
            return candidate
    raise ModelMissingError(
        "{path} needs {part}, which is not on this machine.",
        hint="Put it into the folder of the pipeline, or install it: stenograf models pull {part}",
        path=str(path),
        part=name,
    )


def _invalid(path: Path, reason: str) -> ModelInvalidError:
    return ModelInvalidError("{path} cannot be used: {reason}.", path=str(path), reason=reason)
