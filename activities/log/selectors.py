"""Reads of activities that pages share: own open ones, closing, timelines, series, search snippets."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.standing_in import people_of
from activities.log.acting import mark_activities
from activities.log.enums import UNFINISHED, ActivityChannel, ActivityStatus
from activities.log.models import Activity, ActivitySeries, ActivityType, Participation
from activities.log.plugs import detail_codes, group_related, own_related, text_sources
from activities.log.recurrence.rules import parse_rule
from activities.log.recurrence.words import in_words
from activities.log.steps import needs_text_to_close
from core import clock
from core.paging import keyset_page
from core.permissions import allowed
from core.richtext import to_text
from core.start_panels import Link
from customers.querysets import of_active
from customers.search import read, stems

FREQUENT = 5
MINE = 100
TIMELINE = 10
COMING = 5
NEXT = 4
BEFORE, LENGTH = 40, 160
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class MineRow:
    """An own open activity; ``needs_text`` when closing it requires a memo or a resolution first.

    An activity with a status that follows from its own actions has ``links`` to those that are possible now instead.
    """

    activity: Activity
    needs_text: bool
    has_own_status: bool = False
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class MineGroup:
    """A group of own open activities: today, overdue, this week, within two weeks."""

    name: str
    label: str
    rows: list[MineRow]


@dataclass(frozen=True)
class Mine:
    """Own open activities in groups; ``cut`` names the days (``DUE_DAYS``) of which there are more than are shown."""

    groups: list[MineGroup]
    cut: list[str]


@dataclass(frozen=True)
class TimelineRow:
    """An activity on a timeline; the newest of its group, which has ``messages`` activities."""

    activity: Activity
    messages: int = 0


@dataclass(frozen=True)
class Timeline:
    """What is coming, a page of what has been, and the token of the older one, if there is one."""

    coming: list[TimelineRow]
    rows: list[TimelineRow]
    older: str


def _own_due(user: Any) -> QuerySet[Participation]:
    """Return unfinished participations of the user, and of those that he or she replaces today.

    Those of inactive customers, which nobody can close, are left out.
    """
    return Participation.objects.filter(user__any_of=people_of(user), due_at__isnull=False).filter(
        of_active("activity__customer")
    )


def due_by_tonight(user: Any) -> QuerySet[Any]:
    """Return the participations in own activities that are overdue or due today."""
    return own_due_within(user, "until_today")


def my_open(user: Any) -> Mine:
    """Return the user's own unfinished activities (rule 16) in groups: today's, the late ones, those of two weeks.

    What is late by more than a month and what is due later is left out. Of the late ones the newest are first, of the
    others the first due; at most ``MINE`` of each. Costs a constant number of queries.
    """
    orders = {"late": ("-due_at", "-pk"), "fortnight": ("due_at", "pk")}
    ids = {name: _activity_ids(own_due_within(user, name).order_by(*order), MINE + 1) for name, order in orders.items()}
    late = _mine_rows(user, ids["late"][:MINE])
    groups: dict[str, list[MineRow]] = {"today": [], "overdue": late[::-1], "week": [], "later": []}
    for row in _mine_rows(user, ids["fortnight"][:MINE]):
        groups[_group(row.activity.due_at)].append(row)
    labels = {"today": _("Today"), "overdue": _("Overdue"), "week": _("This week"), "later": _("Within two weeks")}
    shown = [MineGroup(name, labels[name], rows) for name, rows in groups.items() if rows]
    return Mine(shown, [name for name, found in ids.items() if len(found) > MINE])


def mine_rows(user: Any, participations: QuerySet[Participation], limit: int) -> list[MineRow]:
    """Return the activities of the first of the user's ``participations`` by start, in a constant number of queries."""
    return _mine_rows(user, _activity_ids(participations, limit))


def _activity_ids(participations: QuerySet[Participation], limit: int) -> list[int]:
    return list(participations.values_list("activity", flat=True)[:limit])


def _mine_rows(user: Any, ids: list[int]) -> list[MineRow]:
    activities = Activity.objects.with_names().select_related(*own_related()).filter(pk__in=ids)
    return [_mine_row(user, activity) for activity in activities.order_by("start", "pk")]


def _mine_row(user: Any, activity: Activity) -> MineRow:
    details = activity.type.own_details
    links = details.own_links(user, activity) if details.own_links else []
    return MineRow(activity, needs_text_to_close(activity), details.has_own_status, links)


#: Own unfinished activities by due day, counted from today: from the first day until before the last one.
DUE_DAYS: dict[str, tuple[int | None, int | None]] = {
    "today": (0, 1),
    "week": (-6, 0),
    "month": (-30, -6),
    "older": (None, -30),
    "until_today": (None, 1),
    "coming": (1, 15),
    "later": (15, None),
    "late": (-30, 0),
    "fortnight": (0, 15),
}


def own_due_within(user: Any, name: str) -> QuerySet[Participation]:
    """Return the participations in own unfinished activities that are due in the days ``DUE_DAYS[name]``."""
    first, end = DUE_DAYS[name]
    due = _own_due(user) if end is None else _own_due(user).filter(due_at__lt=day_start(end))
    return due if first is None else due.filter(due_at__gte=day_start(first))


def day_start(days: int) -> dt.datetime:
    """Return the start of the day that is ``days`` from today, in the user's time zone."""
    return midnight(clock.user_today() + dt.timedelta(days=days))


