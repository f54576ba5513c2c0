"""The API as its own description says: generated requests, never a 5xx, answers as promised."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from tests.connectors.conftest import Visitor
from tests.connectors.served import Served, served
from tests.fakes.rasa import FakeRasa, Running
from ticketing import agents
from ticketing.db import Sessions

# Endless, and tested for itself.
STREAMS = {"/chat/stream", "/console/stream"}
EXAMPLES = 6
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture
def gateway(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """In a process of its own: two threads of one Python 3.11 may not both read source code, and
    the gateway loads its models while requests are made up here."""
    rasa = FakeRasa()
    rasa.mode = "hand_off"
    server = Running(rasa.app())
    with served(database_url, tmp_path, SANGDAM_RASA_URL=server.url) as made:
        yield made
    server.stop()


def test_b5_the_api_keeps_what_its_description_promises(
    gateway: Served, sessions: Sessions
) -> None:
    schema = schemathesis.openapi.from_url(f"{gateway.url}/openapi.json")
    there = something(gateway, sessions)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    seen: Counter[int] = Counter()
    failed = {
        problem
        for operation in operations
        if operation.path not in STREAMS
        for mode in GenerationMode
        for known in ({}, there)
        for problem in problems(operation, there, mode, known, seen)
    }
    assert not failed, "\n".join(sorted(failed))
    assert set(seen) >= {200, 201, 202, 404, 422}, seen


def something(gateway: Served, sessions: Sessions) -> dict[str, str]:
    """Path parameters under which there is something, and the tokens that may see it."""
    with sessions.begin() as session:
        token = agents.issue(session, agents.add(session, name="관리", role="admin"), kind="api")
    customer = Visitor(gateway.url)
    admin = httpx.Client(base_url=gateway.url, headers={"Authorization": f"Bearer {token}"})
    with contextlib.closing(customer.http), admin:
        customer.press("/human")
        customer.until(lambda line: line["kind"] == "event")
        (ticket,) = admin.get("/api/tickets").json()["tickets"]
        article = {"id": "opening", "locale": "ko", "title": "영업 시간", "body": "9시에 열어요."}
        assert admin.post("/api/kb/articles", json=article).status_code == 201
        return {
            "code": ticket["code"],
            "customer": customer.id,
            "id": article["id"],
            "admin": admin.headers["Authorization"],
            "visitor": customer.http.headers["Authorization"],
        }


def problems(
    operation: APIOperation,
    there: dict[str, str],
    mode: GenerationMode,
    known: dict[str, str],
    seen: Counter[int],
) -> set[str]:
    """What one operation did against its description."""
    found: set[str] = set()
    token = there["visitor" if operation.path.startswith("/chat/") else "admin"]
    names = {parameter.name for parameter in operation.path_parameters} & set(known)
    if known and not names:
        return found

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def conforms(case: schemathesis.Case) -> None:
        for name in names:
            case.path_parameters[name] = known[name]
        answer = case.call(headers={"Authorization": token}, timeout=20)
        seen[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as group:
            found.update(f"{operation.label}: {answer.status_code} {o}" for o in group.exceptions)

    # Nothing can be wrong about a request that has no parts.
    with contextlib.suppress(Unsatisfiable):
        conforms()
    return found
