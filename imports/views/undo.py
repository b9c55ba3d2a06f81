"""The undo of an import: the check of its rows, the page of what can be undone and what was, and the actions."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.actions import Action
from core.bulk.selected import BulkFormView, selected_ids
from core.list_views import FilteredListView
from core.permissions import allowed
from core.views import ActionView, VisibleObjectMixin
from imports import tables
from imports.enums import UndoStatus
from imports.filters import UndoFilter
from imports.models import ImportRow, ImportRun
from imports.undo.selectors import UndoCounts, undo_counts, undo_reasons
from imports.undo.services import PERMISSION, undo_check, undo_refusal, undo_start, undo_until

MAX_ROWS = 100_000


def may_undo(run: ImportRun, user: Any) -> bool:
    """Return whether the user can undo rows of the run now."""
    return undo_refusal(run) is None and allowed(user, PERMISSION, run)


class RunMixin(VisibleObjectMixin):
    """A page of one run, read with its job."""

    model = ImportRun
    success_message = ""  # the job's page shows what becomes of it

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("job", "owner", "undone_by")

    @property
    def undo_url(self) -> str:
        return reverse("imports:undo", args=[self.object.pk])

    def job_url(self, job_id: Any) -> str:
        """Return the page of a job that leads back to the undo."""
        return reverse("core:job", args=[job_id]) + "?" + urlencode({"back": self.undo_url})


class UndoView(VisibleObjectMixin, FilteredListView):
    """List the rows that added or changed a record: what an undo would do or has done with each, and why not."""

    model = ImportRun
    filterset_class = UndoFilter
    table = tables.UNDO
    permission_required = "imports.view_import"
    template_name = "imports/undo.html"
    main_filters = ("undo", "undo_reason")
    empty = {"title": gettext_lazy("The import has added and changed nothing.")}

    @property
    def object(self) -> Any:
        if self._object is None:
            self._object = self.get_run()
        return self._object

    def get_run(self) -> ImportRun:
        runs = ImportRun.objects.visible_to(self.user).select_related("owner", "job", "undone_by")
        return get_object_or_404(runs, pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Any]:
        return ImportRow.objects.filter(run=self.object).written().select_related("run")

    @property
    def title(self) -> str:
        return _("Undo: %s") % self.object.file_name

    @cached_property
    def may_undo(self) -> bool:
        return may_undo(self.object, self.user)

    def get_bulk_actions(self) -> list[Any]:
        if not self.may_undo:
            return []
        label, args = _("Undo these rows"), (self.object.pk,)
        return [Action(label, "imports:undo_rows", name="undo", icon="arrow-back-up", dialog=True, args=args)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        return super().get_context_data(
            run=run,
            counts=undo_counts(run),
            reasons=undo_reasons(run),
            may_undo=self.may_undo,
            refusal=undo_refusal(run),
            until=undo_until(run),
            bulk_all=True,
            **kwargs,
        )


class UndoCheckView(RunMixin, ActionView):
    """Check which rows can be undone; many rows are checked in a job."""

    permission_required = PERMISSION
    question = gettext_lazy("Check which rows can be undone? Nothing is changed yet.")
    submit_label = gettext_lazy("Check")
    job_id: Any = None

    def perform(self) -> None:
        job = undo_check(run=self.object, user=self.user)
        self.job_id = job.pk if job else None

    def get_success_url(self) -> str:
        return self.job_url(self.job_id) if self.job_id else self.undo_url


class UndoAllView(RunMixin, ActionView):
    """Undo all rows that can be undone, in a job."""

    permission_required = PERMISSION
    question = gettext_lazy("Undo the import?")
    submit_label = gettext_lazy("Undo import")
    danger = True
    is_started = False

    def get_effects(self) -> list[Any]:
        return undo_effects(undo_counts(self.object))

    def perform(self) -> None:
        self._object = undo_start(run=self.object, user=self.user)
        self.is_started = True

    def get_success_url(self) -> str:
        return self.job_url(self.object.job_id) if self.is_started else self.undo_url


def undo_effects(counts: UndoCounts) -> list[str]:
    """Return in sentences what the undo of all rows brings with it."""
    removed = ngettext(
        "%(count)d added record is removed.", "%(count)d added records are removed.", counts.removable
    ) % {"count": counts.removable}
    restored = ngettext(
        "%(count)d changed record gets its former values back.",
        "%(count)d changed records get their former values back.",
        counts.restorable,
    ) % {"count": counts.restorable}
    kept = ngettext("%(count)d row stays as it is.", "%(count)d rows stay as they are.", counts.kept) % {
        "count": counts.kept
    }
    sentences = [(counts.removable, removed), (counts.restorable, restored), (counts.kept, kept)]
    return [text for count, text in sentences if count] + [_("What has been undone can be imported again.")]


class ConfirmForm(forms.Form):
    """Nothing to fill in: the selected rows are confirmed."""

    confirm = forms.BooleanField(widget=forms.HiddenInput, initial=True)


class UndoRowsView(RunMixin, BulkFormView):
    """Undo the selected rows, or all that match the list's filters, in a job."""

    permission_required = PERMISSION
    form_class = ConfirmForm
    confirm_field, max_rows = "confirm", MAX_ROWS

    @cached_property
    def ids(self) -> list[int]:
        rows = ImportRow.objects.filter(run=self.object).written().exclude(undo=UndoStatus.UNDONE)
        if self.is_all:
            rows = UndoFilter(self.query, queryset=rows, request=self.request).qs
        else:
            rows = rows.filter(pk__in=selected_ids(self.request, self.max_rows))
        return list(rows.order_by("number").values_list("pk", flat=True)[: self.max_rows])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = len(self.ids)
        title = ngettext("Undo %(count)d row?", "Undo %(count)d rows?", count) % {"count": count}
        text = _("Each row is checked again. Those that others have changed or used since stay as they are.")
        context = super().get_context_data(text=text, **kwargs)
        return context | {"title": title, "submit_label": _("Undo"), "danger": True}

    def get_cancel_url(self) -> str:
        return self.undo_url

    def perform(self, form: ConfirmForm) -> ImportRun:
        return undo_start(run=self.object, user=self.user, ids=self.ids)

    def get_success_url(self) -> str:
        return self.job_url(self.done.job_id)
