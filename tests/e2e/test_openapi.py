"""Nothing that the OpenAPI document allows breaks the server, and no answer is undocumented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.api.conftest import TOKEN, Server, _running

from stenograf.core.errors import AddressForbiddenError
from stenograf.testing.documents import CALL

pytestmark = pytest.mark.e2e

EXAMPLES = 15
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all examples; it asks nobody else for recordings, whatever URL is given."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AddressForbiddenError("The address {host} is not public.", host="example.org")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stenograf.api.native.imports.fetch", refuse)
        yield from _running(tmp_path_factory.mktemp("fuzzed"), token=TOKEN)


def test_every_route_answers_as_documented(fuzzed: Server) -> None:
    """Whatever the values: no 500, no status, type or shape that the document does not name."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", fuzzed.app)
    failures: list[str] = []
    n_operations = 0
    found: Any
    for found in schema.get_all_operations():
        operation = found.ok()
        n_operations += 1
        try:
            _ask(operation)
        except (AssertionError, BaseExceptionGroup) as error:  # every operation is asked first
            failures.append(f"{operation.label}: {str(error)[:600]}")
    assert n_operations > 40
    assert not failures, "\n\n".join(failures)


def test_minutes_of_a_transcript_that_is_there_answer_as_documented(fuzzed: Server) -> None:
    """Made and read: ids by chance, as above, name no recording."""
    id = fuzzed.bring(b"sound")
    fuzzed.library.save_transcript(id, CALL)
    schema = schemathesis.openapi.from_asgi("/openapi.json", fuzzed.app)
    operations: Any = schema.include(path_regex="/minutes$").get_all_operations()
    statuses = [_ask(found.ok(), id=id) for found in operations]
    assert len(statuses) == 2
    assert set.union(*statuses) >= {200, 202}


def _ask(operation: Any, **path: str) -> set[int]:
    """The statuses of some examples, each answered as documented."""
    seen: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.path_parameters |= path
        answer = case.call(headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code != 401, "the token of this test is not what was sent"
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    ask()
    return seen
