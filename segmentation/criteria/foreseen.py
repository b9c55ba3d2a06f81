"""Which figures change with the calendar alone, and how: what ``lapses`` can foresee.

* A **window** counts or sums the events of n months: it only falls until a new event comes.
* A figure that **grows** is counted from a day: it only rises until a new event comes.
* An own metric **expires**: it is not known after its last day.

Other figures of n months may rise and fall by themselves (shares, means, comparisons of two periods), or depend on
other customers (the top … %): the day on which they change is not foreseen, and pages say so (:func:`is_unforeseen`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from activities.log.metrics import HOURS
from core.conditions.fields import fields
from core.conditions.tree import Group, Rule, rules_of
from core.metrics import Metric, fixed_metrics, sources
from segmentation.criteria.conditions import CONTACTS, METRIC
from segmentation.criteria.enums import Comparison
from segmentation.criteria.figures import figure

_MOMENT = "(a.start AT TIME ZONE %(zone)s)::date"


@dataclass(frozen=True)
class Events:
    """The rows of a metric's source that a figure of so many months counts or sums; ``each``: different values."""

    source: str
    months: int
    day: str
    amount: str = "1"
    where: str = ""
    each: str = ""


def _windows(code: str, *months: int, **about: str) -> dict[str, tuple[Events, ...]]:
    return {f"{code}_{number}": (Events(months=number, **about),) for number in months}


_ORDERS = {"source": "orders", "day": "o.date"}
_OFFERS = {"source": "offers", "day": "o.date"}
_CONTACTS = {"source": "activities", "day": _MOMENT}
_FEEDBACK = {"source": "feedback", "day": _MOMENT}
_SAID = (
    "EXISTS (SELECT FROM activities_activitykeyword k JOIN activities_keyword w ON w.id = k.keyword_id "
    "WHERE k.activity_id = a.id AND w.code = '{}')"
)
_GROUPS = Events("order_lines", 36, "o.date", each="p.group_id")
_KINDS = Events("activity_keywords", 36, _MOMENT, each="k.keyword_id")
WINDOWS: Mapping[str, tuple[Events, ...]] = {
    **_windows("ordered", 12, 36, amount="o.net", **_ORDERS),
    **_windows("orders", 12, 24, 36, **_ORDERS),
    **_windows("participants", 12, 36, amount="coalesce(o.participants, 0)", **_ORDERS),
    **_windows("offers", 12, 24, 36, **_OFFERS),
    **_windows("offered", 36, amount="o.net", **_OFFERS),
    **_windows(
        "offers_won", 36, source="offers", day="(o.decided_at AT TIME ZONE %(zone)s)::date",
        where="o.status = 'order' AND o.decided_at < %(day_end)s",
    ),
    **_windows("contacts", 12, 24, where="t.is_contact", **_CONTACTS),
    **_windows("meetings", 12, where="t.is_contact AND a.channel IN ('meeting', 'video')", **_CONTACTS),
    **{
        f"contacts_{channel}_12": (Events(months=12, where=f"t.is_contact AND a.channel = '{channel}'", **_CONTACTS),)
        for channel in ("meeting", "video", "phone", "email")
    },
    **_windows(
        "contacts_other", 12, where="t.is_contact AND a.channel NOT IN ('meeting', 'video', 'phone', 'email')",
        **_CONTACTS,
    ),
    **_windows("channels", 12, where="t.is_contact AND a.channel <> ''", each="a.channel", **_CONTACTS),
    **_windows("unnecessary", 12, source="encounters", day=_MOMENT, where="e.unnecessary_id IS NOT NULL"),
    **_windows("hours", 12, 36, source="work", day=_MOMENT, amount=HOURS),
    **_windows("enquiries", 12, source="received_mail", day=_MOMENT),
    **_windows("feedback", 12, **_FEEDBACK),
    **_windows("thanks", 12, where=_SAID.format("positive"), **_FEEDBACK),
    **_windows("complaints", 12, where=_SAID.format("negative"), **_FEEDBACK),
    **_windows("nps_answers", 24, source="nps", day="(q.answered_at AT TIME ZONE %(zone)s)::date"),
    **_windows("leads", 12, source="leads", day=_MOMENT),
    **_windows("mutual_leads", 12, source="leads", day=_MOMENT, where="l.state IN ('customer', 'offer')"),
    "product_groups_36": (_GROUPS,),
    "products_36": (replace(_GROUPS, each="l.product_id"),),
    "variety_kinds_36": (_KINDS,),
    "variety_36": (_GROUPS, _KINDS),
}  # fmt: skip
_REASON = re.compile(r"unnecessary_(\d+)_12")


