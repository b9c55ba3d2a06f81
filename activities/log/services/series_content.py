"""What a series gives its occurrences, stored with it, and which occurrences have been edited since.

``ActivitySeries.contents`` lists every content that the series has given; the last one is that of new occurrences.
``Activity.series_content`` is the place in the list of what the occurrence was given when it was made, or by the last
change of the series. An occurrence is edited when it differs from that; one without a place counts as edited.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityContact, ActivityKeyword, ActivitySeries, Encounter, Participation
from core.models import Document
from core.registry import declared
from core.richtext import clean

#: Plain fields that a change of the series may change.
SHARED = ("title", "goal", "place", "channel")
#: People and words, by their names in a content.
PEOPLE: Mapping[str, tuple[type[Any], str]] = {
    "participants": (Participation, "user_id"),
    "contacts": (ActivityContact, "contact_id"),
    "keywords": (ActivityKeyword, "keyword_id"),
}

Content = dict[str, Any]


def contents_of(activities: Iterable[Activity]) -> dict[int, Content]:
    """Return what each activity has now, by id; costs a query for each kind of people."""
    by_pk = {activity.pk: activity for activity in activities}
    people: dict[str, dict[int, list[int]]] = {name: defaultdict(list) for name in PEOPLE}
    for name, (model, field) in PEOPLE.items():
        for activity_id, pk in model.objects.filter(activity__in=by_pk).order_by(field).values_list("activity", field):
            people[name][activity_id].append(pk)
    return {
        pk: {
            **{name: getattr(activity, name) for name in SHARED},
            "customer": activity.customer_id,
            "seconds": seconds(activity),
            "memo": activity.memo,
            **{name: people[name][pk] for name in PEOPLE},
        }
        for pk, activity in by_pk.items()
    }


def seconds(activity: Activity) -> int | None:
    """Return the length of the activity, None where it has no end."""
    return int((activity.end - activity.start).total_seconds()) if activity.end else None


def given(series: ActivitySeries, activity: Activity) -> Content | None:
    """Return what the series gave the occurrence; None where that is not known."""
    number = activity.series_content
    return series.contents[number] if number is not None and number < len(series.contents) else None


def given_start(series: ActivitySeries, activity: Activity) -> dt.datetime | None:
    """Return the start that the series gave the occurrence: the rule's time, moved by the days of its content."""
    origin = given(series, activity)
    if activity.series_start is None or origin is None:
        return activity.series_start
    return moved_by(activity.series_start, origin, series.zone)


def moved_by(time: dt.datetime, content: Content, zone: dt.tzinfo) -> dt.datetime:
    """Return the time moved by the days of the content, by the clock of the zone."""
    days: int = content.get("days", 0)
    return shifted(time, days, zone) if days else time


def shifted(time: dt.datetime, days: int, zone: dt.tzinfo) -> dt.datetime:
    """Return the same time of day so many days later; a time that does not exist moves forward."""
    local = time.astimezone(zone).replace(tzinfo=None, fold=0) + dt.timedelta(days=days)
    return local.replace(tzinfo=zone).astimezone(dt.UTC)


def newest(series: ActivitySeries) -> Content:
    """Return the content of occurrences that are made next."""
    content: Content = series.contents[-1]
    return content


def content_remember(series: ActivitySeries, content: Content) -> int:
    """Add the content to the series, where it is not the last one; return its place. The caller saves the series."""
    if not series.contents or series.contents[-1] != content:
        series.contents = [*series.contents, content]
    return len(series.contents) - 1


def contents_change(series: ActivitySeries, coming: list[Activity], change: Callable[[Content], Content]) -> None:
    """Give the coming occurrences their contents as ``change`` makes them, and those that are made next theirs.

    The caller saves the series and the occurrences.
    """
    numbers = {row.series_content for row in coming if given(series, row) is not None}
    old, places = series.contents, {}
    for number in sorted(number for number in numbers if number is not None):
        places[number] = content_remember(series, change(old[number]))
    content_remember(series, change(old[-1]))
    for row in coming:
        row.series_content = places.get(row.series_content, row.series_content)  # type: ignore[arg-type]


