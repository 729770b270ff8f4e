"""Fetch a speech model: `python download_model.py [NAME]`, as `stenograf models pull NAME`."""

from __future__ import annotations

import sys

from stenograf.cli.main import main

if __name__ == "__main__":
    main(["models", "pull", *(sys.argv[1:] or ["small"])])
