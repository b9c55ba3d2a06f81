"""The default criteria of the schemes: those of segmentation.md, which people change as they like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from core import clock
from core.conditions import tree as trees
from core.conditions.tree import Group, Rule, rules_of
from core.metrics import fixed_metrics
from customers.models import ClassificationNode
from segmentation.criteria.conditions import CLASSES, FORM, METRIC
from segmentation.criteria.enums import VersionStatus
from segmentation.criteria.figures import figure
from segmentation.criteria.models import CriteriaVersion
from segmentation.criteria.services import CRITERIA_STATUS, criteria_create
from segmentation.criteria.store import rule_write
from segmentation.schemes.models import Scheme


def _metric(code: str, op: str, enter: Any = None, leave: Any = None) -> dict[str, Any]:
    values = {"metric": code, "op": op, "enter": enter, "leave": leave}
    return {"field": METRIC, "values": {name: str(value) for name, value in values.items() if value is not None}}


def _at_least(code: str, enter: Any, leave: Any = None) -> dict[str, Any]:
    return _metric(code, "at_least", enter, leave)


def _group(join: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"join": join, "parts": list(parts)}


#: A lead with a mutual contact in 12 months and no order ever.
_POTENTIAL = _group("all", _at_least("mutual_leads_12", 1), _metric("orders_total", "at_most", 0))
_AUTHORITY = {"field": CLASSES, "values": {"codes": ["group.authorities"]}}
_HOUSEHOLD = {"field": FORM, "values": {"forms": ["household"]}}
_GROWING = _group("all", _at_least("personnel_change_percent", 20, 10))
_LARGE = _group(
    "any", _at_least("personnel_at_least", 250, 200), {"field": FORM, "values": {"forms": ["group_company"]}}
)
_ENDING = _group("any", _metric("personnel", "at_most", 0), _metric("personnel_change_percent", "at_most", -50, -30))
#: The rules by the code of the scheme and of the segment. The order of the segments is their precedence.
RULES: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "omn": {
        "A": _group(
            "any",
            _group(
                "all", _metric("ordered_36", "top", 1, 2), _at_least("product_groups_36", 3),
                _metric("framework_agreement", "yes"), _at_least("own_joint_development", 5, 4),
            ),
            _AUTHORITY,
        ),
        "B": _group(
            "any", _at_least("offers_24", 1), _at_least("orders_24", 1), _metric("framework_agreement", "yes"),
            _group("all", _at_least("personnel_at_least", 501, 450), _at_least("meetings_12", 1)),
        ),
        "P": _POTENTIAL,
        "C": _group("none", _POTENTIAL),
    },
    "employers": {
        "K": _group("all", _HOUSEHOLD),
        "U": _group("all", _metric("company_age", "at_most", 1)),
        "P": _group("none", _GROWING, _LARGE, _ENDING),
        "G": _group("all", _GROWING, _group("none", _LARGE, _ENDING)),
        "S": _group("all", _LARGE, _group("none", _ENDING)),
        "L": _ENDING,
    },
}  # fmt: skip


def tree_of(data: Mapping[str, Any]) -> Group:
    """Return the rule of the default data, with the ids of the classes that it names by code."""
    codes = {code for rule in rules_of(trees.read(data)) for code in rule.values.get("codes", ())}
    nodes = ClassificationNode.objects.filter(code__in=[code.split(".")[1] for code in codes]).select_related("branch")
    ids = {f"{node.branch.code}.{node.code}": node.pk for node in nodes}
    return trees.without_empty(trees.read(_known(data, ids)))


def _known(data: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """Return the data without conditions on classes and metrics that this organisation does not have."""
    if "join" in data:
        parts = [_known(part, ids) for part in data["parts"]]
        return {"join": data["join"], "parts": [part for part in parts if part]}
    values = data["values"]
    if data["field"] == CLASSES:
        rows = sorted(ids[code] for code in values["codes"] if code in ids)
        return {"field": CLASSES, "values": {"rows": rows}} if rows else {}
    return dict(data) if data["field"] == FORM or figure(values["metric"]) else {}


def default_criteria_add(scheme: Scheme, *, is_demo: bool = False) -> CriteriaVersion | None:
    """Add a draft with the default criteria of a scheme; None if there are none for it or it has criteria already."""
    if scheme.code not in RULES or CriteriaVersion.objects.filter(scheme=scheme).exists():
        return None
    with translation.override("fi"):
        text = _("The default criteria of the program. Change them to fit your customers.")
    criteria = criteria_create(scheme=scheme, user=None, justification=text, is_demo=is_demo)
    default_rules_write(criteria)
    return criteria


def default_rules_write(criteria: CriteriaVersion) -> None:
    """Give a draft the default rules of its scheme, if there are any."""
    rules = RULES.get(criteria.scheme.code, {})
    for segment in criteria.scheme.segments.filter(code__in=rules):
        rule_write(criteria, segment, tree_of(rules[segment.code]))


def load_drafts() -> None:
    """Add the default criteria as drafts: management approves them before they suggest anything."""
    for scheme in Scheme.objects.in_use().filter(is_exclusive=True):
        default_criteria_add(scheme)


SETS: dict[str, Callable[[], None]] = {"criteria": load_drafts}


def begin_at_once(criteria: CriteriaVersion) -> CriteriaVersion:
    """Put default data in force, step by step as the table of statuses allows."""
    day = clock.today()
    for before in CriteriaVersion.objects.in_force().filter(scheme=criteria.scheme_id):
        before.in_force_to = day - dt.timedelta(days=1)
        CRITERIA_STATUS.write(before, VersionStatus.SUPERSEDED, user=None)
    criteria.in_force_from = day
    for status in (VersionStatus.TEAM, VersionStatus.REVIEWED, VersionStatus.APPROVED, VersionStatus.IN_FORCE):
        CRITERIA_STATUS.write(criteria, status, user=None)
    return criteria


def unknown_codes() -> set[str]:
    """Return the metrics that the default rules name and no app declares; own metrics are not among them."""
    named = {
        str(rule.values["metric"])
        for rules in RULES.values()
        for data in rules.values()
        for rule in rules_of(trees.read(data))
        if isinstance(rule, Rule) and rule.field == METRIC
    }
    return {code for code in named if code not in fixed_metrics() and not code.startswith("own_")}
