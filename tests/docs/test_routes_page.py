"""docs/routes.md follows the code."""

from __future__ import annotations

from fastapi.routing import APIRoute
from tools.pages import DOCS

from stenograf.api.server import ROUTERS

PAGE = (DOCS / "routes.md").read_text(encoding="utf-8")


def test_every_route_is_on_the_page_with_its_scopes() -> None:
    """Run `python -m tools.pages` after a change of the routes."""
    routes = [each for router in ROUTERS for each in router.routes if isinstance(each, APIRoute)]
    assert len(routes) > 40
    missing = [each.path for each in routes if f"{each.path}` |" not in PAGE]
    assert not missing
    assert "| `POST /api/v1/keys` | `admin` | Make a key. |" in PAGE
