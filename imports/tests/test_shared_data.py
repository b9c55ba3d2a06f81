"""The shared data, with the mappings of the worked example (``docs/import.md``)."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Team, User
from customers.models import Customer
from imports.enums import ImportKind
from imports.models import ImportMapping, ImportRun
from imports.services import run_now
from imports.tests.helpers import counts, shared

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
NAME = "crm-sales-opportunities"


def take_in(kind: str, file: str, **options) -> ImportRun:
    mapping = ImportMapping.objects.get(kind=kind, name=NAME)
    with shared(file).open("rb") as opened:
        return run_now(kind=kind, file=opened, name=file, owner=None, mapping=mapping, **options)


def events() -> dict[str, int]:
    """Number of rows of every event table and of every table that an import writes."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if not name.startswith("imports_")]
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found[name] = cursor.fetchone()[0]
    return found


def test_sales_teams_make_users_teams_and_managers():
    run = take_in(ImportKind.USERS, "sales_teams.csv")
    assert counts(run) == (35, 0, 0, 0, 0)
    assert User.objects.count() == 41
    assert len(run.notes) == 6
    assert set(Team.objects.values_list("name", flat=True)) == {"Central", "East", "West"}
    anna = User.objects.get(username="anna.snelling")
    assert (anna.manager.get_full_name(), [team.name for team in anna.teams.all()]) == ("Dustin Brinkmann", ["Central"])
    assert [group.name for group in anna.groups.all()] == ["account_manager"]
    assert not anna.has_usable_password()


def test_sales_teams_again_change_nothing():
    take_in(ImportKind.USERS, "sales_teams.csv")
    before = events()
    assert counts(take_in(ImportKind.USERS, "sales_teams.csv")) == (0, 0, 35, 0, 0)
    assert events() == before


def test_accounts_make_customers_with_parents_sectors_and_sizes():
    run = take_in(ImportKind.CUSTOMERS, "accounts.csv")
    assert counts(run) == (85, 0, 0, 0, 0)
    assert Customer.objects.exclude(parent=None).count() == 15
    assert Customer.objects.get(name="Bluth Company").parent.name == "Acme Corporation"
    assert Customer.objects.filter(summary__industry__code="technology").count() == 12
    acme = Customer.objects.select_related("summary__size", "summary__group").get(name="Acme Corporation")
    assert (acme.summary.size.code, acme.summary.group.code) == ("9", "buying_organisations")
    assert (acme.turnover, acme.personnel, acme.founded) == (1_100_040_000, 2822, 1996)
    assert not Customer.objects.filter(country="Philipines").exists()


def test_rule_17_accounts_again_change_nothing():
    take_in(ImportKind.CUSTOMERS, "accounts.csv")
    rows = list(Customer.objects.order_by("pk").values_list("pk", "version", "updated_at", "parent"))
    before = events()
    assert counts(take_in(ImportKind.CUSTOMERS, "accounts.csv")) == (0, 0, 85, 0, 0)
    assert events() == before
    assert list(Customer.objects.order_by("pk").values_list("pk", "version", "updated_at", "parent")) == rows


@pytest.mark.parametrize(("kind", "file"), [("users", "sales_teams.csv"), ("customers", "accounts.csv")])
def test_dry_run_tells_the_same_and_writes_nothing(kind, file):
    before = events()
    dry = take_in(kind, file, dry_run=True)
    assert events() == before
    assert counts(dry) == counts(take_in(kind, file))


def test_without_the_mapping_the_headings_decide_and_unknown_classes_are_held():
    with shared("accounts.csv").open("rb") as file:
        run = run_now(kind="customers", file=file, name="accounts.csv", owner=None)
    assert counts(run) == (73, 0, 0, 12, 0)
    assert Customer.objects.filter(name="Acme Corporation").count() == 0
