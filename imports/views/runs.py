"""The list of imports and the pages of one: upload, mapping, check, run and results."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from core.actions import Action
from core.exceptions import BusinessRuleError
from core.list_views import FilteredListView
from core.permissions import allowed
from core.views import ActionView, ServiceFormView, VisibleObjectMixin, redirect
from imports import tables
from imports.config import Config, suggest
from imports.enums import RunState
from imports.filters import RowFilter, RunFilter
from imports.forms import MappingForm, UploadForm
from imports.models import ImportRow, ImportRun
from imports.problems import general_sentence
from imports.readers.formats import BadFile
from imports.selectors import ProblemCount, Sample, problem_counts, sample_of, sums_of
from imports.services import allowed_next, mapping_save, may_assign, run_config_set, run_create, run_delete, run_start
from imports.undo.services import keeps_for_undo
from imports.views.undo import may_undo

#: How many of the newest assignments the page of an import shows.
ASSIGNMENTS = 20


class RunListView(FilteredListView):
    """List imports with their state, user, time and counts per result."""

    model = ImportRun
    filterset_class = RunFilter
    table = tables.RUNS
    title = _("Imports")
    permission_required = "imports.view_import"
    primary_action = Action(_("New import"), "imports:new", icon="upload")
    secondary_actions = (
        Action(_("Rows to review"), "imports:held", icon="alert-circle"),
        Action(_("Mappings"), "imports:mappings", icon="arrows-exchange"),
    )
    empty = {"title": _("Nothing has been imported yet."), "text": _("Start with a CSV or Excel file.")}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("owner", "job")


class NewView(ServiceFormView):
    max_body_bytes = settings.IMPORT_MAX_BYTES + 1024 * 1024
    form_class = UploadForm
    permission_required = "imports.view_import"
    title = _("New import")
    success_message = ""  # nothing is imported yet: the next page says what to do
    submit_label = _("Continue")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def perform(self, form: UploadForm) -> ImportRun:
        data = form.cleaned_data
        file = data["file"]
        return run_create(kind=data["kind"], file=file, name=file.name, owner=self.user, mapping=data["mapping"])

    def get_success_url(self) -> str:
        return reverse("imports:mapping", args=[self.done.pk])

    def get_cancel_url(self) -> str:
        return reverse("imports:list")


class RunMappingView(VisibleObjectMixin, FormView):
    """Edit the mapping of columns to fields; *Read again* shows the file with other reading options."""

    model = ImportRun
    form_class = MappingForm
    permission_required = "imports.edit_import"
    template_name = "imports/mapping.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("job")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and RunState.CHECKING not in allowed_next(self.object):
            return redirect(request, self.object.get_absolute_url())
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except BadFile as error:
            messages.error(request, str(error))
            return redirect(request, reverse("imports:list"))

    @cached_property
    def sample(self) -> Sample:
        return sample_of(self.object)

    def get_form_kwargs(self) -> dict[str, Any]:
        config = Config.read(self.object.config)
        return super().get_form_kwargs() | {"kind": self.object.row_kind, "config": config, "sample": self.sample}

    def form_valid(self, form: MappingForm) -> HttpResponse:
        try:
            if "reread" in self.request.POST:
                self._reread(form)
                return redirect(self.request, self.request.path)
            self._save_and_check(form)
        except BusinessRuleError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return redirect(self.request, reverse("core:job", args=[self.object.job_id]) + self._back())

    def _reread(self, form: MappingForm) -> None:
        """Read the file with other options; if the columns change, suggest their fields by the headings."""
        reading, old = form.reading(), Config.read(self.object.config)
        trial = ImportRun(kind=self.object.kind, file=self.object.file, config=Config(reading).data())
        header = sample_of(trial).header
        config = form.result() if header == self.sample.header else suggest(self.object.row_kind, header)
        config = config.with_reading(reading)
        ImportRun.objects.filter(pk=self.object.pk).update(
            config=config.data() | {"options": old.options}, header=header
        )

    def _save_and_check(self, form: MappingForm) -> None:
        """Store the mapping, also under a name if given, and start the check."""
        config, name = form.result(), form.cleaned_data["save_as"]
        run_config_set(run=self.object, config=config)
        if name:
            mapping = mapping_save(kind=self.object.kind, name=name, config=config)
            run_config_set(run=self.object, config=config, mapping=mapping)
        self._object = run_start(run=self.object, user=self.user, dry_run=True)

    def _back(self) -> str:
        return "?" + urlencode({"back": self.object.get_absolute_url()})

    def form_invalid(self, form: MappingForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = gettext("Columns of %s") % self.object.file_name
        return super().get_context_data(run=self.object, sample=self.sample, title=title, **kwargs)


class RunView(VisibleObjectMixin, FilteredListView):
    """Show the result of each row, or after a check the expected result."""

    model = ImportRun
    filterset_class = RowFilter
    table = tables.ROWS
    permission_required = "imports.view_import"
    template_name = "imports/run.html"
    empty = {"title": _("The file has not been checked yet."), "text": _("First choose a field for each column.")}

    @property
    def object(self) -> Any:
        if self._object is None:
            self._object = self.get_run()
        return self._object

    def get_run(self) -> ImportRun:
        runs = ImportRun.objects.visible_to(self.user).select_related("owner", "job", "mapping")
        return get_object_or_404(runs, pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Any]:
        return ImportRow.objects.filter(run=self.object).select_related("run")

    def get_filterset(self) -> RowFilter:
        reasons = list({problem.code: general_sentence(problem.code) for problem in self.problems}.items())
        return RowFilter(self.request.GET, queryset=self.get_queryset(), request=self.request, reasons=reasons)

    @cached_property
    def problems(self) -> list[ProblemCount]:
        return problem_counts(self.object)

    @property
    def may_edit(self) -> bool:
        return allowed(self.user, "imports.edit_import", self.object)

    def get_bulk_actions(self) -> list[Any]:
        if not self.object.held or not may_assign(self.object) or not self.may_edit:
            return []
        label, args = _("Assign to a customer"), (self.object.pk,)
        return [Action(label, "imports:assign", name="assign", icon="building", dialog=True, args=args)]

    @property
    def title(self) -> str:
        return self.object.file_name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run, is_list = self.object, self.htmx.target == "list"
        return super().get_context_data(
            run=run,
            problems=self.problems,
            sums=sums_of(run),
            assignments=[] if is_list else run.assignments.select_related("customer", "user")[:ASSIGNMENTS],
            steps=allowed_next(run) if self.may_edit else frozenset(),
            may_undo=(run.created or run.updated or run.state == RunState.STOPPED) and may_undo(run, self.user),
            bulk_all=True,
            **kwargs,
        )


class RunActionView(ActionView):
    """Start a job of an import."""

    model = ImportRun
    permission_required = "imports.edit_import"
    dry_run = False
    success_message = ""  # the job's page shows what becomes of it

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("job")

    def perform(self) -> None:
        self._object = run_start(run=self.object, user=self.user, dry_run=self.dry_run)
        self.started = True

    started = False

    def get_success_url(self) -> str:
        page = str(self.object.get_absolute_url())
        return (
            reverse("core:job", args=[self.object.job_id]) + "?" + urlencode({"back": page}) if self.started else page
        )


class CheckView(RunActionView):
    question = _("Check what the import would do? Nothing is saved.")
    submit_label = _("Check")
    dry_run = True


class StartView(RunActionView):
    question = _("Import the rows now?")
    submit_label = _("Import")


class DeleteView(ActionView):
    """Delete an import's file and rows; imported data stays."""

    model = ImportRun
    permission_required = "imports.edit_import"
    question = _("Delete this import? The file and the list of rows are deleted; the imported data is kept.")
    submit_label = _("Delete")
    success_message = _("The import has been deleted.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("job")

    def get_effects(self) -> list[Any]:
        return [_("The import can no longer be undone.")] if keeps_for_undo(self.object) else []

    def perform(self) -> None:
        run_delete(run=self.object)
        self.is_deleted = True

    is_deleted = False

    def get_success_url(self) -> str:
        return reverse("imports:list") if self.is_deleted else str(self.object.get_absolute_url())