def windows_of(code: str) -> tuple[Events, ...]:
    """Return the events that a figure counts; none if it is no window."""
    reason = _REASON.fullmatch(code)
    if reason:
        return (Events("encounters", 12, _MOMENT, where=f"e.unnecessary_id = {int(reason[1])}"),)
    return WINDOWS.get(code, ())


@dataclass(frozen=True)
class Growth:
    """A figure that is counted from a day: ``since`` by source and the day's SQL, in steps of ``unit``.

    ``weeks`` after so many days it is counted in full weeks.
    """

    since: tuple[tuple[str, str], ...]
    unit: str
    weeks: int = 0

    def step(self, op: str, threshold: Decimal) -> int:
        """Return the first value at or (*at most*) above a threshold."""
        value = math.floor(threshold) + 1 if op == Comparison.AT_MOST else math.ceil(threshold)
        return -(-value // 7) * 7 if self.weeks and value > self.weeks else value


_CONTACT = ("activities", f"max({_MOMENT}) FILTER (WHERE t.is_contact)")
_FIRST_CONTACT = ("activities", f"min({_MOMENT}) FILTER (WHERE t.is_contact)")
GROWTHS: Mapping[str, Growth] = {
    "days_since_contact": Growth((_CONTACT,), "day", weeks=28),
    "months_since_order": Growth((("orders", "max(o.date)"),), "month"),
    "relation_years": Growth((("orders", "min(o.date)"), _FIRST_CONTACT), "year"),
    "company_age": Growth((("customer", "make_date(c.founded, 1, 1)"),), "calendar_year"),
}


def growth_of(metric: Metric) -> Growth | None:
    """Return how a figure grows; that of a day which people enter grows by full months."""
    if metric.source == "own" and not metric.keeps_history:
        return Growth((("own", f"max(v.day) FILTER (WHERE v.metric_id = {own_id(metric)})"),), "month")
    return GROWTHS.get(metric.code)


def own_id(metric: Metric) -> int:
    """Return the id of an own metric, which its SQL names."""
    found = re.search(r"v\.metric_id = (\d+)", metric.sql)
    return int(found[1]) if found else 0


#: Parts of the SQL of figures that move with the day that is evaluated.
_MOVING = re.compile(r"%\((?:since|from)_\d+\)s|%\(day\)s")
#: The upper ends of sources are no windows: what is dated later is a new event.
_ENDS = re.compile(r"(?:<=|<) %\(day(?:_end)?\)s")


def is_time_bound(metric: Metric) -> bool:
    """Return whether a figure may change with the calendar alone."""
    parts = [fixed_metrics()[code] for code in metric.needs]
    where = sources()[metric.source].where if metric.source else ""
    own = bool(_MOVING.search(_ENDS.sub("", f"{metric.sql} {where}")))
    return own or any(is_time_bound(part) for part in parts)


def is_unforeseen(rule: Rule) -> bool:
    """Return whether a condition may change on a day that is not foreseen.

    Contacts begin and end on their days, the top depends on other customers.
    """
    metric = figure(str(rule.values.get("metric", ""))) if rule.field == METRIC else None
    if metric is None:
        return rule.field == CONTACTS
    if rule.values.get("op") == Comparison.TOP:
        return True
    foreseen = windows_of(metric.code) or growth_of(metric) or metric.source == "own"
    return is_time_bound(metric) and not foreseen


def unforeseen_names(trees: Iterable[Group]) -> list[str]:
    """Return the names of what rules ask for and of which the day of a change is not foreseen."""
    named = [_name(rule) for tree in trees for rule in rules_of(tree) if is_unforeseen(rule)]
    return list(dict.fromkeys(named))


def _name(rule: Rule) -> str:
    metric = figure(str(rule.values.get("metric", "")))
    return str(metric.label if metric else fields()[rule.field].label)
