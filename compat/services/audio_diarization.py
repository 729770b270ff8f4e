"""`from services.audio_diarization import AudioDiarization`."""

from stenograf.compat.audio_diarization import AudioDiarization

__all__ = ["AudioDiarization"]
