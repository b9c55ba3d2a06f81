from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, UserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.enums import TeamKind, UserState
from core import clock
from core.fields import Fold

if TYPE_CHECKING:
    from accounts.models import Notification, Role, Team, TeamNote, User  # noqa: F401

NAMES = ("first_name", "last_name", "username")
ADMINISTRATION = Q(groups__permissions__codename="manage_users") | Q(user_permissions__codename="manage_users")


class UserQuerySet(models.QuerySet["User"]):
    def of_account_team(self) -> UserQuerySet:
        """Return the active members of account teams, who go through criteria before management decides."""
        return self.filter(is_active=True, pk__in=self.model.objects.filter(teams__kind=TeamKind.ACCOUNT).values("pk"))

    def visible_to(self, user: Any) -> UserQuerySet:
        """Everyone who has signed in sees colleagues; the administrator of users sees the deactivated ones too."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("accounts.manage_users") else self.active()

    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def granted(self, *names: str) -> UserQuerySet:
        """Return users with one of these grants (``customers.change_any_customer``), by a group or themselves."""
        grants = Q()
        for name in names:
            app, codename = name.split(".")
            for path in ("groups__permissions", "user_permissions"):
                grants |= Q(**{f"{path}__codename": codename, f"{path}__content_type__app_label": app})
        having = self.model._base_manager.filter(grants).values("pk")
        return self.filter(Q(pk__in=having) | Q(is_superuser=True))

    def in_state(self, state: str) -> UserQuerySet:
        """Return users in a :class:`UserState`: the invited have not chosen a password yet."""
        if state == UserState.INACTIVE:
            return self.filter(is_active=False)
        invited = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self.active().filter(invited if state == UserState.INVITED else ~invited)

    def signed_in_within(self, days: int) -> UserQuerySet:
        return self.filter(last_login__gte=clock.now() - dt.timedelta(days=days))

    def not_signed_in_for(self, days: int) -> UserQuerySet:
        """Return users without a sign-in in this many days, those who never signed in included."""
        before = clock.now() - dt.timedelta(days=days)
        return self.filter(Q(last_login__lt=before) | Q(last_login__isnull=True))

    def administrators(self) -> UserQuerySet:
        """Active users who may manage users."""
        administration = Q(pk__in=self.model._base_manager.filter(ADMINISTRATION).values("pk"))
        return self.active().filter(administration | Q(is_superuser=True))

    def search(self, text: str) -> UserQuerySet:
        """Return users with every word of ``text`` in the name, user name, title or e-mail, ignoring accents."""
        fields = ("first_name", "last_name", "username", "email", "title")
        users = self.annotate(_text=Fold(models.functions.Concat(*_spaced(fields), output_field=models.TextField())))
        for word in text.split():
            users = users.filter(_text__contains=Fold(models.Value(word)))
        return users

    def named(self, text: str) -> UserQuerySet:
        """Return users with a name or user name that begins with ``text``, ignoring accents, ordered by name."""
        users = self.annotate(_names=Fold(models.functions.Concat(*_spaced(NAMES), output_field=models.TextField())))
        folded = Fold(models.functions.Concat(models.Value(" "), models.Value(text)))
        begins = Q(_names__startswith=Fold(models.Value(text))) | Q(_names__contains=folded)
        return users.filter(begins).order_by("sort_key", "pk")

    def by_username(self, name: str) -> UserQuerySet:
        return self.annotate(_upper=Upper("username")).filter(_upper=name.upper())

    def with_groups(self) -> UserQuerySet:
        """Read groups, teams and manager too, in a total of three queries."""
        groups = models.Prefetch("groups", Group.objects.select_related("role").order_by("role__order", "name"))
        return self.select_related("manager").prefetch_related(groups, "teams")


def _spaced(fields: tuple[str, ...]) -> list[Any]:
    return [part for field in fields for part in (models.F(field), models.Value(" "))]


class UserManagerFromQuerySet(UserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's user manager with the query set's own reads."""


class RoleQuerySet(models.QuerySet["Role"]):
    def visible_to(self, user: Any) -> RoleQuerySet:
        return self if user.is_authenticated and user.is_active else self.none()

    def with_member_counts(self) -> RoleQuerySet:
        """Annotate ``member_count``: active members."""
        return self.annotate(member_count=models.Count("user", filter=Q(user__is_active=True)))


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: Any) -> TeamQuerySet:
        return self if user.is_authenticated and user.is_active else self.none()

    def with_member_counts(self) -> TeamQuerySet:
        """Annotate ``member_count``: active members."""
        return self.annotate(member_count=models.Count("members", filter=Q(members__is_active=True)))


class TeamNoteQuerySet(models.QuerySet["TeamNote"]):
    def visible_to(self, user: Any) -> TeamNoteQuerySet:
        return self if user.is_authenticated and user.is_active else self.none()

    def alive(self) -> TeamNoteQuerySet:
        """Return the notes that nobody has deleted."""
        return self.filter(deleted_at__isnull=True)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: Any) -> NotificationQuerySet:
        """Return the user's own rows."""
        return self.filter(user=user) if user.is_authenticated and user.is_active else self.none()

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)
