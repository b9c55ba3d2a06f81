"""The OpenAPI schema is complete, and every endpoint answers as it says, whatever it is asked."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from crm.wsgi import application

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)

pytestmark = pytest.mark.django_db


def test_the_schema_is_made_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_what_is_only_read_may_be_as_empty_as_its_model_lets_it():
    schemas = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    nullable = {(name, key) for name in schemas for key, field in properties(schemas, name) if field.get("nullable")}
    assert nullable >= {("CustomerList", "first_order_on"), ("Offer", "order"), ("OfferRow", "lost_reason")}
    assert not nullable & {("Billing", "customer"), ("CustomerList", "open_activities"), ("Offer", "customer")}
    blank = {"$ref": "#/components/schemas/BlankEnum"}
    assert blank in schemas["Customer"]["properties"]["passive_reason"]["oneOf"]
    assert blank in schemas["Link"]["properties"]["answer"]["oneOf"]


def properties(schemas, name):
    return schemas[name].get("properties", {}).items()


@pytest.fixture
def one_connection():
    """Keep the test's database connection over requests, as Django's own test client does."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def headers(defaults, one_connection):
    _token, key = api_token_create(user=UserFactory(role="administrator"))
    return {"Authorization": f"Token {key}"}


@pytest.fixture
def api_schema(headers):
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", application, headers=headers)


@pytest.mark.slow
def test_every_endpoint_answers_as_the_schema_says(api_schema, headers):
    failures = []
    for result in api_schema.get_all_operations():
        operation = result.ok()
        failures += [f"{operation.label}: {failure}" for failure in failures_of(operation, headers)]
    assert not failures, "\n\n".join(failures)


def failures_of(operation, headers):
    """Return what is wrong with the answers to a few made-up requests."""

    @given(case=operation.as_strategy())
    @settings(max_examples=6, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        with transaction.atomic():
            ask()
            transaction.set_rollback(True)
    except (Exception, BaseExceptionGroup) as error:
        return [str(item) for item in getattr(error, "exceptions", [error])]
    return []
