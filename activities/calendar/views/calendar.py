"""Pages of the calendar: the calendar with its feed, card and move, the start panel and the team week."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from csp.constants import NONCE, SELF
from csp.decorators import csp_update
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import TemplateView, View

from accounts.models import User
from activities.calendar.forms import CalendarQuery, FeedQuery
from activities.calendar.moments import collapsed, is_moment
from activities.calendar.selectors.calendar import (
    DAY,
    CalendarEvent,
    Day,
    Window,
    by_days,
    calendar_events,
    holidays_between,
    monday,
    week_window,
)
from activities.log.acting import mark_activities
from activities.log.enums import ActivityStatus
from activities.log.forms.parts import ClockField
from activities.log.models import Activity
from activities.log.selectors import may_log, meeting_type, midnight
from activities.log.services.activities import activity_move
from activities.log.steps import steps_of
from activities.log.views.detail import ActivityMixin
from core import clock
from core.api.errors import error_body
from core.exceptions import BusinessRuleError, ParameterError
from core.parameters import OneOfField, QueryFormMixin, TextField, asked_day, of_form
from core.permissions import PermissionMixin, allowed
from core.tabs import PanelMixin
from core.views import safe_next_url

VIEWS = {
    "month": gettext_lazy("Month"),
    "week": gettext_lazy("Week"),
    "day": gettext_lazy("Day"),
    "agenda": gettext_lazy("Agenda"),
}
SIDE_BY_SIDE = range(2, 7)
WEEK = dt.timedelta(days=7)
#: The number of events that the panel of the start page shows.
COMING, WHOLE_DAYS = 10, 3
#: The number of events that it looks at: of a day only the first whole-day ones are shown.
MOST_COMING = 60
#: What the script makes an activity's addresses of, with 0 in the place of its id.
EVENT_URLS = (("url", "activities", "detail"), ("card", "calendar", "card"), ("move", "calendar", "move"))
#: FullCalendar needs a style element, which gets the nonce, and the font of its icons.
FULLCALENDAR: dict[str, Any] = {"style-src": [SELF, NONCE], "font-src": [SELF, "data:"]}


@method_decorator(csp_update(FULLCALENDAR), name="dispatch")
class CalendarView(QueryFormMixin, PermissionMixin, TemplateView):
    """The calendar page. FullCalendar draws it from the feed; without JavaScript the week is a list."""

    template_name = "calendar/page.html"
    permission_required = "activities.view_activity"
    parameters = of_form(CalendarQuery) | {
        "date": TextField(),
        "view": TextField(),
        "side": OneOfField("1"),
    }
    form_name = "query"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = CalendarQuery(self.request.GET, user=self.user)
        people = query.people() if query.is_valid() else []
        day, view = asked_day(self.request, "date"), self.request.GET.get("view", "")
        if view and view not in VIEWS:
            raise ParameterError({"view": _("The calendar has no such view.")})
        first = monday(day)
        window = week_window(first)
        events, is_cut = calendar_events(self.user, people, window, **query.filters())
        beside = "side" in self.request.GET and len(people) in SIDE_BY_SIDE
        return super().get_context_data(
            title=_("Calendar"),
            query=query,
            legend=legend(people),
            days=collapsed(by_days(events, first, 7)),
            kinds=kinds_of(events) if len(people) == 1 else [],
            is_cut=is_cut,
            links=self._links(first),
            view=view,
            views=[(name, label) for name, label in VIEWS.items() if not beside or name in ("week", "day")],
            words=_script_texts(),
            date=day.isoformat(),
            is_side_by_side=beside,
            may_be_side_by_side=len(people) in SIDE_BY_SIDE,
            side_url=self._url(side="1"),
            together_url=self._url(side=None),
            may_log=may_log(self.user),
            planned=meeting_type(),
            urls=json.dumps({name: reverse(f"{app}:{view}", args=[0]) for name, app, view in EVENT_URLS}),
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


def _script_texts() -> str:
    """Return the texts of the script in the language of the page, as JSON."""
    texts = {
        "done": pgettext("activity", "done"),
        "overdue": _("overdue"),
        "recurring": _("recurring"),
        "undo": _("Undo"),
        "week": pgettext("calendar", "Wk"),
        "allDay": pgettext("calendar", "all day"),
        "nothing": _("Nothing in this period."),
        "log": _("Log activity"),
        "more": pgettext("calendar", "more"),
        "emails": _("%(count)s e-mails") % {"count": "{count}"},
        "failed": _("That did not work. Try again."),
        "gone": _("The activity no longer exists, or you may not change it."),
    }
    return json.dumps(texts)


class CalendarFeedView(PermissionMixin, View):
    """The events between two times as JSON. Times are in the user's time zone, without offset."""

    permission_required = "activities.view_activity"
    parameters = of_form(FeedQuery)
    answers_scripts = True

    def get(self, request: HttpRequest) -> HttpResponse:
        query = FeedQuery(request.GET, user=self.user)
        if not query.is_valid():
            fields = {name: [str(error) for error in errors] for name, errors in query.errors.items()}
            message = " ".join(text for texts in fields.values() for text in texts)
            return JsonResponse(error_body("invalid", message, fields), status=400)
        people, window = query.people(), query.window
        events, is_cut = calendar_events(self.user, people, window, **query.filters())
        colors = {person.pk: number for number, person in enumerate(people)}
        drawn = [drawn_event(event, colors) for event in events]
        content = {"events": drawn, "holidays": _holidays(window), "is_cut": is_cut, "statuses": _statuses()}
        return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


