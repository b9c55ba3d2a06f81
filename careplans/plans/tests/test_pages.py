"""The pages of care plans: what they show, who may do what, what follows a press of a button."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.tests.factories import TeamFactory, UserFactory
from careplans.caremodels.models import CareAction, SkipReason
from careplans.plans.models import (
    CustomerAction,
    OccurrenceCorrection,
    OccurrenceDecision,
    PlanException,
    PlanUpdate,
)
from careplans.plans.plan import plan_of
from careplans.plans.services.exceptions import exception_request
from careplans.plans.services.occurrences import occurrence_skip
from careplans.plans.tests.test_occurrences import MAY
from careplans.plans.tests.test_services import exception, saved
from careplans.plans.tests.world import action, approval_model, kind, log, under, version_of
from core import clock
from core.form_undo import content_of
from core.notices import notice_of
from customers.models import Customer, Responsibility
from customers.tests.factories import (
    BranchFactory,
    CustomerFactory,
    NodeFactory,
    PositionFactory,
    ResponsibilityFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def reason(db: None) -> SkipReason:
    return SkipReason.objects.create(code="asked", name_fi="Asiakas pyysi", name_en="The customer asked for it")


def page(client: Any, user: Any, url: str) -> str:
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return str(response.content.decode())


def tab_url(customer: Customer) -> str:
    return f"/customers/{customer.pk}/care-plan/"


def action_url(customer: Customer, code: str = "contact") -> str:
    return f"{tab_url(customer)}actions/{code}/"


# The tab


def test_the_tab_shows_actions_and_adherence(client, owner, customer):
    log(customer, "2026-01-10", user=owner)
    text = page(client, owner, tab_url(customer))
    assert "each month" in text
    assert "25 %" in text


def test_a_customer_without_a_model_has_an_empty_plan(client, owner):
    text = page(client, owner, tab_url(CustomerFactory()))
    assert "Nothing is planned for this customer" in text


def test_a_reader_sees_the_plan_and_changes_nothing(client, reader, customer):
    text = page(client, reader, tab_url(customer))
    assert "Add an action for this customer" not in text


def test_management_is_offered_to_approve(client, director):
    version = version_of(approval_model())
    action(version)
    text = page(client, director, tab_url(under(version)))
    assert "waits for management" in text
    assert "/approve/" in text


def test_the_owner_is_not_offered_to_approve(client, owner):
    version = version_of(approval_model())
    customer = under(version)
    ResponsibilityFactory(customer=customer, user=owner)
    assert "/approve/" not in page(client, owner, tab_url(customer))


def test_models_that_contradict_each_other_are_named(client, owner, customer):
    other = version_of()
    action(other, frequency="weeks", count=1)
    under(other, customer=customer)
    text = page(client, owner, tab_url(customer))
    assert "Asked for in several ways" in text
    assert "it is asked for more often" in text


# An action


def test_the_page_of_an_action_says_why_something_counts(client, owner, customer):
    log(customer, "2026-01-10", user=owner)
    log(customer, "2026-01-20", user=owner)
    text = page(client, owner, action_url(customer))
    assert "counts: done in its time" in text
    assert "more than was asked" in text


def test_an_action_that_the_plan_does_not_have_is_not_found(client, owner, customer):
    client.force_login(owner)
    assert client.get(action_url(customer, "nothing")).status_code == 404


@pytest.mark.parametrize("name", ["calendar:2026-02-29:", "never:2026-05-31:", "calendar:2026-05-30:", "x"])
def test_an_occurrence_that_does_not_exist_is_not_found(name, client, owner, customer):
    client.force_login(owner)
    assert client.get(f"{action_url(customer)}occurrences/{name}/skip/").status_code == 404


def test_skipping_offers_to_take_it_back(client, owner, customer, reason):
    client.force_login(owner)
    url = f"{action_url(customer)}occurrences/calendar:2026-05-31:/skip/"
    response = client.post(url, {"reason": reason.pk}, follow=True)
    decision = OccurrenceDecision.objects.get()
    assert f"/care-plans/decisions/{decision.pk}/undo/" in response.content.decode()


def test_taking_a_skip_back(client, owner, customer, reason):
    decision = occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)
    client.force_login(owner)
    client.post(f"/care-plans/decisions/{decision.pk}/undo/")
    assert not OccurrenceDecision.objects.exists()


def test_postponing_to_a_day_that_is_not_later_is_refused_at_the_field(client, owner, customer, reason):
    client.force_login(owner)
    url = f"{action_url(customer)}occurrences/calendar:2026-05-31:/postpone/"
    response = client.post(url, {"reason": reason.pk, "to": "2026-05-31"})
    assert response.status_code == 422
    assert response.context["form"].errors["to"] == ["Choose a day after the present due day."]


def test_correcting_what_counts(client, owner, customer):
    done = log(customer, "2026-05-10", user=owner)
    client.force_login(owner)
    url = f"{action_url(customer)}done/activity/{done.pk}/"
    assert client.get(url).status_code == 200
    client.post(url, {"occurrence": "calendar:2026-04-30:"})
    assert OccurrenceCorrection.objects.get().start == dt.date(2026, 4, 30)


def test_another_owner_decides_nothing(client, colleague, customer, reason):
    client.force_login(colleague)
    url = f"{action_url(customer)}occurrences/calendar:2026-05-31:/skip/"
    assert client.post(url, {"reason": reason.pk}).status_code == 403


# Changes


def test_asking_for_an_exception(client, owner, customer):
    client.force_login(owner)
    url = f"{tab_url(customer)}exceptions/new/"
    assert client.get(f"{url}?action=contact").status_code == 200
    data = {
        "code": "contact", "kind": "frequency", "frequency": "months", "count": "3", "unit": "day",
        "first": "2026-05-15", "last": "2026-12-31", "reason": "The customer asked for it.",
    }  # fmt: skip
    response = client.post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    assert PlanException.objects.get().status == "requested"


def test_an_exception_is_named_by_its_action(client, owner, customer):
    asked = exception_request(exception=exception(customer), user=owner)
    client.force_login(owner)
    text = client.get(tab_url(customer)).text
    name = plan_of(customer, clock.today()).line(asked.code).action.source.name
    assert f">{name}</a></th>" in text
    assert f">{asked.code}</a></th>" not in text


def test_the_key_account_manager_decides_about_it(client, owner, keeper, customer):
    asked = exception_request(exception=exception(customer), user=owner)
    client.force_login(keeper)
    client.post(f"/care-plans/exceptions/{asked.pk}/approve/", {})
    asked.refresh_from_db()
    assert asked.status == "approved"


def test_the_owner_does_not_decide_about_it(client, owner, customer):
    asked = exception_request(exception=exception(customer), user=owner)
    client.force_login(owner)
    assert client.post(f"/care-plans/exceptions/{asked.pk}/approve/", {}).status_code == 403


def test_adding_an_action_for_the_customer(client, owner, customer):
    client.force_login(owner)
    url = f"{tab_url(customer)}own/new/"
    assert client.get(url).status_code == 200
    data = {
        "name_fi": "Raportti", "scope": "customer", "completed_by": ["activity"], "activity_type": kind("call").pk,
        "frequency": "months", "count": "1", "unit": "day", "first": "2026-05-15", "responsible_1": "role:owner",
    }  # fmt: skip
    response = client.post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    assert CustomerAction.objects.get().customer == customer


def test_changing_an_action_of_the_customer(client, owner, customer):
    row = saved(customer, owner)
    client.force_login(owner)
    text = page(client, owner, f"/care-plans/actions/{row.pk}/edit/")
    assert "Monthly report" in text


@pytest.mark.parametrize("month", [5, 6], ids=["on its first day", "later"])
def test_the_change_of_an_action_is_undone_and_done_again(month, client, owner, customer):
    row = saved(customer, owner)
    with clock.frozen(dt.datetime(2026, month, 15, 9, tzinfo=dt.UTC)):
        client.force_login(owner)
        url = f"/care-plans/actions/{row.pk}/edit/"
        sent = content_of(client.get(url).context["form"]) | {"name_fi": "Toinen"}
        undo = _undo(client.post(url, sent))
        redo = _undo(client.post(undo))
        assert CustomerAction.objects.latest("pk").name_fi == row.name_fi
        client.post(redo)
    assert CustomerAction.objects.latest("pk").name_fi == "Toinen"
    assert CustomerAction.objects.count() == month - 4


def test_the_change_of_an_action_that_waits_for_the_management_has_no_undo(client, owner):
    customer = under(version_of(approval_model()))
    ResponsibilityFactory(customer=customer, user=owner)
    client.force_login(owner)
    url = f"/care-plans/actions/{saved(customer, owner).pk}/edit/"
    assert _undo(client.post(url, content_of(client.get(url).context["form"]) | {"name_fi": "Toinen"})) == ""


def _undo(response: Any) -> str:
    assert response.status_code == 302
    return notice_of(list(get_messages(response.wsgi_request))[-1]).undo


def test_the_end_of_an_action_is_taken_back_from_the_message(client, owner, customer):
    row = saved(customer, owner)
    with clock.frozen(dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)):
        client.force_login(owner)
        response = client.post(f"/care-plans/actions/{row.pk}/end/", follow=True)
        assert f"/care-plans/actions/{row.pk}/resume/" in response.content.decode()
        client.post(f"/care-plans/actions/{row.pk}/resume/")
    row.refresh_from_db()
    assert row.last is None


def test_recording_that_the_plan_was_gone_through(client, owner, customer):
    client.force_login(owner)
    client.post(f"{tab_url(customer)}updates/new/", {"day": "2026-05-15", "accepted_by": "Maija Virtanen"})
    assert PlanUpdate.objects.get().accepted_by == "Maija Virtanen"


def test_an_own_action_that_ends_before_it_begins_is_refused_at_its_end(client, owner, customer):
    client.force_login(owner)
    url = f"{tab_url(customer)}own/new/"
    sent = content_of(client.get(url).context["form"]) | {"first": "2026-05-15", "last": "2026-05-14"}
    assert client.post(url, sent).context["form"].errors["last"] == ["The end is before the start."]


@pytest.mark.parametrize(
    ("days", "field", "said"),
    [
        ({"first": "2026-05-15", "last": "2026-05-14"}, "last", "The end is before the start."),
        ({"first": "2026-05-15", "last": "2026-05-01"}, "last", "The end is before the start."),
        ({"first": "2026-05-14", "last": "2026-05-20"}, "first", "An exception changes nothing of the past"),
    ],
)
def test_wrong_days_of_an_exception_are_told_at_their_field(client, owner, customer, days, field, said):
    client.force_login(owner)
    sent = {"code": "contact", "kind": "left_out", "unit": "day", "reason": "The customer asked for it.", **days}
    errors = client.post(f"{tab_url(customer)}exceptions/new/", sent).context["form"].errors
    assert list(errors) == [field]
    assert said in errors[field][0]


# Queries


def queries(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_the_tab_asks_as_much_for_many_actions_as_for_few(client, owner, customer):
    client.force_login(owner)
    few = queries(client, tab_url(customer))
    version = customer.care_stays.get().model.versions.get()
    for number in range(6):
        action(version, code=f"more{number}", frequency="weeks", count=number + 1)
    for number in range(4):
        saved(customer, owner, name_fi=f"Oma {number}", name_en=f"Own {number}")
    assert queries(client, tab_url(customer)) <= few + 3


def test_the_page_of_an_action_asks_as_much_for_much_work_as_for_little(client, owner, customer):
    client.force_login(owner)
    log(customer, "2026-01-10", user=owner)
    few = queries(client, action_url(customer))
    for day in range(11, 25):
        log(customer, f"2026-01-{day}", user=owner)
    assert queries(client, action_url(customer)) == few


def test_the_history_of_the_customer_has_what_was_done_to_its_plan(customer, owner, keeper, client):
    exception_request(exception=exception(customer), user=keeper)
    text = page(client, owner, f"/customers/{customer.pk}/history/")
    assert "exception of a care plan" in text
    assert "The customer asked for it." in text
    assert CareAction.objects.filter(code="contact").latest("pk").name_en in text  # not its code


def test_a_recipient_that_nobody_is_is_shown_as_a_fault(client, owner):
    role = NodeFactory(branch=BranchFactory(purpose="role"), name_en="Purchaser")
    version = version_of()
    action(version, recipient_role=role)
    customer = under(version)
    for part in ("", "actions/contact/"):
        assert "nobody at the customer" in page(client, owner, f"/customers/{customer.pk}/care-plan/{part}")
    PositionFactory(customer=customer, role=role)
    assert "nobody at the customer" not in page(client, owner, f"/customers/{customer.pk}/care-plan/")


UNHELD = "the key account managers have its work"


def test_an_action_that_nobody_has_says_so(client, owner, customer):
    assert UNHELD not in page(client, owner, tab_url(customer))
    Responsibility.objects.filter(customer=customer).delete()
    assert UNHELD in page(client, owner, tab_url(customer))
    assert UNHELD in page(client, owner, action_url(customer))


def test_an_action_of_somebody_deactivated_is_nobodys(client, keeper, owner, customer):
    owner.is_active = False
    owner.save()
    assert UNHELD in page(client, keeper, tab_url(customer))


def test_an_action_of_a_group_or_a_team_with_people_is_somebodys(client, keeper):
    version, team = version_of(), TeamFactory()
    row = action(version)
    row.responsible.all().delete()
    row.responsible.create(team=team)
    customer = under(version)
    assert UNHELD in page(client, keeper, tab_url(customer))
    team.memberships.create(user=keeper)
    assert UNHELD not in page(client, keeper, tab_url(customer))
    row.responsible.all().delete()
    row.responsible.create(group=Role.objects.get(name="partnership_manager"))
    assert UNHELD in page(client, keeper, tab_url(customer))
    UserFactory(role="partnership_manager")
    assert UNHELD not in page(client, keeper, tab_url(customer))
