"""Telling users things: in the program and, as each chooses, by e-mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import Notification, NotificationChoice, User
from accounts.system_mail import notifications_send
from core import clock, registry

MANY = 100


@transaction.atomic
def notify(*, users: Collection[User], kind: str, url: str, **data: Any) -> None:
    """Notify ``users`` of an event of a registered ``kind``; ``data`` (JSON) fills its text, ``url`` is its page.

    Users who chose e-mail get one after commit; deactivated users get nothing. Callers leave out the person who did it.
    """
    entry = registry.notifications.get("user", kind)
    if entry is None:
        raise ValueError(f"{kind} is no registered kind of notification")
    chosen = {choice.user_id: choice for choice in NotificationChoice.objects.filter(user__in=users, kind=kind)}
    recipients = {user.pk for user in users if user.is_active}
    Notification.objects.bulk_create(
        Notification(user_id=pk, kind=kind, url=url, data=data)
        for pk in sorted(recipients)
        if pk not in chosen or chosen[pk].in_program
    )
    by_email = [pk for pk in sorted(recipients) if (chosen[pk].by_email if pk in chosen else entry.by_email)]
    notifications_send(user_ids=by_email, kind=kind, data=data, url=url)


@dataclass(frozen=True)
class Choice:
    """How a user is notified of one kind of event."""

    kind: registry.NotificationKind
    in_program: bool
    by_email: bool


def choices_of(user: User) -> list[Choice]:
    """Return how ``user`` is notified of each registered kind, by choice or by default."""
    chosen = {choice.kind: choice for choice in user.notification_choices.all()}
    return [
        Choice(kind, chosen[kind.name].in_program, chosen[kind.name].by_email)
        if kind.name in chosen
        else Choice(kind, in_program=True, by_email=kind.by_email)
        for kind in registry.notifications.of("user")
    ]


@transaction.atomic
def choices_set(*, user: User, choices: Mapping[str, tuple[bool, bool]]) -> None:
    """Save the user's choices: kind → (in the program, by e-mail). Kinds that are left out stay as they are."""
    rows = [
        NotificationChoice(user=user, kind=kind, in_program=in_program, by_email=by_email)
        for kind, (in_program, by_email) in choices.items()
        if registry.notifications.get("user", kind)
    ]
    NotificationChoice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["in_program", "by_email"],
    )


def notifications_read(*, user: User, pk: int | None = None) -> int:
    """Mark one notification of ``user``, or all, as read; return how many were unread."""
    unread = Notification.objects.visible_to(user).unread()
    rows = unread if pk is None else unread.filter(pk=pk)
    return int(rows.update(read_at=clock.now()))


def unread_count(user: Any) -> int:
    """Return how many are unread; counting stops at :data:`MANY`."""
    return int(Notification.objects.visible_to(user).unread()[:MANY].count())
