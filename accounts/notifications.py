"""Telling users things: in the program and, as each chooses, by e-mail."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.models import Notification, NotificationChoice, User
from accounts.tasks import mail_notification
from crm import registry


@transaction.atomic
def notify(*, users: Collection[User], kind: str, url: str, **data: Any) -> None:
    """Tell ``users`` something of a registered ``kind``; ``data`` (JSON) fills its words, ``url`` is where it leads.

    Those who chose e-mail get one after commit; deactivated users are told nothing. Who did it is left out by callers.
    """
    entry = registry.notifications.get("user", kind)
    if entry is None:
        raise ValueError(f"{kind} is no registered kind of notification")
    chosen = {choice.user_id: choice for choice in NotificationChoice.objects.filter(user__in=users, kind=kind)}
    told = {user.pk for user in users if user.is_active}
    Notification.objects.bulk_create(
        Notification(user_id=pk, kind=kind, url=url, data=data)
        for pk in sorted(told)
        if pk not in chosen or chosen[pk].in_program
    )
    for pk in sorted(told):
        if chosen[pk].by_email if pk in chosen else entry.by_email:
            transaction.on_commit(lambda pk=pk: mail_notification.delay(pk, kind, data, url))  # type: ignore[misc]
