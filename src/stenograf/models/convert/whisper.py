"""Whisper checkpoints into the folders that faster-whisper runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from stenograf.core.errors import EngineUnavailableError
from stenograf.core.ports import OnProgress, ignore_progress
from stenograf.models.checkpoint import Array, Weights, read_checkpoint, weights_of
from stenograf.models.convert import model_bin, tokenizer
from stenograf.models.convert.alignment import alignment_heads
from stenograf.models.convert.expected import require_shapes
from stenograf.models.convert.model_bin import Quantization
from stenograf.models.convert.whisper_dims import WhisperDims
from stenograf.models.staging import staged_folder

_ALIASES: Final = {"decoder/projection/weight": "decoder/embeddings/weight"}

# What begins a transcript and may never be decoded inside it.
_NEVER_SAID: Final = (
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
)


def convert_whisper(
    checkpoint: Path,
    target: Path,
    *,
    quantization: Quantization | None = None,
    on_progress: OnProgress = ignore_progress,
) -> None:
    """Turn openai-whisper's `.pt` into a CTranslate2 folder at `target`, with no download.

    `quantization` None keeps the numbers as they are stored. Raises ModelInvalidError for another
    model's checkpoint; `target` then stays as it was.
    """
    root = read_checkpoint(checkpoint)
    found = root if isinstance(root, dict) else {}
    dims = WhisperDims.of(found.get("dims"))
    weights = weights_of(found.get("model_state_dict"), checkpoint)
    model = WhisperModel(dims, weights, checkpoint.stem)
    write_folder(model, target, quantization=quantization, on_progress=on_progress)


@dataclass(frozen=True, slots=True)
class WhisperModel:
    """Weights under openai-whisper's names; `name` is that of the file they came in."""

    dims: WhisperDims
    weights: Weights
    name: str


def write_folder(
    model: WhisperModel,
    target: Path,
    *,
    quantization: Quantization | None,
    on_progress: OnProgress,
) -> None:
    """Write a model as a CTranslate2 folder, whole or not at all."""
    model_bin.check_quantization(quantization)
    require_shapes(model.weights, model.dims.shapes(), model="Whisper")
    with staged_folder(target) as folder:
        _write_texts(folder, model.dims, model.name)
        _write_weights(folder / "model.bin", model, quantization, on_progress)


def _write_weights(
    path: Path, model: WhisperModel, quantization: Quantization | None, on_progress: OnProgress
) -> None:
    from ctranslate2.specs import WhisperSpec

    dims = model.dims
    spec = WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    constants = {name: value for name, value in spec.variables().items() if value is not None}
    layout = _layout(dims)
    unknown = set(spec.variables()) - set(constants) - set(layout) - set(_ALIASES)
    if unknown:
        raise EngineUnavailableError(
            "This version of CTranslate2 wants variables that are not known here: {names}.",
            hint="Update Stenograf, or install the CTranslate2 it was made with.",
            names=", ".join(sorted(unknown)),
        )
    names = sorted([*constants, *layout])

    def variables() -> Iterator[tuple[str, Array]]:
        for done, name in enumerate(names):
            on_progress(done / len(names))
            if name in constants:
                yield name, _constant(constants[name])
            else:
                yield name, _joined(model.weights, layout[name])

    model_bin.write_model_bin(
        path,
        model_bin.quantized(variables(), quantization),
        n_variables=model_bin.count_variables(names, quantization),
        spec=(spec.name, spec.revision),
        aliases=_ALIASES,
    )
    on_progress(1.0)


def _constant(value: Any) -> Array:
    return np.array(value, np.int8) if isinstance(value, bool) else np.array(value)


def _joined(weights: Mapping[str, Array], sources: tuple[str, ...]) -> Array:
    """The sources one below the other; a key's bias, which Whisper leaves out, is zero."""
    arrays = {source: weights[source] for source in sources if source in weights}
    if len(sources) == 1:
        return arrays[sources[0]]
    blank = np.zeros_like(next(iter(arrays.values())))
    return np.concatenate([arrays.get(source, blank) for source in sources])


