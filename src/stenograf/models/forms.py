"""What a file or folder of weights is, told by its content and never by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from stenograf.core.errors import ModelError

Form = Literal["ctranslate2", "openai", "ggml", "gguf", "onnx", "pipeline", "torch", "npz"]

FORM_NAMES: Final[dict[Form, str]] = {
    "ctranslate2": "CTranslate2 folder",
    "openai": "OpenAI Whisper checkpoint (.pt)",
    "ggml": "ggml file",
    "gguf": "gguf file",
    "onnx": "ONNX",
    "pipeline": "pyannote pipeline",
    "torch": "PyTorch checkpoint",
    "npz": "numpy arrays",
}
LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_HEAD_BYTES: Final = 64
_MAGIC: Final[dict[bytes, Form]] = {
    b"lmgg": "ggml",  # 0x67676d6c, little-endian
    b"GGUF": "gguf",
}
_TORCH_ZIP: Final = b"PK\x03\x04"
_TORCH_LEGACY: Final = b"\x80\x02\x8a\x0a"
_CTRANSLATE2_SPEC: Final = b"WhisperSpec"
_VOCABULARIES: Final = ("vocabulary.json", "vocabulary.txt")


@dataclass(frozen=True, slots=True)
class Content:
    """What lies at a path. `path` is the model itself, inside a hub layout the snapshot.

    `problem` says why it cannot be used though its form is known or its place is right.
    """

    path: Path
    form: Form | None
    problem: str | None = None

    @property
    def usable(self) -> bool:
        """Whether an engine that reads this form can open it."""
        return self.form is not None and self.problem is None


def inspect(path: Path) -> Content | None:
    """What lies at `path`, or None if nothing does. Reads a few bytes of each file it needs."""
    if path.is_dir():
        return _inspect_repository(path) if (path / "snapshots").is_dir() else _inspect_folder(path)
    if path.is_file():
        return _inspect_file(path)
    if path.is_symlink():
        return Content(path, None, f"the link points to {path.readlink()}, which is not there")
    return None


def snapshots_of(folder: Path) -> list[Path]:
    """Snapshots of a hub repository's folder, the one that `refs/main` names first, then newest.

    `snapshots/main` without `refs`, as people make it by hand, counts.
    """
    found = [path for path in _children(folder / "snapshots") if path.is_dir()]
    reference = folder / "refs" / "main"
    named = reference.read_text(encoding="utf-8").strip() if reference.is_file() else "main"
    return sorted(found, key=lambda path: (path.name != named, -path.stat().st_mtime, path.name))


def _inspect_repository(folder: Path) -> Content:
    """The first snapshot that can be used, else what is wrong with the first one."""
    contents = [_inspect_folder(snapshot) for snapshot in snapshots_of(folder)]
    nothing = Content(folder, None, "the repository's folder has no snapshot")
    return next((content for content in contents if content.usable), (contents or [nothing])[0])


def _inspect_folder(folder: Path) -> Content:
    children = list(_children(folder))
    broken = next((path for path in children if path.is_symlink() and not path.exists()), None)
    if broken is not None:
        return Content(folder, None, f"the link {broken.name} points to a file that is not there")
    names = {path.name for path in children}
    if "model.bin" in names and _says(folder / "model.bin", _CTRANSLATE2_SPEC):
        return Content(folder, "ctranslate2", _ctranslate2_problem(folder, names))
    if "config.yaml" in names and _mentions_pipeline(folder / "config.yaml"):
        return Content(folder, "pipeline", _pointer_problem(folder.rglob("*.bin")))
    for pattern in ("pytorch_model.bin", "*.onnx", "*/*.onnx", "*.npz", "plda/*.npz", "*.pt",
                    "model.bin"):  # fmt: skip
        for file in sorted(folder.glob(pattern)):
            content = _inspect_file(file)
            return Content(folder, content.form, content.problem)
    return Content(folder, None, None if children else "the folder is empty")


def _inspect_file(file: Path) -> Content:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as fault:
        return Content(file, None, f"it cannot be read ({fault.strerror})")
    if not head:
        return Content(file, None, f"{file.name} is empty")
    if head.startswith(LFS_POINTER):
        return Content(file, None, _POINTER)
    if head.startswith((_TORCH_ZIP, _TORCH_LEGACY)):
        return Content(file, "npz") if file.suffix == ".npz" else _inspect_checkpoint(file)
    form = _form_of(head)
    return Content(file, form, None if form else f"{file.name} is of no known form")


def _form_of(head: bytes) -> Form | None:
    for magic, form in _MAGIC.items():
        if head.startswith(magic):
            return form
    if head[0] == 0x08 and len(head) > 2 and head[1] < 32:  # a protobuf with a small ir_version
        return "onnx"
    return None


def _inspect_checkpoint(file: Path) -> Content:
    from stenograf.models.checkpoint import read_checkpoint

    try:
        root = read_checkpoint(file)
    except ModelError as error:
        return Content(file, "torch", str(error))
    if isinstance(root, dict) and {"dims", "model_state_dict"} <= root.keys():
        return Content(file, "openai")
    return Content(file, "torch")


_POINTER: Final = "it is a Git-LFS pointer, not the file itself: run git lfs pull in its folder"


def _pointer_problem(files: Iterator[Path]) -> str | None:
    for file in files:
        if file.is_file() and _says(file, LFS_POINTER):
            return f"{file.name}: {_POINTER}"
    return None


def _ctranslate2_problem(folder: Path, names: set[str]) -> str | None:
    missing = [name for name in ("config.json", "tokenizer.json") if name not in names]
    if not names.intersection(_VOCABULARIES):
        missing.append(" or ".join(_VOCABULARIES))
    if missing:
        return f"the folder lacks {', '.join(missing)}"
    return _pointer_problem(folder / name for name in ("config.json", "tokenizer.json"))


def _mentions_pipeline(file: Path) -> bool:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")[:100_000]
    except OSError:
        return False
    return any(line.startswith("pipeline:") for line in text.splitlines())


def _says(file: Path, marker: bytes) -> bool:
    try:
        with file.open("rb") as stream:
            return marker in stream.read(_HEAD_BYTES)
    except OSError:
        return False


def _children(folder: Path) -> Iterator[Path]:
    """What a folder holds, without what begins with a dot; nothing if it cannot be listed."""
    try:
        yield from sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return
