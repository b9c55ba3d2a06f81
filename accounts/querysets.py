from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models.functions import Upper

if TYPE_CHECKING:
    pass


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> UserQuerySet:
        """Everyone who has signed in sees colleagues; the administrator of users sees the deactivated ones too."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("accounts.manage_users") else self.active()

    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def search(self, text: str) -> UserQuerySet:
        """Users whose name, user name or e-mail contains every word of ``text``."""
        users = self
        for word in text.split():
            users = users.filter(
                models.Q(sort_key__contains=word.lower())
                | models.Q(username__icontains=word)
                | models.Q(first_name__icontains=word)
                | models.Q(last_name__icontains=word)
                | models.Q(email__icontains=word)
            )
        return users

    def by_username(self, name: str) -> UserQuerySet:
        return self.annotate(_upper=Upper("username")).filter(_upper=name.upper())


class UserManagerFromQuerySet(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's user manager with the query set's own reads."""
