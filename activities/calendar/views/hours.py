"""Pages of hours of work: the week, copying, the target and the export."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from functools import cached_property
from typing import IO, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.generic import TemplateView, View

from accounts.models import User
from activities.calendar.forms import ExportForm, WorkTargetForm, read_entries
from activities.calendar.models import WorkTarget
from activities.calendar.selectors.calendar import monday
from activities.calendar.selectors.hours import (
    ZERO,
    WeekHours,
    exported_hours,
    last_weeks,
    people_with_hours_seen_by,
    person_of,
    week_hours,
)
from activities.calendar.services.hours import (
    copies_of,
    copyable,
    hours_enter,
    undo_token,
    week_copy,
    week_copy_undo,
    work_target_set,
)
from activities.calendar.views.calendar import WEEK
from activities.log.models import ActivityType
from activities.log.selectors import may_log
from core.exceptions import BusinessRuleError
from core.exports import MEDIA_TYPES, write_rows
from core.numbers import parse_id
from core.parameters import TextField, asked_day, of_form
from core.permissions import PermissionMixin, allowed
from core.views import ServiceFormView, VisibleObjectMixin

#: The number of people in the menu of the page; all of them are on the tab of people.
MENU = 30


class HoursView(PermissionMixin, TemplateView):
    """A person's week as a table of types and customers by day. Users enter their own hours into its cells."""

    template_name = "calendar/hours/page.html"
    permission_required = "calendar.view_hours"
    parameters = {"user": TextField(), "week": TextField(), "copied": TextField()}

    @cached_property
    def person(self) -> User:
        """Return the person of the week: ``?user=``, else the user."""
        return person_of(self.user, self.request.GET.get("user", ""))

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
        people = list(people_with_hours_seen_by(user).order_by("sort_key")[: MENU + 1])
        return super().get_context_data(
            title=_("Hours"),
            week=week,
            person=self.person,
            people=people[:MENU] if people[1:2] else [],
            people_more=len(people) > MENU,
            weeks=last_weeks(self.person, week.first),
            links={"previous": self.url(week.first - WEEK), "next": self.url(week.first + WEEK)},
            number=week.first.isocalendar().week,
            may_write=self.may_write,
            may_set_target=allowed(user, "calendar.set_work_target", self.person),
            left=max(week.target - week.total, ZERO) if week.target is not None else ZERO,
            copied=list(copies_of(user, self.request.GET["copied"])) if "copied" in self.request.GET else [],
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
        text = ngettext("%(count)d cell saved.", "%(count)d cells saved.", changed) % {"count": changed}
        messages.success(request, text if changed else _("Nothing was changed."))
        return HttpResponseRedirect(self.url(self.week.first))

    def url(self, day: dt.date) -> str:
        query = {"week": day.isoformat()}
        if self.person.pk != self.user.pk:
            query["user"] = str(self.person.pk)
        return f"{reverse('calendar:hours')}?{urlencode(query)}"


class WeekCopyView(PermissionMixin, TemplateView):
    """Choose the activities of the previous week to copy to this week."""

    template_name = "calendar/hours/copy.html"
    permission_required = "activities.log_activity"
    parameters = {"week": TextField()}

    @cached_property
    def week(self) -> dt.date:
        return monday(asked_day(self.request, "week"))

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Copy last week"),
            rows=copyable(self.user, self.week - WEEK),
            back=f"{reverse('calendar:hours')}?week={self.week.isoformat()}",
            in_dialog=self.htmx.target == "dialog",
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = [pk for pk in map(parse_id, request.POST.getlist("rows")) if pk]
        copies = week_copy(user=self.user, week=self.week, chosen=chosen)
        query = {"week": self.week.isoformat()} | ({"copied": undo_token(self.user, copies)} if copies else {})
        if not copies:
            messages.info(request, _("Nothing was copied: nothing was selected, or it is already in the week."))
        return HttpResponseRedirect(f"{reverse('calendar:hours')}?{urlencode(query)}")


class WeekCopyUndoView(PermissionMixin, View):
    """POST ``copied``: undo the copying of a week."""

    permission_required = "activities.log_activity"
    parameters = {"week": TextField()}

    def post(self, request: HttpRequest) -> HttpResponse:
        count = week_copy_undo(user=self.user, token=request.POST.get("copied", ""))
        text = ngettext("%(count)d copied activity was removed.", "%(count)d copied activities were removed.", count)
        messages.success(request, text % {"count": count})
        week = asked_day(request, "week").isoformat()
        return HttpResponseRedirect(f"{reverse('calendar:hours')}?week={week}")


class WorkTargetView(VisibleObjectMixin, ServiceFormView):
    """The target of weekly hours of the user or of their staff."""

    model, form_class = User, WorkTargetForm
    permission_required = "calendar.set_work_target"
    title = gettext_lazy("Hours target")
    success_message = gettext_lazy("The hours target was saved.")
    undoable = True

    def get_form_kwargs(self) -> dict[str, Any]:
        present = WorkTarget.objects.filter(pk=self.object.pk).first()
        return super().get_form_kwargs() | {"instance": present or WorkTarget(user=self.object)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.object), **kwargs)

    def get_cancel_url(self) -> str:
        return f"{reverse('calendar:hours')}?user={self.object.pk}"

    def get_success_url(self) -> str:
        return self.get_cancel_url()

    def perform(self, form: Any) -> User:
        person: User = self.object
        work_target_set(person=person, hours=form.cleaned_data["hours"])
        return person


