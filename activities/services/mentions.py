"""Telling colleagues what concerns them: they are mentioned, given something to do, taken along."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.mentions import names_in, users_named
from accounts.models import User
from accounts.notifications import notify
from activities.models import Activity
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
