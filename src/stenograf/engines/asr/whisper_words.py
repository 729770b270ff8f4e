"""When Whisper means silence."""

from __future__ import annotations

from typing import Any

# A block is silence to Whisper when it says so and does not believe its own words
# (openai/whisper, transcribe.py: no_speech_threshold and logprob_threshold).
NO_SPEECH_PROBABILITY = 0.6
UNSURE_LOG_PROBABILITY = -1.0


def is_silence(segment: Any) -> bool:
    """Whether Whisper both suspects silence and doubts what it wrote."""
    return bool(
        segment.no_speech_prob > NO_SPEECH_PROBABILITY
        and segment.avg_logprob < UNSURE_LOG_PROBABILITY
    )
