"""Errors as each contract words them; nothing else of a failure leaves the server."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stenograf.api.reasons import refusal
from stenograf.api.request_id import request_id_of
from stenograf.api.status import http_status
from stenograf.core.errors import (
    ForbiddenError,
    InvalidRequestError,
    ModelUnknownError,
    OptionError,
    RequestError,
    RequestTooLargeError,
    RouteNotFoundError,
    StenografError,
    UnauthenticatedError,
)
from stenograf.messages import Localized, localize, translate

Dialect: TypeAlias = Callable[[StenografError, Request], tuple[int, dict[str, Any]]]

RETRY_AFTER_S: Final = 5
_log = logging.getLogger(__name__)


def sentence(error: StenografError) -> str:
    """What went wrong and what to do about it, in English."""
    return " ".join(filter(None, worded(error, "en")))


def worded(error: StenografError, lang: str) -> Localized:
    """Message and hint for somebody who sees no command line."""
    said = localize(error, lang)
    if error.hint != OptionError.hint:
        return said
    return said._replace(hint=translate(RequestError.hint, lang))


def plain(error: StenografError, request: Request) -> tuple[int, dict[str, Any]]:
    """The diarization service: `{"error": "<sentence>"}`."""
    return http_status(type(error)), {"error": sentence(error)}


def flagged(error: StenografError, request: Request) -> tuple[int, dict[str, Any]]:
    """The protocol maker and the recordings of calls: `{"success": false, "error": ...}`."""
    return http_status(type(error)), {"success": False, "error": sentence(error)}


def detail(error: StenografError, request: Request) -> tuple[int, dict[str, Any]]:
    """whisper-asr-webservice: `{"detail": ...}`."""
    return http_status(type(error)), {"detail": sentence(error)}


def openai(error: StenografError, request: Request) -> tuple[int, dict[str, Any]]:
    """OpenAI's shape; a value that cannot be understood is a bad request there, never a 422."""
    status = http_status(type(error))
    status = 400 if status == 422 else status
    kinds = {429: "rate_limit_error", 401: "authentication_error", 403: "permission_error"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    codes = {UnauthenticatedError: "invalid_api_key", ModelUnknownError: "model_not_found"}
    body = {
        "message": sentence(error),
        "type": kind,
        "param": error.details.get("param"),
        "code": codes.get(type(error), error.code),
    }
    return status, {"error": body}


def native(error: StenografError, request: Request) -> tuple[int, dict[str, Any]]:
    """Our own: code, message and hint in the language the client asks for, and the request id."""
    said = worded(error, asked_language(request))
    body = {
        "code": error.code,
        "message": said.message,
        "hint": said.hint,
        "request_id": request_id_of(request.scope),
    }
    return http_status(type(error)), {"error": body}


_DIALECTS: Final[tuple[tuple[str, Dialect], ...]] = (
    ("/diarize", plain),
    ("/v1/", openai),
    ("/asr", detail),
    ("/detect-language", detail),
    ("/api/v1/", native),
    ("/api/", flagged),
)


def dialect_of(path: str) -> Dialect:
    """How the contract at this address words errors."""
    return next((said for prefix, said in _DIALECTS if path.startswith(prefix)), native)


def takes_passwords(path: str) -> bool:
    """Whether clients of the contract at this address may send a user name and a password."""
    return dialect_of(path) is detail


def path_of(request: Request) -> str:
    """The path as routes know it, without the prefix that a proxy took away."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def asked_language(request: Request) -> str:
    """`ru` when Accept-Language begins with Russian, else `en`."""
    return "ru" if request.headers.get("accept-language", "").lower().startswith("ru") else "en"


def respond(error: StenografError, request: Request) -> JSONResponse:
    """The answer to a request that failed."""
    status, body = dialect_of(path_of(request))(error, request)
    headers = {}
    if status == 401:
        basic = ', Basic realm="stenograf", charset="UTF-8"'
        headers["WWW-Authenticate"] = "Bearer" + basic * takes_passwords(path_of(request))
    if status in {429, 503}:
        headers["Retry-After"] = str(error.details.get("retry_after_s", RETRY_AFTER_S))
    if isinstance(error, RequestTooLargeError):
        headers["Connection"] = "close"  # the rest of the body is not worth keeping
    return JSONResponse(body, status, headers)


def install_faults(app: FastAPI) -> None:
    """Whatever is raised on purpose inside a route becomes an answer of its contract."""

    async def known(request: Request, error: StenografError) -> JSONResponse:
        return respond(error, request)

    async def http(request: Request, error: HTTPException) -> JSONResponse:
        answer = respond(_from_http(error, request), request)
        answer.headers.update(error.headers or {})
        if error.status_code == 405:
            answer.status_code = 405
        return answer

    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return respond(refusal(error.errors()[0]), request)

    app.exception_handler(StenografError)(known)
    app.exception_handler(HTTPException)(http)
    app.exception_handler(RequestValidationError)(invalid)


class Unforeseen:
    """Pure ASGI middleware: what nobody foresaw is a 500 of its contract, told in the log.

    Here and not in a handler of the application: those answer outside of what gives every answer
    its request id.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an answer that has begun is cut off."""
        begun = False

        async def tell(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, tell)
        except ClientDisconnect:
            _log.info("request %s was left by its client", request_id_of(scope))
        except Exception as error:
            fault = error if isinstance(error, StenografError) else _our_own(error, scope)
            if begun or scope["type"] != "http":
                raise
            await respond(fault, Request(scope))(scope, receive, send)


def _our_own(error: Exception, scope: Scope) -> StenografError:
    _log.exception("request %s failed", request_id_of(scope), exc_info=error)
    return StenografError(
        "The server failed; its log tells more under {request_id}.",
        hint="Please report this with the lines of the log.",
        request_id=request_id_of(scope),
    )


def _from_http(error: HTTPException, request: Request) -> StenografError:
    if error.status_code in {404, 405}:
        return RouteNotFoundError(
            "There is no {method} {path} here.", method=request.method, path=path_of(request)
        )
    if error.status_code == 403:
        return ForbiddenError("This is not allowed.")
    if error.status_code < 500:
        return InvalidRequestError("The request is malformed: {reason}.", reason=error.detail)
    return RequestError("The server could not answer: {reason}.", reason=error.detail)
