"""Reads of activities that pages share."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from activities.log import text_sources, type_details
from activities.log.enums import TRANSITIONS, UNFINISHED, ActivityStatus
from activities.log.models import Activity, ActivitySeries, ActivityType, Participation
from activities.log.recurrence.rules import parse_rule
from activities.log.recurrence.words import in_words
from activities.log.validators import goes_back
from core import clock
from core.paging import count_up_to, keyset_page
from core.permissions import allowed
from core.richtext import to_text
from customers.querysets import of_active
from customers.search import read, stems

FREQUENT = 5
MINE = 100
DUE = 99
TIMELINE = 10
COMING = 3


@dataclass(frozen=True)
class MineRow:
    """An own open activity; ``asks`` when closing it needs words first."""

    activity: Activity
    asks: bool


@dataclass(frozen=True)
class MineGroup:
    """A part of one's own open activities: overdue, today, this week, later."""

    name: str
    label: str
    rows: list[MineRow]


@dataclass(frozen=True)
class TimelineRow:
    """An activity on a timeline; of a group the newest one, with the number of ``messages`` in the group."""

    activity: Activity
    messages: int = 0


@dataclass(frozen=True)
class Timeline:
    """A page of a timeline and the token of the older one, if there is one."""

    rows: list[TimelineRow]
    older: str


@dataclass(frozen=True)
class NextStatus:
    """A button of an activity: a status that may follow; ``ask_url`` where it needs words first."""

    status: ActivityStatus
    label: str
    ask_url: str = ""


def _own_due(user: Any) -> QuerySet[Participation]:
    """Work of passive customers rests: nobody can close it."""
    return Participation.objects.filter(user=user, due_at__isnull=False).filter(of_active("activity__customer"))


def due_count(user: Any) -> tuple[int, bool]:
    """Return how many own activities are overdue or due today, up to 99, and whether there are more."""
    return count_up_to(_own_due(user).filter(due_at__lt=_midnight(1)), DUE)


def my_open(user: Any) -> list[MineGroup]:
    """Return the user's own unfinished activities (rule 16) by due date, oldest first, in groups; at most ``MINE``.

    Costs a constant number of queries.
    """
    ids = _own_due(user).order_by("due_at", "pk").values_list("activity", flat=True)[:MINE]
    found = Activity.objects.with_names().filter(pk__in=list(ids)).order_by("start", "pk")
    groups: dict[str, list[MineRow]] = {"overdue": [], "today": [], "week": [], "later": []}
    for activity in found:
        groups[_group(activity.start)].append(MineRow(activity, asks_words(activity)))
    labels = {"overdue": _("Overdue"), "today": _("Today"), "week": _("This week"), "later": _("Later")}
    return [MineGroup(name, labels[name], rows) for name, rows in groups.items() if rows]


def _midnight(days: int) -> dt.datetime:
    """Return the start of the day that is ``days`` from today, in the user's time zone."""
    day = clock.user_today() + dt.timedelta(days=days)
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _group(start: dt.datetime) -> str:
    if start < clock.now():
        return "overdue"
    if start < _midnight(1):
        return "today"
    return "week" if start < _midnight(7 - clock.user_today().weekday()) else "later"


def asks_words(activity: Activity) -> bool:
    """Closing asks for words first: the report of a visit, how negative feedback was settled."""
    return needs_report(activity) or needs_settlement(activity)


def needs_report(activity: Activity) -> bool:
    """What was agreed on a visit is not written yet."""
    kind = activity.type
    templates = ("", kind.memo_template_fi, kind.memo_template_en)
    return kind.needs_goal and to_text(activity.memo) in map(to_text, templates)


def needs_settlement(activity: Activity) -> bool:
    """Negative feedback that does not say yet how it was settled (rule 12)."""
    return not activity.settlement.strip() and any(keyword.keeps_open for keyword in activity.keywords.all())


def next_statuses(activity: Activity) -> list[NextStatus]:
    """Return the buttons of an activity, from the table of transitions; none where its type has steps of its own."""
    if activity.type.own_details.has_own_status:
        return []
    labels = {
        ActivityStatus.DONE: _("Mark done"),
        ActivityStatus.IN_PROGRESS: _("Start"),
        ActivityStatus.OPEN: _("Reopen") if activity.status == ActivityStatus.DONE else _("Back to open"),
    }
    return [
        NextStatus(status, labels[status], ask_url(activity, status))
        for status in TRANSITIONS[ActivityStatus(activity.status)]
    ]


def ask_url(activity: Activity, status: str) -> str:
    """Return the form that asks for what this change of status needs told, or nothing."""
    if goes_back(activity.status, status):
        return reverse("activities:reopen", args=[activity.pk])
    is_closing = status == ActivityStatus.DONE and activity.is_unfinished
    return reverse("activities:finish", args=[activity.pk]) if is_closing and asks_words(activity) else ""


def types_in_use() -> list[ActivityType]:
    """Return the types that may be given to a new activity, frequent ones first."""
    return list(ActivityType.objects.filter(retired_at__isnull=True))


def follow_up_types() -> list[ActivityType]:
    """Return the types that a thing to do may have: what comes from the customer is not agreed on."""
    kinds = ActivityType.objects.filter(retired_at__isnull=True, status_if_future=ActivityStatus.OPEN)
    return list(kinds.exclude(details__in=type_details.codes(lambda details: details.is_incoming)))


