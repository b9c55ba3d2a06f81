from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import cells
from accounts.models import User
from core.tables import Column, Table
from core.templatetags import portaali


def group_names(user: User) -> str:
    return ", ".join(role.label for role in user.roles)


def team_names(user: User) -> str:
    return ", ".join(team.name for team in user.teams.all())


def phone(user: User) -> str:
    return portaali.phone(user.phone)


USERS = Table(
    columns=(
        Column("name", _("Name"), value=str, sort="sort_key", link=True),
        Column("title", _("Title"), wide=True, shown=False),
        Column("groups", _("Groups"), value=group_names),
        Column("teams", _("Teams"), value=team_names, wide=True),
        Column("email", _("E-mail"), wide=True),
        Column("phone", _("Phone"), value=phone, wide=True),
        Column("username", _("User name"), shown=False),
        Column("manager", _("Manager"), shown=False),
        Column("last_login", _("Last signed in"), sort="last_login", cell=cells.last_login, wide=True),
        Column("state", _("State"), cell=cells.state, export=lambda user: user.state.label),
    ),
    default_sort="name",
)

ROLES = Table(
    columns=(
        Column("name", _("Group"), value="label", sort="order", link=True),
        Column("description", _("Description"), wide=True),
        Column("members", _("Members"), value="member_count", numeric=True),
    ),
    default_sort="name",
)

TEAMS = Table(
    columns=(
        Column("name", _("Team"), sort="name", link=True),
        Column("leader", _("Leader")),
        Column("members", _("Members"), value="member_count", numeric=True),
    ),
    default_sort="name",
)
