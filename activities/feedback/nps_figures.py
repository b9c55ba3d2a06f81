"""The NPS of a period and of the same days a year before: of all answers, by group of customers, owner and time.

Tables are bounded: at a million customers there are thousands of owners.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncQuarter
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.feedback.models import NpsQuestion
from activities.feedback.services.nps import DETRACTORS, PROMOTERS
from core import clock

#: A figure from fewer answers than this is marked as only indicative.
FEW = 10
#: How many rows of a table come at first, and how many more at each request.
SHOWN, MORE = 20, 100
#: The names of the tables.
TABLES = ("segment", "group", "owner", "quarter", "month")


@dataclass(frozen=True)
class Nps:
    """The answers of one group of contacts; ``before`` are those of the same days a year before, if asked for."""

    label: str
    n: int
    promoters: int
    detractors: int
    before: Nps | None = None

    @property
    def neutrals(self) -> int:
        return self.n - self.promoters - self.detractors

    @property
    def nps(self) -> int | None:
        """Return the figure from −100 to 100, halves rounded away from 0 as in the metrics; None without answers."""
        if not self.n:
            return None
        points = Decimal(100 * (self.promoters - self.detractors)) / self.n
        return int(points.quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def is_few(self) -> bool:
        return self.n < FEW

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """Return name, start and width (of 100) of each part of the bar."""
        counts = (("detractors", self.detractors), ("neutrals", self.neutrals), ("promoters", self.promoters))
        parts, start = [], 0.0
        for name, count in counts:
            width = 100 * count / self.n if self.n else 0
            parts.append((name, f"{start:.2f}", f"{width:.2f}"))
            start += width
        return parts


@dataclass(frozen=True)
class NpsTable:
    """Some rows of a table; ``next`` is where those that are left begin, 0 if none are."""

    name: str
    label: str
    rows: list[Nps]
    next: int = 0


def nps_answers(first: dt.date, last: dt.date) -> QuerySet[NpsQuestion]:
    """Return the answers from the first day to the last, both included."""
    return NpsQuestion.objects.filter(_within(first, last))


def nps_overall(answers: QuerySet[NpsQuestion]) -> Nps:
    """Return the figure of answers, of no other period."""
    return Nps("", **answers.aggregate(**_counts("", Q())))


def nps_compared(first: dt.date, last: dt.date) -> Nps:
    """Return the figure of a period and of the same days a year before, in one query."""
    answers, counts = _both(first, last)
    return _figure("", answers.aggregate(**counts))


def nps_tables(
    first: dt.date, last: dt.date, *, only: str = "", start: int = 0, most: int | None = None
) -> list[NpsTable]:
    """Return the figures by segment, customer group, owner, quarter and month, in a query each.

    ``most`` is the number of rows of a table, from ``start``; None means all. Groups and owners with the most answers
    come first.
    """
    name = "name_en" if get_language() == "en" else "name_fi"
    labels = (_("By segment"), _("By customer group"), _("By owner"), _("By quarter"), _("By month"))
    zone = timezone.get_default_timezone()
    made = {
        "segment": lambda: _by(first, last, f"segment__{name}", in_order=True),
        "group": lambda: _by(first, last, f"group__{name}"),
        "owner": lambda: _by_owner(first, last),
        "quarter": lambda: _by_time(first, last, TruncQuarter("answered_at", tzinfo=zone), _quarter),
        "month": lambda: _by_time(first, last, TruncMonth("answered_at", tzinfo=zone), _month),
    }
    return [
        _cut(table, label, made[table](), start, most)
        for table, label in zip(TABLES, labels, strict=True)
        if only in ("", table)
    ]


def _cut(name: str, label: str, rows: Any, start: int, most: int | None) -> NpsTable:
    """Return the asked rows of a table; a query reads no more than one row above them."""
    if most is None:
        return NpsTable(name, label, list(rows))
    found = list(rows[start : start + most + 1])
    return NpsTable(name, label, found[:most], start + most if len(found) > most else 0)


class _Rows:
    """Rows of a query as figures; a part of them is read as a part of the query."""

    def __init__(self, rows: Any, label: Any) -> None:
        self.rows, self.label = rows, label

    def __getitem__(self, part: slice) -> list[Nps]:
        return [_figure(self.label(row), row) for row in self.rows[part]]

    def __iter__(self) -> Any:
        return iter(self[:])


def _by(first: dt.date, last: dt.date, field: str, *, in_order: bool = False) -> _Rows:
    answers, counts = _both(first, last)
    rows: Any = answers.order_by().values(field).annotate(**counts).filter(n__gt=0)
    name = F(field).asc(nulls_last=True)
    return _Rows(rows.order_by(*([name] if in_order else ["-n", name])), lambda row: row[field] or _("none"))


def _by_owner(first: dt.date, last: dt.date) -> _Rows:
    owner = "customer__summary__owner"
    names = [f"{owner}__{field}" for field in ("first_name", "last_name", "sort_key")]
    answers, counts = _both(first, last)
    rows: Any = answers.order_by().values(owner, *names).annotate(**counts).filter(n__gt=0)
    rows = rows.order_by("-n", F(names[2]).asc(nulls_last=True), F(owner).asc(nulls_last=True))
    return _Rows(rows, lambda row: f"{row[names[0]] or ''} {row[names[1]] or ''}".strip() or _("none"))


def _by_time(first: dt.date, last: dt.date, part: Any, label: Any) -> list[Nps]:
    """Return the months or quarters of the period, each beside the same one of the year before."""
    answers, counts = _both(first, last)
    rows: Any = answers.order_by().annotate(part=part).values("part").annotate(**counts).order_by("part")
    by_start = {row["part"].date(): row for row in rows}
    found = []
    for start, row in by_start.items():
        old = by_start.get(clock.year_earlier(start), {})
        former = {f"{name}_before": old.get(f"{name}_before", 0) for name in ("n", "promoters", "detractors")}
        if row["n"]:
            found.append(_figure(label(start), row | former))
    return found


def _quarter(start: dt.date) -> str:
    return f"{start.year} Q{(start.month - 1) // 3 + 1}"


def _month(start: dt.date) -> str:
    return date_format(start, "YEAR_MONTH_FORMAT")


def _both(first: dt.date, last: dt.date) -> tuple[QuerySet[NpsQuestion], dict[str, Count]]:
    """Return the answers of a period and of the same days a year before, and the counts of each."""
    now, before = _within(first, last), _within(clock.year_earlier(first), clock.year_earlier(last))
    return NpsQuestion.objects.filter(now | before), _counts("", now) | _counts("_before", before)


def _within(first: dt.date, last: dt.date) -> Q:
    zone = timezone.get_default_timezone()
    start, end = (dt.datetime.combine(day, dt.time(), zone) for day in (first, last + dt.timedelta(days=1)))
    return Q(answered_at__gte=start, answered_at__lt=end)


def _counts(ending: str, within: Q) -> dict[str, Count]:
    return {
        f"n{ending}": Count("pk", filter=within or None),
        f"promoters{ending}": Count("pk", filter=within & Q(score__gte=PROMOTERS.start)),
        f"detractors{ending}": Count("pk", filter=within & Q(score__lt=DETRACTORS.stop)),
    }


def _figure(label: str, row: dict[str, Any]) -> Nps:
    before = Nps(label, row["n_before"], row["promoters_before"], row["detractors_before"])
    return Nps(str(label), row["n"], row["promoters"], row["detractors"], before)


def default_period(today: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """Return the year that ends today."""
    today = today or clock.today()
    year_ago = today - dt.timedelta(days=365)
    return year_ago + dt.timedelta(days=1), today
