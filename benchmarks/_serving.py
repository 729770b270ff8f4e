"""A real `stenograf serve` for benchmarks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping


def started(settings: Mapping[str, str], *options: str) -> tuple[subprocess.Popen[str], str]:
    """The process on a free port and its address, as soon as it takes connections."""
    command = [sys.executable, "-m", "stenograf", "serve", "--port", "0", *options]
    environ = {**os.environ, "STENOGRAF_OFFLINE": "1", **settings}
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"http://[^,\s]+", line)
        if found:
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, found[0]
    raise RuntimeError("the server did not start")