def content_again(activity: Activity) -> dict[str, Any]:
    """Return what an activity says that one of another type may say too, as a form's beginning."""
    plain = ("title", "goal", "memo", "start", "end", "hours", "place", "channel", "settlement")
    return {name: getattr(activity, name) for name in plain if getattr(activity, name)} | {
        "participants": list(activity.participations.values_list("user_id", flat=True)),
        "keywords": list(activity.activity_keywords.values_list("keyword_id", flat=True)),
    }


def timeline(user: Any, customer_id: int, after: str = "") -> Timeline:
    """Return the customer's next coming activities and its newest past ones, newest first, by pages of ``TIMELINE``.

    Of a group, such as a thread of messages, only the newest is shown, with the group's size on the page. ``after`` is
    the token of an older page. Raises :class:`core.paging.InvalidToken`. Costs a constant number of queries.
    """
    of_customer = Activity.objects.visible_to(user).with_names().filter(customer=customer_id)
    of_customer = of_customer.select_related(*type_details.group_related())
    now = clock.now()
    coming = [] if after else list(of_customer.filter(start__gt=now).order_by("start", "pk")[:COMING])
    page = keyset_page(of_customer.filter(start__lte=now), "-start", size=TIMELINE, after=after)
    return Timeline(_by_group([*reversed(coming), *page.rows]), page.next)


def _by_group(activities: list[Activity]) -> list[TimelineRow]:
    """Leave the newest of each group, with the number of its activities."""
    groups = [_group_of(activity) for activity in activities]
    counts = Counter(groups)
    first = {group: number for number, group in reversed(list(enumerate(groups))) if group}
    return [
        TimelineRow(activity, counts[group] if group else 0)
        for number, (activity, group) in enumerate(zip(activities, groups, strict=True))
        if group is None or first[group] == number
    ]


def _group_of(activity: Activity) -> tuple[str, Any] | None:
    details = activity.type.own_details
    group = details.group(activity) if details.group else None
    return (details.code, group) if group is not None else None


def may_log(user: Any) -> bool:
    return allowed(user, "activities.log_activity")


def midnight(day: dt.date) -> dt.datetime:
    """Return when the day begins in the user's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


NEXT = 4


@dataclass(frozen=True)
class SeriesView:
    """A series for a page: its rule in words, the occurrences nearest to come and the days to come without one."""

    words: str
    time: dt.datetime
    zone: str
    coming: list[Activity]
    more: bool
    ended: bool
    left_out: list[dt.date]


def rule_words(series: ActivitySeries) -> str:
    """Say a series' rule in the language of the page."""
    return in_words(parse_rule(series.rule), series.start.astimezone(ZoneInfo(series.time_zone)).date())


def series_view(user: Any, series: ActivitySeries) -> SeriesView:
    """Return what the page of an occurrence shows of its series, in one query."""
    coming = Activity.objects.visible_to(user).filter(series=series, status__in=UNFINISHED, start__gt=clock.now())
    found = list(coming.select_related("type").order_by("start", "pk")[: NEXT + 1])
    start = series.start.astimezone(ZoneInfo(series.time_zone))
    ended = series.ended_at is not None and not found
    without = [day for day in series.left_out if day >= clock.user_today()][:NEXT]
    return SeriesView(rule_words(series), start, series.time_zone, found[:NEXT], len(found) > NEXT, ended, without)


BEFORE, LENGTH = 40, 160
_WORD = re.compile(r"\w+")


def add_snippets(rows: Sequence[Activity], text: str) -> None:
    """Give each of ``rows`` whose title does not show it a ``snippet``: where the first word is found. Two queries."""
    parts = [stem for word in read(text).words for stem in stems(word)]
    if not rows or not parts:
        return
    elsewhere = [source.texts(rows) for source in text_sources.registered()]
    for row in rows:
        if not _first(row.title, parts):
            others = (to_text(texts.get(row.pk, "")) for texts in elsewhere)
            texts = (row.goal, to_text(row.memo), row.settlement, *others)
            row.snippet = _snippet(texts, parts)  # type: ignore[attr-defined]


def _snippet(texts: Iterable[str], parts: list[str]) -> SafeString | str:
    for text in texts:
        line = " ".join(text.split())
        if match := _first(line, parts):
            return _cut(line, match)
    return ""


def _first(text: str, parts: list[str]) -> re.Match[str] | None:
    words = (match for match in _WORD.finditer(text) if _fold(match[0]).startswith(tuple(parts)))
    return next(words, None)


def _cut(line: str, match: re.Match[str]) -> SafeString:
    begin = line.rfind(" ", 0, max(match.start() - BEFORE, 0)) + 1 if match.start() > BEFORE else 0
    end = begin + LENGTH if begin + LENGTH >= match.end() else match.end()
    return format_html(
        "{}{}<mark>{}</mark>{}{}",
        "… " if begin else "",
        line[begin : match.start()],
        match[0],
        line[match.end() : end],
        " …" if end < len(line) else "",
    )


def _fold(word: str) -> str:
    """As the database folds: lower case, without accents."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(letter)
    )
