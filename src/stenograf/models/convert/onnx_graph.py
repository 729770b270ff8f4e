"""Builds ONNX files layer by layer from arrays in PyTorch's layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from stenograf.models.checkpoint import Array
from stenograf.models.staging import staged_file

OPSET: Final = 17
IR_VERSION: Final = 8  # what onnxruntime has read since 1.12

Shape = tuple[int | str | None, ...]


@dataclass(slots=True)
class OnnxGraph:
    """Nodes and weights in the order they were added; values are called by name."""

    name: str
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def constant(self, array: Array) -> str:
        """The name of a constant with this content."""
        from onnx import numpy_helper

        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def integers(self, *values: int) -> str:
        """The name of a constant vector of integers, as shapes and axes are given."""
        return self.constant(np.array(values, np.int64))

    def add(
        self, kind: str, *inputs: str, output: str | None = None, out: int = 0, **attributes: Any
    ) -> str:
        """Append a node and return the name of its output number `out`."""
        from onnx import helper

        name = output or f"v{len(self.nodes)}"
        outputs = [""] * out + [name]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return name

    def linear(self, x: str, weight: Array, bias: Array | None) -> str:
        """`x @ weight.T + bias` over the last axis; weight is (out, in)."""
        product = self.add("MatMul", x, self.constant(weight.T))
        return product if bias is None else self.add("Add", product, self.constant(bias))

    def lstm(self, x: str, weights: Mapping[str, Array], layer: int, *, both_ways: bool) -> str:
        """One layer of torch.nn.LSTM over x (frames, batch, in).

        Returns the name of the states (frames, directions, batch, hidden).
        """
        ends = ["", "_reverse"] if both_ways else [""]

        def stacked(name: str) -> Array:
            return np.stack([_onnx_gates(weights[f"{name}_l{layer}{end}"]) for end in ends])

        biases = np.concatenate([stacked("bias_ih"), stacked("bias_hh")], axis=1)
        hidden = weights[f"weight_hh_l{layer}"].shape[1]
        return self.add(
            "LSTM",
            x,
            self.constant(stacked("weight_ih")),
            self.constant(stacked("weight_hh")),
            self.constant(biases),
            hidden_size=hidden,
            direction="bidirectional" if both_ways else "forward",
        )

    def save(
        self,
        target: Path,
        *,
        inputs: Mapping[str, Shape],
        outputs: Mapping[str, Shape],
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Check the graph and put it at `target`, whole or not at all; all values are float32."""
        import onnx
        from onnx import helper

        graph = helper.make_graph(
            self.nodes, self.name, _values(inputs), _values(outputs), initializer=self.weights
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="stenograf",
        )
        helper.set_model_props(model, dict(metadata or {}))
        onnx.checker.check_model(model)
        with staged_file(target) as part:
            onnx.save(model, str(part))


def _onnx_gates(array: Array) -> Array:
    """Rows from torch's gate order (input, forget, cell, output) to ONNX's (i, o, f, c)."""
    i, f, c, o = np.split(array.astype(np.float32), 4)
    return np.concatenate([i, o, f, c])


def _values(shapes: Mapping[str, Shape]) -> list[Any]:
    from onnx import TensorProto, helper

    return [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    ]
