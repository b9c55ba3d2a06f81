"""Threads of messages: kept together in whatever order the messages come."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from activities.log.models import Activity
from activities.mail import selectors
from activities.mail.mime.compose import bare_subject
from activities.mail.models import EmailMessage, EmailThread


def thread_new(subject: str) -> EmailThread:
    return EmailThread.objects.create(subject=(bare_subject(subject) or subject)[:500])


def thread_hold(*, of: EmailMessage) -> EmailThread:
    """Return the thread of a message, locked so that it cannot be merged into another before commit."""
    threads = EmailThread.objects.select_for_update(of=("self",), no_key=True).filter(messages=of.pk)
    return threads.first() or threads.get()  # the first may have been merged into another during the wait


@transaction.atomic
def threads_join(*, message: EmailMessage) -> None:
    """Merge the threads of the message, of those that it refers to and of those that refer to it; keep the oldest.

    Running it twice does no harm. Of two concurrent merges the second sees the result of the first.
    """
    while len(ids := _threads_around(message)) > 1:
        threads = list(EmailThread.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        if len(threads) == len(ids):
            EmailMessage.objects.filter(thread__in=threads[1:]).update(thread=threads[0])
            EmailThread.objects.filter(pk__in=[thread.pk for thread in threads[1:]]).delete()
    message.thread_id = next(iter(ids))


def _threads_around(message: EmailMessage) -> set[int]:
    named = Q(message_id__in=[message.in_reply_to, *message.references])
    around = EmailMessage.objects.filter(Q(pk=message.pk) | named | selectors.referring_to(message.message_id))
    return set(around.order_by().values_list("thread", flat=True))


def answers_follow(*, message: EmailMessage, activity: Activity) -> None:
    """Link the activities of answers that arrived before this message as follow-ups of its activity."""
    answers = Activity.objects.filter(email__in_reply_to=message.message_id, follows__isnull=True)
    later = answers.filter(start__gte=activity.start).exclude(pk__in=[activity.pk, activity.follows_id or 0])
    ids = list(later.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:50])
    Activity.objects.filter(pk__in=ids).update(follows=activity)
