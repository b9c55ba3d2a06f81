from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.enums import TeamKind, UserState
from accounts.models import Role, Team, TeamNote, User
from accounts.querysets import UserQuerySet
from core.filters import FilterSet, SearchFilter, YesNoFilter


def visible_users(request: HttpRequest | None) -> Any:
    return User.objects.visible_to(request.user) if request else User.objects.none()


class UserFilter(FilterSet):
    """Users by name, group, team and state. Only who manages users sees others than active ones."""

    q = SearchFilter(method="filter_q", label=_("Search users"))
    group = django_filters.ModelChoiceFilter(field_name="groups", queryset=Role.objects.all(), label=_("Group"))
    team = django_filters.ModelChoiceFilter(field_name="teams", queryset=Team.objects.all(), label=_("Team"))
    state = django_filters.ChoiceFilter(method="filter_state", choices=UserState, label=_("State"))

    seen = django_filters.NumberFilter(
        method="filter_seen", min_value=0, max_value=36_500, label=_("Signed in within … days")
    )
    unseen = django_filters.NumberFilter(
        method="filter_unseen", min_value=0, max_value=36_500, label=_("Not signed in for … days")
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.user and self.user.has_perm("accounts.manage_users")):
            for name in ("state", "seen", "unseen"):
                del self.filters[name]

    def filter_q(self, queryset: UserQuerySet, name: str, value: str) -> UserQuerySet:
        return queryset.search(value[:200])

    def filter_seen(self, queryset: UserQuerySet, name: str, value: Any) -> UserQuerySet:
        return queryset.signed_in_within(int(value))

    def filter_unseen(self, queryset: UserQuerySet, name: str, value: Any) -> UserQuerySet:
        return queryset.not_signed_in_for(int(value))

    def filter_state(self, queryset: UserQuerySet, name: str, value: str) -> UserQuerySet:
        return queryset.in_state(value)


class UserApiFilter(UserFilter):
    """The same for the API, where a group may be named by its code and ``is_active`` is a plain yes or no."""

    group = django_filters.ModelChoiceFilter(
        field_name="groups", queryset=Role.objects.all(), to_field_name="name", label=_("Group")
    )
    is_active = YesNoFilter(label=_("Active"))


class RoleFilter(FilterSet):
    q = SearchFilter(method="filter_q", label=_("Search groups"))

    class Meta:
        model = Role
        fields: list[str] = []

    def filter_q(self, queryset: QuerySet[Role], name: str, value: str) -> QuerySet[Role]:
        text = value[:200]
        named = Q(name_fi__icontains=text) | Q(name_en__icontains=text)
        return queryset.filter(named | Q(description__icontains=text))


class TeamFilter(FilterSet):
    q = SearchFilter(field_name="name", lookup_expr="icontains", label=_("Search teams"))
    kind = django_filters.ChoiceFilter(choices=TeamKind.choices, label=_("Type"))
    parent = django_filters.ModelChoiceFilter(queryset=Team.objects.all(), label=_("Part of"))

    class Meta:
        model = Team
        fields: list[str] = []


class TeamNoteFilter(FilterSet):
    """Knowledge notes by team, title and text; deleted ones only when asked for."""

    q = SearchFilter(method="filter_q", label=_("Search notes"))
    team = django_filters.ModelChoiceFilter(queryset=Team.objects.all(), label=_("Team"))
    deleted = YesNoFilter(method="filter_deleted", label=_("Deleted"))

    class Meta:
        model = TeamNote
        fields: list[str] = []

    def filter_q(self, queryset: QuerySet[TeamNote], name: str, value: str) -> QuerySet[TeamNote]:
        return queryset.filter(Q(title__icontains=value[:200]) | Q(text__icontains=value[:200]))

    def filter_deleted(self, queryset: QuerySet[TeamNote], name: str, value: bool) -> QuerySet[TeamNote]:
        return queryset.filter(deleted_at__isnull=not value)
