"""The bench as a command, in real databases that it makes and drops, with a real server."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from customers.models import Customer
from demo.bench.run import throwaway_database

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _is_migrated(monkeypatch):
    """Begin with the database that tests begin with: migrating an empty one takes long."""
    monkeypatch.setattr("demo.bench.run.TEMPLATE", connection.settings_dict["TEST"]["TEMPLATE"])
    monkeypatch.setattr("demo.bench.measure.RATE_SECONDS", 0.1)


def test_command_measures_in_a_database_of_its_own_and_drops_it():
    out = StringIO()
    call_command(
        "bench", customers=[60], rounds=1, import_rows=0, only="customers: first", stdout=out, stderr=StringIO()
    )
    lines = [[cell.strip() for cell in line.split("|")] for line in out.getvalue().splitlines()]
    figures = {line[1]: line for line in lines if len(line) > 8}
    page = figures["Customers: first page"]
    assert all(float(page[column]) > 0 for column in (3, 5, 6, 7, 9, 10, 12))  # ms, CPU, × bare, …
    assert "Load the demo data" in figures
    assert not Customer.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'portaali_bench_60'")
        assert cursor.fetchone() is None


def test_a_kept_database_is_used_again():
    own = connection.settings_dict["NAME"]
    with throwaway_database("portaali_bench_kept", keep=True) as is_new:
        assert is_new
    with throwaway_database("portaali_bench_kept", keep=True) as is_new:
        assert not is_new
    with throwaway_database("portaali_bench_kept") as is_new:
        assert is_new
    assert connection.settings_dict["NAME"] == own
