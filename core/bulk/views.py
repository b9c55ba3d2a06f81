"""Pages of bulk operations: choose, form, preview, progress and outcome of each row, undo, own ones."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import Resolver404, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from core.bulk import tables
from core.bulk.enums import BulkState
from core.bulk.models import BulkRow, BulkRun
from core.bulk.operations import Operation, operation_of, operations, pages_of
from core.bulk.selected import selected_ids
from core.bulk.selectors import add_urls, groups_of, has_undo, reasons_of, to_undo_count, waiting_count
from core.bulk.services import (
    ids_in,
    run_choose,
    run_preview,
    run_recount,
    run_say,
    run_start,
    undo_refusal,
    undo_start,
)
from core.exceptions import BusinessRuleError
from core.jobs import job_cancel
from core.list_rows import list_of, list_view
from core.list_views import FilteredListView
from core.permissions import SIGNED_IN, PermissionMixin
from core.views import ActionView, ServiceFormView, VisibleObjectMixin, redirect, safe_next_url

#: Up to so many rows the form itself shows the effect while it is filled in.
LIVE_ROWS = 10_000
#: What a run keeps of its list's path (``BulkRun.path``).
LONGEST_PATH = 500
#: Rows that are ticked are on one page of a list.
TICKED = 1_000


class ChooseView(PermissionMixin, View):
    """POST ``ids``, or ``all`` with the list's ``list`` and ``query``: keep the rows and go on to the form."""

    permission_required = SIGNED_IN
    http_method_names = ["post"]

    @cached_property
    def operation(self) -> Operation:
        operation = operations().get(self.kwargs["operation"])
        if operation is None:
            raise Http404
        return operation

    def check_permissions(self) -> None:
        super().check_permissions()
        if not self.operation.allowed(self.user):
            raise PermissionDenied

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        path = safe_next_url(request, request.POST.get("list", "")) or reverse(self.operation.list_url_name)
        query = request.POST.get("query", "")
        try:
            run = self._chosen(path, query)
        except BusinessRuleError as error:
            whole = reverse(self.operation.list_url_name)
            return self._refused(error, whole if error.code == "forbidden" else address_of(path, query))
        return HttpResponseRedirect(reverse(next_step(self.operation), args=[run.pk]))

    def _chosen(self, path: str, query: str) -> BulkRun:
        """Keep the rows with the address of their list, which chooses none where they were ticked."""
        about: dict[str, Any] = {"operation": self.operation, "user": self.user}
        if "all" in self.request.POST:
            return run_choose(**about, rows=self._matching(path, query), path=path, query=query)
        rows = ids_in(self.operation, self.user, selected_ids(self.request, TICKED))
        return run_choose(**about, rows=rows, path=path if len(path) <= LONGEST_PATH else "", query=query)

    def _matching(self, path: str, query: str) -> QuerySet[Any]:
        try:
            view, rows = list_of(path, query, self.user)
            rows = view.bulk_rows(rows)
        except Resolver404 as error:
            raise Http404 from error
        if rows.model is not self.operation.model:
            raise Http404
        return rows

    def _refused(self, error: BusinessRuleError, path: str) -> HttpResponse:
        if self.htmx.target == "dialog":
            context = {"title": self.operation.label, "error": str(error), "in_dialog": True, "cancel_url": path}
            return TemplateResponse(self.request, "generic/refused.html#form", context)
        messages.error(self.request, str(error))
        return redirect(self.request, path)


def address_of(path: str, query: str) -> str:
    """Return the address of a list as it was shown."""
    return f"{path}?{query}" if query else path


def next_step(operation: Operation) -> str:
    return "core:bulk_form" if operation.has_form else "core:bulk_preview"


class RunMixin(VisibleObjectMixin):
    """A page of one of the user's own runs."""

    model: type[Model] = BulkRun
    permission_required = SIGNED_IN

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("job", "user")

    @cached_property
    def operation(self) -> Operation:
        try:
            return operation_of(self.object.operation)
        except BusinessRuleError as error:
            raise Http404 from error

    def effect(self) -> dict[str, Any]:
        """Return what the previewed operation would do, and to which rows, for the templates."""
        run = self.object
        count = waiting_count(run)
        return {
            "run": run,
            "count": count,
            "groups": groups_of(run),
            "notes": self.operation.notes(self.operation.content(run.params, self.user), count),
            "has_undo": has_undo(run),
            "rows_url": run.get_absolute_url(),
            "run_label": self.operation.label,
            "danger": self.operation.danger,
        }

    def start(self) -> HttpResponse:
        """Start the previewed run and go on to its page."""
        try:
            run = run_start(run=self.object)
        except BusinessRuleError as error:
            messages.error(self.request, str(error))
            return redirect(self.request, reverse("core:bulk_preview", args=[self.object.pk]))
        if url := self.operation.next_url(run):  # the work is done there
            run.delete()
            return redirect(self.request, url)
        return redirect(self.request, run.get_absolute_url())

    @property
    def back_url(self) -> str:
        """The address of the list where the rows were chosen."""
        run = self.object
        path = run.path or reverse(self.operation.list_url_name)
        return address_of(path, run.query)


