"""Which cross-attention heads of each Whisper model follow the audio, for word times.

Measured by OpenAI and published with openai-whisper (MIT). Written `layer.head`.
"""

from __future__ import annotations

from typing import Final

from stenograf.models.convert.whisper_dims import WhisperDims

Heads = list[tuple[int, int]]

_HEADS: Final = {
    "tiny.en": "1.0 2.0 2.5 3.0 3.1 3.2 3.3 3.4",
    "tiny": "2.2 3.0 3.2 3.3 3.4 3.5",
    "base.en": "3.3 4.7 5.1 5.5 5.7",
    "base": "3.1 4.2 4.3 4.7 5.1 5.2 5.4 5.6",
    "small.en": "6.6 7.0 7.3 7.8 8.2 8.5 8.7 9.0 9.4 9.8 9.10 10.0 10.1 10.2 10.3 10.6 "
    "10.11 11.2 11.4",
    "small": "5.3 5.9 8.0 8.4 8.7 8.8 9.0 9.7 9.9 10.5",
    "medium.en": "11.4 14.1 14.12 14.14 15.4 16.0 16.4 16.9 17.12 17.14 18.7 18.10 18.15 "
    "20.0 20.3 20.9 20.14 21.12",
    "medium": "13.15 15.4 15.15 16.1 20.0 23.4",
    "large-v1": "9.19 11.2 11.4 11.17 22.7 22.11 22.17 23.2 23.15",
    "large-v2": "10.12 13.17 16.11 16.12 16.13 17.15 17.16 18.4 18.11 18.19 19.11 21.2 21.3 "
    "22.3 22.9 22.12 23.5 23.7 23.13 25.5 26.1 26.12 27.15",
    "large-v3": "7.0 10.17 12.18 13.12 16.1 17.14 19.11 21.4 24.1 25.6",
    "large-v3-turbo": "2.4 2.11 3.3 3.6 3.11 3.14",
}

_BY_LAYERS: Final = {  # (encoder layers, decoder layers)
    (4, 4): "tiny",
    (6, 6): "base",
    (12, 12): "small",
    (24, 24): "medium",
    (32, 32): "large-v2",
    (32, 4): "large-v3-turbo",
}


def alignment_heads(dims: WhisperDims, name: str = "") -> Heads:
    """The heads of the official model with these dimensions, as [(layer, head)].

    `name`, that of the file, tells large-v1 from large-v2, which have the same dimensions. Other
    models get every head of the upper half of the decoder, as CTranslate2's converters do.
    """
    official = official_name(dims, name)
    if official:
        pairs = (pair.split(".") for pair in _HEADS[official].split())
        return [(int(layer), int(head)) for layer, head in pairs]
    layers = range(dims.n_text_layer // 2, dims.n_text_layer)
    return [(layer, head) for layer in layers for head in range(dims.n_text_head)]


def official_name(dims: WhisperDims, name: str = "") -> str | None:
    """What OpenAI calls the model with these dimensions; fine-tuned ones share them."""
    size = _BY_LAYERS.get((dims.n_audio_layer, dims.n_text_layer))
    if size is None or dims.n_text_state != 64 * dims.n_text_head:
        return None
    if size == "large-v2":
        if dims.n_mels == 128:
            return "large-v3"
        return "large-v1" if "v1" in name else "large-v2"
    return size if dims.multilingual else f"{size}.en"
