"""Rows: those to review, the page that assigns some to a customer, and files of rows to fix and import again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from core import clock
from core.bulk.selected import BulkFormView, selected_ids
from core.exports import cell
from core.list_views import FilteredListView
from core.views import VisibleObjectMixin
from imports import tables
from imports.enums import RowStatus
from imports.filters import ReviewFilter, RowFilter
from imports.forms import AssignForm
from imports.jobs import assignment_summary, start_assigning
from imports.models import ImportRow, ImportRun, RowAssignment
from imports.selectors import exported_rows
from imports.services import assignment_execute, rows_assign
from imports.undo.services import undo_until

AT_ONCE = 200
MAX_ROWS = 100_000


class ReviewListView(FilteredListView):
    """List the rows of all imports that need review."""

    model = ImportRow
    filterset_class = ReviewFilter
    table = tables.HELD
    title = gettext_lazy("Rows to review")
    permission_required = "imports.view_import"
    empty = {"title": gettext_lazy("No rows to review.")}

    def get_queryset(self) -> QuerySet[Any]:
        return ImportRow.objects.visible_to(self.user).held().select_related("run")


class AssignView(VisibleObjectMixin, BulkFormView):
    """Assign rows to a customer; more than 200 rows are imported in a job."""

    model = ImportRun
    form_class = AssignForm
    template_name = "imports/assign.html"
    permission_required = "imports.edit_import"
    confirm_field, max_rows = "customer", MAX_ROWS
    success_message = ""  # its own message counts, and a job's page shows the rest

    @cached_property
    def ids(self) -> list[int]:
        """The ids of the selected or filtered rows that need review."""
        held = self.object.rows.filter(fate=RowStatus.HELD)
        if self.is_all:
            held = RowFilter(self.query, queryset=held, request=self.request).qs
        else:
            held = held.filter(pk__in=selected_ids(self.request, self.max_rows))
        return list(held.order_by("number").values_list("pk", flat=True)[: self.max_rows])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = len(self.ids)
        text = ngettext("Assign %(count)d row to a customer", "Assign %(count)d rows to a customer", count)
        until = undo_until(self.object)
        sentences = [
            _("The rows are imported as if the file had named this customer."),
            _("They can be undone with the import until %(day)s.")
            % {"day": date_format(timezone.localtime(until), "SHORT_DATE_FORMAT")}
            if clock.now() <= until
            else _("The import is too old to be undone, and so will they be."),
        ]
        return super().get_context_data(text=" ".join(sentences), **kwargs) | {
            "title": text % {"count": count},
            "submit_label": _("Import the rows"),
        }

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self, form: AssignForm) -> Any:
        assignment = rows_assign(run=self.object, customer=form.cleaned_data["customer"], user=self.user, ids=self.ids)
        if assignment.chosen > AT_ONCE:
            return start_assigning(assignment)
        assignment_execute(assignment, lambda done, total: None)
        messages.success(self.request, assignment_summary(assignment))
        return assignment

    def get_success_url(self) -> str:
        page = self.get_cancel_url()
        if isinstance(self.done, RowAssignment):
            return page
        return reverse("core:job", args=[self.done.pk]) + "?" + urlencode({"back": page})


class RowsFileView(VisibleObjectMixin, View):
    """Download every row with its original cells, result and reasons."""

    model = ImportRun
    permission_required = "imports.view_import"
    suffix = "fates"

    def get_rows(self) -> Any:
        return self.object.rows.all()

    def get(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        header = [*self.object.header, _("Result"), _("Reason"), _("Row"), _("Not imported")]
        name = slugify(self.object.file_name.rsplit(".", 1)[0]) or "import"
        lines = write_csv([header], exported_rows(self.object, self.get_rows()))
        return StreamingHttpResponse(
            lines,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}-{self.suffix}.csv"'},
        )


class ProblemRowsFileView(RowsFileView):
    """Download only the rows with problems."""

    suffix = "to-mend"

    def get_rows(self) -> Any:
        return self.object.rows.with_problems()


class _Echo:
    def write(self, text: str) -> bytes:
        return text.encode()


def write_csv(*parts: Iterable[list[Any]]) -> Iterator[bytes]:
    """Yield the lines of a CSV file for Finnish Excel, with formulas escaped."""
    writer: Any = csv.writer(_Echo(), delimiter=";")
    yield b"\xef\xbb\xbf"
    for rows in parts:
        for row in rows:
            yield writer.writerow([cell(item) for item in row])