def _layout(dims: WhisperDims) -> dict[str, tuple[str, ...]]:
    """CTranslate2's name of each variable and the tensors it is joined from."""
    names = {
        "encoder/position_encodings/encodings": ("encoder.positional_embedding",),
        "decoder/position_encodings/encodings": ("decoder.positional_embedding",),
        "decoder/embeddings/weight": ("decoder.token_embedding.weight",),
        **_linear("encoder/conv1", "encoder.conv1"),
        **_linear("encoder/conv2", "encoder.conv2"),
        **_norm("encoder/layer_norm", "encoder.ln_post"),
        **_norm("decoder/layer_norm", "decoder.ln"),
    }
    for side, n_layers in (("encoder", dims.n_audio_layer), ("decoder", dims.n_text_layer)):
        for layer in range(n_layers):
            names |= _block(f"{side}/layer_{layer}", f"{side}.blocks.{layer}", cross=side[0] == "d")
    return names


def _block(ours: str, theirs: str, *, cross: bool) -> dict[str, tuple[str, ...]]:
    attention, crossed = f"{theirs}.attn", f"{theirs}.cross_attn"
    projected = [f"{attention}.{part}" for part in ("query", "key", "value")]
    names = {
        **_norm(f"{ours}/self_attention/layer_norm", f"{attention}_ln"),
        **_linear(f"{ours}/self_attention/linear_0", *projected),
        **_linear(f"{ours}/self_attention/linear_1", f"{attention}.out"),
        **_norm(f"{ours}/ffn/layer_norm", f"{theirs}.mlp_ln"),
        **_linear(f"{ours}/ffn/linear_0", f"{theirs}.mlp.0"),
        **_linear(f"{ours}/ffn/linear_1", f"{theirs}.mlp.2"),
    }
    if cross:
        names |= {
            **_norm(f"{ours}/attention/layer_norm", f"{crossed}_ln"),
            **_linear(f"{ours}/attention/linear_0", f"{crossed}.query"),
            **_linear(f"{ours}/attention/linear_1", f"{crossed}.key", f"{crossed}.value"),
            **_linear(f"{ours}/attention/linear_2", f"{crossed}.out"),
        }
    return names


def _linear(ours: str, *theirs: str) -> dict[str, tuple[str, ...]]:
    return {
        f"{ours}/{part}": tuple(f"{name}.{part}" for name in theirs) for part in ("weight", "bias")
    }


def _norm(ours: str, theirs: str) -> dict[str, tuple[str, ...]]:
    return {f"{ours}/gamma": (f"{theirs}.weight",), f"{ours}/beta": (f"{theirs}.bias",)}


def _write_texts(folder: Path, dims: WhisperDims, name: str) -> None:
    made = tokenizer.tokenizer_json(dims)
    (folder / "tokenizer.json").write_text(made, encoding="utf-8")
    _write_json(folder / "vocabulary.json", tokenizer.vocabulary(dims))
    _write_json(folder / "config.json", _config(dims, name, made))
    features = {
        "feature_size": dims.n_mels,
        "sampling_rate": 16_000,
        "hop_length": 160,
        "chunk_length": 30,
        "n_fft": 400,
    }
    _write_json(folder / "preprocessor_config.json", features)


def _config(dims: WhisperDims, name: str, made: str) -> dict[str, Any]:
    from tokenizers import Tokenizer

    encoder = Tokenizer.from_str(made)

    def number(token: str) -> int:
        found: Any = encoder.token_to_id(token)
        return int(found)

    first_language = number("<|startoftranscript|>") + 1
    never = {number(token) for token in _NEVER_SAID} | _not_speech(encoder)
    return {
        "alignment_heads": alignment_heads(dims, name),
        "lang_ids": list(range(first_language, first_language + dims.n_languages)),
        "suppress_ids": sorted(never),
        "suppress_ids_begin": [*encoder.encode(" ").ids, number("<|endoftext|>")],
    }


def _not_speech(encoder: Any) -> set[int]:
    """Tokens of symbols that mark sounds and speakers rather than speech, as OpenAI chose them."""
    notes = "♩♪♫♬♭♮♯"
    pairs = "<< >> <<< >>> -- --- -( -[ (' (\" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪"
    symbols = [*'"#()*+/:;<=>@[\\]^_`{|}~「」『』', *pairs.split(), *notes]
    numbers = {encoder.encode(" -").ids[0], encoder.encode(" '").ids[0]}
    for symbol in symbols:
        for text in (symbol, " " + symbol):
            ids = encoder.encode(text).ids
            if len(ids) == 1 or symbol in notes:
                numbers.add(ids[0])
    return numbers


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
