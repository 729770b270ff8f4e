"""Times of words by forced alignment with a CTC model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from stenograf.core.errors import ModelMissingError, UnsupportedError
from stenograf.core.ports import Alignment, Capabilities, OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse, Notice, Word
from stenograf.core.waveform import Waveform
from stenograf.engines.align.ctc_model import CtcModel
from stenograf.engines.align.spelling import spell_all
from stenograf.engines.align.times import Hearing, word_spans
from stenograf.engines.align.viterbi import best_frames
from stenograf.engines.asr.heartbeat import with_heartbeat
from stenograf.engines.asr.packing import Block, audible, pack

ANY_LANGUAGE: Final = "*"

LEAST_KNOWN: Final = 0.5
"""Of a block's symbols the model must know half, else the text is not in its language."""


@dataclass(frozen=True, slots=True)
class CtcWeights:
    """A model on disk, and what the document calls it."""

    path: Path
    name: str


class CtcAligner:
    """Aligner on wav2vec2 or GigaAM CTC models in ONNX, one for each language.

    `weights` are models by language (ISO 639-1), or by `*` for one that serves any; a model is
    loaded when it is first needed. Raises ModelMissingError when one of them is not there.
    """

    name: ClassVar[str] = "ctc"
    capabilities: ClassVar[Capabilities] = Capabilities(
        note="Knows the languages whose models it was given."
    )

    def __init__(self, weights: Mapping[str, CtcWeights], *, n_threads: int = 0) -> None:
        self._weights = dict(weights)
        self._n_threads = n_threads
        self._models: dict[Path, CtcModel] = {}
        for model in self._weights.values():
            if not model.path.exists():
                raise ModelMissingError("There is no model at {path}.", path=str(model.path))

    def align(
        self,
        audio: Waveform,
        words: Sequence[Word],
        speech: Sequence[Span],
        language: str | None,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Alignment:
        """The same words with the times at which they are heard.

        A block whose text cannot be spelt in the model's alphabet, or is too long for its sound,
        keeps the times it had; a notice counts such words.
        """
        weights = self._chosen(language)
        blocks = list(pack(audible(audio, speech)))
        if not words or not blocks:
            on_progress(1.0)
            return Alignment(tuple(words))
        model = self._model(weights.path)
        aligned: list[Word] = []
        n_kept = 0
        for i, (block, said) in enumerate(zip(blocks, _shares(words, blocks), strict=True)):
            beat = partial(on_progress, i / len(blocks))
            beat()
            found = with_heartbeat(partial(_aligned, model, audio, block, said), beat)
            n_kept += len(said) if found is None else 0
            aligned += said if found is None else found
        on_progress(1.0)
        use = ModelUse("align", self.name, weights.name, reason="asked for")
        return Alignment(tuple(_in_order(aligned)), _notices(n_kept, len(words)), (use,))

    def _chosen(self, language: str | None) -> CtcWeights:
        weights = self._weights.get(language or ANY_LANGUAGE) or self._weights.get(ANY_LANGUAGE)
        if weights is None:
            raise UnsupportedError(
                "The engine {engine} does not know the language {language}.",
                engine=self.name,
                language=language or "?",
            )
        return weights

    def _model(self, path: Path) -> CtcModel:
        if path not in self._models:
            self._models[path] = CtcModel(path, n_threads=self._n_threads)
        return self._models[path]


def _shares(words: Sequence[Word], blocks: Sequence[Block]) -> list[list[Word]]:
    """The words of each block: those nearer to it than to the next one."""
    shares: list[list[Word]] = [[] for _ in blocks]
    i = 0
    for word in words:
        while i + 1 < len(blocks) and word.span.middle >= _border(blocks[i], blocks[i + 1]):
            i += 1
        shares[i].append(word)
    return shares


def _border(block: Block, following: Block) -> float:
    return (block.pieces[-1].end + following.pieces[0].start) / 2


def _aligned(
    model: CtcModel, audio: Waveform, block: Block, words: Sequence[Word]
) -> list[Word] | None:
    """The words of one block with new times; None when they cannot be heard in it."""
    texts = [word.text for word in words]
    spelling = spell_all(texts, model.alphabet)
    if spelling.known < LEAST_KNOWN:
        return None
    voice = model.log_probabilities(block.samples(audio))
    silence = model.alphabet.silence
    frames = best_frames(voice, spelling.symbols, spelling.begins_word, silence)
    if frames is None:
        return None
    hearing = Hearing(voice, silence, block.duration / len(voice))
    spans = word_spans(texts, spelling, frames, hearing)
    return [
        replace(word, span=block.to_recording(span))
        for word, span in zip(words, spans, strict=True)
    ]


def _in_order(words: Sequence[Word]) -> Iterator[Word]:
    """No word starts before the one ahead of it."""
    earliest = 0.0
    for word in words:
        earliest = max(earliest, word.span.start)
        yield replace(word, span=Span(earliest, max(earliest, word.span.end)))


def _notices(n_kept: int, n_words: int) -> tuple[Notice, ...]:
    if not n_kept:
        return ()
    return (
        Notice(
            "align.kept",
            "{n_kept} of {n_words} words keep the recognizer's times: they could not be aligned.",
            "Is the language right? The aligner spells words in the letters of one language.",
            {"n_kept": n_kept, "n_words": n_words},
        ),
    )
