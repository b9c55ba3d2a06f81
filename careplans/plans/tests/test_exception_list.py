"""The list of exceptions: what waits and who decides, files, queries."""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from activities.log.models import ActivityType
from careplans.plans.models import CustomerAction, PlanApproval, PlanException
from careplans.plans.selectors import all_action_names
from careplans.plans.services.approvals import plan_approve
from careplans.plans.services.exceptions import exception_request
from careplans.plans.tests.test_pages import page, queries
from careplans.plans.tests.world import action, approval_model, under, version_of
from core import clock, registry
from customers.models import Customer
from customers.tests.factories import ResponsibilityFactory

pytestmark = pytest.mark.django_db
URL = "/care-plans/exceptions/"


def cared_for(owner: Any, version: Any) -> Customer:
    customer = under(version)
    ResponsibilityFactory(customer=customer, user=owner)
    for approval in PlanApproval.objects.waiting().filter(customer=customer):
        plan_approve(approval=approval, user=UserFactory(role="management"))
    return customer


def requested(customer: Customer, user: Any, **about: Any) -> PlanException:
    last = clock.today() + dt.timedelta(days=200)
    fields = {"kind": "frequency", "frequency": "months", "count": 3, **about}
    exception = PlanException(
        customer=customer, code="contact", first=clock.today(), last=last, reason="As agreed.", **fields
    )
    return exception_request(exception=exception, user=user)


@pytest.fixture
def version() -> Any:
    version = version_of()
    action(version, name_en="Keep in touch")
    return version


@pytest.fixture
def held_version() -> Any:
    version = version_of(approval_model())
    action(version, name_en="Keep in touch")
    return version


def waiting(user: Any) -> int:
    [entry] = [entry for entry in registry.nav.allowed("main", user) if entry.name == "care_exceptions"]
    return entry.count(user).count()


def test_a_request_waits_on_the_list_with_what_it_asks_for(client, owner, keeper, version):
    customer = cared_for(owner, version)
    exception = requested(customer, owner)
    text = page(client, keeper, URL)
    for part in (customer.name, "Keep in touch", "quarter", "As agreed.", str(owner)):
        assert part in text
    assert f"{URL}{exception.pk}/approve/" in text
    assert waiting(keeper) == 1


def test_who_decides_does_it_from_the_list(client, owner, keeper, version):
    exception = requested(cared_for(owner, version), owner)
    client.force_login(keeper)
    client.post(f"{URL}{exception.pk}/approve/", {})
    assert str(exception.customer) not in page(client, keeper, URL)
    assert str(exception.customer) in page(client, keeper, f"{URL}?tab=decided")
    assert waiting(keeper) == 0


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_the_dialog_of_a_decision_says_of_which_customer_and_action_it_is(step, client, owner, keeper, version):
    exception = requested(cared_for(owner, version), owner)
    text = page(client, keeper, f"{URL}{exception.pk}/{step}/")
    for part in (f"{exception.customer}: Keep in touch", "quarter", "As agreed.", str(owner)):
        assert part in text


def test_an_own_action_has_the_name_that_it_has_at_its_customer(client, owner, keeper, version):
    first, other = cared_for(owner, version), cared_for(owner, version)
    for customer, name in ((first, "Call Anna"), (other, "Call Bertta about her leave")):
        CustomerAction.objects.create(
            customer=customer, code="own-call", name_fi=name, name_en=name, completed_by=["activity"],
            frequency="months", count=1, first=clock.today(), activity_type=ActivityType.objects.get(code="call"),
        )  # fmt: skip
    about = {"kind": "left_out", "first": clock.today(), "last": clock.today(), "reason": "As agreed."}
    PlanException.objects.create(customer=first, code="own-call", **about)
    text = page(client, keeper, URL)
    assert ("Call Anna" in text, "Bertta" in text) == (True, False)
    client.force_login(keeper)
    content = client.get(f"{URL}?export=csv").getvalue().decode()
    assert ("Call Anna" in content, "Bertta" in content) == (True, False)
    assert all_action_names({"own-call"}) == {}


