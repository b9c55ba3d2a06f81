"""Telling colleagues what concerns them: they are mentioned, given something to do, taken along."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.mentions import names_in, users_named
from accounts.models import User
from accounts.notifications import notify
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, Reminder, ReminderDefault
from core import clock
from core.exceptions import BusinessRuleError
from customers.models import Customer


def mentions_notify(*, activity: Activity, user: User, old_memo: str = "") -> None:
    """Tell those whom ``user`` mentions in the memo and who were not in ``old_memo``, each once and not oneself.

    Who may not see the activity (its customer is passive) is told nothing.
    """
    names = set(names_in(activity.memo)) - set(names_in(old_memo))
    if names:
        _tell(users_named(names), "mention", activity, user)


def participants_notify(*, activity: Activity, user: User, added: Collection[int]) -> None:
    """Tell those whom ``user`` has added to an unfinished activity: it is theirs to do, or theirs too."""
    others = {pk for pk in added if pk != user.pk}
    if others and activity.is_unfinished:
        takes_part = activity.participations.filter(user=user).exists()
        kind = "participant_added" if takes_part else "follow_up_given"
        _tell(User.objects.active().filter(pk__in=others), kind, activity, user)


def _tell(users: Any, kind: str, activity: Activity, by: User) -> None:
    told = [user for user in users if user.pk != by.pk and _sees(user, activity.customer)]
    if told:
        notify(users=told, kind=kind, url=activity.get_absolute_url(), who=str(by), title=activity.title)


def _sees(user: User, customer: Customer | None) -> bool:
    return customer is None or not customer.is_passive or user.has_perm("customers.manage_passive")


BATCH = 200
#: A reminder that could not be sent for so long (the workers stood still) is not sent at all.
STALE = dt.timedelta(days=1)

#: Those of finished activities go; others follow the start, and are due again where it has moved ahead of them.
_DROP = """
    DELETE FROM activities_reminder AS reminder USING activities_activity AS activity
    WHERE activity.id = reminder.activity_id AND activity.id = ANY(%(ids)s) AND activity.status = 'done'
"""
_FOLLOW = """
    WITH moved AS (
        SELECT reminder.id, activity.start - make_interval(mins => reminder.minutes_before) AS due_at
        FROM activities_reminder AS reminder JOIN activities_activity AS activity ON activity.id = reminder.activity_id
        WHERE activity.id = ANY(%(ids)s)
    )
    UPDATE activities_reminder AS reminder
    SET due_at = moved.due_at, sent_at = CASE WHEN moved.due_at <= %(now)s THEN reminder.sent_at END
    FROM moved WHERE moved.id = reminder.id AND moved.due_at <> reminder.due_at
"""


@transaction.atomic
def reminder_set(*, activity: Activity, user: User, minutes: int | None) -> Reminder | None:
    """Remind ``user`` so many minutes before the activity, or not at all (None); return the reminder.

    Raises :class:`BusinessRuleError`: ``reminder_of_done``, ``reminder_in_past``.
    """
    if minutes is None:
        activity.reminders.filter(user=user).delete()
        return None
    if not activity.is_unfinished:
        message = _("The activity is done: there is nothing to remind of.")
        raise BusinessRuleError("reminder_of_done", message, field="minutes")
    due_at = activity.start - dt.timedelta(minutes=minutes)
    if due_at <= clock.now():
        raise BusinessRuleError("reminder_in_past", _("The time of the reminder has passed already."), field="minutes")
    reminder, _is_new = Reminder.objects.update_or_create(
        activity=activity, user=user, defaults={"minutes_before": minutes, "due_at": due_at, "sent_at": None}
    )
    return reminder


def reminder_set_if_coming(*, activity: Activity, user: User, minutes: int | None) -> Reminder | None:
    """The same for what is being logged: without a word where there is nothing to remind of any more."""
    coming = activity.is_unfinished and minutes is not None
    if not coming or activity.start - dt.timedelta(minutes=minutes or 0) <= clock.now():
        return None
    return reminder_set(activity=activity, user=user, minutes=minutes)


@transaction.atomic
def reminder_default_set(*, user: User, minutes: int | None) -> None:
    """Write when ``user`` wants to be reminded of what he or she logs, unless the form says otherwise."""
    if minutes is None:
        ReminderDefault.objects.filter(user=user).delete()
    else:
        ReminderDefault.objects.update_or_create(user=user, defaults={"minutes_before": minutes})


@transaction.atomic
def reminders_follow(activity_ids: Collection[int]) -> None:
    """Move the reminders of activities whose start or status has changed; those of done ones are dropped."""
    with connection.cursor() as cursor:
        for statement in (_DROP, _FOLLOW):
            cursor.execute(statement, {"ids": list(activity_ids), "now": clock.now()})


def reminders_send_due() -> int:
    """Send the reminders that are due, in batches, each once whoever else sends at the same time; return how many."""
    sent = 0
    while batch := _send_batch():
        sent += batch
    return sent


@transaction.atomic
def _send_batch() -> int:
    now = clock.now()
    due = (
        Reminder.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(sent_at__isnull=True, due_at__lte=now)
        .select_related("activity__customer", "user")
        .order_by("due_at", "pk")[:BATCH]
    )
    reminders = list(due)
    for reminder in reminders:
        if _is_worth_sending(reminder, now):
            _send(reminder)
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(sent_at=now)
    return len(reminders)


def _is_worth_sending(reminder: Reminder, now: dt.datetime) -> bool:
    activity = reminder.activity
    rests = activity.customer is not None and activity.customer.is_passive
    return activity.status in UNFINISHED and not rests and max(reminder.due_at, activity.start) > now - STALE


def _send(reminder: Reminder) -> None:
    activity = reminder.activity
    notify(
        users=[reminder.user],
        kind="reminder",
        url=activity.get_absolute_url(),
        title=activity.title,
        start=activity.start.isoformat(),
        customer=str(activity.customer or ""),
    )
