"""The nightly run: standing segments, suggestions with reasons, people's decisions, automatic schemes, previews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from accounts.tests.factories import UserFactory
from core import clock
from core.conditions.tree import Group
from core.exceptions import BusinessRuleError
from customers.enums import CustomerState
from customers.models import ClassificationBranch, CustomerClassification
from customers.tests.factories import CustomerFactory, MunicipalityFactory, NodeFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.criteria import previews
from segmentation.criteria.defaults import RULES, default_criteria_add, unknown_codes
from segmentation.criteria.evaluation import scheme_evaluate
from segmentation.criteria.models import Evaluation, PreviewMove
from segmentation.criteria.previews import matrix_of, preview_start
from segmentation.criteria.reasons import Wording
from segmentation.criteria.tests.conftest import at_least, group, top, tree
from segmentation.criteria.tests.factories import draft_of, in_force, member, scheme_with
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership
from segmentation.metrics.models import CustomerMetrics

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 28)
ALL = Group(1)


def customer(**values: Any) -> Any:
    """Return a customer with these figures at the end of the day."""
    row = CustomerFactory()
    figures(row, **values)
    return row


def figures(row: Any, **values: Any) -> None:
    known = {"values": values, "computed_at": clock.now(), "since": DAY}
    CustomerMetrics.objects.update_or_create(customer=row, defaults=known)


def run(scheme: Any, day: dt.date = DAY) -> Any:
    return scheme_evaluate(scheme=scheme, day=day, size=2)


def of(row: Any) -> Evaluation:
    return Evaluation.objects.get(customer=row)


def at(day: dt.date, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


def words(evaluation: Evaluation, language: str = "en") -> str:
    with translation.override(language):
        return Wording([evaluation.criteria_id]).of_row(evaluation).sentence


@pytest.fixture
def rules() -> Any:
    scheme, segments = scheme_with("B", "C", minimum_days=30)
    in_force(scheme, {segments["B"]: tree([at_least("personnel", 500, 400)]), segments["C"]: ALL})
    return scheme, segments


def test_suggestions_differ_from_the_segment_that_the_customer_is_in(rules: Any) -> None:
    scheme, segments = rules
    big, small, right = customer(personnel=600), customer(personnel=5), customer(personnel=700)
    member(right, segments["B"], since=at(DAY), by=UserFactory())
    member(small, segments["B"], since=at(DAY - dt.timedelta(days=90)), by=UserFactory())
    run(scheme)
    assert (of(big).segment, of(big).is_suggestion) == (segments["B"], True)
    assert (of(small).segment, of(small).is_suggestion) == (segments["C"], True)
    assert (of(right).segment, of(right).is_suggestion) == (segments["B"], False)


def test_a_second_run_writes_nothing(rules: Any) -> None:
    scheme, _segments = rules
    for personnel in (5, 600, 700):
        customer(personnel=personnel)
    assert run(scheme).written >= 3
    assert run(scheme).written == 0


def test_a_new_customer_without_data_gets_what_the_zeros_of_our_registers_say(rules: Any) -> None:
    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("orders_36", 1)]), segments["C"]: ALL})
    new = CustomerFactory()
    run(scheme)
    assert (of(new).segment, of(new).known_share) == (segments["C"], 100)


def test_of_a_customer_with_too_little_known_nothing_is_suggested() -> None:
    scheme, segments = scheme_with("B", "C", minimum_known=60)
    in_force(scheme, {segments["B"]: tree([at_least("personnel", 500), at_least("turnover", 5)]), segments["C"]: ALL})
    known, unknown = customer(personnel=600, turnover=9), customer(personnel=600)
    run(scheme)
    assert (of(known).segment, of(known).known_share) == (segments["B"], 100)
    assert (of(unknown).segment, of(unknown).known_share, of(unknown).is_suggestion) == (None, 50, False)
    assert list(Evaluation.objects.too_little().filter(scheme=scheme, customer=unknown)) == [of(unknown)]


def test_a_value_that_was_divided_by_zero_is_unknown(rules: Any) -> None:
    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("hit_rate_36", 50)]), segments["C"]: ALL})
    row = customer(offers_won_36=0)  # nothing was decided: hit_rate_36 is not among the values
    run(scheme)
    assert (of(row).segment, of(row).known_share) == (segments["C"], 0)
    assert "not known: offers to orders" in words(of(row))


def test_reasons_say_why_and_what_is_unknown_in_both_languages() -> None:
    scheme, segments = scheme_with("B", "C")
    condition = group("any", at_least("ordered_12", 1_000), at_least("personnel", 500), at_least("meetings_12", 10))
    in_force(scheme, {segments["B"]: tree([condition]), segments["C"]: ALL})
    row = customer(ordered_12=42000, meetings_12=11)
    run(scheme)
    assert (
        words(of(row))
        == "Ordered in 12 months: 42,000\N{NO-BREAK SPACE}€, meetings in 12 months: 11; not known: personnel"
    )
    finnish = words(of(row), "fi")
    assert "42\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}€" in finnish
    assert "ei tiedossa: " in finnish
    assert of(row).known_share == 66


def test_a_later_decision_by_a_person_is_the_standing_segment(rules: Any) -> None:
    scheme, segments = rules
    row = customer(personnel=450)  # between the thresholds to stay and to enter
    run(scheme)
    assert of(row).segment == segments["C"]
    decided = DAY + dt.timedelta(days=1)
    member(row, segments["B"], since=at(decided), by=UserFactory())
    run(scheme, decided)
    assert (of(row).segment, of(row).since, of(row).is_suggestion) == (segments["B"], decided, False)


def test_a_decision_that_confirms_the_segment_does_not_restart_it(rules: Any) -> None:
    scheme, segments = rules
    row = customer(personnel=600)
    run(scheme)
    member(row, segments["B"], since=at(DAY + dt.timedelta(days=5)), by=UserFactory())
    run(scheme, DAY + dt.timedelta(days=5))
    assert of(row).since == DAY


def test_what_the_program_did_is_no_decision_by_a_person(rules: Any) -> None:
    scheme, segments = rules
    row = customer(personnel=450)
    run(scheme)
    member(row, segments["B"], since=at(DAY + dt.timedelta(days=1)), kind=MoveKind.DEFAULT)
    run(scheme, DAY + dt.timedelta(days=1))
    assert of(row).segment == segments["C"]


def test_the_shortest_time_holds_between_two_nights(rules: Any) -> None:
    scheme, segments = rules
    row = customer(personnel=600)
    run(scheme)
    figures(row, personnel=10)
    run(scheme, DAY + dt.timedelta(days=29))
    assert (of(row).segment, of(row).outcome) == (segments["B"], "minimum")
    assert "could become Class C" in words(of(row))
    run(scheme, DAY + dt.timedelta(days=30))
    assert (of(row).segment, of(row).since) == (segments["C"], DAY + dt.timedelta(days=30))


def test_a_new_version_is_not_bound_by_the_shortest_time_on_its_first_night(rules: Any) -> None:
    scheme, segments = rules
    row = customer(personnel=600)
    run(scheme)
    in_force(scheme, {segments["B"]: tree([at_least("personnel", 5_000)]), segments["C"]: ALL})
    run(scheme, DAY + dt.timedelta(days=1))
    assert of(row).segment == segments["C"]


def test_inactive_customers_have_no_evaluation(rules: Any) -> None:
    scheme, _segments = rules
    row = customer(personnel=600)
    run(scheme)
    row.state = CustomerState.PASSIVE
    row.save()
    run(scheme, DAY + dt.timedelta(days=1))
    assert not Evaluation.objects.filter(customer=row).exists()


def test_classes_with_those_below_contacts_and_places_are_conditions() -> None:
    branch = ClassificationBranch.objects.create(code="trades", name_fi="Alat", name_en="Trades")
    metal = NodeFactory(branch=branch, code="metal", name_fi="Metalli", name_en="Metal")
    steel = NodeFactory(parent=metal, branch=branch, code="steel", name_fi="Teräs", name_en="Steel")
    wood = NodeFactory(branch=branch, code="wood", name_fi="Puu", name_en="Wood")
    espoo = MunicipalityFactory()
    scheme, segments = scheme_with("A", "B", "C")
    in_force(scheme, {
        segments["A"]: tree([{"field": "criteria.classes", "values": {"rows": [metal.pk]}}]),
        segments["B"]: tree([{"field": "criteria.place", "values": {"rows": [espoo.pk]}}]),
        segments["C"]: ALL,
    })  # fmt: skip
    with_steel, with_wood, near = CustomerFactory(), CustomerFactory(), CustomerFactory(municipality=espoo)
    CustomerClassification.objects.create(customer=with_steel, node=steel)
    CustomerClassification.objects.create(customer=with_wood, node=wood)
    run(scheme)
    assert [of(row).segment.code for row in (with_steel, with_wood, near)] == ["A", "C", "B"]
    # Of a branch that gives one class, none is unknown; without a municipality it is too.
    assert [of(row).known_share for row in (with_steel, with_wood, near)] == [50, 50, 50]
    assert "In a class: Metal" in words(of(with_steel))


def test_the_reasons_tell_the_day_on_which_a_condition_lapses() -> None:
    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("orders_12", 2)]), segments["C"]: ALL})
    row = customer(orders_12=3)
    for day in (dt.date(2026, 1, 10), dt.date(2026, 6, 30), dt.date(2026, 9, 1)):
        OrderFactory(customer=row, date=day)
    run(scheme)
    # Two orders are enough: the one before the newest keeps the condition for twelve months.
    assert of(row).reasons["lapse"] == {"on": "2027-06-30", "segment": segments["C"].pk, "by": ["orders_12"]}
    assert "would become Class C on 6/30/2027" in words(of(row)) or "30" in words(of(row))
    assert "if nothing is added to: orders in 12 months" in words(of(row))


def test_of_conditions_of_which_one_is_enough_the_last_one_lapses() -> None:
    scheme, segments = scheme_with("B", "C")
    either = group("any", at_least("orders_12", 1), at_least("ordered_36", 100))
    in_force(scheme, {segments["B"]: tree([either]), segments["C"]: ALL})
    row = customer(orders_12=1, ordered_36=500)
    order = OrderFactory(customer=row, date=dt.date(2026, 3, 1))
    type(order).objects.filter(pk=order.pk).update(net=Decimal(500))
    run(scheme)
    assert of(row).reasons["lapse"]["on"] == "2029-03-01"
    assert of(row).reasons["lapse"]["by"] == ["ordered_36", "orders_12"] or set(of(row).reasons["lapse"]["by"]) == {
        "ordered_36",
        "orders_12",
    }


def test_an_automatic_scheme_takes_effect_with_the_version_as_the_reason() -> None:
    scheme, segments = scheme_with("B", "C", is_automatic=True)
    criteria = in_force(scheme, {segments["B"]: tree([at_least("personnel", 500)]), segments["C"]: ALL})
    row = customer(personnel=600)
    assert run(scheme).moved >= 1
    held = Membership.objects.present().get(customer=row, scheme=scheme)
    assert (held.segment, held.kind, held.criteria_version) == (segments["B"], MoveKind.AUTOMATIC, criteria.number)
    assert not of(row).is_suggestion
    assert run(scheme).moved == 0


def test_a_scheme_without_criteria_is_left_alone() -> None:
    scheme, _segments = scheme_with("B")
    assert run(scheme) is None


def test_a_set_that_catches_everyone_gives_everyone_the_first_segment() -> None:
    scheme, segments = scheme_with("A", "B")
    in_force(scheme, {segments["A"]: ALL, segments["B"]: tree([at_least("personnel", 1)])})
    row = customer(personnel=9)
    run(scheme)
    assert of(row).segment == segments["A"]


def test_the_command_evaluates_at_the_end_of_the_day_given(rules: Any) -> None:
    row = customer(personnel=600)
    call_command("evaluate_criteria", today=DAY)
    assert of(row).day == DAY


def test_a_preview_counts_who_would_move_and_changes_nothing(rules: Any) -> None:
    scheme, segments = rules
    moves, stays = customer(personnel=450), customer(personnel=10)
    run(scheme)
    draft = draft_of(scheme, {segments["B"]: tree([at_least("personnel", 300)]), segments["C"]: ALL})
    preview = preview_start(criteria=draft, user=UserFactory())
    moved = PreviewMove.objects.filter(preview=preview, customer__in=[moves, stays])
    assert [(row.customer, row.before, row.after) for row in moved] == [(moves, segments["C"], segments["B"])]
    assert matrix_of(preview).moved == PreviewMove.objects.filter(preview=preview).count()
    assert of(moves).segment == segments["C"]


def test_a_preview_computed_twice_at_once_is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: tree([at_least("personnel", 100)])})
    row, every = customer(personnel=200), list(previews.batches())
    preview = preview_start(criteria=draft, user=UserFactory())

    def interrupted() -> Iterator[tuple[int, int]]:
        """Let another run come between the beginning and the first batch."""
        monkeypatch.setattr(previews, "batches", lambda: iter(every))
        previews.preview_make(preview)
        yield from every

    monkeypatch.setattr(previews, "batches", interrupted)
    previews.preview_make(preview)
    assert [move.customer for move in preview.moves.all()] == [row]
    assert matrix_of(preview).moved == 1


def test_a_back_test_compares_with_what_people_had_chosen_on_the_day(rules: Any) -> None:
    from segmentation.metrics.models import MetricHistory

    scheme, segments = rules
    day = clock.today().replace(day=1) - dt.timedelta(days=1)
    agrees, differs = customer(personnel=1), customer(personnel=1)
    for row, personnel in ((agrees, 600), (differs, 20)):
        member(row, segments["B"], since=at(day - dt.timedelta(days=40)), by=UserFactory())
        MetricHistory.objects.create(
            customer_id=row.pk, code="personnel", from_month=day.replace(day=1), value=personnel
        )
    criteria = draft_of(scheme, {segments["B"]: tree([at_least("personnel", 500)]), segments["C"]: ALL})
    preview = preview_start(criteria=criteria, user=UserFactory(), day=day)
    matrix = matrix_of(preview)
    assert matrix.agreement == 50
    assert [move.customer for move in PreviewMove.objects.filter(preview=preview, before=segments["B"])] == [differs]


@pytest.mark.parametrize(("days", "code"), [(0, "future_day"), (30, "future_day"), (-2_000, "too_old")])
def test_a_back_test_of_a_coming_day_or_one_too_long_ago_is_refused(rules: Any, days: int, code: str) -> None:
    scheme, segments = rules
    criteria = draft_of(scheme, {segments["C"]: ALL})
    with pytest.raises(BusinessRuleError) as error:
        preview_start(criteria=criteria, user=UserFactory(), day=clock.today() + dt.timedelta(days=days))
    assert error.value.code == code


def test_the_top_of_a_new_customers_figures_is_taken_from_all_known_ones() -> None:
    scheme, segments = scheme_with("A", "C")
    in_force(scheme, {segments["A"]: tree([top("ordered_36", 34)]), segments["C"]: ALL})
    rows = [customer(ordered_36=amount) for amount in (300, 200, 100)]
    run(scheme)
    assert [of(row).segment.code for row in (rows[0], rows[2])] == ["A", "C"]


def test_the_default_criteria_name_metrics_that_there_are() -> None:
    assert unknown_codes() == set()
    scheme, _segments = scheme_with(*RULES["omn"], code="omn2")
    type(scheme).objects.filter(code="omn").update(code="other")
    type(scheme).objects.filter(pk=scheme.pk).update(code="omn")
    scheme.refresh_from_db()
    criteria = default_criteria_add(scheme)
    assert criteria is not None
    assert criteria.is_draft
    assert criteria.rules.count() == len(RULES["omn"])
