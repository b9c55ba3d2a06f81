"""The API, asked what its OpenAPI schema makes up, as administrator and as viewer, with every check of schemathesis.

The rows are the world's, so that ids in addresses name something. Each request is taken back, so they do not
depend on each other, and the seed is fixed: a change fails for what it changes.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, connections, transaction
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.run.unit import _direct_executor
from schemathesis.openapi.checks import RejectedPositiveData
from schemathesis.transport.wsgi import WSGITransport

from crm.wsgi import application
from tests.security.world import World, kind_of

SEED = 11
#: Of each operation: made-up requests, and of those that follow from the limits of its schema.
EXAMPLES, COVERED = 1, 3
NETWORK = {"max_redirects", "verify", "cert", "proxies"}


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """Let the threads of schemathesis use the test's database connection, one request at a time."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    connection.inc_thread_sharing()
    yield
    connection.dec_thread_sharing()
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


class App:
    """The program, which takes back what each request has done."""

    def __init__(self) -> None:
        self.connection, self.turn = connections["default"], threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # the client does not unpack
        with self.turn:
            connections["default"] = self.connection
            with transaction.atomic():
                answer = application(environ, start_response)
                body = b"".join(answer)
                transaction.set_rollback(True)
            getattr(answer, "close", lambda: None)()
        return [body]


@pytest.fixture
def hooks(world: World) -> Iterator[None]:
    """Put the ids of the world's rows into addresses, and leave out findings about what no schema can say."""

    @schemathesis.hook("before_call")
    def name_row(context: Any, case: Any, kwargs: Any) -> None:
        if not (case.meta and case.meta.is_negative_at(ParameterLocation.PATH)):
            kind = kind_of(case.operation.path.removeprefix("/api/v1/")) if case.path_parameters else ""
            for name, value in (case.path_parameters or {}).items():
                row = world.rows[kind] if name == "id" else world.rows.get(f"{kind}_{name}", world.rows.get(name))
                if hasattr(row, "pk"):
                    case.path_parameters[name] = type(value)(row.pk)

    @schemathesis.hook("filter_failure")
    def can_be_said(context: Any, failure: Any, case: Any, response: Any) -> bool:
        if isinstance(failure, RejectedPositiveData):  # ids that do not exist, days in order, codes of rows …
            return not (response.status_code == 400 and response.json()["error"].get("fields"))
        return not (isinstance(failure, AcceptedNegativeData) and is_meant(case, failure.message))

    yield
    for hook in (name_row, can_be_said):
        schemathesis.hooks.unregister(hook)


def is_meant(case: Any, message: str) -> bool:
    """Whether this was accepted on purpose: an empty value is none, a number is its digits, in forms all is text."""
    if "" in (case.query or {}).values() or "smaller than minLength" in message:
        return True
    wrong = re.search(r"in body - (\w+): Incorrect type", message)
    body = case.body if isinstance(case.body, dict) else {}
    return bool(wrong) and (case.media_type == "multipart/form-data" or isinstance(body.get(wrong[1]), int | float))


@pytest.fixture
def plain_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mend the probes of the library, which give its WSGI client what only a network client knows."""
    send = WSGITransport.send

    def sent(transport: Any, case: Any, **kwargs: Any) -> Any:
        known = {name: value for name, value in kwargs.items() if name not in NETWORK}
        return send(transport, case, **known)

    monkeypatch.setattr(WSGITransport, "send", sent)


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the requests that follow from a schema's limits take a few: all of them take minutes."""

    def some(cases: list[Any]) -> list[Any]:
        chosen = random.Random(f"{SEED} {cases[0].operation.label}" if cases else "").sample
        return chosen(cases, min(COVERED, len(cases)))

    monkeypatch.setattr(_direct_executor, "content_type_probes_first", some)


@dataclass
class Findings:
    requests: int = 0
    faults: set[str] = field(default_factory=set)

    def note(self, event: Any) -> None:
        if isinstance(event, events.NonFatalError | events.FatalError):
            self.faults.add(f"{getattr(event, 'label', '')}: {getattr(event, 'value', None) or event.exception!r}")
        if isinstance(event, events.ScenarioFinished):
            self.requests += len(event.recorder.interactions)
            nodes = [node for nodes in event.recorder.checks.values() for node in nodes]
            failed = [node for node in nodes if node.status is Status.FAILURE]
            self.faults |= {f"{event.recorder.label}: {described(node)}" for node in failed}


def described(node: Any) -> str:
    failure = node.failure_info.failure
    return f"{node.name}: {failure.title}\n{failure.message[:1_500]}\n{node.failure_info.code_sample[:1_000]}"


@pytest.mark.slow
@pytest.mark.parametrize("caller", ["admin", "viewer"])
def test_every_endpoint_answers_as_the_schema_says(
    world: World, one_connection: None, hooks: None, plain_probes: None, sampled: None, caller: str
) -> None:
    headers = {"Authorization": f"Token {world.tokens[caller]}"}
    settings = {
        "seed": SEED,
        "headers": headers,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "generation": {"mode": "all", "max-examples": EXAMPLES, "deterministic": True, "no-shrink": True},
        "phases": {"stateful": {"enabled": False}},
    }
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", App(), config=config, headers=headers)
    findings = Findings()
    for event in from_schema(schema).execute():
        findings.note(event)
    assert findings.requests > 800
    assert not findings.faults, "\n\n".join(sorted(findings.faults))