class HoursExportView(PermissionMixin, TemplateView):
    """Ask for the period and the people; return the file once they are given."""

    template_name = "calendar/hours/export.html"
    permission_required = "calendar.view_hours"
    parameters = of_form(ExportForm)

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        people = people_with_hours_seen_by(self.user).order_by("sort_key")
        form = ExportForm(request.GET or None, people=people, viewer=self.user)
        if form.is_bound and form.is_valid():
            return self._file(form.cleaned_data, people)
        in_dialog = self.htmx.target == "dialog"
        context = self.get_context_data(title=_("Export hours"), form=form, in_dialog=in_dialog)
        return self.render_to_response(context, status=422 if form.is_bound else 200)

    def _file(self, choices: dict[str, Any], people: Any) -> HttpResponse:
        people = [choices["user"].pk] if choices["user"] else people.order_by().values("pk")
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=5_000_000)  # noqa: SIM115
        header = [_("Person"), _("Week"), _("Week begins"), _("Type"), _("Customer"), _("Hours"), _("Planned hours")]
        write_rows(choices["kind"], file, header, export_rows(people, choices["first"], choices["last"], self.user))
        file.seek(0)
        name = f"{slugify(_('Hours'))}-{choices['first']}-{choices['last']}.{choices['kind']}"
        kind = MEDIA_TYPES[choices["kind"]]
        return FileResponse(file, as_attachment=True, filename=name, content_type=kind)  # type: ignore[return-value]


def export_rows(people: Any, first: Any, last: Any, viewer: Any) -> Iterator[list[Any]]:
    """Yield the rows of the file; inactive customers are named only to users who may see them."""
    types = {kind.pk: str(kind) for kind in ActivityType.objects.all()}
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=people)}
    sees_passive = viewer.has_perm("customers.manage_passive")
    for row in exported_hours(people, first, last):
        week = timezone.localtime(row["week"]).date()
        hidden = row["customer_state"] == "passive" and not sees_passive
        customer = pgettext("hours", "inactive customer") if hidden else row["customer_name"] or ""
        yield [
            names[row["user"]],
            f"{week.isocalendar().year}/{week.isocalendar().week}",
            week,
            types[row["activity__type"]],
            customer,
            row["hours"],
            row["planned"],
        ]
