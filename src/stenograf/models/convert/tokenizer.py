"""Whisper's vocabulary in the forms faster-whisper reads, made without a download.

The tokens are those of openai-whisper (MIT, see vocabulary/LICENSE.txt). Byte-pair merges follow
from the ranks: a token was made from the two parts that the tokens before it leave of it.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Final

from stenograf.models.convert.whisper_dims import WhisperDims

N_TIMESTAMPS: Final = 1501  # <|0.00|> to <|30.00|>, 0.02 s apart

LANGUAGES: Final = tuple(
    """en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th
    ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa
    si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln
    ha ba jw su yue""".split()  # noqa: SIM905
)
"""Language codes in the order of their tokens; the last came with large-v3."""


@lru_cache(maxsize=2)
def word_pieces(*, multilingual: bool) -> tuple[bytes, ...]:
    """The tokens of text, in the order of their numbers."""
    name = "multilingual.xz" if multilingual else "english.xz"
    packed = lzma.decompress(files(__package__).joinpath("vocabulary", name).read_bytes())
    n_tokens = 50257 if multilingual else 50256
    ends = [n_tokens]
    for length in packed[:n_tokens]:
        ends.append(ends[-1] + length)
    return tuple(packed[start:end] for start, end in pairwise(ends))


def special_tokens(n_languages: int) -> list[str]:
    """The tokens that follow those of text, without the timestamps."""
    return [
        "<|endoftext|>",
        "<|startoftranscript|>",
        *(f"<|{language}|>" for language in LANGUAGES[:n_languages]),
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ]


def vocabulary(dims: WhisperDims) -> list[str]:
    """Every token as CTranslate2's `vocabulary.json` lists it."""
    pieces = word_pieces(multilingual=dims.multilingual)
    timestamps = [f"<|{n * 0.02:.2f}|>" for n in range(N_TIMESTAMPS)]
    return [*map(as_text, pieces), *special_tokens(dims.n_languages), *timestamps]


def tokenizer_json(dims: WhisperDims) -> str:
    """A `tokenizer.json` of the `tokenizers` package."""
    pieces = word_pieces(multilingual=dims.multilingual)
    special = special_tokens(dims.n_languages)
    byte_level = {"type": "ByteLevel", "trim_offsets": True, "use_regex": True}
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "vocab": {as_text(piece): number for number, piece in enumerate(pieces)},
        "merges": [f"{as_text(left)} {as_text(right)}" for left, right in _merges(pieces)],
    }
    content: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(token, len(pieces) + n) for n, token in enumerate(special)],
        "normalizer": None,
        "pre_tokenizer": {**byte_level, "add_prefix_space": False},
        "post_processor": None,
        "decoder": {**byte_level, "add_prefix_space": True},
        "model": model,
    }
    return json.dumps(content, ensure_ascii=False)


def _added(token: str, number: int) -> dict[str, Any]:
    flags = ("single_word", "lstrip", "rstrip", "normalized")
    return {"id": number, "content": token, **dict.fromkeys(flags, False), "special": True}


def _merges(pieces: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    ranks = {piece: rank for rank, piece in enumerate(pieces)}
    return [_parts(piece, ranks) for piece in pieces if len(piece) > 1]


def _parts(piece: bytes, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """The two tokens whose merge makes `piece`."""
    parts = [piece[n : n + 1] for n in range(len(piece))]
    while len(parts) > 2:
        pairs = [ranks.get(left + right, len(ranks)) for left, right in pairwise(parts)]
        best = min(range(len(pairs)), key=pairs.__getitem__)
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return parts[0], parts[1]


@lru_cache(maxsize=1)
def _letters() -> dict[int, str]:
    """GPT-2's letter for each byte: itself where printable, the rest from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable}
    return letters | {byte: chr(0x100 + n) for n, byte in enumerate(others)}


def as_text(piece: bytes) -> str:
    """A token's bytes as the letters that vocabulary files use.

    >>> as_text(b" the")
    'Ġthe'
    """
    letters = _letters()
    return "".join(letters[byte] for byte in piece)
