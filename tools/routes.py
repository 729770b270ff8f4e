"""The table of docs/routes.md: every route with who may use it and what it does."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from stenograf.api.server import ROUTERS

HEAD: Final = """# Routes

{made_from_code}

Every request that the server answers; `/docs` of a running server shows their fields,
[http.md](http.md) tells how they belong together. *Scopes* are what a key must allow, one of them;
a token of the settings and the scope `admin` may do everything. Where none is named no key is
needed.
"""


def routes_page(made_from_code: str) -> str:
    """The page: one table for each contract."""
    tables: dict[str, list[str]] = {}
    for route in _routes():
        [tag, *_] = route.tags
        tables.setdefault(str(tag), []).append(_row(route))
    parts = [HEAD.format(made_from_code=made_from_code)]
    for tag, rows in tables.items():
        parts.append(f"## {tag}\n\n| request | scopes | what |\n|---|---|---|\n{''.join(rows)}")
    return "\n".join(parts)


def _routes() -> Iterator[APIRoute]:
    for router in ROUTERS:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def _row(route: APIRoute) -> str:
    requests = ", ".join(f"`{method} {route.path}`" for method in sorted(route.methods or ()))
    scopes = " or ".join(f"`{scope}`" for scope in _scopes(route.dependant))
    [what, *_] = route.description.splitlines() or [""]
    return f"| {requests} | {scopes} | {what} |\n"


def _scopes(dependant: Dependant) -> Iterator[str]:
    """What `stenograf.api.auth` asks of a caller of this route."""
    for each in dependant.dependencies:
        if inspect.isfunction(each.call):
            yield from inspect.getclosurevars(each.call).nonlocals.get("scopes", ())
