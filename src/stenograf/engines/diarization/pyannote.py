"""pyannote.audio's own pipelines, offline, for those who want exactly them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from stenograf.core.distribution import INSTALL_EXTRA, with_extra
from stenograf.core.errors import EngineFailedError, EngineUnavailableError, StenografError
from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import Capabilities, Diarization, OnProgress, ignore_progress
from stenograf.core.span import Span
from stenograf.core.transcript import Notice, Turn
from stenograf.core.waveform import SAMPLE_RATE_HZ, Waveform, duration_s
from stenograf.engines.diarization.numbering import numbered
from stenograf.engines.diarization.pyannote_config import PipelineConfig, read_config

BOUNDS_MISSED: Final = Notice(
    "diarization.bounds_missed",
    "pyannote found {found} speakers where {wanted} were asked for: there is too little speech.",
    "Engines that meet every number of speakers: --diarizer auto.",
)

# What the stages take, measured by the reference pipeline on a CPU: embeddings are 98 %.
_STAGES: Final = {"segmentation": (0.0, 0.05), "embeddings": (0.05, 0.99)}


class PyannoteDiarizer:
    """Diarizer that runs a pipeline folder (community-1 or 3.1) with pyannote.audio 4, or 3.

    `weights` is the folder with `config.yaml`; `parts` gives a local path for each hub repository
    that the configuration names. Nothing is ever downloaded or reported to anybody. The whole
    recording lies in memory while it works.
    """

    name: ClassVar[str] = "pyannote"
    capabilities: ClassVar[Capabilities] = Capabilities(
        speaker_bounds=False,
        note="About as slow as the recording is long on a CPU; a minimum needs enough speech.",
    )

    def __init__(
        self, weights: Path, *, parts: Mapping[str, Path] | None = None, device: str = "auto"
    ) -> None:
        config = read_config(weights, parts or {})
        with _quiet():
            self._pipeline = _build(config, _import_pyannote(), weights)
            self._pipeline.to(_device(device))

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Who speaks when; `speech` only says whether anybody does, pyannote finds its own."""
        on_progress(0.0)
        if not any(span.clamp(Span(0.0, duration_s(audio))).duration > 0.0 for span in speech):
            on_progress(1.0)
            return Diarization(())
        turns = numbered(self._turns(audio, options, on_progress), duration_s(audio))
        on_progress(1.0)
        return Diarization(turns, _missed(turns, options))

    def _turns(
        self, audio: Waveform, options: DiarizationOptions, on_progress: OnProgress
    ) -> Iterator[Turn]:
        import torch

        try:
            with _quiet():
                result = self._pipeline(
                    {
                        "waveform": torch.from_numpy(audio[0 : len(audio)])[None],
                        "sample_rate": SAMPLE_RATE_HZ,
                        "uri": "recording",
                    },
                    min_speakers=options.min_speakers,
                    max_speakers=options.max_speakers,
                    hook=_hook(on_progress),
                )
        except StenografError:
            raise
        except (RuntimeError, ValueError, IndexError, MemoryError) as error:
            raise EngineFailedError("pyannote.audio failed: {reason}", reason=str(error)) from error
        annotation = getattr(result, "speaker_diarization", result)  # 3.x gives it bare
        for segment, _, label in annotation.itertracks(yield_label=True):
            yield Turn(Span(segment.start, segment.end), str(label))


def _hook(on_progress: OnProgress) -> Callable[..., None]:
    """Pyannote's hook as one fraction that never falls."""
    reached = 0.0

    def hook(name: str, _: Any, *, total: int = 1, completed: int = 1, **__: Any) -> None:
        nonlocal reached
        start, end = _STAGES.get(name, (reached, reached))
        reached = max(reached, start + (end - start) * min(1.0, completed / max(1, total or 1)))
        on_progress(reached)

    return hook


def _missed(turns: Sequence[Turn], options: DiarizationOptions) -> tuple[Notice, ...]:
    found = len({turn.speaker for turn in turns})
    if not turns or options.min_speakers <= found <= (options.max_speakers or found):
        return ()
    wanted = options.min_speakers if found < options.min_speakers else options.max_speakers
    details = {"found": found, "wanted": wanted}
    return (Notice(BOUNDS_MISSED.code, BOUNDS_MISSED.message, BOUNDS_MISSED.hint, details),)


def _import_pyannote() -> Any:
    """The class of its pipelines; its telemetry is off before anything of it runs."""
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    try:
        from pyannote.audio.pipelines import SpeakerDiarization
    except ImportError as error:
        raise EngineUnavailableError(
            "The engine pyannote needs the package pyannote.audio: {reason}.",
            hint=INSTALL_EXTRA,
            extra=with_extra("pyannote"),
            reason=str(error),
        ) from error
    return SpeakerDiarization


def _build(config: PipelineConfig, kind: Any, weights: Path) -> Any:
    """The pipeline with its networks; only local files are named, so nothing is fetched."""
    from inspect import signature

    options = dict(config.options)
    if "plda" not in signature(kind).parameters:
        if config.needs_plda:
            raise EngineUnavailableError(
                "{path} needs pyannote.audio 4.",
                hint='Run: pip install --upgrade "pyannote.audio>=4"',
                path=str(weights),
            )
    elif not config.needs_plda:
        options["plda"] = _no_plda()
    try:
        return kind(**options).instantiate(config.parameters)
    except (RuntimeError, ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise config.invalid(str(error)) from error


def _no_plda() -> Any:
    """Pyannote 4 fetches a PLDA even for clusterings without one, unless it is given some."""
    from pyannote.audio.core.plda import PLDA

    return object.__new__(PLDA)


def _device(device: str) -> Any:
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise EngineUnavailableError(
            "torch sees no CUDA device.",
            hint="Leave out --device, or install a build of torch for your GPU.",
        )
    return torch.device(device)


@contextmanager
def _quiet() -> Iterator[None]:
    """Warnings of its libraries are for their developers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
