"""The page `/docs`, the landing page of the API: all that it loads comes from this server.

FastAPI's own page fetches its program from a network of others, which a server without internet
has not, and which would learn who reads here.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import RedirectResponse

from stenograf.core.errors import RouteNotFoundError

router = APIRouter(include_in_schema=False)

PARTS: Final = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
NOTHING_FROM_ELSEWHERE: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)


@router.get("/")
def landing() -> Response:
    """To the page; relative, for servers behind a prefix."""
    return RedirectResponse("docs")


@router.get("/docs")
def page(request: Request) -> Response:
    """Every request with its fields, to be tried out."""
    below = str(request.scope.get("root_path", "")).rstrip("/")
    answer = get_swagger_ui_html(
        openapi_url=f"{below}/openapi.json",
        title="Stenograf",
        swagger_js_url=f"{below}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{below}/docs/swagger-ui.css",
        swagger_favicon_url="data:,",
        swagger_ui_parameters={"validatorUrl": None},
    )
    answer.headers["Content-Security-Policy"] = NOTHING_FROM_ELSEWHERE
    return answer


@router.get("/docs/{name}")
def part(name: str) -> Response:
    """Swagger UI, as the package fastapi-offline carries it."""
    if name not in PARTS:
        raise RouteNotFoundError(
            "There is no {method} {path} here.", method="GET", path=f"/docs/{name}"
        )
    found = files("fastapi_offline").joinpath("static", name).read_bytes()
    return Response(found, media_type=PARTS[name], headers={"Cache-Control": "max-age=86400"})
