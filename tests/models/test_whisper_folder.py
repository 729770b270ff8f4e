"""What a converted Whisper folder holds, and what is refused."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stenograf.core.errors import CancelledError, ModelInvalidError, OptionError
from stenograf.models.convert import convert_ggml, convert_whisper
from stenograf.models.convert.alignment import alignment_heads, official_name
from stenograf.models.convert.model_bin import quantized, write_model_bin
from stenograf.models.convert.tokenizer import (
    tokenizer_json,
    vocabulary,
    word_pieces,
)
from stenograf.models.convert.whisper_dims import WhisperDims
from stenograf.testing.checkpoints import write_checkpoint

Save = Callable[..., Path]


@pytest.fixture(scope="module")
def converted(
    make_dims: Any, make_weights: Any, save_pt: Save, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("whisper")
    dims = make_dims(state=16, layers=1)
    weights = {name: array.astype("f2") for name, array in make_weights(dims).items()}
    convert_whisper(save_pt(folder / "tiny.pt", dims, weights), folder / "tiny")
    return folder / "tiny"


def test_folder_has_the_files_faster_whisper_reads(converted: Path) -> None:
    """Five files, and the settings OpenAI publishes for multilingual models."""
    names = {path.name for path in converted.iterdir()}
    assert names == {
        *("model.bin", "config.json", "tokenizer.json"),
        *("vocabulary.json", "preprocessor_config.json"),
    }
    config = json.loads((converted / "config.json").read_text(encoding="utf-8"))
    assert config["suppress_ids"][:8] == [1, 2, 7, 8, 9, 10, 14, 25]
    assert config["suppress_ids"][-6:] == [50258, 50358, 50359, 50360, 50361, 50362]
    assert config["suppress_ids_begin"] == [220, 50257]
    assert config["lang_ids"] == list(range(50259, 50358))
    features = json.loads((converted / "preprocessor_config.json").read_text(encoding="utf-8"))
    assert features["feature_size"] == 80
    listed = json.loads((converted / "vocabulary.json").read_text(encoding="utf-8"))
    assert (len(listed), listed[220], listed[50257]) == (51865, "Ġ", "<|endoftext|>")
    assert listed[-1] == "<|30.00|>"


def test_ctranslate2_loads_it(converted: Path) -> None:
    """The runtime itself accepts the folder and knows it is multilingual."""
    import ctranslate2

    model = ctranslate2.models.Whisper(str(converted), device="cpu", compute_type="float32")
    assert (model.is_multilingual, model.n_mels) == (True, 80)


def test_nothing_is_half_written(
    make_dims: Any, make_weights: Any, save_pt: Save, tmp_path: Path
) -> None:
    """A conversion that is stopped leaves the old folder as it was, and no other."""
    dims = make_dims(state=16, layers=1)
    checkpoint = save_pt(tmp_path / "tiny.pt", dims, make_weights(dims))
    target = tmp_path / "models" / "tiny"
    target.mkdir(parents=True)
    (target / "old").write_text("old")

    def stop(fraction: float) -> None:
        if fraction > 0.5:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        convert_whisper(checkpoint, target, on_progress=stop)
    assert [path.name for path in target.parent.iterdir()] == ["tiny"]
    assert [path.name for path in target.iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"n_vocab": 100}, "vocabulary has 100 tokens"),
        ({"n_mels": 81}, "81 mel bands"),
        ({"n_text_layer": 1 << 40}, "layers"),
        ({"n_text_head": 3}, "3 heads"),
        ({"n_text_ctx": 0}, "contexts"),
        ({"n_audio_state": True}, "no dimensions"),
    ],
)
def test_impossible_dimensions_are_refused(
    make_dims: Any, tmp_path: Path, change: dict[str, int], reason: str
) -> None:
    """Nothing of a claimed size is made before the size is believed."""
    dims = make_dims(state=16, layers=1)
    found = {name: getattr(dims, name) for name in dims.__dataclass_fields__} | change
    path = write_checkpoint(
        tmp_path / "x.pt", {"dims": found, "model_state_dict": {"w": np.zeros(1)}}
    )
    with pytest.raises(ModelInvalidError, match=reason):
        convert_whisper(path, tmp_path / "x")


def test_missing_and_misshapen_tensors_are_named(
    make_dims: Any, make_weights: Any, save_pt: Save, tmp_path: Path
) -> None:
    """A fine-tuned model with other layers is refused by the first tensor that differs."""
    dims = make_dims(state=16, layers=1)
    weights = make_weights(dims)
    path = save_pt(tmp_path / "x.pt", replace(dims, n_text_layer=2), weights)
    with pytest.raises(ModelInvalidError, match=r"no decoder\.blocks\.1"):
        convert_whisper(path, tmp_path / "x")
    with pytest.raises(OptionError, match="int4"):
        convert_whisper(path, tmp_path / "x", quantization="int4")  # type: ignore[arg-type]


@pytest.mark.parametrize("stored", ["f4", "f2"])
@pytest.mark.parametrize(
    "quantization", [None, "float32", "float16", "int8", "int8_float16", "int8_float32"]
)
def test_bytes_are_those_of_ctranslate2(tmp_path: Path, stored: str, quantization: Any) -> None:
    """The streamed file equals what `ctranslate2.specs` would have saved, byte for byte."""
    from ctranslate2.specs import common_spec, model_spec

    class Spec(model_spec.ModelSpec):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv = common_spec.Conv1DSpec()
            self.linear = common_spec.LinearSpec()
            self.norm = common_spec.LayerNormSpec()
            self.same = common_spec.LinearSpec()
            self.heads = np.int16(3)

        @property
        def name(self) -> str:
            return "Spec"

    rng = np.random.default_rng(0)
    spec = Spec()
    arrays = {
        "conv/weight": rng.normal(0, 1, (4, 3, 3)),
        "conv/bias": rng.normal(0, 1, 4),
        "linear/weight": np.vstack([rng.normal(0, 1, (4, 6)), np.zeros((1, 6))]),
        "norm/beta": rng.normal(0, 1, 6),
        "norm/gamma": rng.normal(0, 1, 6),
    }
    arrays = {name: array.astype(stored) for name, array in arrays.items()}
    for name, array in arrays.items():
        layer, part = name.split("/")
        setattr(getattr(spec, layer), part, array.copy())
    spec.same.weight = arrays["linear/weight"].copy()
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(tmp_path))
    variables = sorted([*arrays.items(), ("heads", np.array(3, np.int16))])
    pieces = list(quantized(variables, quantization))
    write_model_bin(
        tmp_path / "ours.bin",
        pieces,
        n_variables=len(pieces),
        spec=("Spec", 1),
        aliases={"same/weight": "linear/weight"},
    )
    assert (tmp_path / "ours.bin").read_bytes() == (tmp_path / "model.bin").read_bytes()


def test_alignment_heads_follow_the_dimensions(make_dims: Any) -> None:
    """Official models are known by their layers; others get the upper half of the decoder."""
    tiny = make_dims(state=384, layers=4)
    large = make_dims(state=1280, layers=32)
    assert alignment_heads(tiny) == [(2, 2), (3, 0), (3, 2), (3, 3), (3, 4), (3, 5)]
    assert official_name(replace(tiny, n_vocab=51864)) == "tiny.en"
    assert official_name(large, "large-v1") == "large-v1"
    assert official_name(large, "large") == "large-v2"
    assert official_name(replace(large, n_mels=128, n_vocab=51866)) == "large-v3"
    turbo = replace(large, n_mels=128, n_vocab=51866, n_text_layer=4)
    assert official_name(turbo) == "large-v3-turbo"
    assert alignment_heads(make_dims(state=64, layers=2)) == [(1, 0), (1, 1)]


def test_every_byte_is_a_token() -> None:
    """Any text can be written, in both vocabularies, and no token comes twice."""
    for multilingual in (True, False):
        pieces = word_pieces(multilingual=multilingual)
        assert {bytes([byte]) for byte in range(256)} < set(pieces)
        assert len(set(pieces)) == len(pieces)


@pytest.fixture(scope="module")
def ggml(
    make_dims: Any, make_weights: Any, save_ggml: Save, tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    dims = make_dims(state=16, layers=1)
    path = tmp_path_factory.mktemp("ggml") / "ggml-tiny.bin"
    return save_ggml(path, dims, make_weights(dims)).read_bytes()


def ggml_case(whole: bytes, case: str) -> bytes:
    tensors = whole.index(b"encoder.conv1.weight") - 24

    def number_at(place: int, number: int) -> bytes:
        return whole[:place] + struct.pack("<i", number) + whole[place + 4 :]

    cases: dict[str, Callable[[], bytes]] = {
        "magic": lambda: b"GGUF" + whole[4:],
        "cut": lambda: whole[:-1],
        "cut in the vocabulary": lambda: whole[: tensors // 2],
        "own vocabulary": lambda: whole.replace(b" the", b" teh", 1),
        "quantised": lambda: number_at(tensors + 8, 8),
        "negative shape": lambda: number_at(tensors + 12, -3),
        "many axes": lambda: number_at(tensors, 9),
        "filters": lambda: number_at(48, 1 << 30),
        "dimensions": lambda: number_at(8, -1),
    }
    return cases[case]()


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("magic", "does not begin"),
        ("cut", "ends inside a tensor"),
        ("cut in the vocabulary", "ends too early|ends inside"),
        ("own vocabulary", "vocabulary of its own"),
        ("quantised", "quantised; bring the float16"),
        ("negative shape", "impossible shape"),
        ("many axes", "impossible head"),
        ("filters", "mel filters"),
        ("dimensions", "contexts"),
    ],
)
def test_odd_ggml_files_are_refused(ggml: bytes, tmp_path: Path, case: str, reason: str) -> None:
    """Damaged, quantised and foreign files end with their reason, and no folder appears."""
    path = tmp_path / "ggml-x.bin"
    path.write_bytes(ggml_case(ggml, case))
    with pytest.raises(ModelInvalidError, match=reason):
        convert_ggml(path, tmp_path / "x")
    assert not (tmp_path / "x").exists()


@pytest.mark.e2e
@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("n_vocab", [51864, 51865, 51866])
def test_tokenizer_is_that_of_openai_whisper(make_dims: Any, n_vocab: int) -> None:
    """Encoding, decoding, special tokens and the symbols to suppress agree."""
    import tokenizers
    import whisper.tokenizer

    dims: WhisperDims = make_dims(n_vocab=n_vocab)
    theirs = whisper.tokenizer.get_tokenizer(dims.multilingual, num_languages=dims.n_languages)
    ours = tokenizers.Tokenizer.from_str(tokenizer_json(dims))
    listed = vocabulary(dims)
    assert len(listed) == n_vocab
    for token, number in theirs.special_tokens.items():
        assert listed[number] == token
        assert token[2].isdigit() or ours.token_to_id(token) == number
    texts = [
        *(" And so my fellow Americans, it's 12:30.", "  Два  пробела\nи строка — «кавычки»…"),
        *("日本語のテキスト、です。", "mixed Ärger 😀 ♪♪ (laughs) don't I'LL", "\t\x00\u200b end "),
    ]
    for text in texts:
        ids = theirs.encode(text)
        assert ours.encode(text, add_special_tokens=False).ids == ids, text
        assert ours.decode(ids) == text
