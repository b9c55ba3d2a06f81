"""The planning page: four weeks of one's own work from care plans beside the calendar."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from activities.calendar.selectors.calendar import Window, calendar_events, days_of, holidays_between, monday
from activities.log.selectors import midnight
from careplans.work.models import CareWork
from careplans.work.services.planning import (
    as_it_was,
    own_work,
    spread_days,
    works_back,
    works_confirm,
    works_place,
    works_spread,
)
from core import clock
from core.dates import DayField
from core.exceptions import BusinessRuleError
from core.notices import said
from core.once import kept_for, kept_under
from core.parameters import TextField, asked_day
from core.permissions import PermissionMixin, allowed
from core.views import redirect, safe_next_url

WEEKS = 4
DAY = dt.timedelta(days=1)


@dataclass
class PlanDay:
    """A day of the grid: the work that is on it, and how much else is in the calendar."""

    date: dt.date
    holiday: str = ""
    is_today: bool = False
    is_past: bool = False
    is_away: bool = False
    works: list[CareWork] = field(default_factory=list)
    others: int = 0


class PlanForm(forms.Form):
    """What the page sends: the chosen work, its day and its time."""

    works = forms.TypedMultipleChoiceField(coerce=int, label=gettext_lazy("Work"), required=False)
    day = DayField(label=gettext_lazy("Day"), required=False)
    time = forms.TimeField(label=gettext_lazy("Time"), required=False, help_text=gettext_lazy("Empty: the whole day."))

    def __init__(self, *args: Any, works: list[CareWork], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["works"]
        chosen.choices = [(work.pk, str(work)) for work in works]


class PlanningView(PermissionMixin, TemplateView):
    """Unscheduled work on the left by municipality, four weeks of days beside it; one form plans what is chosen."""

    template_name = "carework/planning.html"
    permission_required = "carework.plan_work"
    parameters = {"date": TextField()}

    @cached_property
    def works(self) -> list[CareWork]:
        return own_work(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = monday(asked_day(self.request, "date"))
        last = first + (7 * WEEKS - 1) * DAY
        days = self._days(first, last)
        open_days = [work for work in self.works if not work.is_scheduled and work.first <= last]
        context = {
            "form": PlanForm(works=self.works),
            "weeks": [(days[n * 7].date.isocalendar().week, days[n * 7 : n * 7 + 7]) for n in range(WEEKS)],
            "places": _by_place(open_days),
            "count": len(open_days),
            "may_plan": allowed(self.user, "carework.add_absence"),
            "previous": (first - 7 * WEEKS * DAY).isoformat(),
            "next": (last + DAY).isoformat(),
            "spread": None,
            "today": clock.today(),
        }
        return super().get_context_data(title=_("Planning"), **{**context, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = PlanForm(request.POST, works=self.works)
        step = request.POST.get("step", "")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        ids = form.cleaned_data["works"]
        try:
            if step == "spread":
                chosen = [work for work in self.works if not ids or work.pk in ids]
                return self.render_to_response(self.get_context_data(form=form, spread=spread_days(self.user, chosen)))
            text, works = self._plan(step, form.cleaned_data)
            said(request, text, undo=self._undo_url(works))
        except BusinessRuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return redirect(request, request.get_full_path())

    def _plan(self, step: str, data: dict[str, Any]) -> tuple[str, list[CareWork]]:
        """Do the step; return what is said of it, and the work that it has changed."""
        ids = data["works"]
        if step == "confirm":
            works = works_confirm(user=self.user, ids=ids)
            text = ngettext("%(count)d day is confirmed.", "%(count)d days are confirmed.", len(works))
            return text % {"count": len(works)}, works
        if step == "apply":
            works = works_spread(user=self.user, ids=ids)
        elif data["day"] is None:
            raise BusinessRuleError("day_missing", _("Choose the day."), field="day")
        else:
            works = works_place(user=self.user, ids=ids, day=data["day"], time=data["time"])
        return moved_words(len(works)), works

    def _undo_url(self, works: list[CareWork]) -> str:
        if not works:
            return ""
        key = kept_under(self.user, {"works": as_it_was(works)})
        return reverse("carework:planning_back", query={"content": key, "next": self.request.get_full_path()})

    def _days(self, first: dt.date, last: dt.date) -> list[PlanDay]:
        free, today = holidays_between(first, last), clock.today()
        on_day: dict[dt.date, list[CareWork]] = defaultdict(list)
        for work in self.works:
            if work.activity is not None:
                on_day[clock.day_of(work.activity.start)].append(work)
        others, away = self._calendar(first, last)
        dates = (first + number * DAY for number in range((last - first).days + 1))
        return [
            PlanDay(date, free.get(date, ""), date == today, date < today, date in away, on_day[date],
                    max(others[date] - len(on_day[date]), 0))
            for date in dates
        ]  # fmt: skip

    def _calendar(self, first: dt.date, last: dt.date) -> tuple[Counter[dt.date], set[dt.date]]:
        """Return how many entries each day has, and on which days the user is away."""
        events, _is_cut = calendar_events(self.user, [self.user], Window(midnight(first), midnight(last + DAY)))
        entries: Counter[dt.date] = Counter()
        away: set[dt.date] = set()
        for event in events:
            days = days_of(event, first, last)
            if event.is_absence:
                away.update(days)
            else:
                entries.update(days[:1])
        return entries, away


def moved_words(count: int) -> str:
    return ngettext("%(count)d activity was moved.", "%(count)d activities were moved.", count) % {"count": count}


class PlanningBackView(PermissionMixin, View):
    """Take back what was planned, as it was kept for the user under the key in the address."""

    permission_required = "carework.plan_work"
    parameters = {"content": TextField(max_length=40), "next": TextField()}

    def post(self, request: HttpRequest) -> HttpResponse:
        kept = kept_for(self.user, request.GET.get("content", ""))
        if kept is None:
            messages.error(request, _("It cannot be brought back any more."))
        else:
            self._bring_back(kept["works"])
        back = safe_next_url(request, request.GET.get("next", ""))
        return redirect(request, back or reverse("carework:planning"))

    def _bring_back(self, kept: list[dict[str, Any]]) -> None:
        count, stayed = works_back(user=self.user, kept=kept)
        if count:
            text = ngettext("%(count)d activity is as it was.", "%(count)d activities are as they were.", count)
            messages.success(self.request, text % {"count": count})
        if stayed:
            text = ngettext(
                "%(count)d activity has changed meanwhile and stayed.",
                "%(count)d activities have changed meanwhile and stayed.",
                stayed,
            )
            messages.error(self.request, text % {"count": stayed})


def _by_place(works: list[CareWork]) -> list[tuple[str, list[CareWork]]]:
    """Return work by the municipality of its customer, those without one last."""
    found: dict[str, list[CareWork]] = defaultdict(list)
    for work in works:
        found[str(work.customer.municipality or "")].append(work)
    return [(name or _("No municipality"), found[name]) for name in sorted(found, key=lambda name: (not name, name))]
