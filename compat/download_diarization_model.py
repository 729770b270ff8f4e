"""Fetch pyannote's pipeline and its parts: `python download_diarization_model.py [--token T]`."""

from __future__ import annotations

import sys

from stenograf.cli.main import main

if __name__ == "__main__":
    main(["models", "pull", "speaker-diarization-3.1", *sys.argv[1:]])
