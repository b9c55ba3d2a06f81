"""What follows from a change of an activity: contact dates of customers, reminders, and notifications of colleagues."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.mentions import names_in, users_named
from accounts.models import User
from accounts.notifications import notify
from activities.log.enums import UNFINISHED, ActivityStatus
from activities.log.models import Activity, Reminder, ReminderDefault
from core import clock
from core.exceptions import BusinessRuleError
from customers.services.summaries import refresh_by

BATCH = 200
#: A reminder that is this late, because the workers were down, is not sent at all.
STALE = dt.timedelta(days=1)
#: Reminders of closed activities are deleted; others follow the start, and become due again when it moves ahead.
_DROP = """
    DELETE FROM activities_reminder AS reminder USING activities_activity AS activity
    WHERE activity.id = reminder.activity_id AND activity.id = ANY(%(ids)s) AND activity.status IN ('done', 'cancelled')
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
_CONTACTS = """
    SELECT {which} FROM activities_activity activity JOIN activities_activitytype type ON type.id = activity.type_id
    WHERE activity.customer_id = summary.customer_id AND type.is_contact
"""
#: Each figure is a short walk in an index of one customer's activities. Only rows that change are written.
_REFRESH = f"""
    UPDATE customers_customersummary AS kept
    SET last_contact_at = fresh.last_at, next_contact_at = fresh.next_at, open_activities = fresh.unfinished
    FROM (
        SELECT summary.customer_id,
            ({_CONTACTS.format(which="activity.start")} AND activity.status = %(done)s AND activity.start <= %(now)s
                ORDER BY activity.start DESC LIMIT 1) AS last_at,
            ({_CONTACTS.format(which="activity.start")} AND activity.status IN ('open', 'in_progress')
                AND activity.start > %(now)s ORDER BY activity.start LIMIT 1) AS next_at,
            (SELECT count(*) FROM activities_activity activity WHERE activity.customer_id = summary.customer_id
                AND activity.status IN ('open', 'in_progress')) AS unfinished
        FROM customers_customersummary summary
        WHERE summary.customer_id = ANY(%(ids)s)
    ) AS fresh
    WHERE kept.customer_id = fresh.customer_id
        AND (kept.last_contact_at, kept.next_contact_at, kept.open_activities)
            IS DISTINCT FROM (fresh.last_at, fresh.next_at, fresh.unfinished)
"""  # noqa: S608 - made of constants
#: Corrects what the triggers keep, for rows that were written without them (restored or loaded in bulk).
_CORRECT_DUE = """
    UPDATE activities_participation AS kept
    SET due_at = right_one.due_at, start_at = right_one.start
    FROM (
        SELECT id, start, CASE WHEN status IN ('done', 'cancelled') THEN NULL
            WHEN is_all_day THEN "end" ELSE start END AS due_at
        FROM activities_activity
    ) AS right_one
    WHERE right_one.id = kept.activity_id
        AND (kept.due_at, kept.start_at) IS DISTINCT FROM (right_one.due_at, right_one.start)
"""


def mentions_notify(*, activity: Activity, user: User, old_memo: str = "") -> None:
    """Notify each colleague with a new mention, compared with ``old_memo``, except ``user``.

    Colleagues who cannot see the activity, because its customer is inactive, are not notified.
    """
    names = set(names_in(activity.memo)) - set(names_in(old_memo))
    if names:
        _notify_others(users_named(names), "mention", activity, user)


def participants_notify(*, activity: Activity, user: User, added: Collection[int]) -> None:
    """Notify the colleagues that ``user`` has added to an unfinished activity."""
    others = {pk for pk in added if pk != user.pk}
    if others and activity.is_unfinished:
        takes_part = activity.participations.filter(user=user).exists()
        kind = "participant_added" if takes_part else "follow_up_given"
        _notify_others(User.objects.active().filter(pk__in=others), kind, activity, user)


def _notify_others(users: Any, kind: str, activity: Activity, by: User) -> None:
    is_hidden = activity.customer is not None and activity.customer.is_passive
    recipients = [
        user for user in users if user.pk != by.pk and (not is_hidden or user.has_perm("customers.manage_passive"))
    ]
    if recipients:
        notify(users=recipients, kind=kind, url=activity.get_absolute_url(), who=str(by), title=activity.title)


@transaction.atomic
def reminder_set(*, activity: Activity, user: User, minutes: int | None) -> Reminder | None:
    """Set the reminder of ``user``, in minutes before the start, or delete it (None); return the reminder.

    Raises :class:`BusinessRuleError`: ``reminder_of_done``, ``reminder_in_past``.
    """
    if minutes is None:
        activity.reminders.filter(user=user).delete()
        return None
    if not activity.is_unfinished:
        message = _("The activity is done: a reminder cannot be set.")
        raise BusinessRuleError("reminder_of_done", message, field="minutes")
    due_at = activity.start - dt.timedelta(minutes=minutes)
    if due_at <= clock.now():
        raise BusinessRuleError("reminder_in_past", _("The time of the reminder has already passed."), field="minutes")
    reminder, _is_new = Reminder.objects.update_or_create(
        activity=activity, user=user, defaults={"minutes_before": minutes, "due_at": due_at, "sent_at": None}
    )
    return reminder


def reminder_set_if_coming(*, activity: Activity, user: User, minutes: int | None) -> Reminder | None:
    """Set the reminder of an activity that is being logged; do nothing where its time has passed."""
    coming = activity.is_unfinished and minutes is not None
    if not coming or activity.start - dt.timedelta(minutes=minutes or 0) <= clock.now():
        return None
    return reminder_set(activity=activity, user=user, minutes=minutes)


@transaction.atomic
def reminder_default_set(*, user: User, minutes: int | None) -> None:
    """Set the default reminder of ``user`` in the form for logging, or delete it (None)."""
    if minutes is None:
        ReminderDefault.objects.filter(user=user).delete()
    else:
        ReminderDefault.objects.update_or_create(user=user, defaults={"minutes_before": minutes})


@transaction.atomic
def reminders_follow(activity_ids: Collection[int]) -> None:
    """Move the reminders of these activities after a change of start or status; delete those of done ones."""
    with connection.cursor() as cursor:
        for statement in (_DROP, _FOLLOW):
            cursor.execute(statement, {"ids": list(activity_ids), "now": clock.now()})


def reminders_send_due() -> int:
    """Send the due reminders in batches; return how many. Parallel senders send each reminder only once."""
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
    is_passive = activity.customer is not None and activity.customer.is_passive
    return activity.status in UNFINISHED and not is_passive and max(reminder.due_at, activity.start) > now - STALE


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


def contact_dates_refresh(customer_ids: Collection[int | None] | None = None) -> None:
    """Compute last contact, next contact and open activities again for these customers, or (None) for all.

    Last contact is the newest past start of a done activity of a type that counts as contact with the customer; next
    contact is the soonest future start of an unfinished one. All customers are updated in batches, each in its own
    transaction.
    """
    if customer_ids is None:
        with connection.cursor() as cursor:
            cursor.execute(_CORRECT_DUE)
    refresh_by(_REFRESH, {"done": ActivityStatus.DONE, "now": clock.now()}, customer_ids)
