"""The dimensions of a Whisper model, checked before anything of their size is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

from stenograf.core.errors import ModelInvalidError

Shapes = Iterator[tuple[str, tuple[int, ...]]]

MAX_LAYERS: Final = 64
MAX_STATE: Final = 4096
_VOCABULARIES: Final = {51864: (False, 99), 51865: (True, 99), 51866: (True, 100)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperDims:
    """Sizes under openai-whisper's names."""

    n_mels: int
    n_audio_ctx: int
    n_audio_state: int
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    n_text_ctx: int
    n_text_state: int
    n_text_head: int
    n_text_layer: int

    def __post_init__(self) -> None:
        if self.n_vocab not in _VOCABULARIES:
            raise _refused(f"its vocabulary has {self.n_vocab} tokens")
        if self.n_mels not in (80, 128):
            raise _refused(f"it takes {self.n_mels} mel bands")
        for layers in (self.n_audio_layer, self.n_text_layer):
            if not 1 <= layers <= MAX_LAYERS:
                raise _refused(f"it has {layers} layers")
        for state, heads in (
            (self.n_audio_state, self.n_audio_head),
            (self.n_text_state, self.n_text_head),
        ):
            if not 1 <= heads <= state <= MAX_STATE or state % heads:
                raise _refused(f"{heads} heads do not share a state of {state}")
        if not (1 <= self.n_audio_ctx <= 1 << 16 and 1 <= self.n_text_ctx <= 1 << 16):
            raise _refused("its contexts are of an impossible length")

    @classmethod
    def of(cls, found: Any) -> WhisperDims:
        """From the `dims` of a checkpoint, whatever they turn out to be."""
        names = [field.name for field in fields(cls)]
        if not isinstance(found, dict) or not all(type(found.get(name)) is int for name in names):
            raise _refused("it has no dimensions (`dims`)")
        return cls(**{name: found[name] for name in names})

    @property
    def multilingual(self) -> bool:
        """English-only models have another vocabulary."""
        return _VOCABULARIES[self.n_vocab][0]

    @property
    def n_languages(self) -> int:
        """How many language tokens the vocabulary holds; English-only ones have them too."""
        return _VOCABULARIES[self.n_vocab][1]

    def shapes(self) -> Shapes:
        """Every tensor by openai-whisper's name, with its shape."""
        state = self.n_audio_state
        yield "encoder.conv1.weight", (state, self.n_mels, 3)
        yield "encoder.conv2.weight", (state, state, 3)
        for conv in ("conv1", "conv2"):
            yield f"encoder.{conv}.bias", (state,)
        yield "encoder.positional_embedding", (self.n_audio_ctx, state)
        yield from _layer_norm("encoder.ln_post", state)
        for layer in range(self.n_audio_layer):
            yield from _block(f"encoder.blocks.{layer}", state, cross=False)
        yield "decoder.token_embedding.weight", (self.n_vocab, self.n_text_state)
        yield "decoder.positional_embedding", (self.n_text_ctx, self.n_text_state)
        yield from _layer_norm("decoder.ln", self.n_text_state)
        for layer in range(self.n_text_layer):
            yield from _block(f"decoder.blocks.{layer}", self.n_text_state, cross=True)


def _block(name: str, state: int, *, cross: bool) -> Shapes:
    for attention in ("attn", "cross_attn") if cross else ("attn",):
        yield from _layer_norm(f"{name}.{attention}_ln", state)
        for part in ("query", "key", "value", "out"):
            yield f"{name}.{attention}.{part}.weight", (state, state)
            if part != "key":
                yield f"{name}.{attention}.{part}.bias", (state,)
    yield from _layer_norm(f"{name}.mlp_ln", state)
    yield f"{name}.mlp.0.weight", (4 * state, state)
    yield f"{name}.mlp.0.bias", (4 * state,)
    yield f"{name}.mlp.2.weight", (state, 4 * state)
    yield f"{name}.mlp.2.bias", (state,)


def _layer_norm(name: str, state: int) -> Shapes:
    yield f"{name}.weight", (state,)
    yield f"{name}.bias", (state,)


def _refused(reason: str) -> ModelInvalidError:
    return ModelInvalidError(
        "This is no Whisper model as OpenAI made them: {reason}.", reason=reason
    )
