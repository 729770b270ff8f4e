"""Installation against a fake hub: real HTTP, `huggingface_hub` unmodified as the client."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from stenograf.core.errors import (
    CancelledError,
    DiskFullError,
    DownloadError,
    HashMismatchError,
    ModelError,
    ModelInvalidError,
    ModelMissingError,
    NoConnectionError,
    OfflineError,
    RepositoryMissingError,
    TermsNotAcceptedError,
    TokenInvalidError,
    TokenMalformedError,
    TokenMissingError,
    TokenWithoutGatedRightError,
)
from stenograf.core.transcript import Notice
from stenograf.models import Places, entry, install, remove
from stenograf.models.record import read_record
from stenograf.testing.checkpoints import write_checkpoint
from stenograf.testing.hub import Account, FakeHub
from stenograf.testing.weights import (
    CTRANSLATE2_FILES,
    CTRANSLATE2_MODEL,
    PIPELINE_FILES,
    write_files,
)

TINY = "Systran/faster-whisper-tiny"
GATED = "pyannote/segmentation-3.0"
GATED_NAME = "pyannote-segmentation-3.0"
GOOD = "hf_goodgoodgood"
WEIGHTS = CTRANSLATE2_MODEL + bytes(range(256)) * 4096  # 1 MB: many chunks


class Bench(NamedTuple):
    """A hub, empty places, and what was told."""

    hub: FakeHub
    places: Places
    notices: list[Notice]

    def install(self, name: str, token: str | None = None) -> Path:
        """Install and remember the notices."""
        return install(name, self.places, token=token, on_notice=self.notices.append)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A running hub with one open and one gated model, and no token anywhere."""
    for name in ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_TOKEN", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr("stenograf.models.fetch._PAUSES_S", (0.01,))
    with FakeHub() as hub:
        hub.add(TINY, {**CTRANSLATE2_FILES, "model.bin": WEIGHTS, "README.md": b"x" * 999})
        hub.add(GATED, {"config.yaml": b"task: x\n", "pytorch_model.bin": _checkpoint(tmp_path)},
                gated=True)  # fmt: skip
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield Bench(hub, Places(data_dir=tmp_path / "data", hub_cache=tmp_path / "cache"), [])


def _checkpoint(folder: Path) -> bytes:
    return write_checkpoint(folder / "weights.tmp", {"state_dict": {}}).read_bytes()


def test_an_open_model_comes_without_a_token(bench: Bench) -> None:
    """The model is whole, its size was told first, its hashes are remembered, no part is left."""
    path = bench.install("tiny")
    assert path == bench.places.home / "tiny"
    assert (path / "model.bin").read_bytes() == WEIGHTS
    assert sorted(file.name for file in path.iterdir()) == sorted(CTRANSLATE2_FILES)
    assert "Fetching tiny (1 MB) from Systran/faster-whisper-tiny" in bench.notices[0].text
    record = read_record(entry("tiny"), bench.places)
    assert record is not None
    assert record.files["model.bin"] == hashlib.sha256(WEIGHTS).hexdigest()
    assert not (bench.places.home / ".parts" / "tiny").exists()


def test_what_is_here_is_not_asked_for_again(bench: Bench) -> None:
    """The second installation does not even open a connection."""
    bench.install("tiny")
    bench.hub.requests.clear()
    bench.install("tiny")
    assert bench.hub.requests == []


def test_large_files_come_from_another_host_without_the_token(bench: Bench) -> None:
    """The delivery network must not learn the token."""
    bench.hub.accounts[GOOD] = Account(accepted=frozenset({GATED}))
    bench.install(GATED_NAME, GOOD)
    assert bench.hub.downloads()
    assert {request.token for request in bench.hub.downloads()} == {None}


def test_a_stale_token_does_not_stand_in_the_way_of_open_models(bench: Bench) -> None:
    """The real hub refuses a bad token even where none is needed, so none is sent."""
    assert bench.install("tiny", "hf_staletoken").is_dir()


