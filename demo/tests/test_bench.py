"""The bench: every case answers, floors are found, the table is right. Not how fast anything is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from activities.log.models import Activity, Participation
from customers.models import Customer
from demo.bench.busy import CUSTOMER, make_busy, make_many_offers, make_offers, month
from demo.bench.cases import cases
from demo.bench.measure import Case, Figures, Recorder, Result, measure, run_bare, table, timed
from offers.offers.models import Offer


@pytest.fixture
def manager(loaded: None) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="manager"))
    return client


def test_every_case_answers_and_has_its_floors(manager):
    user = User.objects.get(username="manager")
    make_offers(user, Customer.objects.get(name=CUSTOMER))
    results = [measure(case, manager, 60, rounds=1) for case in cases(user)]
    assert len(results) > 20
    assert all(result.queries and result.sql and result.page.median > 0 for result in results)
    assert [result.name for result in results if result.bare is None] == ["Log a call (POST)"]


def test_the_busy_customer_and_month_are_made_once(loaded):
    user, (start, end) = User.objects.get(username="manager"), month()
    for _time in range(2):
        make_busy(user)
        assert Customer.objects.get(name=CUSTOMER).activities.count() >= 5_000
        in_month = Participation.objects.filter(user=user, start_at__gte=start, start_at__lt=end)
        assert in_month.count() in range(400, 600)


def test_offers_are_copied_up_to_the_number_that_is_asked(loaded):
    asked = Offer.objects.count() + 25
    for _time in range(2):
        make_many_offers(asked)
        assert Offer.objects.count() == asked


def test_logging_a_call_is_really_done(manager):
    before = Activity.objects.count()
    case = next(case for case in cases(User.objects.get(username="manager")) if "Log a call" in case.name)
    measure(case, manager, 60, rounds=2)
    assert Activity.objects.count() >= before + 3


def test_a_case_that_fails_is_not_measured(db):
    case = Case("broken", lambda client: HttpResponse(status=500))
    with pytest.raises(RuntimeError, match="broken: answered 500"):
        measure(case, Client(), 1, rounds=1)


def test_the_main_query_is_the_longest_read_or_an_insert():
    recorder = Recorder([("SELECT 1", None), ("SELECT 1 + 1", None), ("SET x", None)])
    assert recorder.main() == ("SELECT 1 + 1", None)
    recorder.queries.append(("INSERT 1", None))
    assert recorder.main() == ("INSERT 1", None)


def test_bare_statements_leave_nothing(db):
    Customer.objects.create(name="Oma Asiakas Oy")
    copy = "INSERT INTO core_defaultdata (name, loaded_at) VALUES ('x', now())"
    run_bare(copy, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM core_defaultdata WHERE name = 'x'")
        assert cursor.fetchone() is None


def test_median_and_95th_percentile_in_milliseconds(monkeypatch):
    clock = iter([0.0, 0.010, 1.0, 1.020, 2.0, 2.030])
    monkeypatch.setattr("demo.bench.measure.time.perf_counter", lambda: next(clock))
    figures = timed(lambda: None, rounds=3)
    assert figures.median == pytest.approx(20)
    assert figures.p95 == pytest.approx(29)


def test_table_tells_ratios_to_the_floors():
    results = [
        Result("List", 4000, Figures(30, 45), 12, 150, Figures(3, 4), Figures(15, 16)),
        Result("Import", 4000, Figures(2500, 2500), None, 160),
    ]
    assert table(results).splitlines()[2:] == [
        "| List | 4,000 | 30.0 | 45.0 | 12 | 150 | 3.0 | 10.0 | 15.0 | 2.0 |",
        "| Import | 4,000 | 2,500 | 2,500 |  | 160 |  |  |  |  |",
    ]
