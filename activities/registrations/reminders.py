"""Reminders on the activity's page and the profile, and what users are told of activities."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.registry import Command, NotificationKind, Panel

PANELS = (
    Panel(
        place="activity",
        name="reminder",
        label=_("Reminder"),
        url_name="activities:reminder",
        permission="activities.view_activity",
        order=80,
        aside=True,
    ),
)

COMMANDS = (
    Command(
        place="profile",
        name="reminders",
        label=_("Reminders"),
        url_name="activities:reminders",
        icon="alarm",
    ),
)


def _reminder(data: dict[str, Any]) -> str:
    start = localtime(dt.datetime.fromisoformat(data["start"]))
    about = " · ".join(part for part in (data["title"], data.get("customer", "")) if part)
    return gettext("Reminder: %(about)s, %(time)s") % {
        "time": date_format(start, "SHORT_DATETIME_FORMAT"),
        "about": about,
    }


def _mention(data: dict[str, Any]) -> str:
    return gettext("%(who)s mentions you: %(title)s") % data


def _given(data: dict[str, Any]) -> str:
    return gettext("%(who)s gave you to do: %(title)s") % data


def _added(data: dict[str, Any]) -> str:
    return gettext("%(who)s takes you along: %(title)s") % data


NOTIFICATIONS = (
    NotificationKind("reminder", _("Reminders of activities"), _reminder, icon="alarm", order=10),
    NotificationKind("mention", _("Someone mentions me"), _mention, icon="at", order=20),
    NotificationKind("follow_up_given", _("Someone gives me an activity"), _given, icon="list-check", order=30),
    NotificationKind("participant_added", _("Someone takes me along"), _added, icon="users", order=40),
)
