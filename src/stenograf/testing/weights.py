"""Files that look like models to anybody who checks their form, a few bytes each."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

CTRANSLATE2_MODEL: Final = struct.pack("<IH", 6, 12) + b"WhisperSpec\0" + bytes(64)
GGML_MODEL: Final = struct.pack("<I", 0x67676D6C) + bytes(64)
GGUF_MODEL: Final = b"GGUF" + bytes(64)
ONNX_MODEL: Final = b"\x08\x08\x12\x04test" + bytes(64)
LFS_POINTER: Final = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1\n"
)
CTRANSLATE2_FILES: Final[dict[str, bytes]] = {
    "config.json": b"{}",
    "model.bin": CTRANSLATE2_MODEL,
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\n",
}
PIPELINE_FILES: Final[dict[str, bytes]] = {
    "config.yaml": b"version: 3.1.0\npipeline:\n  name: pyannote.audio.pipelines.X\n",
}


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    """Write the files, by path inside the folder, and give the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
