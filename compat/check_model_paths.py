"""Where models are looked for and what lies there: `python check_model_paths.py [NAME]`."""

from __future__ import annotations

import sys

from stenograf.cli.main import main

if __name__ == "__main__":
    main(["models", "where", *(sys.argv[1:] or ["small"])])
