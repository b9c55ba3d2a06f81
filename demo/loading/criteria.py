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
from segmentation.criteria.services import criteria_create, criteria_give_opinion, criteria_send
from segmentation.criteria.store import rule_write, rules_of_version
from segmentation.schemes.models import Scheme

#: Days since the versions began.
FIRST, SECOND, THIRD = 700, 60, 4
WHY = (
    "Tarjous yksin ei vielä kerro kasvusta: B-segmenttiin vaaditaan nyt kaksi tarjousta 24 kuukaudessa tai tilaus. "
    "Asiakkuustiimi käsitteli muutoksen syksyn katselmuksessa."
)


NEXT_WHY = (
    "B-segmentti on kasvanut suunniteltua nopeammin. Kolmen tarjouksen raja pitää sen niissä, joita ehdimme hoitaa."
)
#: What members of the account team have said of it.
OPINIONS = (
    ("agrees", ""),
    ("objects", "Kolme tarjousta jättää pienet kunnat pois, vaikka ne tilaavat joka vuosi."),
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
    _third_load(second, author)
    scheme_evaluate(scheme=scheme, day=day_ended())
    if customers <= FEW and overrides_load():
        scheme_evaluate(scheme=scheme, day=day_ended())


def _third_load(second: CriteriaVersion, author: User | None) -> None:
    """Ask the account team about a third version: one member agrees, one objects, the others have not answered."""
    members = User.objects.of_account_team().filter(is_demo=True).exclude(pk=author.pk if author else None)
    if author is None or len(members) < len(OPINIONS):
        return
    with clock.frozen(clock.today() - dt.timedelta(days=THIRD)):
        third = criteria_create(
            scheme=second.scheme, user=author, justification=NEXT_WHY, based_on=second, is_demo=True
        )
        for rule in rules_of_version(second):
            rule_write(third, rule.segment, _stricter(rule.tree, 3))
        criteria_send(criteria=third, user=author)
        for user, (stance, comment) in zip(members.order_by("pk"), OPINIONS, strict=False):
            criteria_give_opinion(criteria=third, user=user, stance=stance, comment=comment)


def _stricter(node: Any, offers: int = 2) -> Any:
    """Return the rule with more offers in the place of one."""
    if isinstance(node, Rule):
        is_offers = node.values.get("metric") == "offers_24"
        return replace(node, values={**node.values, "enter": str(offers), "leave": "1"}) if is_offers else node
    assert isinstance(node, Group)  # noqa: S101 - the two kinds of nodes
    return replace(node, parts=tuple(_stricter(part, offers) for part in node.parts))
