"""What activities add to other pages: navigation, tabs, panels, search, commands, notifications, "+ Log"."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from activities.log.api.activities import EncounterSerializer
from activities.log.bulk.each import EachOperation
from activities.log.bulk.work import CloseOperation, ExportActivities, ReassignOperation
from activities.log.conditions import CONDITION_FIELDS, CONDITION_PRESETS, CONDITION_REFERENCES  # noqa: F401 - declared
from activities.log.enums import ENCOUNTER
from activities.log.forms.parts import EncounterForm
from activities.log.forms.types import ActivityTemplateForm
from activities.log.inline import ACTIVITY
from activities.log.metrics import METRIC_MAKERS, METRIC_SOURCES, METRICS  # noqa: F401 - declared
from activities.log.models import Activity, ActivityTemplate, ContactReason, Encounter
from activities.log.page_commands import activity_subject, log_named, page_commands
from activities.log.plugs import TypeDetails
from activities.log.selectors import due_by_tonight, may_log
from core import clock
from core.choice_lists import ChoiceList
from core.first_steps import FirstStep
from core.recent import RecordKind
from core.registry import Command, NavItem, NotificationKind, Panel, SearchHit, SearchSource, Tab

LOG, VIEW = "activities.log_activity", "activities.view_activity"

#: Asked for a handful, PostgreSQL would read along the times even when it knows the ids of the hits.
PLENTY = 50


def find_activities(user: Any, text: str, limit: int) -> list[SearchHit]:
    """Return activities that match ``text``, with type, customer and day: the newest that have begun, then the next."""
    activities = Activity.objects.visible_to(user).select_related("type", "customer").search(text, brief=True)
    now = clock.now()
    hits = list(activities.filter(start__lte=now).order_by("-start", "-pk")[:PLENTY])[:limit]
    if len(hits) < limit:
        hits += list(activities.filter(start__gt=now).order_by("start", "pk")[:PLENTY])[: limit - len(hits)]
    return [SearchHit(hit.title, _hit_detail(hit), hit.get_absolute_url(), hit.type.icon) for hit in hits]


def _hit_detail(activity: Any) -> str:
    day = date_format(localtime(activity.start), "SHORT_DATE_FORMAT")
    return " · ".join(str(part) for part in (activity.type, activity.customer, day) if part)


def log_button(request: HttpRequest) -> dict[str, Any]:
    """Return the URLs of "+ Log" and "Log a call" for the layout, with the customer or contact of the open page."""
    if not may_log(request.user):
        return {}
    about = _subject(request)
    return {
        "log_url": reverse("activities:create", query=about),
        "log_call_url": reverse("activities:log_call", query=about),
    }


def _subject(request: HttpRequest) -> dict[str, int]:
    match = request.resolver_match
    pk = match.kwargs.get("pk") if match else None
    if match is None or pk is None:
        return {}
    for prefix, name in (("customers/<int:pk>/", "customer"), ("contacts/<int:pk>/", "contact")):
        if match.route.startswith(prefix):
            return {name: pk}
    return {}


def _reminder_text(data: dict[str, Any]) -> str:
    start = localtime(dt.datetime.fromisoformat(data["start"]))
    about = " · ".join(part for part in (data["title"], data.get("customer", "")) if part)
    return gettext("Reminder: %(about)s, %(time)s") % {
        "time": date_format(start, "SHORT_DATETIME_FORMAT"),
        "about": about,
    }


def _series_stopped_text(data: dict[str, Any]) -> str:
    reasons = {
        "customer_passive": gettext("the customer is inactive"),
        "type_retired": gettext("its type has been retired"),
        "participant_inactive": gettext("none of its participants works here any more"),
    }
    reason = reasons.get(data.get("reason", ""), pgettext("series", "it has no occurrences left"))
    return gettext("“%(title)s” no longer recurs: %(reason)s.") % {"title": data.get("title", ""), "reason": reason}


INLINE = (ACTIVITY,)

NAV = (
    NavItem(
        name="activities",
        label=_("Activities"),
        url_name="activities:list",
        permission=VIEW,
        icon="list-check",
        order=30,
        count=due_by_tonight,
        count_query="my_due=until_today",
        count_label=_("mine, overdue or due today"),
    ),
    NavItem(
        name="activity_types",
        label=_("Activity types"),
        url_name="activities:types",
        permission="activities.edit_type",
        icon="category",
        section="admin",
        order=930,
    ),
)

TABS = (
    Tab(
        place="customer",
        name="activities",
        label=_("Activities"),
        url_name="activities:customer_tab",
        permission=VIEW,
        order=40,
        count=lambda user, customer: customer.summary.open_activities or None,  # its page has loaded the summary
    ),
    Tab(
        place="contact",
        name="activities",
        label=_("Activities"),
        url_name="activities:contact_tab",
        permission=VIEW,
        order=40,
    ),
    Tab(
        place="activity",
        name="overview",
        label=_("Overview"),
        url_name="activities:detail",
        permission=VIEW,
        order=10,
    ),
    Tab(
        place="activity",
        name="documents",
        label=_("Documents"),
        url_name="activities:documents",
        permission=VIEW,
        order=900,
    ),
    Tab(
        place="activity",
        name="history",
        label=_("History"),
        url_name="activities:history",
        permission=VIEW,
        order=990,
    ),
)

SEARCHES = (SearchSource(name="activities", label=_("Activities"), find=find_activities, order=30),)
FRAME = (log_button,)
PAGE_COMMANDS = (page_commands,)
PAGE_SUBJECTS = (activity_subject,)
RICH_TEXTS = (
    "activities.Activity.memo",
    "activities.ActivityTemplate.memo",
    "activities.ActivityType.memo_template_fi",
    "activities.ActivityType.memo_template_en",
)

CHOICE_LISTS = (
    ChoiceList("contact-reasons", ContactReason),
    ChoiceList("activity-templates", ActivityTemplate, form=ActivityTemplateForm),
)
TYPE_DETAILS = (
    TypeDetails(
        code=ENCOUNTER,
        label=_("encounter"),
        heading=_("Meeting details"),
        model=Encounter,
        form=EncounterForm,
        serializer=EncounterSerializer,
        related=("encounter__unnecessary",),
        is_optional=True,
        recurs=True,
    ),
)

PANELS = (
    Panel(
        place="customer",
        name="timeline",
        label=_("Timeline"),
        url_name="activities:timeline",
        permission=VIEW,
        order=10,
    ),
    Panel(
        place="contact",
        name="timeline",
        label=_("Timeline"),
        url_name="activities:contact_timeline",
        permission=VIEW,
        order=10,
    ),
    Panel(
        place="start",
        name="start_open",
        label=_("My open activities"),
        url_name="activities:start_open",
        permission=VIEW,
        order=10,
        usual=True,
    ),
    Panel(
        place="start",
        name="start_team",
        label=_("Team's open activities"),
        url_name="activities:start_team",
        permission=VIEW,
        order=60,
        aside=True,
    ),
    Panel(
        place="activity",
        name="reminder",
        label=_("Reminder"),
        url_name="activities:reminder",
        permission=VIEW,
        order=80,
        aside=True,
    ),
    Panel(
        place="activity",
        name="series",
        label=_("Recurrence"),
        url_name="activities:series",
        permission=VIEW,
        order=20,
        aside=True,
    ),
)

COMMANDS = (
    Command(
        name="log_call",
        label=_("Log a call"),
        url_name="activities:log_call",
        permission=LOG,
        icon="phone",
        named=log_named("call"),
        keywords="soita soitto puhelu call phone",
        order=30,
    ),
    Command(
        name="log_visit",
        label=_("Log a visit"),
        url_name="activities:log_visit",
        permission=LOG,
        icon="door-enter",
        named=log_named("visit"),
        keywords="käynti vieraile visit",
        order=30,
    ),
    Command(
        name="log",
        label=_("Log another activity"),
        url_name="activities:create",
        permission=LOG,
        icon="plus",
        order=30,
    ),
    Command(
        name="my_open",
        label=_("My open activities"),
        url_name="activities:mine",
        permission=VIEW,
        icon="list-check",
        order=30,
    ),
    Command(
        place="profile",
        name="reminders",
        label=_("Reminders"),
        url_name="activities:reminders",
        icon="alarm",
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="reminder",
        label=_("Activity reminders"),
        text=_reminder_text,
        icon="alarm",
        order=10,
    ),
    NotificationKind(
        name="mention",
        label=_("I am mentioned"),
        text=lambda data: gettext("%(who)s mentioned you: %(title)s") % data,
        icon="at",
        order=20,
    ),
    NotificationKind(
        name="follow_up_given",
        label=_("An activity is assigned to me"),
        text=lambda data: gettext("%(who)s assigned an activity to you: %(title)s") % data,
        icon="list-check",
        order=30,
    ),
    NotificationKind(
        name="participant_added",
        label=_("I am added to an activity"),
        text=lambda data: gettext("%(who)s added you to an activity: %(title)s") % data,
        icon="users",
        order=40,
    ),
    NotificationKind(
        name="series_stopped",
        label=_("A recurring activity has stopped"),
        text=_series_stopped_text,
        icon="refresh",
        order=60,
    ),
)
BULK_OPERATIONS = (EachOperation(), CloseOperation(), ReassignOperation(), ExportActivities())
RECORD_KINDS = (RecordKind(Activity, _("Activity"), "list-check"),)
FIRST_STEPS = (
    FirstStep(
        label=_("Log your first call or visit"),
        url_name="activities:create",
        is_done=lambda user: Activity.objects.filter(created_by=user.pk).exists(),
        permission=LOG,
        dialog=True,
        order=40,
    ),
)
