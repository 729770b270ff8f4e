"""Speech models with random weights behind the ONNX interfaces that onnx-asr reads.

One layer each: names, types, shapes and strides are those of the published models; words are
nonsense in Russian letters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

VOCABULARY: Final = ("<unk>", *(f"▁{a}{b}" for a in "днс" for b in "аоу"), *"аеилнрст.,")
"""Tokens beside the blank; those with a bar begin a word."""

WIDTH: Final = 16
N_DURATIONS: Final = 5  # frames that NeMo's TDT may jump: 0 to 4
PREDICTOR: Final = 320  # width of GigaAM's predictor, fixed by onnx-asr
N_SCORES: Final = len(VOCABULARY) + 1
BLANK_LEAD: Final = 1.5  # leaves some frames without a token

Node = tuple[str, Sequence[str], Sequence[str], Mapping[str, Any]]
Value = tuple[str, str, Sequence[int | str]]  # name, numpy type, shape


def write_gigaam_ctc(folder: Path) -> Path:
    """GigaAM v3 with a CTC head; returns `folder`."""
    _write_vocabulary(folder / "v3_vocab.txt")
    _write_config(folder, model_type="gigaam", version="v3", features_size=64)
    _write_model(
        folder / "v3_ctc.onnx",
        [("features", "f4", ["b", 64, "t"]), ("feature_lengths", "i8", ["b"])],
        [("log_probs", "f4", ["b", "n", N_SCORES])],
        [
            _strided("features", "hidden", 4),
            ("Transpose", ["hidden"], ["frames"], {"perm": [0, 2, 1]}),
            ("MatMul", ["frames", "head"], ["scores"], {}),
            ("Add", ["scores", "bias"], ["biased"], {}),
            ("LogSoftmax", ["biased"], ["log_probs"], {"axis": -1}),
        ],
        {"conv": (WIDTH, 64, 3), "head": (WIDTH, N_SCORES)},
    )
    return folder


def write_gigaam_rnnt(folder: Path) -> Path:
    """GigaAM v3, end to end, with a transducer; returns `folder`."""
    _write_vocabulary(folder / "v3_e2e_rnnt_vocab.txt")
    _write_config(folder, model_type="gigaam", version="v3", features_size=64)
    _write_encoder(folder / "v3_e2e_rnnt_encoder.onnx", 64, 4, ("encoded", "encoded_len", "i4"))
    state: Sequence[int | str] = ("s", 1, PREDICTOR)
    _write_model(
        folder / "v3_e2e_rnnt_decoder.onnx",
        [("x", "i8", [1, 1]), ("h.1", "f4", state), ("c.1", "f4", state)],
        [("dec", "f4", [1, 1, PREDICTOR]), ("h", "f4", state), ("c", "f4", state)],
        [
            ("Gather", ["table", "x"], ["said"], {}),
            ("Add", ["said", "h.1"], ["h"], {}),
            ("Tanh", ["h"], ["dec"], {}),
            ("Identity", ["c.1"], ["c"], {}),
        ],
        {"table": (N_SCORES, PREDICTOR)},
    )
    _write_model(
        folder / "v3_e2e_rnnt_joint.onnx",
        [("enc", "f4", [1, WIDTH, 1]), ("dec", "f4", [1, PREDICTOR, 1])],
        [("joint", "f4", [1, 1, 1, N_SCORES])],
        [*_joined("enc", "dec", WIDTH, PREDICTOR), *_reshaped("biased", "joint")],
        {"audio_head": (WIDTH, N_SCORES), "text_head": (PREDICTOR, N_SCORES)},
    )
    return folder


def write_parakeet(folder: Path) -> Path:
    """Parakeet v3: NeMo's token-and-duration transducer on 128 mel bands; returns `folder`."""
    _write_vocabulary(folder / "vocab.txt")
    _write_config(folder, model_type="nemo-conformer-tdt", features_size=128, subsampling_factor=8)
    _write_encoder(folder / "encoder-model.onnx", 128, 8, ("outputs", "encoded_lengths", "i8"))
    state = [2, 1, WIDTH]
    n_outputs = N_SCORES + N_DURATIONS
    _write_model(
        folder / "decoder_joint-model.onnx",
        [
            ("encoder_outputs", "f4", [1, WIDTH, 1]),
            ("targets", "i4", [1, 1]),
            ("target_length", "i4", [1]),
            ("input_states_1", "f4", state),
            ("input_states_2", "f4", state),
        ],
        [
            ("outputs", "f4", [1, 1, 1, n_outputs]),
            ("output_states_1", "f4", state),
            ("output_states_2", "f4", state),
        ],
        [
            ("Gather", ["table", "targets"], ["said"], {}),
            ("Add", ["input_states_1", "said"], ["output_states_1"], {}),
            ("Identity", ["input_states_2"], ["output_states_2"], {}),
            *_joined("encoder_outputs", "said", WIDTH, WIDTH),
            *_reshaped("biased", "outputs"),
        ],
        {
            "table": (N_SCORES, WIDTH),
            "audio_head": (WIDTH, n_outputs),
            "text_head": (WIDTH, n_outputs),
        },
    )
    return folder


