"""The protocol maker's server: `python main.py` listens on port 3001."""

from __future__ import annotations

from stenograf.cli.main import main

if __name__ == "__main__":
    main(["serve", "--port", "3001"])
