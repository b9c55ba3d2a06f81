"""Which messages are one thread, in whatever order they come."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from activities.mail import filing
from activities.mail.compose import bare_subject
from activities.models import Activity, EmailMessage, EmailThread


def thread_new(subject: str) -> EmailThread:
    return EmailThread.objects.create(subject=(bare_subject(subject) or subject)[:500])


def thread_hold(*, of: EmailMessage) -> EmailThread:
    """Return the thread of a message, held until the transaction ends: it cannot be joined to another meanwhile."""
    rows = EmailThread.objects.select_for_update(of=("self",), no_key=True).filter(messages=of.pk)
    return rows.first() or rows.get()  # the first one may have been joined to another while we waited for it


@transaction.atomic
def threads_join(*, message: EmailMessage) -> None:
    """Make one thread of the message, those that it names and those that name it; the oldest thread stays.

    Run twice it does nothing more. Of two that join at the same time the second sees what the first has done.
    """
    while len(ids := _threads_around(message)) > 1:
        rows = list(EmailThread.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        if len(rows) == len(ids):
            EmailMessage.objects.filter(thread__in=rows[1:]).update(thread=rows[0])
            EmailThread.objects.filter(pk__in=[row.pk for row in rows[1:]]).delete()
    message.thread_id = next(iter(ids))


def _threads_around(message: EmailMessage) -> set[int]:
    named = Q(message_id__in=[message.in_reply_to, *message.references])
    around = EmailMessage.objects.filter(Q(pk=message.pk) | named | filing.naming(message.message_id))
    return set(around.order_by().values_list("thread", flat=True))


def answers_follow(*, message: EmailMessage, activity: Activity) -> None:
    """Let the activities of answers that came before their message follow the message's activity."""
    answers = Activity.objects.filter(email__in_reply_to=message.message_id, follows__isnull=True)
    later = answers.filter(start__gte=activity.start).exclude(pk__in=[activity.pk, activity.follows_id or 0])
    ids = list(later.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:50])
    Activity.objects.filter(pk__in=ids).update(follows=activity)
