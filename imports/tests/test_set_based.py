"""Imports of customers write each table by one statement, and what they write is complete."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from customers.models import Customer, CustomerSearch, CustomerSummary
from customers.services.summaries import summaries_refresh
from imports.bench import measure_import
from imports.tests.helpers import counts, run_import

pytestmark = pytest.mark.django_db
CONFIG = {
    "columns": [
        {"column": "nro", "field": "number", "system": "ERP"},
        {"column": "nimi", "field": "name"},
        {"column": "ala", "field": "class:industry"},
        {"column": "puhelin", "field": "phone"},
        {"column": "osoite", "field": "visiting_street"},
        {"column": "kaupunki", "field": "visiting_city"},
        {"column": "laskutus", "field": "billing_city"},
        {"column": "kunta", "field": "municipality"},
        {"column": "omistaja", "field": "owner"},
        {"column": "liikevaihto", "field": "turnover"},
        {"column": "emo", "field": "parent"},
    ]
}
HEADER = "nro;nimi;ala;puhelin;osoite;kaupunki;laskutus;kunta;omistaja;liikevaihto;emo\n"


@pytest.fixture(autouse=True)
def world():
    UserFactory(username="omistaja", role="account_manager")


def file(rows: int, phone: str = "040 1234567", start: int = 0) -> str:
    lines = (
        f"{n};Yritys {n} Oy;metal;{phone};Tie {n};Äänekoski;Espoo;Äänekoski;omistaja;{n},50;Yritys {start} Oy\n"
        for n in range(start, start + rows)
    )
    return HEADER + "".join(lines)


def statements(text: str, result: tuple[int, ...]) -> int:
    with CaptureQueriesContext(connection) as queries:
        run = run_import(text, config=CONFIG)
    assert counts(run) == result
    return len(queries)


def test_statements_are_the_same_for_three_rows_and_for_thirty():
    run_import(file(1, start=900), config=CONFIG)
    few = statements(file(3), (3, 0, 0, 0, 0))
    assert statements(file(30, start=100), (30, 0, 0, 0, 0)) == few


def test_statements_that_change_are_the_same_for_three_rows_and_for_thirty():
    run_import(file(30), config=CONFIG)
    few = statements(file(3, "050 1111111"), (0, 3, 0, 0, 0))
    assert statements(file(30, "050 2222222"), (0, 30, 0, 0, 0)) == few


def test_summary_of_a_new_customer_is_what_a_refresh_makes_of_it():
    run_import(file(2), config=CONFIG)
    made, texts = (list(model.objects.order_by("pk").values()) for model in (CustomerSummary, CustomerSearch))
    assert made[0]["owner_id"]
    assert "espoo" in texts[0]["text"]
    assert made[0]["industry_id"]
    summaries_refresh()
    assert list(CustomerSummary.objects.order_by("pk").values()) == made
    assert list(CustomerSearch.objects.order_by("pk").values()) == texts


def test_history_of_a_new_customer_begins_with_one_event():
    run_import(file(2), config=CONFIG)
    customer = Customer.objects.get(name="Yritys 0 Oy")
    events = customer.pgh_event_model.objects.filter(pgh_obj=customer).order_by("pgh_id")
    assert [(event.pgh_label, event.name) for event in events] == [("insert", "Yritys 0 Oy")]


def test_columns_that_the_file_lacks_get_the_defaults_of_the_model():
    run_import("nimi\nAcme\n")
    made, expected = Customer.objects.get(), Customer(name="Acme")
    own = {"id", "created_at", "updated_at", "sort_key", "name_key"}
    names = [field.attname for field in Customer._meta.concrete_fields if field.attname not in own]
    assert {name: getattr(made, name) for name in names} == {name: getattr(expected, name) for name in names}
    assert made.created_at == made.updated_at


def test_bench_measures_the_floor_beside_both_runs():
    measured = measure_import(40)
    assert (measured.first["created"], measured.second["unchanged"]) == (40, 40)
    assert measured.floor_seconds > 0
    assert measured.ratio == measured.first_seconds / measured.floor_seconds
    assert not Customer.objects.exists()
