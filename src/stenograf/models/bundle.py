"""Models in one tar file, for a machine without internet: `export` there, `import` here."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from stenograf.core.errors import ModelInvalidError, ModelMissingError
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.models.catalog import entry
from stenograf.models.fetch import file_hashes
from stenograf.models.finds import Find
from stenograf.models.forms import inspect
from stenograf.models.locate import where
from stenograf.models.places import Places
from stenograf.models.staging import disk_faults, staged_file

MANIFEST: Final = "stenograf-models.json"
FORMAT_VERSION: Final = 1


def export_models(
    names: Iterable[str],
    target: Path,
    places: Places,
    *,
    on_progress: OnProgress = ignore_progress,
) -> None:
    """Write installed models, and what they need, into one tar file with their hashes.

    Raises ModelMissingError for a model that is not here.
    """
    wanted = list(dict.fromkeys(_with_needs(names)))
    models = [_described(name, number, places) for number, name in enumerate(wanted)]
    manifest = {"format_version": FORMAT_VERSION, "models": [model for model, _ in models]}
    files = [pair for _, pairs in models for pair in pairs]
    with disk_faults(target.parent), staged_file(target) as part, tarfile.open(part, "w") as tar:
        _add_text(tar, MANIFEST, json.dumps(manifest, indent=1))
        for done, (name, file) in enumerate(files):
            on_progress(done / len(files))
            tar.add(file.resolve(), arcname=name, recursive=False)
    on_progress(1.0)


def _with_needs(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        subject = entry(name)
        yield subject.name
        yield from _with_needs(subject.needs)


def _described(
    name: str, number: int, places: Places
) -> tuple[dict[str, Any], list[tuple[str, Path]]]:
    story = where(name, places)
    look = next((look for look in story.looks if look.usable), None)
    if look is None:
        raise ModelMissingError(
            "{name} is not on this machine.",
            hint="Fetch it first: stenograf models pull {name}.",
            name=name,
        )
    root = look.content.path
    paths = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
    base = root.parent if root.is_file() else root
    inside = {path.relative_to(base).as_posix(): path for path in paths}
    described = {
        "name": story.entry.name,
        "folder": f"models/{number}",
        "revision": root.name if root.parent.name == "snapshots" else None,
        "files": {name: file_hashes(path)[0] for name, path in inside.items()},
    }
    return described, [(f"models/{number}/{name}", path) for name, path in inside.items()]


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    content = text.encode()
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def is_bundle(path: Path) -> bool:
    """Whether a folder is an unpacked bundle."""
    return (path / MANIFEST).is_file()


def models_of(folder: Path) -> list[tuple[Find, str | None]]:
    """The models of an unpacked bundle and their names, every file compared with its hash."""
    try:
        manifest: Any = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format_version"] != FORMAT_VERSION:
            raise _refused(folder, "it was written by a newer version")
        return [(_checked(folder, model), str(model["name"])) for model in manifest["models"]]
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as fault:
        raise _refused(folder, f"its list of contents is damaged ({fault})") from fault


def _checked(folder: Path, model: dict[str, Any]) -> Find:
    root = folder / str(model["folder"])
    if folder.resolve() not in root.resolve().parents:
        raise _refused(folder, "its list of contents leaves the bundle")
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    if files.keys() != model["files"].keys():
        raise _refused(folder, "its files are not those of its list of contents")
    for name, file in files.items():
        if file_hashes(file)[0] != model["files"][name]:
            raise _refused(file, "its content is not what was exported")
    only = next(iter(files.values()))
    content = inspect(only if entry(str(model["name"])).is_file else root)
    if content is None or not content.usable:
        raise _refused(root, "it holds no usable model")
    return Find(content, revision=model.get("revision"))


def _refused(path: Path, reason: str) -> ModelInvalidError:
    return ModelInvalidError("{path} is not used: {reason}.", path=path, reason=reason)
