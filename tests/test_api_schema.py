"""The OpenAPI schema is complete; ``tests/security/test_schema_run.py`` asks what it makes up."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from segmentation.membership.tests.factories import SchemeFactory

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


def test_filters_whose_names_come_from_rows_are_a_pattern_without_names_of_rows():
    SchemeFactory()
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    lists = {
        path: {item["name"] for item in operation["parameters"] if item["name"].startswith("segment_")}
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method == "get" and "segment_{scheme}" in operation.get("description", "")
    }
    assert lists == {
        f"/api/v1/{name}/": {"segment_{scheme}"} for name in ("customers", "segmentation-work", "care-plans")
    }
    pattern = {item["name"]: item for item in paths["/api/v1/customers/"]["get"]["parameters"]}["segment_{scheme}"]
    [name] = pattern["schema"]["x-patternProperties"]
    assert re.fullmatch(name, "segment_3")
    assert not re.fullmatch(name, "segment_proposals")
    assert (pattern["style"], pattern["explode"]) == ("form", True)


def properties(schemas, name):
    return schemas[name].get("properties", {}).items()