def _group(due: dt.datetime) -> str:
    if due < day_start(1):
        return "today"
    return "week" if due < day_start(7 - clock.user_today().weekday()) else "later"


def types_in_use() -> list[ActivityType]:
    """Return the types that may be given to a new activity, frequent ones first."""
    return list(ActivityType.objects.filter(retired_at__isnull=True))


def meeting_type() -> ActivityType | None:
    """Return the type of what a click in the calendar plans: the first meeting in use, such as a visit."""
    meetings = ActivityType.objects.filter(retired_at__isnull=True, channel=ActivityChannel.MEETING)
    return meetings.filter(status_if_future=ActivityStatus.OPEN).first()


def follow_up_types() -> list[ActivityType]:
    """Return the types of follow-ups: those in use that are open when planned, without incoming ones."""
    types = ActivityType.objects.filter(retired_at__isnull=True, status_if_future=ActivityStatus.OPEN)
    return list(types.exclude(details__in=detail_codes(lambda details: details.is_incoming)))


def types_for_each() -> list[ActivityType]:
    """Return the types that need nothing which differs from customer to customer."""
    return [
        type
        for type in follow_up_types()
        if not type.needs_contact and (type.own_details.model is None or type.own_details.is_optional)
    ]


def content_for_other_type(activity: Activity) -> dict[str, Any]:
    """Return the content of an activity that suits any type, as initial values of a form."""
    plain = ("title", "goal", "memo", "start", "end", "hours", "place", "channel", "settlement")
    return {name: getattr(activity, name) for name in plain if getattr(activity, name)} | {
        "participants": list(activity.participations.values_list("user_id", flat=True)),
        "keywords": list(activity.activity_keywords.values_list("keyword_id", flat=True)),
    }


def timeline(user: Any, condition: Q, after: str = "") -> Timeline:
    """Return the next coming activities with ``condition``, the first first, and the past ones, the newest first.

    Past ones come by pages of ``TIMELINE``; ``after`` is the token of an older page, which has no coming ones. Only the
    newest of a group, such as a thread of messages, is shown, with the group's size on the page. Raises
    :class:`core.paging.InvalidToken`. Costs a constant number of queries.
    """
    activities = Activity.objects.visible_to(user).with_names().select_related(*group_related()).filter(condition)
    now = clock.now()
    coming = [] if after else list(activities.filter(start__gt=now).order_by("start", "pk")[:COMING])
    page = keyset_page(activities.filter(start__lte=now), "-start", size=TIMELINE, after=after)
    mark_activities(user, page.rows)
    return Timeline([TimelineRow(activity) for activity in coming], _newest_of_groups(page.rows), page.next)


def _newest_of_groups(activities: list[Activity]) -> list[TimelineRow]:
    """Return the newest activity of each group, with the number of the group's activities on the page."""
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
    """Return the start of the day in the user's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@dataclass(frozen=True)
class SeriesView:
    """A series for a page: its rule in words, the next occurrences and the coming days that are left out."""

    words: str
    time: dt.datetime
    zone: str
    coming: list[Activity]
    more: bool
    ended: bool
    left_out: list[dt.date]


def rule_words(series: ActivitySeries) -> str:
    """Return a series' rule in words, in the language of the page, with its zone where that is not the page's."""
    words = in_words(parse_rule(series.rule), series.start.astimezone(series.zone).date())
    zone = str(series.zone)
    return words if zone == timezone.get_current_timezone_name() else f"{words} ({zone})"


def series_view(user: Any, series: ActivitySeries) -> SeriesView:
    """Return the series for the page of an occurrence, in one query."""
    coming = Activity.objects.visible_to(user).filter(series=series, status__in=UNFINISHED, start__gt=clock.now())
    upcoming = list(coming.select_related("type").order_by("start", "pk")[: NEXT + 1])
    start = series.start.astimezone(series.zone)
    ended = series.ended_at is not None and not upcoming
    without = [day for day in series.left_out if day >= clock.user_today()][:NEXT]
    return SeriesView(
        rule_words(series), start, series.time_zone, upcoming[:NEXT], len(upcoming) > NEXT, ended, without
    )


def add_snippets(activities: Sequence[Activity], text: str) -> None:
    """Set ``snippet`` of the activities that match elsewhere than in the title: the text around the first match.

    Costs two queries.
    """
    parts = [stem for words in read(text).readings for word in words for stem in stems(word)]
    if not activities or not parts:
        return
    elsewhere = [source.texts(activities) for source in text_sources()]
    for activity in activities:
        if not _first_match(activity.title, parts):
            others = (to_text(texts.get(activity.pk, "")) for texts in elsewhere)
            texts = (activity.goal, to_text(activity.memo), activity.settlement, *others)
            activity.snippet = _snippet(texts, parts)  # type: ignore[attr-defined]


def _snippet(texts: Iterable[str], parts: list[str]) -> SafeString | str:
    for text in texts:
        line = " ".join(text.split())
        if match := _first_match(line, parts):
            return _marked_excerpt(line, match)
    return ""


def _first_match(text: str, parts: list[str]) -> re.Match[str] | None:
    words = (match for match in _WORD.finditer(text) if _fold(match[0]).startswith(tuple(parts)))
    return next(words, None)


def _marked_excerpt(line: str, match: re.Match[str]) -> SafeString:
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
    """Fold a word as the database does: lower case, without accents."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(letter)
    )
