"""What works on this machine and what does not, each fault with its fix."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from stenograf._version import __version__
from stenograf.core.telemetry import switch_off_telemetry
from stenograf.core.transcript import Notice
from stenograf.models.connection import hub_endpoint, offline_by_environment, unreachable
from stenograf.models.hub import find_token
from stenograf.models.locate import where
from stenograf.models.places import Places

LOAD_TIMEOUT_S: Final = 60.0
LITTLE_DISK_BYTES: Final = 2 << 30
ENGINES: Final = (
    ("faster-whisper", "faster-whisper", "small"),
    ("whisper", "openai-whisper", "small.pt"),
    ("whispercpp", "pywhispercpp", "ggml-small"),
    ("onnx (words)", "onnx-asr", "gigaam-v3"),
    ("onnx (speakers)", "onnxruntime", "wespeaker-resnet34"),
    ("basic", "onnxruntime", "ge2e"),
    ("pyannote", "pyannote.audio", "speaker-diarization-community-1"),
)
"""Engines with the package that carries each and the model it takes by default."""

_PACKAGES: Final = (
    "av", "numpy", "onnxruntime", "ctranslate2", "faster-whisper", "huggingface_hub",
    "pocketsphinx", "pywhispercpp", "onnx-asr", "openai-whisper", "whisperx", "pyannote.audio",
    "torch",
)  # fmt: skip
_NATIVE: Final = {
    "av": "import av; print(av.library_versions.get('libavcodec'))",
    "numpy": "import numpy; numpy.ones((2, 2)).dot([1, 1]); print(numpy.__version__)",
    "scipy": "import scipy, scipy.linalg; print(scipy.__version__)",
    "soxr": "import soxr; print(soxr.__version__)",
    "onnxruntime": "import onnxruntime as o; print(', '.join(o.get_available_providers()))",
    "ctranslate2": (
        "import ctranslate2 as c; print(', '.join(sorted(c.get_supported_compute_types('cpu'))))"
    ),
}
_GPU: Final = (
    "import ctranslate2 as c; n = c.get_cuda_device_count();"
    "print(n, ', '.join(sorted(c.get_supported_compute_types('cuda'))) if n else '')"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the screen; `advice` says what to do, and `fault` that something cannot work."""

    area: str
    name: str
    found: str
    advice: Notice | None = None
    fault: bool = False


def examine(places: Places, *, token: str | None = None, offline: bool = False) -> list[Check]:
    """Every check, in the order of a reader's needs; a second or two, no download.

    Native libraries are loaded in child processes: a crash of one is a line, not an end.
    """
    with ThreadPoolExecutor(4) as pool:
        hub = pool.submit(_hub, offline=offline)
        gpu = pool.submit(_gpu)
        native = [pool.submit(_native, name, code) for name, code in _NATIVE.items()]
        checks = [*_versions(), *_machine()]
        checks += [future.result() for future in native]
        checks += [gpu.result(), hub.result(), _token(token)]
    return [*checks, *_folders(places), *_engines(places)]


def _versions() -> Iterator[Check]:
    yield Check("versions", "stenograf", __version__)
    yield Check("versions", "python", f"{platform.python_version()} ({sys.executable})")
    for package in _PACKAGES:
        try:
            yield Check("versions", package, version(package))
        except PackageNotFoundError:
            yield Check("versions", package, "not installed")


def _machine() -> Iterator[Check]:
    yield Check("machine", "system", platform.platform())
    yield Check("machine", "processor", f"{platform.machine()}, {os.cpu_count()} cores")
    features = cpu_features()
    if features is None:
        return
    slow = "avx2" not in features and platform.machine() in ("x86_64", "AMD64")
    advice = Notice(
        "doctor.no_avx2",
        "This processor, or the virtual machine, has no AVX2: recognition will be several times "
        "slower.",
        "In a virtual machine, let it see the host's processor (CPU type host).",
    )
    yield Check("machine", "features", " ".join(features) or "-", advice if slow else None)


