"""Hours as a file: sums by person, week, type and customer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.generic import TemplateView

from accounts.models import User
from activities.forms.hours import ExportForm
from activities.models import ActivityType
from activities.selectors_hours import exported_hours, people_with_hours_seen_by
from crm.exports import MEDIA_TYPES, write_rows
from crm.permissions import PermissionMixin


class HoursExportView(PermissionMixin, TemplateView):
    """Asks the period and the people; answers the file when they are given."""

    template_name = "activities/hours/export.html"
    permission_required = "activities.view_hours"

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        people = people_with_hours_seen_by(self.user).order_by("sort_key")
        form = ExportForm(request.GET if "kind" in request.GET else None, people=people, viewer=self.user)
        if form.is_bound and form.is_valid():
            return self._file(form.cleaned_data, people)
        in_dialog = self.htmx.target == "dialog"
        context = self.get_context_data(title=_("Export hours"), form=form, in_dialog=in_dialog)
        return self.render_to_response(context, status=422 if form.is_bound else 200)

    def _file(self, asked: dict[str, Any], people: Any) -> HttpResponse:
        whose = [asked["user"].pk] if asked["user"] else people.order_by().values("pk")
        file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=5_000_000)  # noqa: SIM115
        header = [_("Person"), _("Week"), _("Week begins"), _("Type"), _("Customer"), _("Hours"), _("Planned hours")]
        write_rows(asked["kind"], file, header, export_rows(whose, asked["first"], asked["last"], self.user))
        file.seek(0)
        name = f"{slugify(_('Hours'))}-{asked['first']}-{asked['last']}.{asked['kind']}"
        kind = MEDIA_TYPES[asked["kind"]]
        return FileResponse(file, as_attachment=True, filename=name, content_type=kind)  # type: ignore[return-value]


def export_rows(whose: Any, first: Any, last: Any, viewer: Any) -> Iterator[list[Any]]:
    """Yield the lines of the file; a passive customer has no name there for those who do not see it elsewhere."""
    types = {kind.pk: str(kind) for kind in ActivityType.objects.all()}
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=whose)}
    sees_passive = viewer.has_perm("customers.manage_passive")
    for row in exported_hours(whose, first, last):
        week = timezone.localtime(row["week"]).date()
        hidden = row["customer_state"] == "passive" and not sees_passive
        customer = pgettext("hours", "passive customer") if hidden else row["customer_name"] or ""
        yield [
            names[row["user"]],
            f"{week.isocalendar().year}/{week.isocalendar().week}",
            week,
            types[row["activity__type"]],
            customer,
            row["hours"],
            row["planned"],
        ]