class CalendarCardView(ActivityMixin, TemplateView):
    """The card of an activity in the calendar: the essentials and its actions."""

    template_name = "calendar/card.html"
    permission_required = "activities.view_activity"
    parameters = {"next": TextField()}

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity: Activity = self.object
        back = safe_next_url(self.request, self.request.GET.get("next", "")) or reverse("calendar:view")
        may_edit = allowed(self.user, "activities.edit_activity", activity)
        mark_activities(self.user, [activity])
        return super().get_context_data(
            title=activity.title,
            activity=activity,
            in_dialog=self.htmx.target == "dialog",
            may_edit=may_edit,
            steps=steps_of(self.user, activity, may_edit=may_edit, back=back) if activity.is_unfinished else [],
            next_url=back,
            back=back,
            next=urlencode({"next": back}),
            **kwargs,
        )


def legend(people: list[User]) -> list[dict[str, Any]]:
    return [{"person": person, "color": number % 8} for number, person in enumerate(people)]


def kinds_of(events: list[CalendarEvent]) -> list[dict[str, str]]:
    """Return the types of the events with their colours, for the legend of the list that is drawn without scripts."""
    kinds = {event.kind: event.color for event in events}
    return [{"kind": kind, "color": kinds[kind]} for kind in sorted(kinds)]


def drawn_event(event: CalendarEvent, colors: dict[int, int]) -> dict[str, Any]:
    """Return an event as short as the script can do with: what is false or empty is left out.

    The script knows the addresses of an activity's page and card by its id; other events bring theirs.
    """
    color = f"who-{colors[event.people[0]] % 8}" if len(colors) > 1 and event.people else f"cal-{event.color}"
    parts = {
        "customer": event.customer, "place": event.place, "status": event.status, "overdue": event.is_overdue,
        "mine": event.may_act,
        "endless": not event.has_end, "recurring": event.is_recurring, "editable": bool(event.move_url),
        "version": event.version, "url": "" if event.card_url else event.url,
        "moment": event.icon if is_moment(event) else "", "allDay": event.is_all_day,
    }  # fmt: skip
    return {
        "id": event.key,
        "title": event.title,
        **_times(event),
        "color": color,
        "kind": event.kind,
        **{name: value for name, value in parts.items() if value},
    }


def _times(event: CalendarEvent) -> dict[str, str]:
    """Return the times of an event; those of whole days are days, the second one the day after the last."""
    if not event.is_all_day:
        return {"start": _local_time(event.start), "end": _local_time(event.end)}
    first, last = (timezone.localtime(time).date() for time in (event.start, event.end))
    return {"start": first.isoformat(), "end": (last + DAY).isoformat()}


