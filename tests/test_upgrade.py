"""The upgrade of the demo database of the previous issue, ``tests/data/demo.sql.xz``, and its pages after it.

``bin/demo-dump`` makes the file when an issue is done.
"""

import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.models import User
from activities.log.models import Activity
from core import testing
from crm import env
from crm.management.commands import postgres
from customers.models import Customer
from offers.offers.models import Offer
from offers.orders.models import Order

DUMP = Path(__file__).parent / "data" / "demo.sql.xz"
LARGEST = 300_000
PAGES = (
    *("/start/", "/customers/", "/contacts/", "/activities/", "/calendar/", "/hours/", "/feedback/", "/leads/"),
    *("/offers/", "/orders/", "/products/", "/pipeline/", "/targets/", "/imports/", "/users/"),
    *("/api/v1/customers/", "/api/v1/activities/", "/api/v1/offers/", "/api/v1/orders/"),
)


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let this module's tests use a copy of the previous version's database, migrated."""
    own = connection.settings_dict["NAME"]
    name = f"{own}_upgrade"
    with django_db_blocker.unblock():
        url = testing.make_database(name, "template0")
        command = [postgres.find("psql"), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", name]
        dump = lzma.decompress(DUMP.read_bytes())
        subprocess.run(command, input=dump, env=postgres.environment(), stdout=subprocess.DEVNULL, check=True)
        environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "crm.settings"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=env.BASE_DIR, env=environment, check=True)
        _use(name)
        try:
            yield
        finally:
            _use(own)
            testing.drop_database(name)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


@pytest.fixture
def administrator(upgraded: None) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="admin"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_dump_is_small() -> None:
    assert DUMP.stat().st_size < LARGEST


@pytest.mark.parametrize("page", PAGES)
def test_a_list_of_the_upgraded_database_answers(administrator: Client, page: str) -> None:
    assert administrator.get(page).status_code == 200


def test_a_record_of_each_subject_has_its_page(administrator: Client) -> None:
    for model in (Customer, Activity, Offer, Order):
        record = model._default_manager.visible_to(User.objects.get(username="admin")).first()  # type: ignore[attr-defined]
        assert administrator.get(record.get_absolute_url()).status_code == 200, model


def test_what_is_changed_after_the_upgrade_is_in_the_history(administrator: Client) -> None:
    customer = Customer.objects.filter(state="active").earliest("pk")
    customer.description = "Changed after the upgrade."
    customer.save()
    assert customer.events.latest("pgh_id").description == "Changed after the upgrade."
