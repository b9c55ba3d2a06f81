"""Reads of criteria that span tables: how many customers meet a rule now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection
from django.db.models import OuterRef, Q
from django.utils.formats import number_format

from core import clock
from core.conditions import tree as trees
from core.conditions.tree import Group
from core.paging import COUNT_LIMIT
from core.timeouts import limited, took_too_long
from customers.contact_search import exists_for_each
from customers.models import Customer
from segmentation.criteria.checks import Found, live_finding
from segmentation.criteria.classes import NamedClasses
from segmentation.criteria.evaluation import hidden_from
from segmentation.criteria.models import CriteriaVersion, SegmentRule
from segmentation.criteria.plugs import refusals
from segmentation.criteria.sql import Writer
from segmentation.criteria.store import StoredRule, stored_rules
from segmentation.criteria.tops import cuts_of
from segmentation.membership.models import Membership, Proposal
from segmentation.schemes.models import Segment

#: The longest time of a count, in seconds.
LONGEST = 8
SAMPLE = 8
EVERY_ID = 2**62
#: The scheme and the customer of an evaluation, for subqueries.
_OF_ROW = {"scheme": OuterRef("scheme"), "customer": OuterRef("customer")}


@dataclass(frozen=True)
class LiveCount:
    """How many active customers meet a rule to enter a segment now, of how many it is not known, and the first ones."""

    yes: int
    unknown: int
    is_everybody: bool
    ids: tuple[int, ...] = ()

    @property
    def yes_text(self) -> str:
        return _count_text(self.yes)

    @property
    def unknown_text(self) -> str:
        return _count_text(self.unknown)


def _count_text(count: int) -> str:
    """Return a count that is exact up to the limit of lists."""
    number = number_format(min(count, COUNT_LIMIT), force_grouping=True)
    return f"{number}+" if count > COUNT_LIMIT else number


def live_count(segment: Segment, tree: Group) -> LiveCount | None:
    """Return how many meet a rule now, exact up to 10,000; None when it takes too long."""
    try:
        with limited(LONGEST):
            return _live_count(segment, tree)
    except OperationalError as error:
        if took_too_long(error):
            return None
        raise


def _live_count(segment: Segment, tree: Group) -> LiveCount:
    writer = Writer(NamedClasses([tree]), cuts_of([tree]), hidden_from(segment.scheme))
    yes = writer.rule(tree).enter
    rows = writer.answers_sql(writer.facts_sql())
    about = {**writer.parameters, "first": 0, "last": EVERY_ID, "day": clock.today(), "most": COUNT_LIMIT + 1}

    def some(what: str, where: str) -> str:
        return f"SELECT {what} FROM ({rows}) n WHERE {where} LIMIT %(most)s"

    with connection.cursor() as cursor:
        cursor.execute(some("customer_id", yes), about)
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(f"SELECT count(*) FROM ({some('1', f'({yes}) IS NULL')}) few", about)
        unknown = cursor.fetchone()[0]
        cursor.execute(f"SELECT EXISTS ({some('1', f'({yes}) IS NOT TRUE')})", about)
        is_everybody = bool(ids) and not cursor.fetchone()[0]
    return LiveCount(len(ids), unknown, is_everybody, tuple(ids[:SAMPLE]))


def sample_of(count: LiveCount) -> list[Customer]:
    """Return the first customers that meet a rule."""
    return list(Customer.objects.filter(pk__in=count.ids).select_related("municipality").order_by("sort_key"))


@dataclass(frozen=True)
class RuleCount:
    """The live count of a rule of a version."""

    rule: StoredRule
    count: LiveCount | None
    finding: Found | None


def rule_counts(rules: Iterable[StoredRule]) -> list[RuleCount]:
    """Return how many meet each rule now, each alone: precedence is left out. Rules without conditions have none."""
    found = []
    for rule in rules:
        count = live_count(rule.segment, rule.tree) if rule.tree.parts else None
        finding = live_finding(rule.segment, count.yes, is_everybody=count.is_everybody) if count else None
        found.append(RuleCount(rule, count, finding))
    return found


def differing_suggestions(rows: Any) -> Any:
    """Return the suggestions of which nobody has made the segment since."""
    held = Membership.objects.present().filter(**_OF_ROW, segment=OuterRef("segment"))
    return rows.suggestions().exclude(exists_for_each(held))


def open_suggestions(rows: Any) -> Any:
    """Return the suggestions of which nobody has made or proposed the segment since, nor decided against it."""
    return differing_suggestions(rows).exclude(is_refused()).exclude(is_proposed())


def is_proposed() -> Q:
    """Return the condition that a proposal about an evaluation's customer and scheme waits for its decision."""
    return Q(exists_for_each(Proposal.objects.open().filter(**_OF_ROW)))


def is_refused() -> Q:
    """Return the condition that somebody has decided against an evaluation's segment, asked row by row."""
    found = Q(pk__in=[])
    for one in refusals():
        found |= exists_for_each(one.rows().filter(**_OF_ROW, suggested=OuterRef("segment")))
    return found


def refused_suggestions(rows: Any) -> Any:
    """Return the suggestions that somebody has decided against; up to as many as a list counts begin with their ids."""
    ids = {
        pk for one in refusals() for pk in one.rows().order_by().values_list("customer", flat=True)[: COUNT_LIMIT + 1]
    }
    found = rows.suggestions().filter(is_refused())
    return found.filter(customer__any_of=sorted(ids)) if len(ids) <= COUNT_LIMIT else found


def metrics_asked() -> list[str]:
    """Return the codes of the metrics that the criteria in force ask about, each once, in the order of the rules."""
    versions = CriteriaVersion.objects.in_force().filter(scheme__retired_at__isnull=True)
    rows = SegmentRule.objects.filter(criteria__in=versions).order_by(
        "criteria__scheme__order", "criteria", "segment__order"
    )
    trees_of = [rule.tree for rule in stored_rules(rows.select_related("segment__scheme"))]
    asked = [condition.values.get("metric", "") for tree in trees_of for condition in trees.rules_of(tree)]
    return list(dict.fromkeys(str(code) for code in asked if code))
