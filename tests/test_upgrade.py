"""The upgrade of the demo database of the previous issue, ``tests/data/demo.sql.xz``, and its pages after it.

``bin/demo-dump`` makes the file when an issue is done.
"""

import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.models import User
from activities.feedback.models import Feedback
from activities.leads.models import Lead
from activities.log.models import Activity
from activities.mail.models import EmailMessage
from core import testing
from crm import env
from crm.management.commands import postgres
from customers.models import Contact, Customer
from offers.offers.models import Offer
from offers.orders.models import Order
from offers.products.models import Product

DUMP = Path(__file__).parent / "data" / "demo.sql.xz"
LARGEST = 300_000
PAGES = (
    *("/start/", "/customers/", "/contacts/", "/activities/", "/calendar/", "/hours/", "/feedback/", "/leads/"),
    *("/offers/", "/orders/", "/products/", "/pipeline/", "/targets/", "/imports/", "/bulk/", "/users/"),
    *("/selections/", "/views/"),
    *("/mail/inbox/", "/mail/templates/", "/offers/settings/", "/activities/types/"),
    *("/api/v1/customers/", "/api/v1/activities/", "/api/v1/offers/", "/api/v1/orders/", "/api/v1/emails/"),
)
RECORDS = (Customer, Contact, Activity, EmailMessage, Feedback, Lead, Product, Offer, Order)
#: Which the program itself brings up to date; their rows depend on what it consists of.
#: The segment branch of the classification became a scheme.
MOVED = {
    *("customers_classificationbranch", "customers_classificationnode", "customers_customerclassification"),
    *("customers_classificationnode_assigners", "customers_classificationbranch_assigners"),
    *("customers_classificationnodeevent", "customers_classificationbranchevent"),
    *("selections_classreference", "core_defaultdata", "accounts_grantevent", "auth_group_permissions"),
}
PROGRAM = {"django_migrations", "django_content_type", "auth_permission"}


@dataclass(frozen=True)
class Rows:
    """The number of rows of each table."""

    before: dict[str, int]
    after: dict[str, int]


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Rows]:
    """Let this module's tests use a copy of the previous version's database, migrated."""
    own = connection.settings_dict["NAME"]
    name = f"{own}_upgrade"
    with django_db_blocker.unblock():
        url = testing.make_database(name, "template0")
        command = [postgres.find("psql"), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", name]
        dump = lzma.decompress(DUMP.read_bytes())
        subprocess.run(command, input=dump, env=postgres.environment(), stdout=subprocess.DEVNULL, check=True)
        _use(name)
        before = _rows()
        environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "crm.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=env.BASE_DIR, env=environment, check=True)
        try:
            yield Rows(before, _rows())
        finally:
            _use(own)
            testing.drop_database(name)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


def _rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables))
        counts = dict(cursor.fetchall())
    connection.close()
    return counts


@pytest.fixture
def administrator(upgraded: Rows) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="admin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_dump_is_small() -> None:
    assert DUMP.stat().st_size < LARGEST


@pytest.mark.parametrize("page", PAGES)
def test_a_list_of_the_upgraded_database_answers(administrator: Client, page: str) -> None:
    assert administrator.get(page).status_code == 200


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model._meta.label_lower)
def test_a_record_of_each_subject_has_its_page(administrator: Client, model: Any) -> None:
    visible = getattr(model._default_manager.all(), "visible_to", lambda _user: model._default_manager.all())
    record = visible(User.objects.get(username="admin")).earliest("pk")
    subject = getattr(record, "activity", None) or record
    assert administrator.get(subject.get_absolute_url()).status_code == 200


def test_no_table_has_lost_or_doubled_a_row(upgraded: Rows) -> None:
    assert len(upgraded.before) > 100
    before = {table: rows for table, rows in upgraded.before.items() if table not in PROGRAM}
    assert {table: upgraded.after.get(table) for table in before if table not in MOVED} == {
        table: rows for table, rows in before.items() if table not in MOVED
    }


def test_the_classes_that_were_segments_are_segments_with_all_that_named_them(upgraded: Rows) -> None:
    before, after = upgraded.before, upgraded.after
    classes, segments = "customers_classificationnode", after["schemes_segment"]
    assert segments > 0
    assert after[classes] + segments == before[classes]
    kept, memberships = after["customers_customerclassification"], after["membership_membership"]
    assert kept + memberships >= before["customers_customerclassification"] > kept
    names = "selections_classreference"
    assert after[names] + after["selections_segmentreference"] == before.get(names, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM customers_customersummary s"
            " LEFT JOIN (SELECT * FROM membership_membership WHERE upper_inf(period)) m USING (customer_id)"
            " WHERE s.segment_id IS DISTINCT FROM m.segment_id"
        )
        assert cursor.fetchone() == (0,)


def test_what_is_changed_after_the_upgrade_is_in_the_history(administrator: Client) -> None:
    customer = Customer.objects.filter(state="active").earliest("pk")
    customer.description = "Changed after the upgrade."
    customer.save()
    assert customer.events.latest("pgh_id").description == "Changed after the upgrade."