def _has(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def cpu_features() -> list[str] | None:
    """Vector instructions that matter for speed; None where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    flags = set(
        next((x for x in text.splitlines() if x.startswith(("flags", "Features"))), "").split()
    )
    known = ("sse4_1", "avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx_vnni",
             "amx_int8", "asimd", "asimddp")  # fmt: skip
    return [name for name in known if name in flags]


def _native(name: str, code: str) -> Check:
    found, reason = run_child(code)
    if reason is None:
        return Check("libraries", name, found)
    advice = Notice(
        "doctor.library",
        "The library {name} does not load: {reason}",
        "Run: python -m pip install --force-reinstall {name}. On Windows install the Microsoft "
        "Visual C++ Redistributable too.",
        {"name": name, "reason": reason},
    )
    return Check("libraries", name, "-", advice, fault=True)


def _gpu() -> Check:
    found, reason = run_child(_GPU)
    if reason is None and not found.startswith("0"):
        return Check("gpu", "cuda", found)
    if shutil.which("nvidia-smi") is None:
        return Check("gpu", "cuda", "no NVIDIA driver; everything runs on the processor")
    advice = Notice(
        "doctor.gpu",
        "There is an NVIDIA driver, but CTranslate2 sees no device: {reason}",
        "Install the CUDA 12 libraries cuBLAS and cuDNN 9: pip install nvidia-cublas-cu12 "
        "nvidia-cudnn-cu12",
        {"reason": reason or "no device"},
    )
    return Check("gpu", "cuda", "-", advice)


def _hub(*, offline: bool) -> Check:
    endpoint = hub_endpoint()
    if offline or offline_by_environment():
        return Check("hub", endpoint, "not asked: the network is forbidden")
    reason = unreachable(endpoint)
    if reason is None:
        return Check("hub", endpoint, "reachable")
    advice = Notice(
        "doctor.hub",
        "The model hub cannot be reached ({reason}); models that are here work.",
        "Check HTTPS_PROXY, or set HF_ENDPOINT to a mirror, or carry models by hand: stenograf "
        "models export there, stenograf models import here.",
        {"reason": reason},
    )
    return Check("hub", endpoint, "-", advice)


def _token(given: str | None) -> Check:
    present = find_token(given) is not None
    return Check("hub", "token", "present" if present else "none; only gated models need one")


def _folders(places: Places) -> Iterator[Check]:
    for place in places.in_order():
        state = "exists" if place.folder.is_dir() else "does not exist"
        yield Check("places", place.setting, f"{place.folder} ({state})")
    existing = next(path for path in (places.home, *places.home.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    little = Notice(
        "doctor.disk",
        "Little room is left for models in {folder}.",
        "Free some space, or set STENOGRAF_MODELS_DIR to a folder on a larger disk.",
        {"folder": places.home},
    )
    advice = little if free < LITTLE_DISK_BYTES else None
    yield Check("places", "free", f"{free / 1e9:.1f} GB", advice)
    if not os.access(existing, os.W_OK):
        denied = Notice(
            "doctor.home",
            "Models cannot be written to {folder}.",
            "Set STENOGRAF_MODELS_DIR to a folder that this user may write to.",
            {"folder": places.home},
        )
        yield Check("places", "writable", "no", denied, fault=True)


def _engines(places: Places) -> Iterator[Check]:
    for engine, package, model in ENGINES:
        if not _has(package):
            yield Check("engines", engine, f"the package {package} is not installed")
            continue
        story = where(model, places)
        if story.winner is not None:
            yield Check("engines", engine, f"{model}: {story.winner.path}")
            continue
        other = story.other_form or story.broken
        if other is None:
            found = f"{model}: will be fetched on first use ({story.entry.size_mb:.0f} MB)"
            yield Check("engines", engine, found)
            continue
        advice = Notice(
            "doctor.model",
            "{path} is not used for {name}: {reason}.",
            "See stenograf models where {name}",
            {"path": other.content.path, "name": model, "reason": other.verdict},
        )
        yield Check("engines", engine, f"{model}: -", advice)


def run_child(code: str) -> tuple[str, str | None]:
    """What a line of Python prints in a process of its own, and why it failed, if it did."""
    switch_off_telemetry()
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8",
            errors="replace", timeout=LOAD_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "", f"no answer within {LOAD_TIMEOUT_S:.0f} s"
    if done.returncode < 0:
        return "", f"it crashed (signal {-done.returncode})"
    if done.returncode:
        return "", (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
    return done.stdout.strip(), None
