"""The bench as a command, in real databases that it makes and drops."""

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


def test_command_measures_in_a_database_of_its_own_and_drops_it():
    out = StringIO()
    call_command("bench", customers=[30], rounds=1, import_rows=20, only="first page", stdout=out, stderr=StringIO())
    assert "| Customers: first page | 30 |" in out.getvalue()
    assert not Customer.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'portaali_bench_30'")
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
