from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Case, OuterRef, TextField, Value, When
from django.utils.translation import gettext_lazy as _

from accounts import cells
from accounts.enums import UserState
from accounts.models import GroupMembership, Role, TeamMembership, User
from core.export_sql import joined
from core.tables import Column, Table
from core.templatetags import portaali


def group_names(user: User) -> str:
    return ", ".join(role.label for role in user.roles)


def team_names(user: User) -> str:
    return ", ".join(team.name for team in user.teams.all())


def phone(user: User) -> str:
    return portaali.phone(user.phone)


def _groups_sql() -> Any:
    memberships = GroupMembership.objects.filter(user=OuterRef("pk"), group__role__isnull=False)
    return joined(memberships.order_by("group__role__order", "group__name"), Role.text_sql("group__role__"))


def _teams_sql() -> Any:
    return joined(TeamMembership.objects.filter(user=OuterRef("pk")).order_by("team__name"), "team__name")


def _state_sql() -> Case:
    """Return the label of :attr:`User.state`."""
    return Case(
        When(is_active=False, then=Value(str(UserState.INACTIVE.label))),
        When(password__startswith=UNUSABLE_PASSWORD_PREFIX, then=Value(str(UserState.INVITED.label))),
        default=Value(str(UserState.ACTIVE.label)),
        output_field=TextField(),
    )


USERS = Table(
    columns=(
        Column("name", _("Name"), value=str, sort="sort_key", link=True, sql=lambda user: User.text_sql("")),
        Column("title", _("Title"), wide=True, shown=False),
        Column("groups", _("Groups"), value=group_names, long=True, sql=lambda user: _groups_sql()),
        Column("teams", _("Teams"), value=team_names, long=True, wide=True, sql=lambda user: _teams_sql()),
        Column("email", _("E-mail"), wide=True),
        Column("phone", _("Phone"), value=phone, wide=True, sql="phone", finish=portaali.phone),
        Column("username", _("User name"), shown=False),
        Column("manager", _("Manager"), shown=False),
        Column("last_login", _("Last signed in"), sort="last_login", cell=cells.last_login, wide=True),
        Column(
            "state",
            _("State"),
            cell=cells.state,
            export=lambda user: user.state.label,
            sql=lambda user: _state_sql(),
        ),
    ),
    default_sort="name",
    facts=("groups", "phone", "state"),
)

ROLES = Table(
    columns=(
        Column("name", _("Group"), value="label", sort="order", link=True, sql=lambda user: Role.text_sql("")),
        Column("description", _("Description"), wide=True),
        Column("members", _("Members"), value="member_count", numeric=True),
    ),
    default_sort="name",
    facts=("members", "description"),
)

TEAMS = Table(
    columns=(
        Column("name", _("Team"), sort="name", link=True),
        Column("kind", _("Type"), value="get_kind_display", sort="kind"),
        Column("parent", _("Part of"), cell=cells.part_of),
        Column("leader", _("Leader")),
        Column("members", _("Members"), value="member_count", numeric=True),
    ),
    default_sort="name",
    facts=("kind", "leader", "members"),
)
