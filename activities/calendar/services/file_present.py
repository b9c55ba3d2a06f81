"""What earlier calendar files have brought: the activities made of events, and the newest version of each event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from activities.calendar.ical.read import ReadEvent
from activities.calendar.models import ImportedEvent
from activities.log.models import Activity, ActivitySeries


class Present:
    """The activities that were made of a file's events before, and the versions of these events; three queries."""

    def __init__(self, user: User, events: Iterable[ReadEvent]) -> None:
        uids = {event.uid for event in events if event.uid}
        present = Activity.objects.filter(ical_uid__in=uids).select_related("type", "customer", "series")
        activities = present.prefetch_related("participations").order_by("start", "pk")
        self.versions = {(row.uid, row.recurrence): row for row in ImportedEvent.objects.filter(uid__in=uids)}
        self.visible = set(Activity.objects.visible_to(user).filter(ical_uid__in=uids).values_list("pk", flat=True))
        self.by_pk = {activity.pk: activity for activity in activities}
        self._singles: dict[str, list[Activity]] = {}
        self._masters: dict[str, Activity] = {}
        self._occurrences: dict[tuple[str, dt.date], Activity] = {}
        for activity in sorted(activities, key=lambda row: row.start != (row.series_start or row.start)):  # moved last
            if activity.series is None:
                self._singles.setdefault(activity.ical_uid, []).append(activity)
                continue
            self._masters.setdefault(activity.ical_uid, activity)
            if activity.series_start:
                day = activity.series_start.astimezone(activity.series.zone).date()
                self._occurrences.setdefault((activity.ical_uid, day), activity)

    def of(self, event: ReadEvent) -> Activity | None:
        """Return the activity of the event; for a recurring event one of its occurrences, if possible not moved."""
        if event.recurrence is None:
            return self._masters.get(event.uid) or self._single(event)
        return self._recorded(event) or (None if event.is_extra else self.occurrence(event))

    def occurrence(self, event: ReadEvent) -> Activity | None:
        """Return the occurrence of a series that the event is about."""
        series = self.series(event.uid)
        day = event.original_day(series.zone) if series else None
        return self._occurrences.get((event.uid, day)) if day else None

    def series(self, uid: str) -> ActivitySeries | None:
        master = self._masters.get(uid)
        return master.series if master else None

    def master(self, uid: str) -> Activity | None:
        return self._masters.get(uid)

    def version(self, event: ReadEvent) -> ImportedEvent | None:
        """Return the newest version of the event that has been imported."""
        return self.versions.get((event.uid, event.recurrence))

    def apart(self, uid: str) -> list[dt.datetime]:
        """Return the original times of the occurrences that came without their series."""
        return [
            recurrence
            for (other, recurrence), row in self.versions.items()
            if other == uid and recurrence is not None and row.activity_id and not self._in_series(row.activity_id)
        ]

    def _in_series(self, pk: int) -> bool:
        activity = self.by_pk.get(pk)
        return activity is not None and activity.series_id is not None

    def _recorded(self, event: ReadEvent) -> Activity | None:
        row = self.version(event)
        return self.by_pk.get(row.activity_id) if row and row.activity_id else None

    def _single(self, event: ReadEvent) -> Activity | None:
        """Return the activity of an event that does not recur, not one of an occurrence that came alone."""
        apart: set[Any] = {
            row.activity_id for (uid, recurrence), row in self.versions.items() if uid == event.uid and recurrence
        }
        return next((row for row in self._singles.get(event.uid, []) if row.pk not in apart), None)


def is_older(event: ReadEvent, row: ImportedEvent) -> bool:
    """Return whether the event is older than the one imported: by SEQUENCE, then by DTSTAMP where both have it."""
    if event.sequence != row.sequence:
        return event.sequence < row.sequence
    return bool(event.stamp and row.stamp and event.stamp < row.stamp)


def remember(event: ReadEvent, activity: Activity | None, *, is_cancelled: bool = False) -> None:
    """Store the version of the event that has just been written into the activity."""
    version = Activity.objects.filter(pk=activity.pk).values_list("version", flat=True).first() if activity else None
    ImportedEvent.objects.update_or_create(
        uid=event.uid,
        recurrence=event.recurrence,
        defaults={
            "sequence": event.sequence,
            "stamp": event.stamp,
            "is_cancelled": is_cancelled,
            "activity": activity if version else None,
            "version": version,
        },
    )