def test_a_request_of_which_the_days_have_passed_is_only_rejected(client, owner, keeper, version):
    exception = requested(cared_for(owner, version), owner)
    PlanException.objects.update(last=clock.today() - dt.timedelta(days=1), first=clock.today() - dt.timedelta(days=9))
    text = page(client, keeper, URL)
    assert (f"{exception.pk}/approve/" in text, f"{exception.pk}/reject/" in text) == (False, True)


def test_who_only_approves_plans_has_the_list_in_the_menu(owner, held_version):
    requested(cared_for(owner, held_version), owner)
    assert waiting(UserFactory(grants=["careplans.approve_plans"])) == 1


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_a_decision_from_the_list_goes_on_with_the_list(step, client, owner, keeper, version):
    exception = requested(cared_for(owner, version), owner)
    client.force_login(keeper)
    headers = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": f"http://testserver{URL}?awaiting=true"}
    answer = client.post(f"{URL}{exception.pk}/{step}/", {"reason": "Not now."}, headers=headers)
    assert answer["HX-Redirect"] == f"{URL}?awaiting=true"


def test_a_list_that_cannot_be_searched_has_no_search_box(client, keeper):
    for url in (URL, "/care-plans/approvals/"):
        assert 'type="search" name="q" maxlength="200" form="filters"' not in page(client, keeper, url)


def test_in_a_segment_that_needs_approval_the_management_decides(client, owner, keeper, director, held_version):
    exception = requested(cared_for(owner, held_version), owner)
    button = f"{URL}{exception.pk}/approve/"
    assert (button in page(client, keeper, URL), button in page(client, director, URL)) == (False, True)
    assert (waiting(keeper), waiting(director)) == (0, 1)
    assert str(exception.customer) not in page(client, keeper, f"{URL}?awaiting=true")


def test_who_decides_nothing_sees_the_list_without_buttons(client, owner, reader, version):
    exception = requested(cared_for(owner, version), owner)
    text = page(client, reader, URL)
    assert str(exception.customer) in text
    assert f"{URL}{exception.pk}/approve/" not in text


@pytest.mark.parametrize("kind_of_file", ["csv", "xlsx"])
def test_the_list_is_exported_with_the_names_of_actions(kind_of_file, client, owner, keeper, version):
    requested(cared_for(owner, version), owner)
    client.force_login(keeper)
    response = client.get(f"{URL}?export={kind_of_file}")
    content = response.getvalue()
    assert response.status_code == 200
    if kind_of_file == "csv":
        assert "Keep in touch" in content.decode()


def test_the_file_says_what_is_done_instead(client, owner, keeper, version):
    customers = [cared_for(owner, version) for _number in range(3)]
    requested(customers[0], owner)
    requested(customers[1], owner, kind="left_out", frequency="", count=None)
    about = {"kind": "responsible", "first": clock.today(), "last": clock.today(), "reason": "As agreed."}
    other = PlanException(customer=customers[2], code="contact", **about)
    exception_request(exception=other, user=owner, responsible=["role:deputy", "group:management"])
    client.force_login(keeper)
    content = client.get(f"{URL}?export=csv").getvalue().decode("utf-8-sig")
    said = {row["Instead"] for row in csv.DictReader(content.splitlines(), delimiter=";")}
    assert said == {"each quarter", "left out", "deputy, Management"}


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (PlanException.objects.order_by("-first", "-pk"), "plan_exception_decided"),
        (PlanApproval.objects.order_by("-asked_on", "-pk"), "plan_approval_decided"),
    ],
)
def test_an_index_has_what_was_decided_in_order(rows, index):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
    assert f"Index Scan Backward using {index}" in rows.decided()[:50].explain()


def test_the_list_asks_as_much_for_many_as_for_few(client, owner, keeper, version, held_version):
    requested(cared_for(owner, version), owner)
    client.force_login(keeper)
    few = queries(client, URL)
    for kind in (version, held_version, version, held_version):
        requested(cared_for(owner, kind), owner)
    assert queries(client, URL) == few
