"""Who is notified of the steps of scorecards and of the customer strategy."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from accounts.models import User
from accounts.notifications import notify


def approvers() -> Collection[User]:
    """Return the active users who approve for management."""
    right = {"codename": "approve_plans", "content_type__app_label": "careplans"}
    of_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    of_user = {f"user_permissions__{name}": value for name, value in right.items()}
    users = User.objects.filter(Q(**of_group) | Q(**of_user)).values("pk")
    return list(User.objects.filter(is_active=True, pk__in=users))


def prepared(row: Any) -> Collection[User]:
    """Return who made, changed and sent it, who approved it, and who is responsible."""
    responsible = getattr(row, "responsible_id", None)
    ids = {*row.prepared_by, row.approved_by_id, responsible} - {None}
    return list(User.objects.filter(pk__in=ids))


def tell(kind: str, row: Any, users: Collection[User], by: User, **data: str) -> None:
    """Notify all but who did it."""
    about = {"by": str(by), **row.told(), **data}
    notify(users=[user for user in users if user != by], kind=kind, url=row.get_absolute_url(), **about)
