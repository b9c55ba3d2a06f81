"""The life of a version: justification, review, approval, in force; two people editing; bad input."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from core import clock
from core.conditions.tree import Group
from core.exceptions import BusinessRuleError, StaleVersionError
from customers.models import ClassificationBranch, ClassificationNode
from customers.tests.factories import NodeFactory
from segmentation.criteria import services
from segmentation.criteria.checks import findings
from segmentation.criteria.enums import TRANSITIONS, Finding, VersionStatus
from segmentation.criteria.evaluation import hidden_from
from segmentation.criteria.models import CriteriaVersion, RuleClass
from segmentation.criteria.store import rules_of_version
from segmentation.criteria.tests.conftest import at_least, tree
from segmentation.criteria.tests.factories import (
    SchemeFactory,
    SegmentFactory,
    draft_of,
    in_force,
    scheme_with,
    sent_to_management,
)
from segmentation.schemes.enums import ValueMode

pytestmark = pytest.mark.django_db
BIG, ALL = tree([at_least("personnel", 500)]), Group(1)


def class_rule(*nodes: ClassificationNode) -> Group:
    return tree([{"field": "criteria.classes", "values": {"rows": [node.pk for node in nodes]}}])


@pytest.fixture
def node() -> Any:
    branch = ClassificationBranch.objects.create(code="trades", name_fi="Alat", name_en="Trades", is_multiple=True)
    return NodeFactory(branch=branch, code="steel", name_fi="Teräs", name_en="Steel")


@pytest.mark.parametrize("text", ["", "  ", "x"])
def test_a_criteria_change_without_justification_is_refused(text: str) -> None:
    """Rule 8."""
    scheme, _segments = scheme_with("B")
    with pytest.raises(BusinessRuleError) as error:
        services.criteria_create(scheme=scheme, user=UserFactory(), justification=text)
    assert error.value.code == "justification_required"
    assert not CriteriaVersion.objects.filter(scheme=scheme).exists()


def test_a_justification_cannot_be_taken_away_afterwards() -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: BIG})
    with pytest.raises(BusinessRuleError, match="justification"):
        services.criteria_change(criteria=draft, justification=" ")


def test_a_new_version_begins_with_the_rules_of_the_one_it_is_based_on() -> None:
    scheme, segments = scheme_with("B", "C")
    first = in_force(scheme, {segments["B"]: BIG, segments["C"]: ALL})
    second = services.criteria_create(scheme=scheme, user=UserFactory(), justification="Bigger.", based_on=first)
    assert (second.number, second.status) == (first.number + 1, VersionStatus.DRAFT)
    assert [(rule.segment, rule.tree) for rule in rules_of_version(second)] == [
        (rule.segment, rule.tree) for rule in rules_of_version(first)
    ]


def test_the_way_of_a_version_from_draft_to_in_force() -> None:
    scheme, segments = scheme_with("B", "C")
    before = in_force(scheme, {segments["C"]: ALL})
    author, director = UserFactory(), UserFactory()
    draft = draft_of(scheme, {segments["B"]: BIG, segments["C"]: ALL}, author)
    services.criteria_send(criteria=draft, user=author)
    services.criteria_review(criteria=draft, user=author, comment="The team agreed.")
    services.criteria_approve(criteria=draft, user=director)
    done = services.criteria_put_in_force(criteria=draft, user=author, day=clock.today())
    before.refresh_from_db()
    assert (done.status, before.status) == (VersionStatus.IN_FORCE, VersionStatus.SUPERSEDED)
    assert before.in_force_to == clock.today() - dt.timedelta(days=1)
    steps = [(change.to_status, change.user) for change in done.status_changes.order_by("pk")]
    assert steps == [
        ("draft", author),
        ("team", author),
        ("reviewed", author),
        ("approved", director),
        ("in_force", author),
    ]
    assert Notification.objects.filter(user=author, kind="criteria_approved").exists()


@pytest.mark.parametrize("old", VersionStatus)
@pytest.mark.parametrize("new", VersionStatus)
def test_only_the_steps_of_the_table_are_possible(old: VersionStatus, new: VersionStatus) -> None:
    scheme, segments = scheme_with("B")
    criteria = draft_of(scheme, {segments["B"]: BIG})
    CriteriaVersion.objects.filter(pk=criteria.pk).update(status=old)
    criteria.refresh_from_db()
    if new in TRANSITIONS[old]:
        services.CRITERIA_STATUS.check(criteria, new)
    else:
        with pytest.raises(BusinessRuleError):
            services.CRITERIA_STATUS.check(criteria, new)


@pytest.mark.parametrize("is_author", [True, False])
def test_nobody_approves_a_version_that_they_wrote_or_sent(is_author: bool) -> None:
    scheme, segments = scheme_with("B")
    author, sender = UserFactory(), UserFactory()
    draft = sent_to_management(draft_of(scheme, {segments["B"]: BIG}, author), sender)
    with pytest.raises(BusinessRuleError) as error:
        services.criteria_approve(criteria=draft, user=author if is_author else sender)
    assert error.value.code == "own_version"


def test_a_version_is_not_put_in_force_before_it_is_approved() -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: BIG})
    with pytest.raises(BusinessRuleError) as error:
        services.criteria_put_in_force(criteria=draft, user=UserFactory(), day=clock.today())
    assert error.value.code == "status_not_allowed"


def test_a_version_in_force_from_a_coming_day_begins_on_that_day() -> None:
    scheme, segments = scheme_with("B")
    before = in_force(scheme, {segments["B"]: BIG})
    draft = draft_of(scheme, {segments["B"]: ALL})
    user, day = UserFactory(), clock.today() + dt.timedelta(days=3)
    sent_to_management(draft, user)
    services.criteria_approve(criteria=draft, user=UserFactory())
    services.criteria_put_in_force(criteria=draft, user=user, day=day)
    services.criteria_begin_due(day - dt.timedelta(days=1))
    assert CriteriaVersion.objects.in_force().get(scheme=scheme) == before
    services.criteria_begin_due(day)
    assert CriteriaVersion.objects.in_force().get(scheme=scheme) == draft


def test_a_version_is_not_put_in_force_from_a_day_that_is_over() -> None:
    scheme, segments = scheme_with("B")
    draft, user = draft_of(scheme, {segments["B"]: BIG}), UserFactory()
    sent_to_management(draft, user)
    services.criteria_approve(criteria=draft, user=UserFactory())
    with pytest.raises(BusinessRuleError) as error:
        services.criteria_put_in_force(criteria=draft, user=user, day=clock.today() - dt.timedelta(days=1))
    assert error.value.code == "past_day"


def test_of_two_people_editing_the_second_sees_that_the_version_has_changed() -> None:
    scheme, segments = scheme_with("B", "C")
    draft = draft_of(scheme, {segments["B"]: BIG})
    seen = draft.version
    services.rule_set(criteria=draft, segment=segments["C"], tree=ALL, version=seen)
    with pytest.raises(StaleVersionError):
        services.rule_set(criteria=draft, segment=segments["B"], tree=ALL, version=seen)
    assert next(rule for rule in rules_of_version(draft) if rule.segment == segments["B"]).tree.parts


def test_a_version_that_was_sent_on_is_not_changed() -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: BIG})
    sent_to_management(draft, UserFactory())
    with pytest.raises(BusinessRuleError) as error:
        services.rule_set(criteria=draft, segment=segments["B"], tree=ALL)
    assert error.value.code == "not_draft"
    with pytest.raises(BusinessRuleError):
        services.criteria_delete(criteria=draft)


def test_a_rule_with_a_threshold_to_stay_above_that_to_enter_is_refused() -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {})
    with pytest.raises(BusinessRuleError) as error:
        services.rule_set(criteria=draft, segment=segments["B"], tree=tree([at_least("personnel", 10, 20)]))
    assert error.value.code == "incomplete"
    assert rules_of_version(draft) == []


def test_a_rule_of_another_schemes_segment_is_refused() -> None:
    draft = draft_of(scheme_with("B")[0], {})
    with pytest.raises(BusinessRuleError) as error:
        services.rule_set(criteria=draft, segment=SegmentFactory(), tree=ALL)
    assert error.value.code == "other_scheme"


def test_criteria_are_for_schemes_with_one_segment_for_each_customer() -> None:
    with pytest.raises(BusinessRuleError) as error:
        services.criteria_create(
            scheme=SchemeFactory(is_exclusive=False), user=UserFactory(), justification="Several at once."
        )
    assert error.value.code == "not_exclusive"


def test_a_rule_on_a_retired_class_is_shown_as_a_fault_and_keeps_the_version_from_management(node: Any) -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: class_rule(node)})
    assert findings(rules_of_version(draft)) == []
    node.retired_at = clock.now()
    node.save()
    found = findings(rules_of_version(draft))
    assert [one.kind for one in found] == [Finding.GONE]
    assert node.name in found[0].text
    with pytest.raises(BusinessRuleError) as error:
        services.criteria_send(criteria=draft, user=UserFactory())
    assert error.value.code == "faults"
    draft.refresh_from_db()
    assert draft.status == VersionStatus.DRAFT


def test_a_deleted_class_leaves_its_name_in_the_fault(node: Any) -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: class_rule(node)})
    name = node.name
    node.delete()
    assert name in findings(rules_of_version(draft))[0].text


def test_merged_classes_are_followed_by_the_rules(node: Any) -> None:
    from core.trees import references_move

    other = NodeFactory(branch=node.branch, code="metal", name_fi="Metalli", name_en="Metal")
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: class_rule(node, other)})
    references_move(node, other)
    assert list(RuleClass.objects.filter(rule__criteria=draft).values_list("target", flat=True)) == [other.pk]


def test_a_rule_on_a_retired_segment_is_a_fault() -> None:
    scheme, segments = scheme_with("B")
    segments["B"].retired_at = clock.now()
    segments["B"].save()
    draft = draft_of(scheme, {segments["B"]: BIG})
    assert [one.kind for one in findings(rules_of_version(draft))] == [Finding.GONE]


@pytest.mark.parametrize(
    ("mode", "feeds_care_models", "faults"),
    [
        (ValueMode.OFF, False, [Finding.GONE]),
        (ValueMode.DEVELOPMENT, True, [Finding.GONE]),
        (ValueMode.DEVELOPMENT, False, []),
        (ValueMode.USED, True, []),
    ],
)
def test_a_value_metric_is_a_fault_where_value_does_not_steer_the_care_of_customers(
    monkeypatch: pytest.MonkeyPatch, mode: ValueMode, feeds_care_models: bool, faults: list[Finding]
) -> None:
    from segmentation.criteria import checks
    from segmentation.criteria.tests.conftest import METRICS

    scheme, segments = scheme_with("B", value_mode=mode, feeds_care_models=feeds_care_models)
    worth = METRICS["sales"].__class__(**{**METRICS["sales"].__dict__, "is_value": True})
    monkeypatch.setattr(checks, "figure", lambda code: worth)
    draft = draft_of(scheme, {segments["B"]: tree([at_least("sales", 5)])})
    assert [one.kind for one in findings(rules_of_version(draft))] == faults
    assert bool(hidden_from(scheme)) == bool(faults)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([at_least("personnel", 10)], [at_least("personnel", 20)], ("B", Finding.UNREACHABLE)),
        ([], [at_least("personnel", 20)], ("A", Finding.CATCH_ALL)),
        (
            [{"join": "none", "parts": [at_least("personnel", 5)]}, at_least("personnel", 5)],
            [],
            ("A", Finding.CONTRADICTORY),
        ),
    ],
)
def test_rules_that_contradict_are_unreachable_or_catch_all_are_named(
    first: list[Any], second: list[Any], expected: tuple[str, Finding]
) -> None:
    scheme, segments = scheme_with("A", "B", "C")
    draft = draft_of(scheme, {segments["A"]: tree(first), segments["B"]: tree(second)})
    found = [(one.segment.code, one.kind) for one in findings(rules_of_version(draft))]
    assert expected in found


def test_the_rest_as_the_last_segment_is_no_finding() -> None:
    scheme, segments = scheme_with("B", "C")
    assert findings(rules_of_version(draft_of(scheme, {segments["B"]: BIG, segments["C"]: ALL}))) == []


def test_rejecting_needs_a_reason_and_tells_the_author() -> None:
    scheme, segments = scheme_with("B")
    author = UserFactory()
    draft = draft_of(scheme, {segments["B"]: BIG}, author)
    sent_to_management(draft, author)
    with pytest.raises(BusinessRuleError):
        services.criteria_reject(criteria=draft, user=UserFactory(), reason="")
    services.criteria_reject(criteria=draft, user=UserFactory(), reason="Too many in B.")
    assert Notification.objects.get(user=author, kind="criteria_rejected").data["reason"] == "Too many in B."
