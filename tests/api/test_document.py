"""The OpenAPI document tells enough to write a client from it alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from tests.api.conftest import TOKEN, _running

OPEN: Final = frozenset({"/health", "/ready"})
BY_PASSWORD: Final = frozenset({"/asr", "/detect-language"})


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """As the server serves it."""
    for server in _running(tmp_path_factory.mktemp("document"), token=TOKEN):
        yield server.client.get("/openapi.json").json()


def test_every_operation_can_be_used_from_the_document_alone(document: dict[str, Any]) -> None:
    """Summary, description, tag, parameters, body, answers, failures and token are all told."""
    told = {tag["name"] for tag in document["tags"] if tag["description"]}
    missing: list[str] = []
    n_operations = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            n_operations += 1
            gaps = [*_gaps(path, operation, told), *_gaps_in_bodies(operation, document)]
            missing += [f"{method} {path}: {gap}" for gap in gaps]
    assert n_operations > 40
    assert not missing, "\n".join(missing)


def test_every_contract_shows_failures_in_its_own_shape(document: dict[str, Any]) -> None:
    """The example is what that contract's clients read, not another one's."""
    shapes = {
        "/diarize": {"error"},
        "/api/diarize": {"success", "error"},
        "/api/recordings": {"success", "error"},
        "/asr": {"detail"},
    }
    for path, fields in shapes.items():
        responses = document["paths"][path]["post"]["responses"]
        for status in ("400", "401", "413", "429"):
            assert _shown_in(responses[status])[0].keys() == fields, path
    native = document["paths"]["/api/v1/jobs"]["post"]["responses"]["429"]
    assert _shown_in(native)[0]["error"]["code"] == "job.queue_full"
    openai = document["paths"]["/v1/audio/transcriptions"]["post"]["responses"]
    assert _shown_in(openai["401"])[0]["error"]["code"] == "invalid_api_key"
    assert "422" not in openai


def _gaps(path: str, operation: dict[str, Any], told: set[str]) -> Iterator[str]:
    """What is not said in words."""
    if len(operation.get("summary", "").split()) < 2:
        yield "summary"
    if len(operation.get("description", "").split()) < 2:
        yield "description"
    if not set(operation["tags"]) <= told:
        yield "tag without a description"
    for parameter in operation.get("parameters", ()):
        if not parameter.get("description"):
            yield f"description of {parameter['name']}"
    wanted: list[dict[str, list[str]]] = [] if path in OPEN else [{"bearer": []}]
    if path in BY_PASSWORD:
        wanted.append({"basic": []})
    if operation.get("security", []) != wanted:
        yield f"security {operation.get('security')}"
    if not [status for status in operation["responses"] if status >= "400"]:
        yield "failures"
    if wanted and "401" not in operation["responses"]:
        yield "401"


def _gaps_in_bodies(operation: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    """Bodies without an example, or with one that their own schema refuses."""
    asked = operation.get("requestBody")
    bodies = [("request", asked)] if asked else []
    for media_type, content in asked["content"].items() if asked else ():
        for name, field in content["schema"].get("properties", {}).items():
            if media_type.startswith("multipart/") and not field.get("description"):
                yield f"description of {name}"
    for status, answer in operation["responses"].items():
        if not answer["description"]:
            yield f"description of {status}"
        if "content" not in answer and status not in {"204", "416"}:
            yield f"content of {status}"
        bodies.append((status, answer))
    for name, body in bodies:
        for media_type, content in body.get("content", {}).items():
            if content.get("schema", {}).get("format") == "binary":
                continue  # bytes of a recording or of a Word document
            shown = _examples(content, document)
            if not shown:
                yield f"example of {name} as {media_type}"
            schema = {**content.get("schema", {}), "components": document["components"]}
            for value in shown:
                faults = Draft202012Validator(schema).iter_errors(value)
                yield from (f"example of {name}: {fault.message}" for fault in faults)


def _examples(content: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    """Those of the body itself, else the one that its schema composes."""
    return _shown(content) or _composed(content.get("schema", {}), document)


def _shown_in(answer: dict[str, Any]) -> list[Any]:
    return _shown(answer["content"]["application/json"])


def _shown(content: dict[str, Any]) -> list[Any]:
    if "example" in content:
        return [content["example"]]
    return [each["value"] for each in content.get("examples", {}).values()]


def _composed(schema: dict[str, Any], document: dict[str, Any]) -> list[Any]:
    """As Swagger UI does it: the schema's example, else one of its parts; empty for a gap."""
    if "$ref" in schema:
        return _composed(document["components"]["schemas"][schema["$ref"].split("/")[-1]], document)
    if "examples" in schema:
        return list(schema["examples"])
    for told in ("const", "default"):
        if told in schema:
            return [schema[told]]
    if schema.get("type") == "array":
        return [[item] for item in _composed(schema["items"], document)[:1]]
    parts = {name: _composed(part, document) for name, part in schema.get("properties", {}).items()}
    complete = parts and all(parts[name] for name in schema.get("required", parts))
    return [{name: found[0] for name, found in parts.items() if found}] if complete else []
