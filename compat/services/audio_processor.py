"""`from services.audio_processor import AudioProcessor`."""

from stenograf.compat.audio_processor import AudioProcessor

__all__ = ["AudioProcessor"]