def _local_time(time: dt.datetime) -> str:
    return timezone.localtime(time).isoformat(timespec="minutes")[:16]


def _statuses() -> dict[str, str]:
    return {status.value: str(status.label) for status in ActivityStatus}


def _holidays(window: Window) -> list[dict[str, str]]:
    first, last = timezone.localtime(window.start).date(), timezone.localtime(window.end).date()
    return [{"date": day.isoformat(), "name": name} for day, name in holidays_between(first, last).items()]


class MoveForm(forms.Form):
    start = ClockField()
    end = ClockField(required=False)
    is_all_day = forms.BooleanField(required=False)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    @property
    def error_text(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class MoveView(ActivityMixin, View):
    """POST start, end and version, in the body or the address (undo); answer JSON to a script, else redirect."""

    permission_required = "activities.edit_activity"
    parameters = of_form(MoveForm) | {"next": TextField()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        before: Activity = self.object
        names = ("start", "end", "is_all_day", "version")
        form = MoveForm({name: request.POST.get(name, request.GET.get(name, "")) for name in names})
        if not form.is_valid():
            return self._refuse("invalid", form.error_text, 422)
        try:
            moved = activity_move(activity=before, user=self.user, **form.cleaned_data)
        except BusinessRuleError as error:
            return self._refuse(error.code, str(error), 409)
        if self._by_script:
            return JsonResponse(
                {"version": moved.version, "message": moved_message(moved), "undo": undo_url(before, moved)}
            )
        messages.success(request, moved_message(moved))
        return self._back()

    @property
    def _by_script(self) -> bool:
        return self.request.accepts("application/json") and not self.request.accepts("text/html")

    def _refuse(self, code: str, message: str, status: int) -> HttpResponse:
        if self._by_script:
            return JsonResponse({"error": {"code": code, "message": message}}, status=status)
        messages.error(self.request, message)
        return self._back()

    def _back(self) -> HttpResponse:
        back = safe_next_url(self.request, self.request.GET.get("next", ""))
        return HttpResponseRedirect(back or reverse("calendar:view"))


def moved_message(activity: Activity) -> str:
    local = timezone.localtime(activity.start)
    day = date_format(local, "WEEKDAY_FORMAT")
    when = day if activity.is_all_day else f"{day} {date_format(local, 'TIME_FORMAT')}"
    return _("“%(title)s” moved to %(when)s.") % {"title": activity.title, "when": when}


def undo_url(before: Activity, moved: Activity) -> str:
    times = {"start": before.start.isoformat(), "end": before.end.isoformat() if before.end else ""}
    times |= {"is_all_day": "1"} if before.is_all_day else {}
    return f"{reverse('calendar:move', args=[moved.pk])}?{urlencode(times | {'version': moved.version})}"


def _coming(days: Iterable[Day]) -> list[dict[str, Any]]:
    """Return the days of the panel: of the whole-day events of each the first ones, the others are a number."""
    found, left = [], COMING
    for day in days:
        whole = [event for event in day.events if event.is_all_day]
        shown = [*whole[:WHOLE_DAYS], *(event for event in day.events if not event.is_all_day)][:left]
        url = f"{reverse('calendar:view')}?{urlencode({'view': 'day', 'date': day.date.isoformat()})}"
        if shown or day.holiday:
            rest = len(whole) - sum(event.is_all_day for event in shown)
            found.append({"day": day, "shown": shown, "rest": rest, "url": url})
        left -= len(shown)
    return found


class WeekPanel(PanelMixin, TemplateView):
    """The user's coming events until the end of the week, from Friday on until the end of the next week."""

    permission_required = "activities.view_activity"
    template_name = "calendar/start/week.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.user_today()
        last = monday(today + dt.timedelta(days=3)) + dt.timedelta(days=6)
        window = Window(midnight(today), midnight(last + dt.timedelta(days=1)))
        events, _is_cut = calendar_events(self.user, [self.user], window, unfinished=True, limit=MOST_COMING)
        days = by_days(events, today, (last - today).days + 1)
        shown = _coming(day for day in days if day.events or day.holiday)
        return super().get_context_data(title=_("Coming up"), days=shown, **kwargs)
