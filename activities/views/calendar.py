"""The calendar: the page, its feed and what a click shows."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlencode

from csp.constants import NONCE, SELF
from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import TemplateView, View

from accounts.models import User
from activities.calendar_sources import CalendarEvent
from activities.enums import ActivityStatus
from activities.forms.calendar_query import CalendarQuery, FeedQuery
from activities.models import Activity
from activities.selectors import asks_words, may_log
from activities.selectors_calendar import (
    Window,
    by_days,
    calendar_events,
    holidays_between,
    monday,
    week_window,
)
from activities.views.pages import ActivityMixin
from crm import clock
from crm.api.errors import error_body
from crm.permissions import PermissionMixin, allowed
from crm.views import own_address

VIEWS = {
    "month": gettext_lazy("Month"),
    "week": gettext_lazy("Week"),
    "day": gettext_lazy("Day"),
    "agenda": gettext_lazy("Agenda"),
}
SIDE_BY_SIDE = range(2, 7)
WEEK = dt.timedelta(days=7)
#: What FullCalendar brings along: a style element, which gets the nonce, and the font of its few icons.
FULLCALENDAR: dict[str, Any] = {"style-src": [SELF, NONCE], "font-src": [SELF, "data:"]}


@method_decorator(csp_update(FULLCALENDAR), name="dispatch")
class CalendarView(PermissionMixin, TemplateView):
    """The page. FullCalendar draws it from the feed; without JavaScript the week stands as a list."""

    template_name = "activities/calendar/page.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = CalendarQuery(self.request.GET, user=self.user)
        query.is_valid()
        people = query.people()
        first = monday(asked_day(self.request))
        window = week_window(first)
        events, is_cut = calendar_events(self.user, people, window, **query.filters())
        view, beside = self.request.GET.get("view", ""), "side" in self.request.GET and len(people) in SIDE_BY_SIDE
        return super().get_context_data(
            title=_("Calendar"),
            query=query,
            legend=legend(people),
            days=by_days(events, first, 7),
            is_cut=is_cut,
            links=self._links(first),
            view=view if view in VIEWS else "",
            views=[(name, label) for name, label in VIEWS.items() if not beside or name in ("week", "day")],
            words=_words(),
            date=asked_day(self.request).isoformat(),
            is_side_by_side=beside,
            may_be_side_by_side=len(people) in SIDE_BY_SIDE,
            side_url=self._url(side="1"),
            together_url=self._url(side=None),
            may_log=may_log(self.user),
            week=first.isocalendar().week,
            time_zone=timezone.get_current_timezone_name(),
            **kwargs,
        )

    def _links(self, first: dt.date) -> dict[str, str]:
        days = {"previous": first - WEEK, "next": first + WEEK, "today": clock.user_today()}
        return {name: self._url(date=day.isoformat()) for name, day in days.items()}

    def _url(self, **changes: str | None) -> str:
        query = self.request.GET.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return f"{self.request.path}?{query.urlencode()}"


def _words() -> str:
    """What the script says, in the language of the page."""
    words = {
        "done": pgettext("activity", "done"),
        "overdue": _("overdue"),
        "recurring": _("recurring"),
        "undo": _("Undo"),
        "week": pgettext("calendar", "Wk"),
        "allDay": pgettext("calendar", "all day"),
        "nothing": _("Nothing in this time."),
        "more": pgettext("calendar", "more"),
        "failed": _("That did not work. Try again."),
        "gone": _("The activity is not here any more, or you may not change it."),
    }
    return json.dumps(words)


class CalendarFeedView(PermissionMixin, View):
    """What the page draws between two times, as JSON. Times are the clock's in the user's time zone, without offset."""

    permission_required = "activities.view_activity"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = FeedQuery(request.GET, user=self.user)
        if not query.is_valid():
            fields = {name: [str(error) for error in found] for name, found in query.errors.items()}
            message = " ".join(text for found in fields.values() for text in found)
            return JsonResponse(error_body("invalid", message, fields), status=400)
        people, window = query.people(), query.window
        events, is_cut = calendar_events(self.user, people, window, **query.filters())
        colors = {person.pk: number for number, person in enumerate(people)}
        drawn = [drawn_event(event, colors) for event in events]
        return JsonResponse({"events": drawn, "holidays": _holidays(window), "is_cut": is_cut})


class CalendarCardView(ActivityMixin, TemplateView):
    """What a click on an activity shows: the essentials and what to do with it."""

    template_name = "activities/calendar/card.html"
    permission_required = "activities.view_activity"

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity: Activity = self.object
        back = own_address(self.request, self.request.GET.get("next", "")) or reverse("activities:calendar")
        return super().get_context_data(
            title=activity.title,
            activity=activity,
            in_dialog=self.htmx.target == "dialog",
            may_edit=allowed(self.user, "activities.edit_activity", activity),
            asks_words=asks_words(activity),
            is_done=activity.status == ActivityStatus.DONE,
            back=back,
            next=urlencode({"next": back}),
            **kwargs,
        )


def asked_day(request: HttpRequest, name: str = "date") -> dt.date:
    """Return the day that the address names, else today."""
    try:
        day = dt.date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return clock.user_today()
    return day if 1902 <= day.year <= 2198 else clock.user_today()


def legend(people: list[User]) -> list[dict[str, Any]]:
    return [{"person": person, "color": number % 8} for number, person in enumerate(people)]


def drawn_event(event: CalendarEvent, colors: dict[int, int]) -> dict[str, Any]:
    """Return an event as FullCalendar takes it."""
    color = f"who-{colors[event.people[0]] % 8}" if len(colors) > 1 and event.people else f"cal-{event.color}"
    states = {"is-done": event.is_done, "is-overdue": event.is_overdue}
    return {
        "id": event.key,
        "title": event.title,
        "start": _clock(event.start),
        "end": _clock(event.end),
        "url": event.url,
        "editable": bool(event.move_url),
        "classNames": [color, *(name for name, is_so in states.items() if is_so)],
        "extendedProps": {
            "customer": event.customer, "kind": event.kind, "icon": event.icon, "status": event.status_label,
            "done": event.is_done, "overdue": event.is_overdue, "hasEnd": event.has_end, "place": event.place,
            "recurring": event.is_recurring, "people": event.people, "version": event.version, "move": event.move_url,
            "card": event.card_url,
        },
    }  # fmt: skip


def _clock(time: dt.datetime) -> str:
    return timezone.localtime(time).replace(tzinfo=None).isoformat(timespec="minutes")


def _holidays(window: Window) -> list[dict[str, str]]:
    first, last = timezone.localtime(window.start).date(), timezone.localtime(window.end).date()
    return [{"date": day.isoformat(), "name": name} for day, name in holidays_between(first, last).items()]