def write_vosk(folder: Path) -> Path:
    """Vosk: Kaldi's stateless transducer in two folders; returns `folder`."""
    _write_vocabulary(folder / "lang" / "tokens.txt", blank_first=True)
    models = folder / "am-onnx"
    _write_model(
        models / "encoder.onnx",
        [("x", "f4", ["b", "t", 80]), ("x_lens", "i8", ["b"])],
        [("encoder_out", "f4", ["b", "n", WIDTH]), ("encoder_out_lens", "i8", ["b"])],
        [
            ("Transpose", ["x"], ["bands"], {"perm": [0, 2, 1]}),
            _strided("bands", "hidden", 4),
            ("Transpose", ["hidden"], ["encoder_out"], {"perm": [0, 2, 1]}),
            *_shortened("x_lens", "encoder_out_lens", "i8"),
        ],
        {"conv": (WIDTH, 80, 3)},
        stride=4,
    )
    _write_model(
        models / "decoder.onnx",
        [("y", "i8", ["b", 2])],
        [("decoder_out", "f4", ["b", WIDTH])],
        [
            ("Max", ["y", "zero"], ["known"], {}),  # -1 stands for nothing said yet
            ("Gather", ["table", "known"], ["said"], {}),
            ("ReduceMean", ["said"], ["decoder_out"], {"axes": [1], "keepdims": 0}),
        ],
        {"table": (N_SCORES, WIDTH)},
    )
    _write_model(
        models / "joiner.onnx",
        [("encoder_out", "f4", ["b", WIDTH]), ("decoder_out", "f4", ["b", WIDTH])],
        [("logit", "f4", ["b", N_SCORES])],
        [
            ("Add", ["encoder_out", "decoder_out"], ["both"], {}),
            ("MatMul", ["both", "head"], ["logit"], {}),
        ],
        {"head": (WIDTH, N_SCORES)},
    )
    return folder


MODELS: Final[dict[str, Callable[[Path], Path]]] = {
    "gigaam-ctc": write_gigaam_ctc,
    "gigaam-rnnt": write_gigaam_rnnt,
    "parakeet": write_parakeet,
    "vosk": write_vosk,
}
"""Every kind of model by a short name."""


def _write_encoder(path: Path, n_bands: int, stride: int, output: tuple[str, str, str]) -> None:
    frames, lengths, kind = output
    _write_model(
        path,
        [("audio_signal", "f4", ["b", n_bands, "t"]), ("length", "i8", ["b"])],
        [(frames, "f4", ["b", WIDTH, "n"]), (lengths, kind, ["b"])],
        [_strided("audio_signal", frames, stride), *_shortened("length", lengths, kind)],
        {"conv": (WIDTH, n_bands, 3)},
        stride=stride,
    )


def _strided(source: str, target: str, stride: int) -> Node:
    options = {"kernel_shape": [3], "strides": [stride], "pads": [1, 1]}
    return ("Conv", [source, "conv"], [target], options)


def _shortened(source: str, target: str, kind: str) -> list[Node]:
    """Frames after a convolution with a stride: (n - 1) / stride + 1."""
    from onnx import helper

    tensor_kind = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    return [
        ("Sub", [source, "one"], ["before"], {}),
        ("Div", ["before", "stride"], ["jumps"], {}),
        ("Add", ["jumps", "one"], ["n_frames"], {}),
        ("Cast", ["n_frames"], [target], {"to": tensor_kind}),
    ]


def _joined(audio: str, text: str, n_audio: int, n_text: int) -> list[Node]:
    """Scores of tokens from one frame and from what was said last."""
    return [
        ("Reshape", [audio, "row"], ["frame"], {}),
        ("Reshape", [text, "row"], ["last"], {}),
        ("MatMul", ["frame", "audio_head"], ["heard"], {}),
        ("MatMul", ["last", "text_head"], ["expected"], {}),
        ("Add", ["heard", "expected"], ["scores"], {}),
        ("Add", ["scores", "bias"], ["biased"], {}),
    ]


def _reshaped(source: str, target: str) -> list[Node]:
    return [("Reshape", [source, "scores_shape"], [target], {})]


def _write_vocabulary(path: Path, *, blank_first: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tokens = ["<blk>", *VOCABULARY] if blank_first else [*VOCABULARY, "<blk>"]
    lines = (f"{token} {number}\n" for number, token in enumerate(tokens))
    path.write_text("".join(lines), encoding="utf-8")


def _write_config(folder: Path, **content: Any) -> None:
    (folder / "config.json").write_text(json.dumps(content), encoding="utf-8")


def _write_model(  # noqa: PLR0913
    path: Path,
    inputs: Sequence[Value],
    outputs: Sequence[Value],
    nodes: Sequence[Node],
    shapes: Mapping[str, tuple[int, ...]],
    *,
    stride: int = 1,
) -> None:
    """A graph whose weights, drawn by their shapes, are the same each time."""
    import onnx
    from onnx import helper, numpy_helper

    rng = np.random.default_rng(len(path.name))
    n_scores = next((shape[1] for name, shape in shapes.items() if "head" in name), N_SCORES)
    weights: dict[str, NDArray[Any]] = {
        name: rng.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()
    }
    weights |= _constants(n_scores, stride)
    used = {name for _, names, _, _ in nodes for name in names}
    graph = helper.make_graph(
        [helper.make_node(kind, list(a), list(b), **options) for kind, a, b, options in nodes],
        path.stem,
        [_value(value) for value in inputs],
        [_value(value) for value in outputs],
        [numpy_helper.from_array(array, name) for name, array in weights.items() if name in used],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, ir_version=8, opset_imports=[opset])
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))


def _constants(n_scores: int, stride: int) -> dict[str, NDArray[Any]]:
    bias = np.zeros(n_scores, dtype=np.float32)
    bias[N_SCORES - 1] = BLANK_LEAD
    return {
        "bias": bias,
        "zero": np.array([0], dtype="i8"),
        "one": np.array([1], dtype="i8"),
        "stride": np.array([stride], dtype="i8"),
        "row": np.array([1, -1], dtype="i8"),
        "scores_shape": np.array([1, 1, 1, n_scores], dtype="i8"),
    }


def _value(value: Value) -> Any:
    from onnx import helper

    name, kind, shape = value
    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), list(shape)
    )
