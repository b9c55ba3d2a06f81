"""Moving to another month: in a draft, of an internal event, for a customer; what is refused, and the undo."""

from __future__ import annotations

import re
from typing import Any

import pytest

from careplans.caremodels.tests.factories import ModelVersionFactory
from careplans.clock.clocks import clock_of_customer, clock_of_version
from careplans.clock.models import InternalAction
from careplans.clock.services.moves import (
    action_month_move,
    customer_month_move,
    customer_move_back,
    internal_month_move,
    months_moved,
)
from careplans.clock.tests.world import event
from careplans.following.tests.world import owned, primary_model, refresh
from careplans.plans.models import CustomerAction, PlanException
from careplans.plans.services.actions import customer_action_save
from careplans.plans.services.exceptions import exception_approve, exception_request
from careplans.plans.tests.world import action, approval_model, at, day, kind, log, under, version_of
from core import clock
from core.exceptions import BusinessRuleError

pytestmark = pytest.mark.usefixtures("may")
TODAY = day("2026-05-15")
NAMED = {"frequency": "named", "count": None}


def code_of(call: Any, *args: Any, **about: Any) -> str:
    with pytest.raises(BusinessRuleError) as refused:
        call(*args, **about)
    return refused.value.code


@pytest.fixture
def draft(may) -> Any:
    draft = ModelVersionFactory()
    action(draft, "fair", months=[3, 10], activity_type=kind("call"), **NAMED)
    action(draft, "quarter", count=3)
    return draft


@pytest.fixture
def customer(may, owner) -> Any:
    version = version_of(primary_model())
    action(version, "fair", months=[4, 6, 10], before=5, **NAMED)
    action(version, "quarter", count=3, is_shared=True)
    return owned(under(version), owner)


# Months


@pytest.mark.parametrize(
    ("start", "to", "code"),
    [(2, 5, "not_in_month"), (3, 3, "same_month"), (3, 10, "month_taken"), (3, 13, "no_such_month"),
     (3, 0, "no_such_month")],
)  # fmt: skip
def test_a_month_that_cannot_be_is_refused(start, to, code):
    assert code_of(months_moved, [3, 10], start, to) == code


def test_one_month_takes_the_place_of_another_in_order():
    assert months_moved([10, 3], 10, 1) == [1, 3]


# Drafts


def test_in_a_draft_the_action_is_changed(draft, keeper):
    action_month_move(action=draft.actions.get(code="fair"), start=3, to=5, user=keeper)
    assert draft.actions.get(code="fair").months == [5, 10]


def test_only_months_of_the_year_move(draft, keeper):
    assert code_of(action_month_move, action=draft.actions.get(code="quarter"), start=3, to=5, user=keeper) == (
        "not_movable"
    )


def test_a_version_in_force_stays(keeper):
    row = action(version_of(primary_model()), "fair", months=[3], **NAMED)
    assert code_of(action_month_move, action=row, start=3, to=5, user=keeper) == "not_draft"


def test_the_clock_says_what_moves_and_why_not(draft, keeper, owner):
    rows = {row.code: row for row in clock_of_version(keeper, draft, 2026, TODAY).rows}
    assert rows["fair"].is_movable
    assert rows["quarter"].fixed == "Only an action with months of the year is moved to another month."
    [row, _other] = clock_of_version(owner, draft, 2026, TODAY).rows
    assert (row.is_movable, bool(row.fixed)) == (False, True)


def test_the_page_moves_and_takes_back(draft, keeper, client):
    client.force_login(keeper)
    row, page = draft.actions.get(code="fair"), f"/care-models/versions/{draft.pk}/clock/"
    url = f"/care-models/actions/{row.pk}/month/?next={page}"
    answer = client.post(url, {"start": "3", "to": "5"}, follow=True)
    assert answer.redirect_chain[0][0] == page
    assert draft.actions.get(code="fair").months == [5, 10]
    undo = re.search(r'action="([^"]*/month/back/[^"]*)"', answer.content.decode()).group(1).replace("&amp;", "&")
    client.post(undo)
    assert draft.actions.get(code="fair").months == [3, 10]


def test_a_refused_move_says_so_in_the_form(draft, keeper, client):
    client.force_login(keeper)
    row = draft.actions.get(code="fair")
    answer = client.post(f"/care-models/actions/{row.pk}/month/", {"start": "3", "to": "10"})
    assert answer.status_code == 422
    assert "The action is due in October already." in answer.content.decode()
    assert draft.actions.get(code="fair").months == [3, 10]


# Customers


def move(customer: Any, user: Any, start: int = 6, to: int = 9, **about: Any) -> Any:
    about = {"code": "fair", "year": 2026, "reason": "The customer asked.", **about}
    return customer_month_move(customer=customer, user=user, start=start, to=to, **about)


