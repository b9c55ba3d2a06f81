"""The columns of lists of activities, for screen and export."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Case, DateField, Func, IntegerField, Model, OuterRef, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat, Left, TruncDate
from django.db.models.lookups import Exact, LessThan
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from activities.log import cells
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, ActivityKeyword, Participation
from activities.log.overdue import began_too_early
from core import cells as core_cells
from core import clock
from core.export_sql import joined, labels, path_sql, text_sql
from core.tables import Column, Table, Total


def names(rows: Any) -> str:
    return ", ".join(map(str, rows))


def short_names(users: Any) -> str:
    """M. Virtanen, L. Mäkelä"""
    return ", ".join(f"{user.first_name[:1]}. {user.last_name}" if user.first_name else str(user) for user in users)


def short_name_sql(path: str) -> Case:
    """Return what :func:`short_names` shows of one user."""
    initial = Concat(Left(f"{path}first_name", 1), Value(". "), f"{path}last_name")
    return Case(When(**{f"{path}first_name": ""}, then=text_sql(User, path)), default=initial, output_field=TextField())


def status_sql() -> Case:
    """Return :func:`cells.status_text`."""
    overdue = When(began_too_early(), status__in=UNFINISHED, then=days_overdue_sql("start"))
    return Case(overdue, default=labels(Activity, "status"), output_field=TextField())


def days_overdue_sql(path: str) -> Case:
    """Return :func:`core.cells.days_overdue` of a moment."""
    today = Value(clock.user_today(), DateField())
    days = Func(today, TruncDate(path), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())

    def words(count: int) -> Concat:
        text = ngettext("%(days)s day overdue", "%(days)s days overdue", count)
        before, _place, after = text.partition("%(days)s")
        parts = Value(before, TextField()), Cast(days, TextField()), Value(after, TextField())
        return Concat(*parts, output_field=TextField())

    return Case(
        When(LessThan(days, 1), then=Value(gettext("overdue"))),
        When(Exact(days, 1), then=words(1)),
        default=words(2),
        output_field=TextField(),
    )


def _of_activity(model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.filter(activity=OuterRef("pk"))


def keywords_sql() -> Any:
    return joined(_of_activity(ActivityKeyword).order_by("keyword"), path_sql(ActivityKeyword, "keyword"))


COLUMNS = (
    Column("start", _("When"), sort="start", cell=cells.start, inline="start"),
    Column("title", pgettext_lazy("activity", "Title"), cell=cells.title, link=True, grow=True),
    Column("type", _("Type"), cell=cells.type_name, wide=True),
    Column("customer", _("Customer"), cell=core_cells.link, long=True),
    Column(
        "participants",
        _("Participants"),
        value=lambda row: short_names(row.users.all()),
        sql=lambda user: joined(_of_activity(Participation).order_by("pk"), short_name_sql("user__")),
        long=True,
        wide=True,
        inline="participants",
    ),
    Column(
        "status",
        _("Status"),
        cell=cells.status,
        inline="status",
        export=cells.status_text,
        sql=lambda user: status_sql(),
    ),
    Column(
        "channel",
        _("Channel"),
        value=Activity.get_channel_display,
        shown=False,
        wide=True,
        sql="get_channel_display",
        inline="channel",
    ),
    Column(
        "keywords",
        _("Keywords"),
        value=lambda row: names(row.keywords.all()),
        shown=False,
        wide=True,
        sql=lambda user: keywords_sql(),
        inline="keywords",
    ),
    Column("goal", _("Goal"), shown=False, wide=True, inline="goal"),
    Column("place", _("Place"), shown=False, wide=True, inline="place"),
    Column(
        "hours",
        _("Hours"),
        numeric=True,
        shown=False,
        wide=True,
        inline="hours",
        total=Total("hours", _("Hours of work logged on all activities that match"), always=True),
    ),
    Column("end", pgettext_lazy("time", "End"), shown=False, wide=True),
    Column("memo", _("Memo"), shown=False, wide=True),
)

FACTS = ("start", "customer", "status")
ACTIVITY_TABLE = Table(COLUMNS, "-start", FACTS)

#: Stale activities, oldest first.
STALE_TABLE = Table(
    [
        Column("start", _("Was due"), sort="start", cell=cells.overdue),
        *(replace(column, wide=False) if column.name == "participants" else column for column in COLUMNS[1:6]),
    ],
    "start",
    ("start", "customer", "participants"),
)

#: A customer's own page, without the customer column.
CUSTOMER_TABLE = Table(
    [replace(column, shown=column.shown and column.name != "customer") for column in COLUMNS],
    "-start",
    ("start", "participants", "status"),
)
