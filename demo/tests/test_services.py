"""Loading into the real database, and taking away again."""

from __future__ import annotations

import gc
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Team, User
from accounts.tests.factories import UserFactory
from activities.log.models import Activity, ActivityType, Participation
from core.exceptions import BusinessRuleError
from customers.models import Contact, Customer, CustomerNumber, CustomerSummary, Responsibility
from demo import services
from demo.loading.bare_tables import without_indexes
from demo.tests.helpers import CUSTOMERS, history_rows
from offers.offers.models import Offer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demo_mode(settings):
    settings.DEMO = True


def test_loads_the_same_into_two_databases(defaults):
    def content() -> list:
        names = list(Customer.objects.order_by("pk").values_list("name", "business_id", "municipality__code"))
        rows = list(Activity.objects.order_by("pk").values_list("title", "start", "memo", "status"))
        return [names, [(title, start, re.sub(r"/\d+/", "/…/", memo), status) for title, start, memo, status in rows]]

    services.demo_load(customers=20)
    first = content()
    services.demo_remove()
    services.demo_load(customers=20)
    assert content() == first


def test_several_processes_make_a_large_population(defaults, monkeypatch):
    monkeypatch.setattr(services, "MANY", 100)
    monkeypatch.setattr(services, "FIRST_OF_MANY", 80)
    services.demo_load(customers=120)
    assert Customer.objects.count() == CustomerSummary.objects.count() == 120
    assert Contact.objects.filter(positions__isnull=True).count() == 0
    assert Offer.objects.exists()
    assert not Offer.objects.filter(number__startswith="D").exists()


def test_what_fails_in_another_process_is_raised_and_nothing_is_loaded(defaults, monkeypatch):
    def fail(*_arguments: object) -> None:
        raise ValueError("no more names")

    monkeypatch.setattr(services, "MANY", 10)
    monkeypatch.setattr(services, "FIRST_OF_MANY", 5)
    monkeypatch.setattr("demo.loading.parts._send", fail)
    with pytest.raises(RuntimeError, match="no more names"):
        services.demo_load(customers=20)
    assert not Customer.objects.exists()


def test_other_processes_do_not_collect_what_they_inherit(defaults, monkeypatch):
    """A connection to the broker that is collected there would wait for an answer that comes to this process."""

    def fail(*_arguments: object) -> None:
        raise ValueError(f"kept: {gc.get_freeze_count() > 1_000}")

    monkeypatch.setattr(services, "MANY", 10)
    monkeypatch.setattr(services, "FIRST_OF_MANY", 5)
    monkeypatch.setattr("demo.loading.parts._send", fail)
    with pytest.raises(RuntimeError, match="kept: True"):
        services.demo_load(customers=20)
    assert not gc.get_freeze_count()


def test_loading_writes_no_history(defaults):
    before = history_rows()
    services.demo_load(customers=CUSTOMERS)
    assert history_rows() == before


def test_accounts_are_refused_outside_demo_mode(defaults, settings):
    settings.DEMO = False
    with pytest.raises(BusinessRuleError, match="DEMO=1"):
        services.demo_load(customers=5)
    assert not User.objects.exists()


def test_loading_beside_own_customers_is_refused_unless_forced(defaults):
    Customer.objects.create(name="Oma Asiakas Oy")
    with pytest.raises(BusinessRuleError, match="--force"):
        services.demo_load(customers=5)
    assert Customer.objects.count() == 1
    services.demo_load(customers=5, force=True)
    assert Customer.objects.count() == 6


def test_a_taken_user_name_is_told_and_nothing_is_loaded(defaults):
    UserFactory(username="manager")
    with pytest.raises(BusinessRuleError, match="manager"):
        services.demo_load(customers=5)
    assert not Customer.objects.exists()
    assert User.objects.count() == 1


def test_command_says_how_far_it_is(defaults):
    out = StringIO()
    call_command("load_demo", customers=5, stdout=out)
    assert "5 customers written" in out.getvalue()
    assert out.getvalue().endswith("done\n")


def test_command_refuses_with_a_sentence(defaults, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo")


def test_command_refuses_a_number_below_one(defaults):
    with pytest.raises(CommandError, match="at least 1"):
        call_command("load_demo", customers=0)


def test_removal_takes_all_demo_data_and_nothing_else(defaults):
    own = Customer.objects.create(name="Oma Asiakas Oy")
    user = UserFactory(username="own.user")
    work = Activity.objects.create(
        type=ActivityType.objects.get(code="call"), customer=own, title="Oma työ", created_by=user
    )
    Participation.objects.create(activity=work, user=user)
    history = history_rows()
    services.demo_load(customers=CUSTOMERS, force=True)
    services.demo_remove()
    assert list(Customer.objects.all()) == [own]
    assert list(User.objects.all()) == [user]
    assert list(Activity.objects.all()) == [work]
    assert work.participations.count() == 1
    assert not Contact.objects.exists()
    assert not Team.objects.exists()
    assert history_rows() == history


def test_removal_of_nothing_removes_nothing(defaults):
    assert services.demo_remove() == {}


def catalogue() -> list:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'customers%' UNION "
            "SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid::regclass::text LIKE 'customers%' ORDER BY 1"
        )
        return cursor.fetchall()


def test_indexes_and_constraints_are_back_after_a_load_without_them(defaults):
    before = catalogue()
    with without_indexes([Customer, Responsibility, CustomerNumber]):
        assert len(catalogue()) < len(before) - 20
    assert catalogue() == before


def test_a_large_load_gives_the_same_as_a_small_one(defaults, monkeypatch):
    monkeypatch.setattr(services, "WORTH_REBUILDING", 10)
    before = catalogue()
    services.demo_load(customers=20)
    assert Customer.objects.count() == 20
    assert CustomerSummary.objects.filter(owner__isnull=False).exists()
    assert catalogue() == before
