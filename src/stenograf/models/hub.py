"""The model hub: what a repository holds, and what its refusals mean."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any, Final, NoReturn

from stenograf.core.errors import (
    DownloadError,
    HomeUnknownError,
    ModelError,
    NoConnectionError,
    RepositoryMissingError,
    TermsNotAcceptedError,
    TokenInvalidError,
    TokenMalformedError,
    TokenMissingError,
    TokenWithoutGatedRightError,
)
from stenograf.core.home import expanded
from stenograf.models.by_hand import by_hand
from stenograf.models.catalog import Entry, HubSource
from stenograf.models.connection import HUB, hub_endpoint, unreachable
from stenograf.models.fetch import RemoteFile, hub_client, transport_fault
from stenograf.models.places import hub_home

TOKENS_PAGE: Final = f"{HUB}/settings/tokens"
INFO_TIMEOUT_S: Final = 15.0
TOKEN_VARIABLES: Final = ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_TOKEN")
_TOKEN: Final = re.compile(r"(api_|hf_(jwt_|oauth_)?)[A-Za-z0-9.=-]{8,}")


@dataclass(frozen=True, slots=True)
class Repository:
    """What a repository offers at one commit, with the headers that let us read it."""

    name: str
    commit: str
    files: tuple[RemoteFile, ...]
    headers: dict[str, str] = field(repr=False)  # may hold the token


def find_token(given: str | None = None) -> str | None:
    """The token to use: the one given, else the environment's, else the hub client's login."""
    candidates = [given, *(os.environ.get(name) for name in TOKEN_VARIABLES)]
    candidates.append(_login())
    return next((token.strip() for token in candidates if token and token.strip()), None)


def _login() -> str | None:
    """What the hub's own client keeps; a user without a home never logged in."""
    try:
        path = expanded(os.environ.get("HF_TOKEN_PATH") or hub_home(os.environ) / "token")
    except HomeUnknownError:
        return None
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def look_up(source: HubSource, subject: Entry, *, token: str | None) -> Repository:
    """The files of a source, with sizes and hashes, at the commit they have now.

    Nobody needs a token for an open repository, so it is tried without one first: a stale token
    must not stand in the way. Raises the ModelError that names the next step.
    """
    endpoint = hub_endpoint()
    reason = unreachable(endpoint)
    if reason is not None:
        raise NoConnectionError(
            "The model hub cannot be reached ({reason}).", reason=reason, **by_hand(subject)
        )
    try:
        return _opened(source, endpoint, None)
    except _refusal() as fault:
        if not _asks_for_a_token(fault):
            _refuse(fault, source, None, endpoint)
        if token is None:
            _refuse(fault, source, None, endpoint)
        _require_plausible(token, source)
    except transport_fault() as fault:
        _broken(fault, source)
    try:
        return _opened(source, endpoint, token)
    except _refusal() as fault:
        _refuse(fault, source, token, endpoint)
    except transport_fault() as fault:
        _broken(fault, source)


def refused(fault: Exception, source: HubSource, token: str | None) -> ModelError:
    """What a refusal during the download of a file means."""
    try:
        _refuse(fault, source, token, hub_endpoint())
    except ModelError as error:
        return error


def _opened(source: HubSource, endpoint: str, token: str | None) -> Repository:
    """The repository as this token sees it; asks for the first file's head to learn of a gate."""
    client = hub_client()
    api = client.HfApi(endpoint=endpoint, token=token or False)
    info = api.model_info(
        source.repository, revision=source.revision, files_metadata=True, timeout=INFO_TIMEOUT_S
    )
    wanted = _wanted(info.siblings or (), source)
    urls = {
        sibling.rfilename: client.hf_hub_url(
            source.repository, sibling.rfilename, revision=info.sha, endpoint=endpoint
        )
        for sibling in wanted
    }
    largest = max(wanted, key=lambda sibling: sibling.size or 0)
    if getattr(info, "gated", False):  # everybody may list a gated repository, few may read it
        client.get_hf_file_metadata(
            urls[largest.rfilename], token=token or False, timeout=INFO_TIMEOUT_S,
            endpoint=endpoint,
        )  # fmt: skip
    files = tuple(_remote(sibling, urls[sibling.rfilename]) for sibling in wanted)
    headers = client.utils.build_hf_headers(token=token or False, library_name="stenograf")
    return Repository(source.repository, str(info.sha), files, headers)


