"""A first look: `python simple_diarization_test.py FILE --min-speakers 2 --max-speakers 4`."""

from __future__ import annotations

import sys

from stenograf.compat.scripts import simple_diarization_test

if __name__ == "__main__":
    sys.exit(simple_diarization_test())
