"""Channels where they hold one party each, voices elsewhere; the document says which and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from stenograf.core.options import DiarizationOptions
from stenograf.core.ports import (
    Capabilities,
    Diarization,
    Diarizer,
    OnProgress,
    ignore_progress,
)
from stenograf.core.span import Span
from stenograf.core.transcript import ModelUse
from stenograf.core.waveform import Waveform
from stenograf.engines.diarization.bleed import SEPARATE_DB, Separation
from stenograf.engines.diarization.channels import LISTENING, ChannelsDiarizer, is_silent


class AutoDiarizer:
    """Diarizer that chooses by the recording: `channels` for calls, `acoustic` for the rest.

    `use` is what the document says of `acoustic`; None if that engine says it itself.
    """

    name: ClassVar[str] = "auto"
    capabilities: ClassVar[Capabilities] = Capabilities(note="Chooses by the recording.")

    def __init__(
        self, channels: ChannelsDiarizer, acoustic: Diarizer, use: ModelUse | None
    ) -> None:
        self._channels = channels
        self._acoustic = acoustic
        self._use = use

    def diarize(
        self,
        audio: Waveform,
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Who speaks when, by voice: the recording has one channel, or copies of one."""
        found = self._acoustic.diarize(audio, speech, options, on_progress=on_progress)
        return self._by_voice(found, "one channel of sound")

    def diarize_channels(
        self,
        audio: Waveform,
        channels: Sequence[Waveform],
        speech: Sequence[Span],
        options: DiarizationOptions,
        *,
        on_progress: OnProgress = ignore_progress,
    ) -> Diarization:
        """Who speaks when: by channel if the channels hold one party each, else by voice."""
        if is_silent(audio, speech):
            return self.diarize(audio, speech, options, on_progress=on_progress)
        heard = self._channels.listen(channels, on_progress=lambda f: on_progress(LISTENING * f))
        objection = _objection(heard, options)
        if objection is None:
            found = self._channels.turns(channels, heard, options, on_progress=on_progress)
            reason = f"{len(heard.parties)} channels hold one party each, {_leak(heard)}"
            use = ModelUse("diarize", self._channels.name, "none", reason=reason)
            return replace(found, models=(use,))
        found = self._acoustic.diarize(
            audio, speech, options, on_progress=lambda f: on_progress(LISTENING * (1 + f))
        )
        return self._by_voice(found, objection)

    def _by_voice(self, found: Diarization, why: str) -> Diarization:
        if self._use is None:
            return found
        reason = f"{self._use.reason}; {why}" if self._use.reason else why
        return replace(found, models=(*found.models, replace(self._use, reason=reason)))


def _objection(heard: Separation, options: DiarizationOptions) -> str | None:
    """Why the channels do not tell who speaks; None when they do."""
    n_parties = len(heard.parties)
    if heard.leak_db > SEPARATE_DB:
        return f"the channels share their voices, {_leak(heard)}"
    if n_parties < 2:
        return "at most one channel holds a voice of its own"
    if options.max_speakers is not None and n_parties > options.max_speakers:
        return f"{n_parties} channels hold a voice, more than the speakers asked for"
    return None


def _leak(heard: Separation) -> str:
    if heard.leak_db == float("-inf"):
        return "nothing leaks between them"
    return f"leaking at {heard.leak_db:.0f} dB"