def test_for_a_customer_it_is_an_exception_until_the_end_of_the_year(customer, keeper):
    exception = move(customer, keeper).exception
    assert (exception.kind, exception.months, exception.status) == ("frequency", [4, 9, 10], "approved")
    assert (str(exception.first), str(exception.last)) == ("2026-05-15", "2026-12-31")
    assert (exception.before, exception.after, exception.reason) == (5, None, "The customer asked.")
    [row] = [row for row in clock_of_customer(keeper, customer, 2026, TODAY).rows if row.code == "fair"]
    assert row.months == (4, 9, 10)
    [row] = [row for row in clock_of_customer(keeper, customer, 2027, TODAY).rows if row.code == "fair"]
    assert row.months == (4, 6, 10)


def test_of_a_coming_year_it_begins_with_that_year(customer, keeper):
    exception = move(customer, keeper, start=4, to=3, year=2027).exception
    assert (str(exception.first), str(exception.last)) == ("2027-01-01", "2027-12-31")


def test_an_owner_asks_and_the_plan_stays_until_the_decision(customer, owner):
    exception = move(customer, owner).exception
    assert exception.is_requested
    [row] = [row for row in clock_of_customer(owner, customer, 2026, TODAY).rows if row.code == "fair"]
    assert row.months == (4, 6, 10)


def test_in_a_segment_that_needs_approval_the_management_decides(keeper):
    from careplans.plans.models import PlanApproval

    version = version_of(approval_model())
    action(version, "fair", months=[6], **NAMED)
    customer = under(version)
    PlanApproval.objects.filter(customer=customer).update(
        status="approved", decided_on=day("2026-05-01"), decided_by=keeper
    )
    assert move(customer, keeper).exception.is_requested


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"start": 4, "to": 8}, "was_due"),
        ({"start": 6, "to": 3}, "past_month"),
        ({"code": "quarter"}, "not_movable"),
        ({"code": "nothing"}, "unknown_action"),
        ({"reason": " "}, "reason_required"),
    ],
)
def test_what_is_over_stays_and_what_is_not_there_is_refused(customer, keeper, about, code):
    assert code_of(move, customer, keeper, **about) == code
    assert not PlanException.objects.exists()


def test_what_has_been_done_is_not_moved(customer, keeper, owner):
    CustomerAction.objects.all().delete()
    version = version_of(primary_model())
    action(version, "visit", months=[5], types=["meeting"], **NAMED)
    other = owned(under(version), owner)
    log(other, "2026-05-04", "meeting", user=owner)
    refresh(other)
    assert code_of(move, other, keeper, code="visit", start=5) == "already_done"


def test_a_second_move_of_the_year_replaces_the_first(customer, keeper):
    first = move(customer, keeper).exception
    second = move(customer, keeper, start=10, to=11).exception
    assert second.months == [4, 9, 11]
    assert list(PlanException.objects.all()) == [second]
    assert first != second


def test_a_move_that_has_begun_ends_when_another_one_replaces_it(customer, keeper):
    first = move(customer, keeper).exception
    with clock.frozen(at("2026-05-20", "09:00")):
        second = move(customer, keeper, start=9, to=8).exception
        first.refresh_from_db()
        assert (str(first.last), str(second.first), second.months) == ("2026-05-19", "2026-05-20", [4, 8, 10])


def test_a_move_that_waits_is_changed_by_the_next_one(customer, owner):
    move(customer, owner)
    assert move(customer, owner, start=10, to=11).exception.months == [4, 9, 11]
    assert move(customer, owner, start=6, to=8).exception.months == [4, 8, 10]
    assert PlanException.objects.get().is_requested


def test_what_was_decided_stays_until_an_owners_second_move_is_approved(customer, keeper, owner):
    first = exception_approve(exception=move(customer, owner).exception, user=keeper)
    second = move(customer, owner, start=10, to=11).exception
    assert (second.is_requested, second.months) == (True, [4, 9, 11])
    [row] = [row for row in clock_of_customer(owner, customer, 2026, TODAY).rows if row.code == "fair"]
    assert row.months == (4, 9, 10)
    with clock.frozen(at("2026-05-20", "09:00")):
        exception_approve(exception=second, user=keeper)
    first.refresh_from_db()
    assert str(first.last) == "2026-05-19"
    [row] = [row for row in clock_of_customer(owner, customer, 2026, day("2026-05-20")).rows if row.code == "fair"]
    assert row.months == (4, 9, 11)


def test_a_move_of_a_manager_takes_the_place_of_what_waits_and_of_what_is_in_force(customer, keeper, owner, client):
    first = move(customer, keeper).exception
    waiting = move(customer, owner, start=10, to=11).exception
    client.force_login(keeper)
    url = f"/customers/{customer.pk}/care-plan/actions/fair/month/?year=2026"
    answer = client.post(url, {"start": "9", "to": "8", "reason": "The hall is free."}, follow=True)
    assert [row.months for row in PlanException.objects.all()] == [[4, 8, 11]]
    undo = re.search(r'action="([^"]*/month/back/[^"]*)"', answer.content.decode()).group(1).replace("&amp;", "&")
    client.post(undo)
    kept = {row.pk: (row.status, row.months) for row in PlanException.objects.all()}
    assert kept == {first.pk: ("approved", [4, 9, 10]), waiting.pk: ("requested", [4, 9, 11])}


