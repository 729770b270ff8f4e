"""What the pages speak of: recordings, models as they are found in the wild, a model hub."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from tests.docs.blocks import ROOT
from tests.e2e.test_server import TOKEN

from stenograf.testing.checkpoints import write_checkpoint
from stenograf.testing.hub import Account, FakeHub
from stenograf.testing.media import MediaFormat, write_media
from stenograf.testing.resnet import random_resnet34
from stenograf.testing.sound import read_speech
from stenograf.testing.weights import PIPELINE_FILES
from stenograf.testing.whisper import WhisperShape, write_random_whisper
from stenograf.testing.whisper_files import make_dims, make_weights, write_ggml, write_pt

PROJECT = ("benchmarks", "compat", "demo", "deploy", "integrations")
SHIMS = {"stenograf": f'"{sys.executable}" -m stenograf', "python3": f'"{sys.executable}"'}
MP3 = MediaFormat("mp3", "mp3", "libmp3lame")
M4A = MediaFormat("m4a", "ipod", "aac")
END_OF_TEXT = 50_257

HUB_TOKEN = "hf_goodgoodgood"
SEGMENTATION = "csukuangfj/sherpa-onnx-pyannote-segmentation-3-0"
VOICES = "pyannote/wespeaker-voxceleb-resnet34-LM"
PLDA = "pyannote-community/speaker-diarization-community-1"
GATED = ("pyannote/speaker-diarization-3.1", "pyannote/segmentation-3.0")


def own_environ(folder: Path) -> dict[str, str]:
    """Settings under which nothing outside the folder is read, written or asked."""
    return {
        "HOME": str(folder / "home"),
        "HF_HOME": str(folder / "hub"),
        "STENOGRAF_DATA_DIR": str(folder / "library"),
        "STENOGRAF_MODELS_DIR": str(folder / "models"),
        "STENOGRAF_OFFLINE": "true",
        "STENOGRAF_TOKEN": TOKEN,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def write_pattern(folder: Path, assets: Path) -> None:
    """What pages speak of: recordings, a reference, models as they are found in the wild."""
    (folder / "bin").mkdir(parents=True)
    for program, command in SHIMS.items():
        (folder / "bin" / program).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / "bin" / program).chmod(0o755)
    for part in PROJECT:
        (folder / part).symlink_to(ROOT / part)
    (folder / "home").mkdir()
    (folder / "home/.curlrc").write_text("silent\nshow-error\nfail-with-body\n")
    write_recordings(folder, assets / "audio/diarization")
    write_models(folder, assets / "models/ge2e")


def write_recordings(folder: Path, speech: Path) -> None:
    """A meeting of half a minute, its reference and a voice of it; a call in stereo."""
    meeting = read_speech(speech / "pyannote-sample/sample.wav")
    write_media(folder / "meeting.mp3", meeting, MP3)
    write_media(folder / "anna.mp3", meeting[16_000 * 22 : 16_000 * 28], MP3)
    shutil.copy(speech / "pyannote-sample/sample.rttm", folder / "reference.rttm")
    shutil.copy(speech / "stereo_diarization.wav", folder / "call.wav")
    write_media(folder / "call.mp3", read_speech(folder / "call.wav"), MP3)
    (folder / "calls").mkdir()
    write_media(folder / "calls/call.m4a", meeting[: 16_000 * 12], M4A)


def write_models(folder: Path, ge2e: Path) -> None:
    """The real speaker encoder; Whisper in three forms, of random weights."""
    for models in ("models", "bare"):
        shutil.copytree(ge2e, folder / models / "ge2e")
    shape = WhisperShape(2, 64, 2, n_tokens=6)
    write_random_whisper(folder / "models/small", size=shape)
    dims = make_dims()
    weights = make_weights(dims)
    end = weights["decoder.token_embedding.weight"][END_OF_TEXT]
    weights["decoder.ln.weight"][:] = 0
    weights["decoder.ln.bias"][:] = 100 * end  # wants to end after each word, so that it is quick
    write_pt(folder / "medium.pt", dims, weights)
    write_ggml(folder / "ggml-medium.bin", dims, weights)
    bundle = ["models", "export", "small", "ge2e", str(folder / "models.tar")]
    environ = os.environ | own_environ(folder)
    subprocess.run(
        [sys.executable, "-m", "stenograf", *bundle], env=environ, check=True, capture_output=True
    )


def publish(hub: FakeHub, pattern: Path, assets: Path) -> None:
    """The models that pages pull, under the names of the real hub; two need an account.

    Segmentation and PLDA are real, the other weights random.
    """
    hub.accounts[HUB_TOKEN] = Account(accepted=frozenset(GATED))
    hub.add("Systran/faster-whisper-small", files_of(pattern / "models/small"))
    hub.add(
        SEGMENTATION, {"model.onnx": (assets / "models/segmentation-3.0/model.onnx").read_bytes()}
    )
    plda = files_of(assets / "models/community-1-plda")
    hub.add(PLDA, {f"plda/{name}": plda[name] for name in plda if name.endswith(".npz")})
    weights = {"state_dict": random_resnet34(np.random.default_rng(0))}
    voices = write_checkpoint(pattern / "checkpoint.tmp", weights).read_bytes()
    hub.add(VOICES, {"config.yaml": b"task: x\n", "pytorch_model.bin": voices})
    nothing = write_checkpoint(pattern / "checkpoint.tmp", {"state_dict": {}}).read_bytes()
    hub.add(GATED[0], PIPELINE_FILES, gated=True)
    hub.add(GATED[1], {"config.yaml": b"task: x\n", "pytorch_model.bin": nothing}, gated=True)
    (pattern / "checkpoint.tmp").unlink()


def files_of(folder: Path) -> dict[str, bytes]:
    """Names and contents of the files in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
