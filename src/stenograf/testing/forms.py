"""Multipart bodies that are broken in every way a byte can be wrong, from a seed."""

from __future__ import annotations

import random
from typing import Final

BOUNDARY: Final = b"frontier"
TYPE: Final = f"multipart/form-data; boundary={BOUNDARY.decode()}"

_NAMES: Final = (
    "file",
    "audioFile",
    "model",
    "../../etc/passwd",
    "\u0444\u0430\u0439\u043b",
    "",
    'a"b',
)
_FILES: Final = ("a.wav", "../../../tmp/x", "C:\\x\\y.wav", "a\r\nX-Bad: 1", "\x00", "n" * 5000, "")


def broken_form(seed: int) -> bytes:
    """A body that is nearly a form: the same one for the same seed."""
    rng = random.Random(seed)  # noqa: S311  repeatable, not secret
    parts = [_part(rng) for _ in range(rng.randrange(0, 6))]
    whole = b"".join(parts) + b"--" + BOUNDARY + rng.choice([b"--\r\n", b"--", b"", b"\r\n"])
    for _ in range(rng.randrange(0, 4)):
        whole = _damaged(whole, rng)
    return whole


def _part(rng: random.Random) -> bytes:
    head = f'Content-Disposition: form-data; name="{rng.choice(_NAMES)}"'
    if rng.random() < 0.7:
        head += f'; filename="{rng.choice(_FILES)}"'
    lines = [b"--" + BOUNDARY, head.encode()]
    if rng.random() < 0.3:
        lines.append(b"Content-Type: " + rng.choice([b"audio/wav", b"\xff\xfe", b"a/b; q=" * 99]))
    return b"\r\n".join([*lines, b"", rng.randbytes(rng.randrange(0, 3000)), b""])


def _damaged(whole: bytes, rng: random.Random) -> bytes:
    """With a piece cut out, doubled or replaced."""
    start = rng.randrange(0, len(whole) + 1)
    end = min(len(whole), start + rng.randrange(0, 200))
    piece = rng.choice([b"", whole[start:end] * 2, rng.randbytes(20), b"\r\n", b"\x00" * 50])
    return whole[:start] + piece + whole[end:]
