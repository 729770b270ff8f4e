"""The page that every hint of the server points to."""

from __future__ import annotations

import re

from tests.api.conftest import Server


def test_the_page_loads_nothing_from_elsewhere(server: Server) -> None:
    """A server without internet shows it, and nobody else learns who reads; it needs no token."""
    del server.client.headers["authorization"]
    page = server.client.get("/docs")
    loaded = re.findall(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""", page.text)
    addresses = ["".join(each) for each in loaded if "data:," not in each]
    assert addresses == ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/openapi.json"]
    assert "://" not in page.text
    for address in addresses:
        part = server.client.get(address)
        assert (part.status_code, len(part.content) > 10_000) == (200, True)
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_what_is_no_part_of_the_page_is_not_there(server: Server) -> None:
    """Names are looked up in a list, not in a folder."""
    for name in ("favicon.png", "..%2f__init__.py", "nothing"):
        assert server.client.get(f"/docs/{name}").status_code == 404


def test_the_bare_address_leads_to_the_page(server: Server) -> None:
    """Who opens it in a browser sees what the server can do."""
    answer = server.client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "docs")
