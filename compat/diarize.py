"""Who speaks when, without a server: `python diarize.py FILE` prints what the service answers."""

from __future__ import annotations

import sys

from stenograf.compat.scripts import diarize

if __name__ == "__main__":
    sys.exit(diarize())
