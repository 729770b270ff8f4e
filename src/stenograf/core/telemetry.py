"""What runtimes report about their users, switched off before they are imported."""

from __future__ import annotations

import os


def switch_off_telemetry() -> None:
    """Call before `import onnxruntime`, whoever imports it.

    Its wheels for Linux carry Microsoft's telemetry since 1.31 at the latest: the import alone
    writes a session id to `.ses` in the folder for temporary files.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
