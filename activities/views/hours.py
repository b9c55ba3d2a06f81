"""Hours of work by week."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from accounts.models import User
from activities.forms.hours import WorkTargetForm, read_entries
from activities.models import WorkTarget
from activities.selectors import may_log
from activities.selectors_calendar import monday
from activities.selectors_hours import ZERO, WeekHours, last_weeks, people_with_hours_seen_by, week_hours
from activities.services.hours import (
    copyable,
    hours_enter,
    made_by,
    undo_token,
    week_copy,
    week_copy_undo,
    work_target_set,
)
from activities.views.calendar import WEEK, asked_day
from crm.exceptions import BusinessRuleError
from crm.numbers import parse_id
from crm.permissions import PermissionMixin, allowed
from crm.views import ServiceFormView, VisibleObjectMixin


class HoursView(PermissionMixin, TemplateView):
    """A person's week as a table of types and customers by days. One's own hours are written into its cells."""

    template_name = "activities/hours/page.html"
    permission_required = "activities.view_hours"

    @cached_property
    def person(self) -> User:
        """Whose week: ``?user=``, else one's own."""
        pk = self.request.GET.get("user", "")
        if not pk:
            return self.user
        return get_object_or_404(User.objects.visible_to(self.user), pk=parse_id(pk) or 0)

    @cached_property
    def week(self) -> WeekHours:
        return week_hours(self.person, asked_day(self.request, "week"))

    def get_permission_object(self) -> Any:
        return self.person

    @property
    def may_write(self) -> bool:
        return self.person.pk == self.user.pk and may_log(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, week = self.user, self.week
        others = people_with_hours_seen_by(user).order_by("sort_key")
        return super().get_context_data(
            title=_("Hours"),
            week=week,
            person=self.person,
            people=others if others[1:2] else [],
            weeks=last_weeks(self.person, week.first),
            links={"previous": self.url(week.first - WEEK), "next": self.url(week.first + WEEK)},
            number=week.first.isocalendar().week,
            may_write=self.may_write,
            may_set_target=allowed(user, "activities.set_work_target", self.person),
            left=max(week.target - week.total, ZERO) if week.target is not None else ZERO,
            copied=list(made_by(user, self.request.GET["copied"])) if "copied" in self.request.GET else [],
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_write:
            raise PermissionDenied
        entries = read_entries(self.week, request.POST)
        errors = {cell.error for row in self.week.rows for cell in row.cells if cell.error}
        try:
            changed = 0 if errors else hours_enter(user=self.person, entries=entries)
        except BusinessRuleError as error:
            errors = {str(error)}
            for entry in entries:
                entry.cell.error = str(error) if entry.cell.name == error.field else ""
        if errors:
            return self.render_to_response(self.get_context_data(errors=sorted(errors)), status=422)
        said = ngettext("%(count)d cell saved.", "%(count)d cells saved.", changed) % {"count": changed}
        messages.success(request, said if changed else _("Nothing was changed."))
        return HttpResponseRedirect(self.url(self.week.first))

    def url(self, day: dt.date) -> str:
        query = {"week": day.isoformat()}
        if self.person.pk != self.user.pk:
            query["user"] = str(self.person.pk)
        return f"{reverse('activities:hours')}?{urlencode(query)}"


class WeekCopyView(PermissionMixin, TemplateView):
    """Choose which of the work of the week before is planned again this week."""

    template_name = "activities/hours/copy.html"
    permission_required = "activities.log_activity"

    @cached_property
    def week(self) -> dt.date:
        return monday(asked_day(self.request, "week"))

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Copy the week before"),
            rows=copyable(self.user, self.week - WEEK),
            back=f"{reverse('activities:hours')}?week={self.week.isoformat()}",
            in_dialog=self.htmx.target == "dialog",
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = [pk for pk in map(parse_id, request.POST.getlist("rows")) if pk]
        made = week_copy(user=self.user, week=self.week, chosen=chosen)
        query = {"week": self.week.isoformat()} | ({"copied": undo_token(self.user, made)} if made else {})
        if not made:
            messages.info(request, _("Nothing was copied: nothing was chosen, or it stands there already."))
        return HttpResponseRedirect(f"{reverse('activities:hours')}?{urlencode(query)}")


class WeekCopyUndoView(PermissionMixin, View):
    """POST ``copied``: take back what a copy has just made."""

    permission_required = "activities.log_activity"

    def post(self, request: HttpRequest) -> HttpResponse:
        count = week_copy_undo(user=self.user, token=request.POST.get("copied", ""))
        said = ngettext("%(count)d activity was taken back.", "%(count)d activities were taken back.", count)
        messages.success(request, said % {"count": count})
        week = asked_day(request, "week").isoformat()
        return HttpResponseRedirect(f"{reverse('activities:hours')}?week={week}")


class WorkTargetView(VisibleObjectMixin, ServiceFormView):
    """How many hours a week someone means to log: one's own, or one's staff's."""

    model, form_class = User, WorkTargetForm
    permission_required = "activities.set_work_target"
    title = gettext_lazy("Target of hours")
    success_message = gettext_lazy("Saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        present = WorkTarget.objects.filter(pk=self.object.pk).first()
        return super().get_form_kwargs() | {"instance": present or WorkTarget(user=self.object)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.object), **kwargs)

    def get_cancel_url(self) -> str:
        return f"{reverse('activities:hours')}?user={self.object.pk}"

    def get_success_url(self) -> str:
        return self.get_cancel_url()

    def perform(self, form: Any) -> User:
        person: User = self.object
        work_target_set(person=person, hours=form.cleaned_data["hours"])
        return person