def test_the_clock_lets_an_owner_drag_what_has_been_moved(customer, keeper, owner, client):
    exception_approve(exception=move(customer, owner).exception, user=keeper)
    [row] = [row for row in clock_of_customer(owner, customer, 2026, TODAY).rows if row.code == "fair"]
    assert row.is_movable
    client.force_login(owner)
    page = f"/customers/{customer.pk}/care-plan/clock/?year=2026"
    url = f"/customers/{customer.pk}/care-plan/actions/fair/month/?year=2026&start=10&to=12&next={page}"
    form = client.get(url, headers={"HX-Request": "true", "HX-Target": "dialog"}).content.decode()
    assert 'value="12" selected' in form
    answer = client.post(url, {"start": "10", "to": "12", "reason": "After the trip."}, follow=True)
    assert "the key account manager or the management decides" in answer.content.decode()
    assert PlanException.objects.requested().get().months == [4, 9, 12]


def test_the_undo_of_a_second_move_brings_the_first_back(customer, keeper, client):
    first = move(customer, keeper).exception
    client.force_login(keeper)
    url = f"/customers/{customer.pk}/care-plan/actions/fair/month/?year=2026"
    answer = client.post(url, {"start": "10", "to": "11", "reason": "The hall is free."}, follow=True)
    undo = re.search(r'action="([^"]*/month/back/[^"]*)"', answer.content.decode()).group(1).replace("&amp;", "&")
    client.post(undo)
    kept = PlanException.objects.get()
    assert (kept.pk, kept.months, kept.status, str(kept.last)) == (first.pk, [4, 9, 10], "approved", "2026-12-31")
    assert "cannot be brought back" in client.post(undo, follow=True).content.decode()


def test_what_a_move_has_replaced_stays_away_once_the_move_has_begun(customer, keeper):
    move(customer, keeper)
    second = move(customer, keeper, start=10, to=11)
    about = {"exception": second.exception.pk, "version": second.exception.version, "former": second.former}
    with clock.frozen(at("2026-05-20", "09:00")):
        assert code_of(customer_move_back, customer=customer, **about) == "not_kept"
    assert PlanException.objects.get().months == [4, 9, 11]


def test_what_a_move_has_replaced_stays_away_where_another_one_has_its_days(customer, keeper):
    def until_march(first: Any) -> PlanException:
        exception = PlanException(
            customer=customer, code="fair", kind="frequency", frequency="named", months=[4, 9, 10], before=5,
            reason="The fair moves.", first=first, last=day("2027-03-31"),
        )  # fmt: skip
        return exception_request(exception=exception, user=keeper)

    until_march(TODAY)
    second = move(customer, keeper, start=10, to=11)
    until_march(day("2027-01-01"))
    about = {"exception": second.exception.pk, "version": second.exception.version, "former": second.former}
    assert code_of(customer_move_back, customer=customer, **about) == "not_kept"
    assert PlanException.objects.count() == 2


def test_an_action_of_the_customer_itself_is_changed(customer, keeper):
    own = CustomerAction(
        customer=customer, name_fi="Oma", name_en="Own", months=[7], first=TODAY, completed_by=["activity"],
        activity_type=kind("call"), **NAMED,
    )  # fmt: skip
    customer_action_save(action=own, types=[kind("call")], responsible=["role:owner"], user=keeper)
    moved = move(customer, keeper, code=own.code, start=7, to=8, reason="")
    assert moved.exception is None
    assert CustomerAction.objects.get(code=own.code).months == [8]


def test_the_message_after_a_move_ends_the_exception(customer, keeper, client):
    client.force_login(keeper)
    url = f"/customers/{customer.pk}/care-plan/actions/fair/month/?year=2026"
    form = client.get(f"{url}&start=6&to=9").content.decode()
    assert 'value="9" selected' in form
    answer = client.post(url, {"start": "6", "to": "9", "reason": "The customer asked."}, follow=True)
    assert "was moved from June to September" in answer.content.decode()
    client.post(f"/care-plans/exceptions/{PlanException.objects.get().pk}/end/")
    assert not PlanException.objects.exists()


# Internal events


def test_an_event_that_has_begun_moves_from_today_on(keeper):
    row = event("fair", months=[3, 10], **NAMED)
    internal_month_move(action=row, start=10, to=9)
    before, now = InternalAction.objects.filter(code="fair").order_by("first")
    assert (before.months, str(before.last), now.months, str(now.first)) == ([3, 10], "2026-05-14", [3, 9], str(TODAY))


def test_the_page_of_an_event_moves_it_and_back(keeper, client):
    client.force_login(keeper)
    row = event("fair", months=[3, 10], **NAMED)
    answer = client.post(f"/care/internal-events/{row.pk}/month/", {"start": "10", "to": "9"}, follow=True)
    undo = re.search(r'action="([^"]*/month/back/[^"]*)"', answer.content.decode()).group(1).replace("&amp;", "&")
    client.post(undo)
    assert InternalAction.objects.get(code="fair", last=None).months == [3, 10]
