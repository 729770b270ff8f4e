"""python -m tools.release [FOLDER]: everything of a release into a folder, dist/ unless named."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.release.steps import release

ROOT = Path(__file__).parents[2]

if __name__ == "__main__":
    for path in release(ROOT, Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"):
        print(path)
