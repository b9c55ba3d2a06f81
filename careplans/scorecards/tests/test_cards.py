"""Making scorecards, their goals and series, the steps to management's approval, and what it keeps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product

import pytest

from accounts.models import Notification, Team
from accounts.tests.factories import UserFactory
from careplans.scorecards.enums import CARD_TRANSITIONS, CardStatus, Result, result_of
from careplans.scorecards.models import Scorecard, ScoreLine
from careplans.scorecards.services.cards import (
    CARD_STATUS,
    card_add,
    card_approve,
    card_change,
    card_delete,
    card_reopen,
    card_return,
    card_send,
    line_delete,
    line_save,
    values_enter,
)
from careplans.scorecards.services.refreshing import scores_refresh
from careplans.scorecards.showing import shown_lines
from careplans.scorecards.tests.world import approved, card_of, line_of
from core import clock
from core.exceptions import BusinessRuleError, StaleVersionError
from customers.scores import score_metrics
from customers.tests.factories import CustomerFactory
from offers.orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def refused(call, **about):
    with pytest.raises(BusinessRuleError) as error:
        call(**about)
    return error.value.code


def test_only_a_key_customer_has_a_scorecard(customer, owner):
    card = card_of(customer, owner)
    assert (card.status, card.responsible) == ("draft", owner)
    about = {"kind": "customer", "year": 2026, "user": owner}
    assert refused(card_add, **about, customer=CustomerFactory(owner=owner)) == "not_key_customer"
    assert refused(card_add, **about) == "no_subject"
    assert refused(card_add, kind="team", year=2026, user=owner) == "no_subject"


def test_one_scorecard_for_each_year(customer, owner):
    card = card_of(customer, owner)
    assert refused(card_of, customer=customer, user=owner) == "exists"
    assert card_of(customer, owner, year=card.year + 1).former == card


def test_a_team_has_a_scorecard_and_its_leader_is_responsible(owner, manager):
    team = Team.objects.create(name="Sales", leader=owner)
    assert card_add(kind="team", team=team, year=2026, user=manager).responsible == owner


def test_the_next_scorecard_has_the_goals_and_series_of_the_former_one(customer, owner):
    card = card_of(customer, owner)
    line = line_of(card, owner, entered=Decimal(7))
    [copy] = card_of(customer, owner, year=card.year + 1).lines.all()
    assert (copy.goal, copy.target, copy.series, copy.based_on) == (line.goal, line.target, line.series, line)
    assert copy.entered is None


def test_another_metric_begins_a_new_series(customer, owner, director):
    card = card_of(customer, owner)
    line_of(card, owner, metric="orders")
    later = card_of(customer, owner, year=card.year + 1)
    [copy] = later.lines.all()
    assert not shown_lines(director, later)[0].is_new_series
    copy.metric = "nps"
    line_save(line=copy, user=owner)
    shown = shown_lines(director, later)[0]
    assert shown.is_new_series
    assert shown.earlier == []


def test_another_definition_begins_a_new_series(customer, owner, director, monkeypatch):
    card = card_of(customer, owner)
    line_of(card, owner, metric="orders")
    monkeypatch.setitem(score_metrics(), "orders", _redefined(score_metrics()["orders"]))
    assert shown_lines(director, card)[0].is_redefined
    later = card_of(customer, owner, year=card.year + 1)
    shown = shown_lines(director, later)[0]
    assert (shown.is_new_series, shown.line.definition, shown.earlier) == (True, 2, [])


def _redefined(metric):
    from dataclasses import replace

    return replace(metric, version=2)


def test_a_goal_that_only_gets_another_target_stays_in_its_series(customer, owner):
    line = line_of(card_of(customer, owner), owner)
    series, line.target = line.series, Decimal(20)
    assert line_save(line=line, user=owner).series == series


def test_a_metric_that_does_not_exist_for_the_card_is_refused(customer, owner):
    card = card_of(customer, owner)
    assert refused(line_of, card=card, user=owner, metric="retention") == "not_offered"
    assert refused(line_of, card=card, user=owner, name="") == "no_measure"


def test_a_metric_that_has_gone_stays_in_its_goal_with_what_was_known(customer, owner, director, monkeypatch):
    card = card_of(customer, owner)
    OrderFactory(customer=customer, date=clock.today())
    line = line_of(card, owner, metric="orders")
    monkeypatch.delitem(score_metrics(), "orders")
    line.refresh_from_db()
    series, line.target = line.series, Decimal(20)
    line = line_save(line=line, user=owner)
    assert (line.target, line.value, line.series) == (20, 1, series)
    assert refused(line_of, card=card, user=owner, metric="orders") == "not_offered"
    assert approved(card, owner, director).lines.get().kept == 1


def test_the_steps_of_a_scorecard(customer, owner, manager, director):
    card = card_of(customer, owner)
    assert refused(card_send, card=card, user=owner) == "no_goals"
    line = line_of(card, owner, target=None)
    assert refused(card_send, card=card, user=owner) == "no_target"
    line.target = Decimal(5)
    line_save(line=line, user=owner)
    card = card_send(card=card, user=owner)
    assert refused(line_save, line=line, user=owner) == "not_draft"
    card = card_return(card=card, user=director, reason="Too low a target")
    card = card_send(card=card, user=owner)
    card = card_approve(card=card, user=director)
    assert (card.status, card.approved_by) == ("approved", director)
    assert refused(values_enter, card=card, values={line.pk: {"target": Decimal(1)}}, user=owner) == "not_draft"


@pytest.mark.parametrize(("before", "after"), list(product(CardStatus, CardStatus)))
def test_only_the_steps_of_the_table_are_possible(before, after, customer, owner):
    card = card_of(customer, owner)
    Scorecard.objects.filter(pk=card.pk).update(status=before)
    card.refresh_from_db()
    if after in CARD_TRANSITIONS[before]:
        assert CARD_STATUS.write(card, after, user=owner).status == after
    else:
        assert refused(CARD_STATUS.write, row=card, status=after, user=owner) == "status_not_allowed"


def test_nobody_approves_a_scorecard_that_he_or_she_has_prepared(customer, manager, director):
    """Neither who made it, nor who changed or sent it."""
    card = card_of(customer, director)
    line_of(card, manager)
    sent = card_send(card=card, user=UserFactory(role="key_account_manager"))
    assert refused(card_approve, card=sent, user=director) == "own_card"
    assert refused(card_approve, card=sent, user=manager) == "own_card"
    assert refused(card_approve, card=sent, user=sent.sent_by) == "own_card"
    assert card_approve(card=sent, user=UserFactory(role="management")).is_approved


def test_an_approved_scorecard_keeps_its_actuals_with_their_day(customer, owner, director):
    """Rule 17: what comes later is beside them, and changes neither them nor the result."""
    card = card_of(customer, owner)
    line_of(card, owner, metric="orders", target=Decimal(1))
    approved(card, owner, director)
    day = clock.today()
    OrderFactory(customer=customer, date=day)
    with clock.frozen(day + dt.timedelta(days=1)):
        scores_refresh()
        card.refresh_from_db()
        [shown] = shown_lines(director, card)
    assert (shown.line.kept, shown.line.kept_on) == (0, day)
    assert (shown.line.value, shown.has_moved) == (1, True)
    assert shown.result == Result.MISSED


def test_a_scorecard_is_opened_again_and_keeps_what_was_approved(customer, owner, director):
    card = card_of(customer, owner)
    line = line_of(card, owner, entered=Decimal(3))
    card = card_reopen(card=approved(card, owner, director), user=owner, reason="Actuals of the year")
    values_enter(card=card, values={line.pk: {"entered": Decimal(9)}}, user=owner)
    line.refresh_from_db()
    assert (line.kept, line.entered) == (3, 9)
    assert refused(card_delete, card=card) == "was_approved"
    approved(card, owner, director)
    line.refresh_from_db()
    assert line.kept == 9


def test_what_was_seen_before_a_change_is_refused(customer, owner):
    card = card_of(customer, owner)
    line_of(card, owner)
    with pytest.raises(StaleVersionError):
        card_change(card=card, changes={"comment": "Late"}, user=owner, seen=card.version)


def test_values_are_entered_for_goals_of_the_card_only(customer, owner, segment):
    card, other = card_of(customer, owner), card_of(customer, owner, year=2024)
    own, foreign = line_of(card, owner, metric="orders"), line_of(other, owner)
    assert refused(values_enter, card=card, values={foreign.pk: {"target": 1}}, user=owner) == "no_such_line"
    assert refused(values_enter, card=card, values={own.pk: {"entered": Decimal(1)}}, user=owner) == "computed"
    values_enter(card=card, values={own.pk: {"target": Decimal(4), "comment": "Good"}}, user=owner)
    own.refresh_from_db()
    assert (own.target, own.comment) == (4, "Good")


def test_a_goal_is_removed_from_a_draft(customer, owner):
    card = card_of(customer, owner)
    line_delete(line=line_of(card, owner), user=owner)
    assert not ScoreLine.objects.exists()
    card_delete(card=card)
    assert not Scorecard.objects.exists()


def test_those_concerned_are_told(customer, owner, director):
    other = UserFactory(role="management")
    card = card_of(customer, owner)
    line_of(card, owner)
    card = card_send(card=card, user=owner)
    told = set(Notification.objects.filter(kind="scorecard_to_approve").values_list("user", flat=True))
    assert {director.pk, other.pk} <= told
    assert owner.pk not in told
    card_return(card=card, user=director, reason="Think again")
    assert Notification.objects.get(kind="scorecard_returned").user == owner


def test_who_prepared_and_sent_a_scorecard_is_told_that_it_is_opened_again(customer, owner, manager, director):
    editor, other = UserFactory(role="key_account_manager"), UserFactory(role="management")
    card = card_of(customer, owner)
    line_of(card, editor)
    card_reopen(card=approved(card, manager, director), user=other, reason="Actuals of the year")
    told = Notification.objects.filter(kind="scorecard_reopened").values_list("user", flat=True)
    assert set(told) == {owner.pk, editor.pk, manager.pk, director.pk}


@pytest.mark.parametrize(
    ("value", "target", "expected", "result"),
    [
        (10, 10, "up", "reached"), (9, 10, "up", "near"), ("8.99", 10, "up", "missed"), (11, 10, "down", "near"),
        ("11.01", 10, "down", "missed"), (0, 0, "down", "reached"), (1, 0, "down", "missed"),
        (-5, -10, "up", "reached"), (-11, -10, "up", "near"), (None, 10, "up", "unknown"), (1, None, "up", "unknown"),
    ],
)  # fmt: skip
def test_a_figure_is_compared_with_its_target(value, target, expected, result):
    numbers = [None if one is None else Decimal(one) for one in (value, target)]
    assert result_of(*numbers, expected) == result


def test_what_grows_is_compared_with_its_part_of_the_target(customer, owner, director):
    with clock.frozen(dt.date(2026, 3, 14)):  # the 73rd day of 365: a fifth
        card = card_of(customer, owner)
        line_of(card, owner, metric="orders", target=Decimal(10))
        for _number in range(2):
            OrderFactory(customer=customer, date=dt.date(2026, 3, 1))
        scores_refresh()
        [shown] = shown_lines(director, card)
    assert (shown.so_far, shown.result, shown.actual) == (True, Result.REACHED, "2")


def test_a_second_run_of_refreshing_writes_nothing(customer, owner):
    line_of(card_of(customer, owner), owner, metric="orders")
    with clock.frozen(clock.today() + dt.timedelta(days=1)):
        assert scores_refresh() == 1
        assert scores_refresh() == 0
