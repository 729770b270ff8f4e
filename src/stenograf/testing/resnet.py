"""A speaker encoder of real architecture with random weights."""

from __future__ import annotations

import numpy as np


def random_resnet34(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """WeSpeaker ResNet34 as pyannote names its weights; activations neither vanish nor explode."""
    weights: dict[str, np.ndarray] = {}

    def convolution(conv: str, norm: str, out: int, into: int, kernel: int) -> None:
        scale = np.sqrt(2 / (into * kernel**2))
        weights[f"{conv}.weight"] = rng.normal(0, scale, (out, into, kernel, kernel))
        weights[f"{norm}.weight"] = rng.uniform(0.4, 0.8, out)
        weights[f"{norm}.bias"] = rng.normal(0, 0.1, out)
        weights[f"{norm}.running_mean"] = rng.normal(0, 0.1, out)
        weights[f"{norm}.running_var"] = rng.uniform(0.5, 2, out)

    convolution("resnet.conv1", "resnet.bn1", 32, 1, 3)
    before = 32
    for layer, (n_blocks, out) in enumerate([(3, 32), (4, 64), (6, 128), (3, 256)], start=1):
        for block in range(n_blocks):
            name = f"resnet.layer{layer}.{block}"
            convolution(f"{name}.conv1", f"{name}.bn1", out, before, 3)
            convolution(f"{name}.conv2", f"{name}.bn2", out, out, 3)
            if before != out:
                convolution(f"{name}.shortcut.0", f"{name}.shortcut.1", out, before, 1)
            before = out
    weights["resnet.seg_1.weight"] = rng.normal(0, 0.02, (256, 5120))
    weights["resnet.seg_1.bias"] = rng.normal(0, 0.1, 256)
    return {name: array.astype("f4") for name, array in weights.items()}
