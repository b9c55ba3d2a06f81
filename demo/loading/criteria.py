"""Criteria of the demo: the default ones, superseded, and a second version in force with suggestions."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from accounts.models import User
from core import clock
from core.conditions.tree import Group, Rule
from demo.loading.metrics import FEW
from demo.loading.segments import DEMO_SET, overrides_load
from segmentation.criteria.defaults import begin_at_once, default_criteria_add
from segmentation.criteria.evaluation import day_ended, scheme_evaluate
from segmentation.criteria.models import CriteriaVersion
from segmentation.criteria.services import criteria_create
from segmentation.criteria.store import rule_write, rules_of_version
from segmentation.schemes.models import Scheme

#: Days since the versions began.
FIRST, SECOND = 700, 60
WHY = (
    "Tarjous yksin ei vielä kerro kasvusta: B-segmenttiin vaaditaan nyt kaksi tarjousta 24 kuukaudessa tai tilaus. "
    "Asiakkuustiimi käsitteli muutoksen syksyn katselmuksessa."
)


def criteria_load(customers: int) -> None:
    """Put the default criteria of the primary scheme in force, then a second version, and evaluate it."""
    scheme = Scheme.objects.filter(is_primary=True).first()
    if scheme is None or CriteriaVersion.objects.in_force().filter(scheme=scheme).exists():
        return
    first = CriteriaVersion.objects.filter(scheme=scheme).first() or default_criteria_add(scheme)
    if first is None or not first.is_draft:
        return
    today = clock.today()
    with clock.frozen(today - dt.timedelta(days=FIRST)):
        begin_at_once(first)
    if scheme.code != DEMO_SET:  # the change and its grounds are about that one
        scheme_evaluate(scheme=scheme, day=day_ended())
        return
    author = User.objects.filter(username="keymanager").first()
    with clock.frozen(today - dt.timedelta(days=SECOND)):
        second = criteria_create(scheme=scheme, user=author, justification=WHY, based_on=first, is_demo=True)
        for rule in rules_of_version(first):
            rule_write(second, rule.segment, _stricter(rule.tree))
        begin_at_once(second)
    scheme_evaluate(scheme=scheme, day=day_ended())
    if customers <= FEW and overrides_load():
        scheme_evaluate(scheme=scheme, day=day_ended())


def _stricter(node: Any) -> Any:
    """Return the rule with two offers in the place of one."""
    if isinstance(node, Rule):
        is_offers = node.values.get("metric") == "offers_24"
        return replace(node, values={**node.values, "enter": "2", "leave": "1"}) if is_offers else node
    assert isinstance(node, Group)  # noqa: S101 - the two kinds of nodes
    return replace(node, parts=tuple(map(_stricter, node.parts)))
