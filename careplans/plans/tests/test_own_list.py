"""The list of customers' own actions that wait for management: which rows, decisions, files, queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from careplans.plans.approval_days import needs_record
from careplans.plans.models import CustomerAction
from careplans.plans.services.actions import customer_action_approve, customer_action_save, waits_for_management
from careplans.plans.tests.test_api import api
from careplans.plans.tests.test_pages import page, queries
from careplans.plans.tests.world import day, kind, member
from core import clock, registry
from customers.models import Customer
from customers.tests.factories import CustomerFactory, ResponsibilityFactory
from segmentation.criteria.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
URL = "/care-plans/actions/"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


def own(customer: Customer, **fields: Any) -> CustomerAction:
    return CustomerAction(
        **{
            "customer": customer, "name_fi": "Raportti", "name_en": "Report", "completed_by": ["activity"],
            "frequency": "months", "count": 3, "activity_type": kind("call"), "first": clock.today(), **fields,
        }
    )  # fmt: skip


def asked(owner: Any, **fields: Any) -> CustomerAction:
    """Let the owner of a customer in a segment that needs approval ask for an action."""
    customer = CustomerFactory()
    ResponsibilityFactory(customer=customer, user=owner)
    member(customer, SegmentFactory(needs_approval=True, scheme__feeds_care_models=True), "2026-05-01")
    needs_record(clock.today())
    return customer_action_save(action=own(customer, **fields), types=[], responsible=["role:owner"], user=owner)


def waiting(user: Any) -> int:
    [entry] = [entry for entry in registry.nav.allowed("main", user) if entry.name == "care_own_actions"]
    return entry.count(user).count()


KEY, OTHER = True, False
#: Segments since days (whether they need approval), what an action says, whether it waits on 15 May 2026.
CASES: dict[str, tuple[tuple[tuple[str, bool], ...], dict[str, str], bool]] = {
    "never in such a segment": ((("2026-05-01", OTHER),), {}, False),
    "nobody has approved it": ((("2026-05-01", KEY),), {}, True),
    "in the segment since today": ((("2026-05-01", OTHER), ("2026-05-15", KEY)), {}, True),
    "left the segment today": ((("2026-05-01", KEY), ("2026-05-15", OTHER)), {}, False),
    "approved on the first day": ((("2026-05-01", KEY),), {"approved_on": "2026-05-01"}, False),
    "approved before the segment": ((("2026-05-01", KEY),), {"approved_on": "2026-04-30"}, True),
    "back in the segment": (
        (("2026-01-01", KEY), ("2026-03-01", OTHER), ("2026-05-01", KEY)), {"approved_on": "2026-02-01"}, True,
    ),
    "from one to the next": ((("2026-01-01", KEY), ("2026-03-01", KEY)), {"approved_on": "2026-02-01"}, False),
    "ends today": ((("2026-05-01", KEY),), {"last": "2026-05-15"}, True),
    "ended yesterday": ((("2026-05-01", KEY),), {"last": "2026-05-14"}, False),
    "still to begin": ((("2026-05-01", KEY),), {"first": "2026-08-01"}, True),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_rows_of_the_list_are_those_of_which_the_rule_says_so(case):
    stays, fields, is_waiting = CASES[case]
    customer, scheme = CustomerFactory(), SegmentFactory().scheme
    for (start, needs), (end, _next) in zip(stays, (*stays[1:], ("", OTHER)), strict=True):
        member(customer, SegmentFactory(scheme=scheme, needs_approval=needs), start, end)
    needs_record(clock.today())
    days = {"first": day("2026-01-01"), **{name: day(text) for name, text in fields.items()}}
    row = own(customer, code="own-report", **days)
    row.save()
    assert waits_for_management(row) == is_waiting
    assert CustomerAction.objects.waiting().filter(pk=row.pk).exists() == is_waiting


def test_a_segment_that_needs_approval_no_more_leaves_nothing_waiting(owner):
    row = asked(owner)
    segment = row.customer.memberships.get().segment
    segment.needs_approval = False
    segment.save()
    needs_record(clock.today())
    assert (waits_for_management(row), CustomerAction.objects.waiting().exists()) == (False, False)


def test_what_waits_is_on_the_list_with_who_asks_and_how_often(client, owner, director):
    row = asked(owner)
    text = page(client, director, URL)
    for part in (row.customer.name, "Report", "each quarter", str(owner), f"{URL}{row.pk}/approve/"):
        assert part in text
    assert waiting(director) == 1


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_a_decision_from_the_list_goes_on_with_the_list(step, client, owner, director):
    row = asked(owner)
    client.force_login(director)
    headers = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": f"http://testserver{URL}?awaiting=true"}
    answer = client.post(f"{URL}{row.pk}/{step}/", {"reason": "Not now."}, headers=headers)
    assert answer["HX-Redirect"] == f"{URL}?awaiting=true"
    assert waiting(director) == 0


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_the_dialog_of_a_decision_says_of_which_customer_it_is(step, client, owner, director):
    row = asked(owner)
    text = page(client, director, f"{URL}{row.pk}/{step}/")
    assert str(row.customer) in text
    assert "Report" in text


def test_what_was_approved_is_on_a_tab_of_its_own(client, owner, director):
    row = customer_action_approve(action=asked(owner), user=director)
    assert str(row.customer) not in page(client, director, URL)
    text = page(client, director, f"{URL}?tab=approved")
    assert str(row.customer) in text
    assert f"{URL}{row.pk}/approve/" not in text


def test_who_asked_or_approves_nothing_sees_the_list_without_buttons(client, owner, director, reader):
    first, row = asked(owner), asked(director)
    button = f"{URL}{row.pk}/approve/"
    for user in (owner, director, reader):
        text = page(client, user, URL)
        assert (str(row.customer) in text, button in text) == (True, False)
    text = page(client, director, f"{URL}?awaiting=true")
    assert (str(row.customer) in text, str(first.customer) in text) == (False, True)


def test_an_inactive_customers_action_waits_for_nobody(client, owner, director):
    row = asked(owner)
    Customer.objects.filter(pk=row.customer_id).update(
        state="passive", passive_reason="other", passive_since="2026-05-15"
    )
    assert waiting(director) == 0
    assert str(row.customer) not in page(client, director, URL)


def test_the_notice_leads_to_the_list(owner, director):
    asked(owner)
    assert Notification.objects.get(user=director, kind="customer_action_asked").url == reverse("careplans:own_waiting")


def test_an_empty_list_says_what_comes_to_it(client, reader):
    assert "An action of a customer in a segment that needs approval waits here" in page(client, reader, URL)


def test_the_api_has_those_that_wait(owner, director):
    row = asked(owner)
    own(CustomerFactory(), code="own-other").save()
    for name, user in (("waiting", owner), ("awaiting", director)):
        found = api(user).get(f"/api/v1/customer-care-actions/?{name}=true").json()["results"]
        assert [one["id"] for one in found] == [row.pk]


def test_the_list_is_exported_in_words(client, owner, director):
    asked(owner)
    client.force_login(director)
    assert "each quarter" in client.get(f"{URL}?export=csv").getvalue().decode()
    assert client.get(f"{URL}?export=xlsx").getvalue()


def test_the_list_asks_as_much_for_many_as_for_few(client, owner):
    asked(owner)
    client.force_login(UserFactory(role="management"))
    few = queries(client, URL)
    for _number in range(3):
        asked(owner)
    assert queries(client, URL) == few