def edited(series: ActivitySeries, occurrences: Collection[Activity]) -> set[int]:
    """Return the ids of the occurrences that differ from what the series gave them, or on which work has been done."""
    present, traces = contents_of(occurrences), traced(occurrences)
    return {row.pk for row in occurrences if row.pk in traces or is_changed(series, row, present[row.pk])}


def is_changed(series: ActivitySeries, activity: Activity, present: Content) -> bool:
    """Return whether anything of the activity itself differs from what the series gave it."""
    origin = given(series, activity)
    return (
        origin is None
        or any(origin[name] != value for name, value in present.items())
        or activity.start != given_start(series, activity)
        or activity.status != ActivityStatus.OPEN
        or activity.hours is not None
        or bool(activity.settlement)
        or activity.follows_id is not None
    )


def traced(activities: Collection[Activity]) -> set[int]:
    """Return the ids of the activities to which something has been added: documents, follow-ups, details and others.

    Costs a query for each kind of trace. A subject that adds something to activities declares ``SERIES_TRACES`` among
    its registrations: functions that return which of some ids have it.
    """
    ids = {activity.pk for activity in activities}
    related = (
        Document.objects.filter(content_type__app_label="activities", content_type__model="activity")
        .filter(object_id__in=ids)
        .values_list("object_id", flat=True),
        Activity.objects.filter(follows__in=ids).values_list("follows", flat=True),
        Encounter.objects.filter(pk__in=ids).values_list("pk", flat=True),
        *(trace(ids) for trace in declared("SERIES_TRACES")),
    )
    return {int(pk) for query in related for pk in query if pk is not None}


def begun(activities: Collection[Activity]) -> set[int]:
    """Return the ids of the activities on which work has been done: a status, hours, a report or something added."""
    return traced(activities) | {activity.pk for activity in activities if _has_report(activity)}


def _has_report(activity: Activity) -> bool:
    is_open = activity.status == ActivityStatus.OPEN
    return not is_open or activity.hours is not None or activity.memo not in memo_templates(activity.type)


def memo_templates(type: Any) -> set[str]:
    """Return the memos with which an activity of the type may begin."""
    return {"", clean(type.memo_template_fi), clean(type.memo_template_en)}


def contents_fill(series: ActivitySeries) -> None:
    """Work out the contents of a series where the rows were written without them, by an older version or in bulk.

    An occurrence that no service has changed is as the series made it; so is one that shares its version and all its
    content with another one, as only a change of the series writes the same to several. All others keep no place and
    count as edited. The caller saves nothing.
    """
    rows = list(series.activities.select_related("type").order_by("series_start", "pk"))
    present = contents_of(rows)
    for row in rows:
        if row.memo not in memo_templates(row.type):
            present[row.pk] = {**present[row.pk], "memo": ""}
    places = shared_contents([(row.pk, row.version, present[row.pk]) for row in rows])
    contents: list[Content] = []
    for row in rows:
        if row.pk in places:
            content = present[row.pk]
            contents = [*(other for other in contents if other != content), content]
    series.contents = contents or [present[rows[-1].pk]] if rows else []
    for row in rows:
        row.series_content = contents.index(present[row.pk]) if row.pk in places else None
    series.contents = [{**content, "reminders": reminders_of(rows[-1])} for content in series.contents]
    Activity.objects.bulk_update(rows, ["series_content"], batch_size=500)
    series.save(update_fields=["contents"])


def shared_contents(rows: Collection[tuple[int, int, Content]]) -> set[int]:
    """Return the ids of those (id, version, content) that are as the series made them."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    people: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for pk, version, content in rows:
        alike[version, repr(sorted(content.items()))].append(pk)
        people[tuple(tuple(content[name]) for name in PEOPLE)].add(pk)
    usual = {pk for pks in people.values() if len(pks) > 1 or len(rows) == 1 for pk in pks}
    untouched = {pk for pk, version, _content in rows if version == 1 and pk in usual}
    return untouched | {pk for pks in alike.values() if len(pks) > 1 for pk in pks}


def reminders_of(activity: Activity) -> list[list[int]]:
    """Return the reminders of the activity as pairs of a user and minutes; an occurrence may have its own ones."""
    return [list(pair) for pair in activity.reminders.order_by("user").values_list("user", "minutes_before")]


def length(content: Content) -> dt.timedelta | None:
    """Return the length that the content gives."""
    return None if content["seconds"] is None else dt.timedelta(seconds=content["seconds"])
