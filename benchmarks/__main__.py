"""Run the benchmarks named, or all of them: `python -m benchmarks ASSETS vad decode`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """One after the other, each in a process of its own; returns 1 when one of them fails."""
    known = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
    if len(sys.argv) < 2:
        print("usage: python -m benchmarks ASSETS [NAME...]")
        return 2
    assets, asked = sys.argv[1], sys.argv[2:] or known
    unknown = set(asked) - set(known)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
        return 2
    status = 0
    for name in asked:
        print(f"== {name} ==", flush=True)
        status |= subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", assets], check=False
        ).returncode
    return int(status != 0)


if __name__ == "__main__":
    sys.exit(main())