def test_progress_rises_to_one(bench: Bench) -> None:
    """Shares of bytes, never falling."""
    shares: list[float] = []
    install("tiny", bench.places, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 3


@pytest.mark.parametrize(
    ("account", "token", "kind", "said"),
    [
        (None, None, TokenMissingError, "Authentication required"),
        (None, "hf_unknownunknown", TokenInvalidError, "Invalid token"),
        (None, "hf_your token_here", TokenMalformedError, "Invalid token"),
        (None, "hf_your_token_here", TokenMalformedError, "Invalid token"),
        (Account(), GOOD, TermsNotAcceptedError, "Authentication required"),
        (Account(awaiting=frozenset({GATED})), GOOD, TermsNotAcceptedError, "awaits"),
        (Account(may_read_gated=False), GOOD, TokenWithoutGatedRightError, "gated repositories"),
    ],
)
def test_refusals_are_told_apart(
    bench: Bench, account: Account | None, token: str | None, kind: type[ModelError], said: str
) -> None:
    """Each has its own class, wording and a page to open; nothing lands on the disk."""
    if account is not None:
        bench.hub.accounts[GOOD] = account
    with pytest.raises(ModelError) as caught:
        bench.install(GATED_NAME, token)
    assert type(caught.value) is kind
    assert said in str(caught.value)
    page = "https://huggingface.co/" + (
        "settings/tokens" if "tokens_page" in caught.value.hint else GATED
    )
    assert page in caught.value.advice or "mail" in caught.value.advice
    assert (token or "nothing") not in str(caught.value) + caught.value.advice
    assert not list(bench.places.hub_cache.rglob("*.bin"))


def test_a_gated_model_comes_with_a_good_token_in_the_hub_layout(bench: Bench) -> None:
    """Pyannote finds it in the hub's cache: refs, a snapshot and real files."""
    bench.hub.accounts[GOOD] = Account(accepted=frozenset({GATED}))
    path = bench.install(GATED_NAME, GOOD)
    commit = bench.hub.repositories[GATED].commit
    repository = bench.places.hub_cache / "models--pyannote--segmentation-3.0"
    assert path == repository / "snapshots" / commit
    assert (repository / "refs" / "main").read_text(encoding="utf-8") == commit
    assert not any(file.is_symlink() for file in repository.rglob("*"))


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_TOKEN"])
def test_a_token_from_the_surroundings_is_used(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """Each documented variable, and the login file of the hub's own client."""
    bench.hub.accounts[GOOD] = Account(accepted=frozenset({GATED}))
    monkeypatch.setenv(name, GOOD)
    assert bench.install(GATED_NAME).is_dir()
    monkeypatch.delenv(name)
    (tmp_path / "hf").mkdir(exist_ok=True)
    (tmp_path / "hf" / "token").write_text(GOOD + "\n", encoding="utf-8")
    elsewhere = Places(data_dir=tmp_path / "data2", hub_cache=tmp_path / "cache2")
    assert install(GATED_NAME, elsewhere).is_dir()


def test_a_pipeline_brings_what_it_needs(bench: Bench) -> None:
    """`speaker-diarization-3.1` is useless without its two models."""
    needed = {"pyannote/speaker-diarization-3.1", GATED, "pyannote/wespeaker-voxceleb-resnet34-LM"}
    bench.hub.add("pyannote/speaker-diarization-3.1", PIPELINE_FILES, gated=True)
    bench.hub.add("pyannote/wespeaker-voxceleb-resnet34-LM", bench.hub.repositories[GATED].files)
    bench.hub.accounts[GOOD] = Account(accepted=frozenset(needed))
    bench.install("speaker-diarization-3.1", GOOD)
    folders = {path.name for path in bench.places.hub_cache.iterdir()}
    assert folders == {"models--" + name.replace("/", "--") for name in needed}


@pytest.mark.parametrize("token", [None, GOOD])
def test_a_missing_repository_is_named(bench: Bench, token: str | None) -> None:
    """The real hub says 401 to strangers and 404 to friends; both mean this."""
    bench.hub.accounts[GOOD] = Account()
    with pytest.raises(RepositoryMissingError, match="Model not found") as caught:
        bench.install("nobody/nothing", token)
    assert "https://huggingface.co/nobody/nothing" in caught.value.advice


def test_a_repository_of_another_kind_is_refused_before_the_download(bench: Bench) -> None:
    """Gigabytes of a form that cannot be read are not fetched."""
    bench.hub.add("some/model", {"pytorch_model.bin": b"x"})
    with pytest.raises(RepositoryMissingError, match=r"holds no config\.json, model\.bin"):
        bench.install("some/model")
    assert bench.hub.downloads() == []


def test_a_cut_connection_is_resumed_at_once(bench: Bench) -> None:
    """The second request asks only for the rest."""
    bench.hub.faults.cut_after = 1 << 19
    assert (bench.install("tiny") / "model.bin").read_bytes() == WEIGHTS
    ranges = [request.range for request in bench.hub.downloads()]
    assert ranges == [None, f"bytes={1 << 19}-"]


def test_an_interrupted_download_is_continued_by_the_next_run(bench: Bench) -> None:
    """Cancelling keeps the part; no model is visible meanwhile."""

    def cancel(share: float) -> None:
        if share > 0.5:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        install("tiny", bench.places, on_progress=cancel)
    assert not (bench.places.home / "tiny").exists()
    bench.hub.requests.clear()
    assert (bench.install("tiny") / "model.bin").read_bytes() == WEIGHTS
    (request,) = bench.hub.downloads()
    assert int(str(request.range).removeprefix("bytes=").rstrip("-")) > len(WEIGHTS) // 2


def test_a_server_that_ignores_ranges_gives_the_whole_file_again(bench: Bench) -> None:
    """Some caches do; appending would spoil the file."""
    bench.hub.faults.cut_after = 1 << 19
    bench.hub.faults.ignores_ranges = True
    assert (bench.install("tiny") / "model.bin").read_bytes() == WEIGHTS


def test_a_busy_server_is_asked_again(bench: Bench) -> None:
    """Status 503 passes."""
    bench.hub.faults.busy = 2
    assert bench.install("tiny").is_dir()


def test_wrong_bytes_are_refused_and_not_kept(bench: Bench) -> None:
    """The published hash decides; nothing damaged stays to be continued."""
    bench.hub.faults.damaged = True
    with pytest.raises(HashMismatchError, match=r"model\.bin arrived with the hash"):
        bench.install("tiny")
    assert not (bench.places.home / "tiny").exists()
    bench.hub.faults.damaged = False
    assert bench.install("tiny").is_dir()


def test_a_revision_never_changes_after_the_first_installation(bench: Bench) -> None:
    """What was recorded is enforced, whatever the hub says later."""
    path = bench.install("tiny")
    record_file = bench.places.home / ".records" / "tiny.json"
    stored = json.loads(record_file.read_text(encoding="utf-8"))
    stored["downloaded"]["model.bin"] = "0" * 64
    record_file.write_text(json.dumps(stored), encoding="utf-8")
    remove("tiny", bench.places)
    assert not path.exists()
    with pytest.raises(HashMismatchError, match="installed the first time"):
        bench.install("tiny")


def test_a_slow_server_is_waited_for(bench: Bench) -> None:
    """Slow is not gone: progress goes on."""
    bench.hub.faults.pause_s = 0.005
    assert bench.install("tiny").is_dir()


def test_a_server_that_goes_away_is_reported_with_the_way_to_continue(bench: Bench) -> None:
    """The part stays, and the error says that the same command continues."""
    bench.hub.faults.cut_after = 1 << 18
    bench.hub.faults.n_cuts = 100

    def stop(share: float) -> None:
        if share > 0.1 and bench.hub.faults.n_cuts < 100:
            bench.hub.stop()

    with pytest.raises(DownloadError, match="broke off after 262144 of"):
        install("tiny", bench.places, on_progress=stop)


def test_no_hub_at_all_ends_at_once_with_the_way_by_hand(bench: Bench) -> None:
    """The hint names the files to bring and the command that takes them in."""
    bench.hub.stop()
    with pytest.raises(NoConnectionError) as caught:
        bench.install("speaker-diarization-3.1", GOOD)
    for name in ("speaker-diarization-3.1", "segmentation-3.0", "wespeaker-voxceleb-resnet34-LM"):
        assert f"https://huggingface.co/pyannote/{name}" in caught.value.advice
    assert "stenograf models import" in caught.value.advice


def test_the_next_source_is_tried_and_the_reason_told(bench: Bench) -> None:
    """Turbo has a second repository; a missing first one is no obstacle."""
    bench.hub.add("deepdml/faster-whisper-large-v3-turbo-ct2", CTRANSLATE2_FILES)
    assert bench.install("turbo").name == "large-v3-turbo"
    assert "Model not found" in bench.notices[0].text


def test_offline_names_what_to_bring(bench: Bench) -> None:
    """The network is not touched."""
    with pytest.raises(OfflineError) as caught:
        install("tiny", bench.places, offline=True)
    assert "https://huggingface.co/Systran/faster-whisper-tiny" in caught.value.advice
    assert bench.hub.requests == []


def test_offline_with_another_form_offers_to_convert(bench: Bench, tmp_path: Path) -> None:
    """`medium.pt` is here: no network is needed at all."""
    whisper: dict[str, object] = {"dims": {}, "model_state_dict": {}}
    bench.places.home.mkdir(parents=True)
    path = write_checkpoint(bench.places.home / "medium.pt", whisper)
    with pytest.raises(OfflineError) as caught:
        install("medium", bench.places, offline=True)
    assert f"stenograf models convert {path}" in caught.value.advice


def test_no_conversion_is_promised_that_nothing_can_do(bench: Bench) -> None:
    """A CTranslate2 folder becomes no ggml file: the engine that reads it is named instead."""
    bench.places.home.mkdir(parents=True)
    write_files(bench.places.home / "small", CTRANSLATE2_FILES)
    with pytest.raises(OfflineError) as caught:
        install("ggml-small", bench.places, offline=True)
    assert caught.value.advice == "Choose the engine that reads it: faster-whisper"


def test_a_full_disk_is_noticed_before_the_download(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sizes are known; nobody waits for gigabytes that cannot fit."""
    almost_full = SimpleNamespace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: almost_full)
    with pytest.raises(DiskFullError, match="MB are needed"):
        bench.install("tiny")
    assert bench.hub.downloads() == []


def test_a_broken_model_at_a_path_says_what_is_wrong(bench: Bench, tmp_path: Path) -> None:
    """A path is never replaced by a download."""
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(ModelInvalidError, match=r"model\.bin is empty"):
        bench.install(str(tmp_path / "model.bin"))


@pytest.mark.e2e
def test_two_processes_share_one_download(bench: Bench) -> None:
    """The second waits, then finds the model."""
    bench.hub.faults.pause_s = 0.004
    code = (
        "import sys; from pathlib import Path; from stenograf.models import Places, install;"
        "places = Places(data_dir=Path(sys.argv[1]), hub_cache=Path(sys.argv[2]));"
        "print(install('tiny', places))"
    )
    command = [sys.executable, "-c", code, str(bench.places.data_dir), str(bench.places.hub_cache)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=60)[0].strip() for process in both] == [
        str(bench.places.home / "tiny")
    ] * 2
    assert len(bench.hub.downloads()) == 1


def test_two_threads_share_one_download(bench: Bench) -> None:
    """The same inside one service."""
    paths: list[Path] = []
    threads = [
        threading.Thread(target=lambda: paths.append(install("tiny", bench.places)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths == [bench.places.home / "tiny"] * 3
    assert len(bench.hub.downloads()) == 1


def test_only_our_own_installations_are_removed(bench: Bench) -> None:
    """What other programs brought is theirs."""
    bench.install("tiny")
    assert remove("tiny", bench.places) == [bench.places.home / "tiny"]
    with pytest.raises(ModelMissingError, match="did not install tiny"):
        remove("tiny", bench.places)


def test_offline_opens_no_socket(tmp_path: Path) -> None:
    """A process in which every socket is an error finds, refuses and explains all the same."""
    code = f"""
import socket, sys
def forbidden(*_, **__): raise SystemExit("a socket was opened")
socket.socket.__init__ = forbidden
socket.getaddrinfo = forbidden
socket.create_connection = forbidden
from pathlib import Path
from stenograf.core.errors import OfflineError
from stenograf.models import Places, catalog, install
places = Places(data_dir=Path({str(tmp_path)!r}), hub_cache=Path({str(tmp_path)!r}))
for known in catalog():
    try:
        install(known.name, places, offline=True)
    except OfflineError as error:
        assert error.advice
    else:
        sys.exit("installed " + known.name)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