def _wanted(siblings: Iterable[Any], source: HubSource) -> list[Any]:
    chosen = [
        sibling
        for sibling in siblings
        if any(fnmatch(sibling.rfilename, pattern) for pattern in source.files)
    ]
    missing = [
        pattern
        for pattern in source.files
        if not any(fnmatch(sibling.rfilename, pattern) for sibling in chosen)
        and pattern not in _OPTIONAL
    ]
    if missing:
        raise RepositoryMissingError(
            "{repository} holds no {files}: it is not the model that was expected.",
            repository=source.repository, files=", ".join(missing), page=_page(source),
        )  # fmt: skip
    return chosen


_OPTIONAL: Final = ("preprocessor_config.json",)  # only the large-v3 family has other filters


def _remote(sibling: Any, url: str) -> RemoteFile:
    large = sibling.lfs
    return RemoteFile(
        sibling.rfilename,
        url,
        size=sibling.size,
        sha256=large.sha256 if large else None,
        git_blob=None if large else sibling.blob_id,
    )


def _refusal() -> type[Exception]:
    kind: type[Exception] = hub_client().errors.HfHubHTTPError
    return kind


def _status(fault: Exception) -> int:
    return int(getattr(getattr(fault, "response", None), "status_code", 0))


def _header(fault: Exception, name: str) -> str:
    headers = getattr(getattr(fault, "response", None), "headers", {})
    return str(headers.get(name) or "")


def _asks_for_a_token(fault: Exception) -> bool:
    return _status(fault) in (401, 403, 404)


def _require_plausible(token: str, source: HubSource) -> None:
    known_form = hub_endpoint() == HUB or token.startswith("hf_")  # a mirror may have its own
    if (
        not token.isascii()
        or not token.isprintable()
        or " " in token
        or (known_form and not _TOKEN.fullmatch(token))
    ):
        raise TokenMalformedError(
            "Invalid token: what was given for {repository} does not look like hf_ followed by "
            "letters and digits.",
            repository=source.repository, tokens_page=TOKENS_PAGE, page=_page(source),
        )  # fmt: skip


def _refuse(fault: Exception, source: HubSource, token: str | None, endpoint: str) -> NoReturn:
    """Raise what the hub's refusal means: it uses the same numbers for many things."""
    said = f"{_header(fault, 'X-Error-Message')} {getattr(fault, 'server_message', '') or ''}"
    gated = _header(fault, "X-Error-Code") == "GatedRepo"
    facts = {
        "repository": source.repository, "page": _page(source), "tokens_page": TOKENS_PAGE,
    }  # fmt: skip
    status = _status(fault)
    if "fine-grained" in said:
        raise TokenWithoutGatedRightError(
            "The token may not read gated repositories such as {repository}.", **facts
        ) from fault
    if status == 403 and "awaiting" in said:
        raise TermsNotAcceptedError(
            "The request for {repository} still awaits its authors' answer.",
            hint="Wait for their mail, or look at {page}",
            **facts,
        ) from fault
    if status == 403:
        raise TermsNotAcceptedError(
            "Authentication required: the terms of {repository} are not accepted by the account "
            "of this token.",
            **facts,
        ) from fault
    if status == 401 and token is not None and not _known(token, endpoint):
        raise TokenInvalidError("Invalid token: the hub does not know it or it has expired.",
                                **facts) from fault  # fmt: skip
    if status == 401 and (gated or source.gated) and token is None:
        raise TokenMissingError(
            "Authentication required to access {repository}, and there is no token.", **facts
        ) from fault
    if status in (401, 404):
        raise RepositoryMissingError(
            "Model not found: the hub shows no {repository} to {who}.",
            who="this token" if token else "visitors without a token",
            **facts,
        ) from fault
    raise DownloadError(
        "The hub refused {repository} with status {status}.", status=status, **facts,
    ) from fault  # fmt: skip


def _known(token: str, endpoint: str) -> bool:
    """Whether the hub knows the token at all: a missing repository answers 401 too."""
    client = hub_client()
    try:
        client.HfApi(endpoint=endpoint).whoami(token=token)
    except client.errors.HfHubHTTPError as fault:
        return _status(fault) != 401
    return True


def _broken(fault: Exception, source: HubSource) -> NoReturn:
    raise DownloadError(
        "The hub did not answer about {repository} ({reason}).",
        repository=source.repository, reason=str(fault) or type(fault).__name__,
    ) from fault  # fmt: skip


def _page(source: HubSource) -> str:
    return f"{HUB}/{source.repository}"
