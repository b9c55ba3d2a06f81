"""Previews: who a version would move if it were in force now; and back-tests, how it agrees with past choices."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.jobs import job_start
from core.paging import COUNT_LIMIT
from customers.models import Customer
from segmentation.criteria.evaluation import batches, statement_of
from segmentation.criteria.models import CriteriaVersion, Preview, PreviewMove
from segmentation.criteria.past import PAST_VALUES, past_values
from segmentation.criteria.standing import chosen_on, standing_of
from segmentation.criteria.statement import Statement
from segmentation.criteria.store import rules_of_version
from segmentation.schemes.models import Segment

#: So many customers are computed at once, more as a job.
AT_ONCE = 2 * COUNT_LIMIT
KIND = "criteria_preview"
#: Months of metrics that are kept.
OLDEST_MONTHS = 60
#: So many back-tests of a version are kept, and everything computed for so many days: it can be computed again.
BACK_TESTS_KEPT, DAYS_KEPT = 5, 30

MOVES = """
WITH given AS MATERIALIZED ({rows}),
moved AS (
    INSERT INTO criteria_previewmove (preview_id, customer_id, before_id, after_id, known_share, reasons)
    SELECT %(preview)s, customer_id, standing, segment, floor(share), reasons || jsonb_build_object('outcome', outcome)
    FROM given WHERE segment IS DISTINCT FROM standing
)
SELECT standing, segment, count(*) FROM given GROUP BY standing, segment
"""


def preview_start(*, criteria: CriteriaVersion, user: User, day: dt.date | None = None) -> Preview:
    """Compute the preview of a version, or with a past ``day`` a back-test; of very many customers as a job.

    Raises :class:`BusinessRuleError` ``no_rules``, ``future_day``, ``too_old`` at ``day``, ``too_many_jobs``.
    """
    if not rules_of_version(criteria):
        raise BusinessRuleError("no_rules", _("The version has no rules: add one for a segment first."))
    if day is not None:
        check_day(day)
    preview, _added = Preview.objects.update_or_create(
        criteria=criteria, day=day, defaults={"edit": criteria.version, "made_at": None, "job": None}
    )
    many = Customer.objects.order_by().values("pk")[: AT_ONCE + 1].count() > AT_ONCE
    if many:
        preview.job = job_start(KIND, owner=user, params={"preview": preview.pk}, title=str(criteria))
        preview.save(update_fields=["job"])
    else:
        preview_make(preview)
    return preview


def check_day(day: dt.date) -> None:
    """Raise if a back-test of the day is not possible."""
    if day >= clock.today():
        raise BusinessRuleError("future_day", _("Choose a day that is over."), field="day")
    if day < clock.today() - dt.timedelta(days=OLDEST_MONTHS * 30):
        raise BusinessRuleError("too_old", _("Metric values are kept for five years."), field="day")


def preview_make(preview: Preview, progress: Callable[[int], None] = lambda _done: None) -> Preview:
    """Compute a preview again, a batch of customers in each transaction. It may run twice, also at once."""
    criteria = preview.criteria
    statement = _statement(preview)
    counts: Counter[tuple[int | None, int | None]] = Counter()
    for first, last in batches():
        with transaction.atomic():
            counts += _batch(statement, preview, first, last)
        progress(last)
    preview.table = [[before, after, number] for (before, after), number in counts.items()]
    preview.made_at, preview.edit = clock.now(), criteria.version
    preview.save(update_fields=["table", "made_at", "edit"])
    _trim(criteria)
    return preview


def _trim(criteria: CriteriaVersion) -> None:
    """Delete the back-tests of a version that are older than the newest ones."""
    done = Preview.objects.filter(criteria=criteria, day__isnull=False, made_at__isnull=False)
    older = done.order_by("-made_at", "-pk").values_list("pk", flat=True)[BACK_TESTS_KEPT:]
    Preview.objects.filter(pk__in=list(older)).delete()


def previews_expire() -> int:
    """Delete previews and back-tests computed long ago, and those that were never finished; return how many."""
    before = clock.now() - dt.timedelta(days=DAYS_KEPT)
    given_up = Q(made_at__isnull=True) & (Q(job__isnull=True) | Q(job__finished_at__lt=before))
    old = Preview.objects.filter(Q(made_at__lt=before) | given_up)
    count = len(old)
    old.delete()
    return count


def _statement(preview: Preview) -> Statement:
    criteria = preview.criteria
    if preview.day is None:
        return statement_of(criteria, standing_of(criteria.scheme_id, clock.today()))
    standing = chosen_on(criteria.scheme_id, preview.day)
    values, parameters = past_values(preview.day)
    return statement_of(criteria, standing, values, cut_values=PAST_VALUES, parameters=parameters)


def _batch(statement: Statement, preview: Preview, first: int, last: int) -> Counter[tuple[int | None, int | None]]:
    """Compute a batch of customers in the place of what was computed of them before."""
    day = preview.day or clock.today()
    Preview.objects.select_for_update(no_key=True).get(pk=preview.pk)
    PreviewMove.objects.filter(preview=preview, customer__gte=first, customer__lte=last).delete()
    with connection.cursor() as cursor:
        about = {**statement.parameters(day, first, last), "preview": preview.pk}
        cursor.execute(MOVES.format(rows=statement.sql), about)
        return Counter({(before, after): number for before, after, number in cursor.fetchall()})


# What the pages show


@dataclass(frozen=True)
class TableRow:
    """A row of the table of a preview: a segment that customers have, and how many would get each segment."""

    segment: Segment | None
    cells: list[tuple[Segment | None, int, bool]]  # the segment they get, how many, whether it is the same one
    total: int


@dataclass(frozen=True)
class Matrix:
    """The table of a preview, how many customers move, and how many agree."""

    columns: list[Segment | None]
    rows: list[TableRow]
    moved: int
    same: int

    @property
    def total(self) -> int:
        return self.moved + self.same

    @property
    def agreement(self) -> int | None:
        """The share of the customers with a segment for which the criteria give the same, in per cent."""
        own = [row for row in self.rows if row.segment]
        total = sum(row.total for row in own)
        return round(100 * sum(n for row in own for _to, n, is_same in row.cells if is_same) / total) if total else None


def matrix_of(preview: Preview) -> Matrix:
    """Return the table with segments in order of precedence; *without a segment* is the last row and column."""
    numbers = {(before, after): number for before, after, number in preview.table}
    used = {pk for pair in numbers for pk in pair}
    segments: list[Any] = list(Segment.objects.filter(scheme=preview.criteria.scheme_id).order_by("order", "pk"))
    shown = [one for one in segments if one.pk in used or not one.is_retired]
    ends: list[Segment | None] = [*shown, *([None] if None in used else [])]
    rows = []
    for before in ends:
        cells = [(after, numbers.get((_pk(before), _pk(after)), 0), before == after) for after in ends]
        rows.append(TableRow(before, cells, sum(number for _after, number, _same in cells)))
    same = sum(number for (before, after), number in numbers.items() if before == after)
    return Matrix(ends, rows, sum(numbers.values()) - same, same)


def _pk(segment: Segment | None) -> int | None:
    return segment.pk if segment else None
