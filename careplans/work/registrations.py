"""What absences and generated work add to other apps and their pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from activities.calendar.selectors.calendar import CalendarSource
from careplans.work.calendar import absence_events
from careplans.work.generation.follow import work_follow
from careplans.work.generation.wanted import next_look
from careplans.work.models import AbsenceKind
from careplans.work.selectors import absent_hours, scheduled_keys, stood_in_for, work_activities
from careplans.work.services.works import work_avoid
from careplans.work.weekly import told_lines, told_text
from core.choice_lists import ChoiceList
from core.formatting import date_text
from core.registry import Command, NavItem, NotificationKind, Panel

ABSENCES = (absent_hours,)
PLANNED_WORK = (work_activities,)
STAND_INS = (stood_in_for,)
CALENDAR_SOURCES = (CalendarSource("absences", gettext_lazy("Absences"), absence_events),)
ABSENCE_FOLLOWERS = (work_avoid,)
CARE_EVALUATION_FOLLOWERS = (work_follow,)
CARE_NEXT_LOOKS = (next_look,)
CARE_SCHEDULED = (scheduled_keys,)
CHOICE_LISTS = (ChoiceList("absence-kinds", AbsenceKind),)

NAV = (
    NavItem(
        name="absences", label=gettext_lazy("Absences"), url_name="carework:absences",
        permission="carework.view_absence", icon="calendar-off", section="work", order=37,
    ),
    NavItem(
        name="care_planning", label=gettext_lazy("Planning"), url_name="carework:planning",
        permission="carework.plan_work", icon="calendar-week", order=33,
    ),
    NavItem(
        name="care_lists", label=gettext_lazy("Shared care plan work"),
        short=pgettext_lazy("menu", "Shared work"), url_name="carework:listed",
        permission="carework.view_work", icon="list-check", section="customers", part="care", order=29,
    ),
)  # fmt: skip
PANELS = (
    Panel(
        place="activity", name="care_work", label=gettext_lazy("Care plan"), url_name="carework:panel",
        permission="carework.show_work", order=6,
    ),
)  # fmt: skip
COMMANDS = (
    Command.opening(NAV[0], keywords="poissaolot lomat sijaiset absences holidays substitutes"),
    Command.opening(NAV[1], keywords="suunnittelu viikot hoitosuunnitelma plan weeks"),
    Command.opening(NAV[2], keywords="yhteiset työt hoitosuunnitelma jono claim queue"),
    Command(
        name="absence_add", label=gettext_lazy("Enter an absence"), url_name="carework:absence_add",
        icon="calendar-off", permission="carework.add_absence", order=38,
        keywords="ilmoita poissaolo loma sijainen holiday leave",
    ),
)  # fmt: skip


def _stand_in(data: Mapping[str, Any]) -> str:
    days = {name: date_text(dt.date.fromisoformat(data[name])) for name in ("first", "last")}
    return _("You are the substitute of %(who)s from %(first)s to %(last)s") % {**data, **days}


def _stand_in_away(data: Mapping[str, Any]) -> str:
    days = {name: date_text(dt.date.fromisoformat(data[name])) for name in ("first", "last")}
    text = _("%(substitute)s, the substitute of %(who)s, is away too from %(first)s to %(last)s: choose somebody else")
    return text % {**data, **days}


def _moved(data: Mapping[str, Any]) -> str:
    count = int(data["count"])
    text = ngettext("%(count)d care plan activity is now yours", "%(count)d care plan activities are now yours", count)
    return text % {"count": count}


def _week(data: Mapping[str, Any]) -> str:
    words = [told] if (told := told_text(data)) else []
    if "week" in data:
        work = _("This week's care plan work: %(week)d to do, of which %(unset)d without a set day; %(late)d late")
        words.insert(0, work % data)
    return ". ".join(words)


NOTIFICATIONS = (
    NotificationKind(
        name="care_week",
        label=gettext_lazy("The week's care plan work, on Mondays"),
        text=_week,
        details=told_lines,
        icon="calendar-week",
        by_email=True,
    ),
    NotificationKind(
        name="care_work_moved", label=gettext_lazy("Care plan work that was moved to you"), text=_moved, icon="users"
    ),
    NotificationKind(
        name="stand_in", label=gettext_lazy("Standing in for others"), text=_stand_in, icon="users", by_email=True
    ),
    NotificationKind(
        name="stand_in_away",
        label=gettext_lazy("Substitutes who are away too"),
        text=_stand_in_away,
        icon="users",
        by_email=True,
    ),
)
