"""Matrix products on one thread: networks that run beside them keep every core busy."""

from __future__ import annotations

import threading
from typing import Any, Final


class _OneThread:
    """A context in which numpy and scipy multiply on the thread that asks, and on no other.

    Their threads wait in a spin for the next product, which takes a quarter of the processor time
    of `onnx` and more the more cores there are. The limit holds for the whole process, as long as
    anybody is inside; entering again is allowed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_inside = 0
        self._limits: Any = None

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        with self._lock:
            if not self._n_inside:
                self._limits = threadpool_limits(1, user_api="blas")
            self._n_inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._n_inside -= 1
            if not self._n_inside:
                self._limits.restore_original_limits()


ONE_THREAD: Final = _OneThread()
