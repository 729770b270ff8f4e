"""PocketSphinx: English words where no model can be had, with many mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import (
    EngineFailedError,
    EngineUnavailableError,
    ModelInvalidError,
    ModelMissingError,
    UnsupportedError,
)
from stenograf.core.options import AsrOptions
from stenograf.core.ports import Capabilities, OnProgress, Recognition, ignore_progress
from stenograf.core.span import Span, total_duration
from stenograf.core.transcript import Word
from stenograf.core.waveform import Samples, Waveform
from stenograf.engines.asr.packing import Block, audible, pack, unheard

FRAME_S = 0.01
PEAK = 0.3  # of full scale; on the English clips: 21 % of words wrong, 23 % at 0.5 and 0.9
SILENCE_PEAK = 1e-3  # -60 dBFS: the decoder finds words in perfect silence
BLOCK_S = 15.0  # decoded in a few seconds, so that a caller may stop in between
SHORTEST_S = 0.1  # no word is shorter, and the decoder cannot end an utterance without frames
FILLER = re.compile(r"[<\[+]")
VARIANT = re.compile(r"\(\d+\)$")
PARTS = {"hmm": "en-us", "dict": "cmudict-en-us.dict", "lm": "en-us.lm.bin"}


class PocketSphinxRecognizer:
    """Recognizer on the American English model inside the PocketSphinx package.

    Blocks of speech are decoded as whole utterances: cepstral means are taken over the block, which
    halves the errors of the streaming mode (74 to 35 % of words on three clips). Words carry no
    probability: in this mode the decoder calls every word certain. Raises ModelError when
    `weights` holds no such model.
    """

    name: ClassVar[str] = "pocketsphinx"
    capabilities: ClassVar[Capabilities] = Capabilities(
        languages=frozenset({"en"}),
        note="Low accuracy: expect every fifth word to be wrong in clear speech, more in noise.",
    )

    def __init__(self, weights: Path) -> None:
        self._weights = weights
        self._decoder = _open_decoder(weights)

    def recognize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: AsrOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Recognition:
        """English words spoken inside `speech`, in lower case and without punctuation."""
        if options.language not in (None, "en") or options.task == "translate":
            raise UnsupportedError("PocketSphinx knows English only, and does not translate.")
        blocks = list(pack(audible(audio, speech), max_block_s=options.block_s(BLOCK_S)))
        blocks = unheard(blocks, options.heard_until_s)
        words = self._words(audio, blocks, on_progress)
        return Recognition(words, "en", blocks=tuple(block.pieces for block in blocks))

    def _words(
        self, audio: Waveform, blocks: Sequence[Block], on_progress: OnProgress
    ) -> Iterator[Word]:
        total = total_duration(piece for block in blocks for piece in block.pieces)
        done = 0.0
        for block in blocks:
            on_progress(min(1.0, done / total))
            samples = block.samples(audio)
            if block.duration >= SHORTEST_S and np.abs(samples).max() > SILENCE_PEAK:
                yield from (_word(found, block) for found in self._decode(samples))
            done += block.duration
        on_progress(1.0)

    def _decode(self, samples: Samples) -> list[tuple[str, int, int]]:
        """Spoken words as (text, first frame, last frame)."""
        decoder = self._decoder
        try:
            decoder.reinit_feat()  # else what was heard before changes the words
            decoder.start_utt()
            decoder.process_raw(_pcm16(samples), full_utt=True)
            decoder.end_utt()
            return [
                (s.word, s.start_frame, s.end_frame)
                for s in decoder.seg() or ()
                if not FILLER.match(s.word)
            ]
        except RuntimeError as error:
            # A decoder that failed inside an utterance refuses to start another.
            self._decoder = _open_decoder(self._weights)
            raise EngineFailedError(
                "PocketSphinx failed while decoding: {reason}", reason=str(error)
            ) from error


def _word(found: tuple[str, int, int], block: Block) -> Word:
    text, first, last = found
    heard = Span(first * FRAME_S, (last + 1) * FRAME_S)
    return Word(block.to_recording(heard), VARIANT.sub("", text))


def _pcm16(samples: Samples) -> bytes:
    """Little-endian 16-bit samples whose peak is `PEAK` of full scale."""
    scale = PEAK * 32_767 / float(np.abs(samples).max())
    return np.asarray(samples * scale, dtype="<i2").tobytes()


def _open_decoder(weights: Path) -> Any:
    if not weights.is_dir():
        raise ModelMissingError("There is no PocketSphinx model at {path}.", path=str(weights))
    missing = [name for name in PARTS.values() if not (weights / name).exists()]
    if missing:
        raise ModelInvalidError(
            "The PocketSphinx model in {path} lacks {missing}.",
            path=str(weights),
            missing=", ".join(missing),
        )
    try:
        import pocketsphinx
    except ImportError as error:
        raise EngineUnavailableError(
            "The package pocketsphinx is not installed.",
            hint=INSTALL_EXTRA,
            extra=with_extra("offline"),
        ) from error
    parts = {option: str(weights / name) for option, name in PARTS.items()}
    try:
        return pocketsphinx.Decoder(**parts, loglevel="FATAL")
    except (RuntimeError, ValueError) as error:
        raise ModelInvalidError(
            "The PocketSphinx model in {path} cannot be loaded.", path=str(weights)
        ) from error