class BulkRunFormView(RunMixin, ServiceFormView):
    """The form of an operation: what to do with the chosen rows."""

    template_name = "bulk/form.html"
    submit_label = gettext_lazy("Preview")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.state != BulkState.DRAFT:
            return redirect(request, self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> Any:
        if self.request.method == "POST":
            return self.operation.form_class(self.request.POST, user=self.user)
        form = self.operation.form(self.object.params or None, self.user)
        if not self.object.params:
            form.initial.update(self._initial())
        return form

    def _initial(self) -> dict[str, Any]:
        """Return what the form begins with on the list where the rows were chosen."""
        path, _mark, query = self.back_url.partition("?")
        try:
            initial: dict[str, Any] = list_view(path, query, self.user).bulk_initial()
        except Http404:
            return {}
        return initial

    @property
    def title(self) -> str:
        return f"{self.operation.label} · {chosen_text(self.object.total)}"

    def get_cancel_url(self) -> str:
        return self.back_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_live=self.object.total <= LIVE_ROWS, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        is_shown_here = "live" in self.request.POST or "start" in self.request.POST
        say = run_preview if is_shown_here else run_say
        try:
            self._object = say(run=self.object, params=_params(form))
        except BusinessRuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return self.form_invalid(form)
        if "live" in self.request.POST:
            return self._live(form, **self.effect())
        if self.request.POST.get("start") == str(waiting_count(self.object)):  # started as it was shown
            return self.start()
        return HttpResponseRedirect(reverse("core:bulk_preview", args=[self.object.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        return self._live(form) if "live" in self.request.POST else super().form_invalid(form)

    def _live(self, form: Any, **effect: Any) -> HttpResponse:
        """Return the effect of what the form says now, and the button that starts it."""
        context = self.get_context_data(form=form, **effect)
        return TemplateResponse(self.request, "bulk/form.html#live", context)


def _params(form: Any) -> dict[str, Any]:
    """Return what the form says as the operation keeps it: texts, and lists of them."""
    said = {name: [value for value in form.data.getlist(name) if value] for name in form.fields}
    return {name: values if len(values) > 1 else values[0] for name, values in said.items() if values}


def chosen_text(count: int) -> str:
    return ngettext("%(count)s row selected", "%(count)s rows selected", count) % {"count": _number(count)}


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)


class PreviewView(RunMixin, TemplateView):
    """What the operation would do, and to which rows; POST starts it."""

    template_name = "bulk/preview.html"

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.state != BulkState.DRAFT:
            return redirect(request, self.object.get_absolute_url())
        try:
            self._object = run_preview(run=self.object, params=self.object.params)
        except BusinessRuleError as error:
            if self.operation.has_form:
                return HttpResponseRedirect(reverse("core:bulk_form", args=[self.object.pk]))
            messages.error(request, str(error))
            return redirect(request, self.back_url)
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        return super().get_context_data(
            title=str(run),
            form_url=reverse("core:bulk_form", args=[run.pk]) if self.operation.has_form else "",
            submit_label=self.operation.label,
            cancel_url=self.back_url,
            in_dialog=self.htmx.target == "dialog",
            **self.effect(),
            **kwargs,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.start()


class RunView(RunMixin, FilteredListView):
    """A run: its progress, the outcome of each row, its undo."""

    filterset_class = tables.PageRowFilter
    table = tables.ROWS
    template_name = "bulk/run.html"
    main_filters = ("status", "reason", "undo")
    empty = {"title": gettext_lazy("No rows."), "text": ""}

    @property
    def title(self) -> str:
        return str(self.object)

    @property
    def object(self) -> Any:
        if self._object is None:
            self._object = run_recount(get_object_or_404(self._runs(), pk=self.kwargs["pk"]))
        return self._object

    def _runs(self) -> QuerySet[Any]:
        return BulkRun.objects.visible_to(self.user).select_related("job", "user")

    def get_queryset(self) -> QuerySet[Any]:
        return BulkRow.objects.filter(run=self.object).select_related("run")

    def get_filterset(self) -> tables.PageRowFilter:
        return tables.PageRowFilter(
            self.request.GET, queryset=self.get_queryset(), request=self.request, reasons=reasons_of(self.object)
        )

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return add_urls(self.object, rows)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.htmx.target == "bulk-progress":
            if not self.object.is_under_way:
                return redirect(request, self.object.get_absolute_url())
            return TemplateResponse(request, "bulk/run.html#progress", {"run": self.object, "job": self.object.job})
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        return super().get_context_data(
            run=run,
            job=run.job,
            is_draft=run.state == BulkState.DRAFT,
            may_undo=run.operation in operations() and undo_refusal(run) is None,
            has_undo=has_undo(run),
            pages=pages_of(run),
            back_url=self.back_url if run.operation in operations() else "",
            **kwargs,
        )


class RunsView(FilteredListView):
    """The user's own bulk operations, the newest first."""

    model = BulkRun
    filterset_class = tables.RunFilter
    table = tables.RUNS
    title = gettext_lazy("Bulk operations")
    permission_required = SIGNED_IN
    main_filters = ("state",)
    empty = {
        "title": gettext_lazy("No bulk operations yet."),
        "text": gettext_lazy("Select rows in a list, or all that match its filters, and choose what to do with them."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().exclude(state=BulkState.DRAFT).select_related("job")


class UndoView(RunMixin, ActionView):
    """Undo a run."""

    submit_label = gettext_lazy("Undo")
    success_message = ""  # the page of the run shows what becomes of it

    @property
    def question(self) -> str:
        return _("Undo: %s") % self.object

    def get_refusal(self) -> str:
        return str(undo_refusal(self.object) or "")

    def get_effects(self) -> list[Any]:
        count = to_undo_count(self.object)
        text = ngettext(
            "%(count)s row gets its former values back, unless somebody has changed them since.",
            "%(count)s rows get their former values back, except those that somebody has changed since.",
            count,
        )
        return [text % {"count": _number(count)}, _("Rows that stay as they are will be listed with the reason.")]

    def perform(self) -> None:
        undo_start(run=self.object)


class CancelView(RunMixin, View):
    """Stop a run that is under way: the rows that are done stay done, and can be undone."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.job:
            job_cancel(self.object.job)
        return redirect(request, self.object.get_absolute_url())
