"""The page that assigns selected or filtered rows to a customer."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.bulk import BulkFormView, selected_ids
from core.views import VisibleObjectMixin
from imports.enums import RowStatus
from imports.filters import RowFilter
from imports.forms.assign import AssignForm
from imports.jobs import assignment_summary, start_assigning
from imports.models import ImportRun, RowAssignment
from imports.services.assignments import assignment_execute, rows_assign

AT_ONCE = 200
MAX_ROWS = 100_000


class AssignView(VisibleObjectMixin, BulkFormView):
    """Assign rows to a customer; more than 200 rows are imported in a job."""

    model = ImportRun
    form_class = AssignForm
    template_name = "imports/assign.html"
    permission_required = "imports.edit_import"
    confirm_field, max_rows = "customer", MAX_ROWS

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
        context = {
            "text": _(
                "The rows are imported as if the file had named this customer. This cannot be undone in one step."
            ),
        }
        return super().get_context_data(**context, **kwargs) | {
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
