"""Entries of accounts on the kernel's pages: navigation, commands, search hits, names in the history."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Notification, Role, User
from accounts.selectors import team_mate_ids
from accounts.system_mail import SYSTEM_MAILBOX
from core.first_steps import FirstStep
from core.registry import Command, FrameCount, NavItem, NotificationKind, Panel, SearchHit, SearchSource
from core.wordings import wording

NAV = (NavItem(name="users", label=_("Users"), url_name="accounts:list", icon="users", section="admin", order=900),)

PANELS = (
    Panel(
        place="start",
        name="start_usage",
        label=_("Program usage"),
        url_name="accounts:start_usage",
        permission="accounts.manage_users",
        order=72,
    ),
)


def _preference(name: str, label: Any, icon: str, keywords: str, field: str, value: str) -> Command:
    """Return the command that changes one thing of how the program looks to the user."""
    return Command(
        name=name,
        label=label,
        url_name="accounts:preferences",
        icon=icon,
        keywords=keywords,
        fields=((field, value),),
        order=95,
    )


COMMANDS = (
    Command(name="users", label=_("Users"), url_name="accounts:list", icon="users", keywords="käyttäjät colleagues"),
    Command(
        name="invite",
        label=_("Invite a user"),
        url_name="accounts:invite",
        permission="accounts.manage_users",
        icon="user-plus",
        keywords="kutsu käyttäjä add new",
    ),
    Command(name="groups", label=_("Groups and their rights"), url_name="accounts:groups", icon="shield-lock"),
    Command(name="teams", label=_("Teams"), url_name="accounts:teams", icon="users-group", keywords="tiimit"),
    Command(
        name="notifications",
        label=_("Notifications"),
        url_name="notifications:list",
        icon="bell",
        keywords="ilmoitukset muistutukset reminders",
    ),
    Command(
        name="profile",
        label=_("My profile"),
        url_name="accounts:profile",
        icon="user-circle",
        keywords="profiili language theme password kieli teema salasana api",
    ),
    _preference("theme_dark", _("Dark theme"), "moon", "dark theme tumma teema", "theme", "dark"),
    _preference("theme_light", _("Light theme"), "sun", "light theme vaalea teema", "theme", "light"),
    _preference("language_fi", _("Language: Finnish"), "language", "kieli language suomi finnish", "language", "fi"),
    _preference("language_en", _("Language: English"), "language", "kieli language englanti english", "language", "en"),
)


def attack_text(data: dict[str, Any]) -> str:
    from_one = gettext("Sign-in from %(network)s has failed with %(names)s user names in 15 minutes.")
    altogether = gettext("Sign-in has failed %(failures)s times in 15 minutes.")
    return (from_one if data["attack"] == "network" else altogether) % data


def bulk_text(data: dict[str, Any]) -> str:
    if data.get("undone"):
        text = ngettext(
            "%(who)s undid “%(title)s”: %(count)d of the rows concerns you",
            "%(who)s undid “%(title)s”: %(count)d of the rows concern you",
            data["count"],
        )
    else:
        text = ngettext(
            "%(who)s: “%(title)s”, %(count)d of the rows concerns you",
            "%(who)s: “%(title)s”, %(count)d of the rows concern you",
            data["count"],
        )
    return text % (data | {"title": wording(data.get("titles"), data["title"])})


NOTIFICATIONS = (
    NotificationKind(
        "bulk_operation",
        _("Many rows are changed at once"),
        bulk_text,
        icon="checklist",
        order=70,
    ),
    NotificationKind(
        "sign_in_attack",
        _("Sign-in attacks (administrators)"),
        attack_text,
        icon="shield-lock",
        by_email=True,
        order=900,
    ),
)


def find_users(user: Any, text: str, limit: int) -> list[SearchHit]:
    users = User.objects.visible_to(user).search(text).order_by("sort_key", "pk")[:limit]
    return [SearchHit(str(found), found.title or found.email, found.get_absolute_url(), "user") for found in users]


def _unread(user: Any) -> QuerySet[Notification]:
    return Notification.objects.visible_to(user).unread()


def _group_names(ids: set[Any]) -> dict[Any, str]:
    return {role.pk: role.label for role in Role.objects.filter(pk__in=ids)}


def _permission_names(ids: set[Any]) -> dict[Any, str]:
    return {pk: gettext(name) for pk, name in Permission.objects.filter(pk__in=ids).values_list("pk", "name")}


OUTBOXES = (SYSTEM_MAILBOX,)
SEARCHES = (SearchSource(name="users", label=_("Users"), find=find_users, order=900),)
FRAME_COUNTS = (FrameCount("unread", _unread),)  # the bell
TEAM_MATES = (team_mate_ids,)
NAMERS = ((Group, _group_names), (Permission, _permission_names))
FIRST_STEPS = (
    FirstStep(
        label=_("Check your name, language and theme"),
        url_name="accounts:profile",
        is_done=lambda user: user.version > 1,
        order=10,
    ),
    FirstStep(
        label=_("Invite your colleagues"),
        url_name="accounts:invite",
        is_done=lambda user: User.objects.exclude(pk=user.pk).exists(),
        permission="accounts.manage_users",
        order=20,
    ),
)
