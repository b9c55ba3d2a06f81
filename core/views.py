"""The few generic pages: a filtered list, a form that calls a service, an action with a question before it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from core import registry
from core.actions import Action, ActionsMixin
from core.constraints import violation
from core.exceptions import BusinessRuleError
from core.export_jobs import export_response
from core.filters import FilterSet
from core.once import once, result_of
from core.paging import COUNT_LIMIT, InvalidToken, Page, count_up_to, keyset_page
from core.permissions import PermissionMixin, public
from core.tables import BoundTable, Choice, Column, Header, Table, bind_rows


class FilteredListView(ActionsMixin, PermissionMixin, TemplateView):
    """A list: visible rows → FilterSet → sorted page by key, drawn by one table declaration.

    The same URL answers the full page, the fragment (htmx asks for ``#list``) and the export (``?export=csv|xlsx``) of
    exactly what is filtered. Long menus of filters come when they are opened (``?options=<filter>``), without
    JavaScript by a link that draws all of them (``?menus=whole``).
    """

    model: type[Model]
    filterset_class: type[FilterSet]
    table: Table
    title: Any = ""
    empty: dict[str, Any] = {}
    main_filters: tuple[str, ...] = ()  # those that have a chip before they are on
    bulk_actions: tuple[Action, ...] = ()
    bulk_place = ""  # where other apps declare theirs
    paginate_by = 50
    template_name = "generic/list.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        request.GET = self.filterset_class.current(request.GET)
        super().setup(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        return self.model._default_manager.visible_to(self.user)  # type: ignore[attr-defined]

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def get_filterset(self) -> FilterSet:
        return self.filterset_class(self.request.GET, queryset=self.get_queryset(), request=self.request)

    def get_bulk_actions(self) -> list[Any]:
        """Return the buttons for selected rows: those that apps have declared at ``bulk_place``, and the list's own."""
        declared = registry.bulk_actions.allowed(self.bulk_place, self.request.user) if self.bulk_place else []
        return [*declared, *self.allowed_actions(self.bulk_actions)]

    def get_list_tabs(self) -> list[dict[str, Any]]:
        return []

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        """Return the rows of a page with what only the page shows of them."""
        return rows

    def asked_columns(self) -> list[str]:
        """Return the names of the columns that the user has chosen; none means the table's own choice."""
        return self.request.GET.getlist("columns")

    def get_export_url(self, kind: str) -> str:
        return self.list_url(export=kind)

    def get_clear_url(self) -> str:
        return self.request.path

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filterset = self.get_filterset()
        if "options" in request.GET:
            return JsonResponse({"results": filterset.options(request.GET["options"])})
        if request.GET.get("export"):
            queryset = self.get_export_queryset(filterset.qs)
            return export_response(self, queryset, request.GET["export"])
        context = self.get_context_data(filterset=filterset, **kwargs)
        name = f"{self.template_name}#list" if self.htmx.target == "list" else self.template_name
        response = self.response_class(request, [name], context, using=self.template_engine)
        response["Vary"] = "HX-Request, HX-Target"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset: FilterSet = kwargs.pop("filterset")
        rows = filterset.qs
        page = self._page(rows)
        count, more = count_up_to(rows)
        is_folded = self.request.GET.get("menus") != "whole"
        if is_folded:
            filterset.fold_menus()
        return super().get_context_data(
            title=self.title,
            filter=filterset,
            active_filters=filterset.active(),
            table=self._bind(page),
            page=self._pager(page),
            count=count,
            count_label=number_format(COUNT_LIMIT, force_grouping=True) + "+"
            if more
            else number_format(count, force_grouping=True),
            main_filters=self.main_filters,
            list_tabs=self.get_list_tabs(),
            primary_action=self.get_primary_action(),
            secondary_actions=self.get_secondary_actions(),
            bulk_actions=self.get_bulk_actions() if page.rows else [],
            export_urls={kind: self.get_export_url(kind) for kind in ("csv", "xlsx")},
            clear_url=self.get_clear_url(),
            menus_url=self.list_url(menus="whole") if is_folded else "",
            empty=self.empty,
            **kwargs,
        )

    @property
    def sort(self) -> str:
        return self.table.sort(self.request.GET.get("sort", ""))

    @property
    def columns(self) -> list[Column]:
        return self.table.chosen(self.asked_columns())

    def _page(self, rows: QuerySet[Any]) -> Page[Any]:
        query = self.request.GET
        order = self.table.order(self.sort)
        try:
            return keyset_page(
                rows, order, size=self.paginate_by, after=query.get("after", ""), before=query.get("before", "")
            )
        except InvalidToken:
            return keyset_page(rows, order, size=self.paginate_by)

    def _bind(self, page: Page[Any]) -> BoundTable:
        shown = self.columns
        rows = self.prepare_rows(list(page.rows))
        names = {column.name for column in shown}
        return BoundTable(
            [self._header(column) for column in shown],
            bind_rows(shown, rows),
            [Choice(column.name, column.label, column.name in names) for column in self.table.columns],
        )

    def _header(self, column: Column) -> Header:
        direction = {column.name: "asc", f"-{column.name}": "desc"}.get(self.sort, "")
        target = f"-{column.name}" if direction == "asc" else column.name
        url = self.list_url(sort=target) if column.sort else ""
        return Header(column.name, column.label, url, direction, column.numeric, column.wide, column.grow)

    def _pager(self, page: Page[Any]) -> dict[str, Any]:
        return {
            "next_url": self.list_url(after=page.next) if page.next else "",
            "previous_url": self.list_url(before=page.previous) if page.previous else "",
            "first_url": self.list_url() if page.previous else "",
            "rows": len(page.rows),
        }

    def list_url(self, **changes: str) -> str:
        """Return this list's address with ``changes``, always from its first page unless they say otherwise."""
        query = self.request.GET.copy()
        for name in ("after", "before", "export"):
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = value
        return f"{self.request.path}?{query.urlencode()}"


class TabbedListView(FilteredListView):
    """A list with tabs that limit its rows (``?tab=``); the first tab is the default."""

    template_name = "generic/tabbed_list.html"
    list_tabs: ClassVar[dict[str, Any]] = {}  # name: label
    tab_sorts: ClassVar[dict[str, str]] = {}  # the order of tabs that has another than the table's

    @cached_property
    def tab(self) -> str:
        asked = self.request.GET.get("tab", "")
        return asked if asked in self.list_tabs else self.default_tab()

    def default_tab(self) -> str:
        return next(iter(self.list_tabs))

    def tab_counts(self) -> dict[str, tuple[int, bool]]:
        """Return the figures beside the labels: how many, and whether there are more than were counted."""
        return {}

    def get_list_tabs(self) -> list[dict[str, Any]]:
        counts = self.tab_counts()
        return [
            {"name": name, "label": label, "url": f"{self.request.path}?tab={name}", "active": name == self.tab,
             "count": _figure(*counts[name]) if name in counts else ""}
            for name, label in self.list_tabs.items()
        ]  # fmt: skip

    def get_clear_url(self) -> str:
        return f"{self.request.path}?tab={self.tab}"

    @property
    def sort(self) -> str:
        return self.table.sort(self.request.GET.get("sort", "") or self.tab_sorts.get(self.tab, ""))


def _figure(count: int, more: bool) -> str:
    return f"{count}+" if more else str(count)


class VisibleObjectMixin(PermissionMixin):
    """A page about one row; rows that the user may not see return 404. The row is read once and is ``self.object``."""

    model: type[Model]
    kwargs: dict[str, Any]
    pk_kwarg = "pk"
    _object: Any = None

    def get_queryset(self) -> QuerySet[Any]:
        return self.model._default_manager.visible_to(self.user)  # type: ignore[attr-defined]

    @property
    def object(self) -> Any:
        if self._object is None:
            self._object = get_object_or_404(self.get_queryset(), pk=self.kwargs[self.pk_kwarg])
        return self._object

    def get_permission_object(self) -> Any:
        return self.object


class ServiceFormView(PermissionMixin, FormView):
    """A form that passes its valid content to a service in :meth:`perform`.

    An invalid form and a broken business rule answer 422 with the form and the message at its field. A form with a
    ``submission_key`` is performed once. Inside a dialog (``HX-Target: dialog``) only the form is drawn and success
    redirects the whole page.
    """

    template_name = "generic/form.html"
    title: Any = ""
    submit_label: Any = ""
    success_message: Any = ""

    def perform(self, form: Any) -> Any:
        """Perform the action; return the object to show next."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        return str(self.done.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.title,
            submit_label=self.submit_label or _("Save"),
            cancel_url=self.get_cancel_url(),
            in_dialog=self.htmx.target == "dialog",
            **kwargs,
        )

    def get_cancel_url(self) -> str:
        return ""

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            result = once(form.cleaned_data.get("submission_key"), self.user, lambda: self._performed(form))
        except BusinessRuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return self.form_invalid(form)
        except (ValidationError, IntegrityError) as error:
            refused = violation(error) if isinstance(error, IntegrityError) else error
            if refused is None:
                raise
            add_errors(form, refused)
            return self.form_invalid(form)
        return self._go_on(result)

    def form_invalid(self, form: Any) -> HttpResponse:
        done_before = result_of(form.data.get("submission_key"), self.user)
        if done_before and "url" in done_before:  # sent twice: what it made is why it is refused now
            return self._go_on(done_before)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _go_on(self, result: dict[str, Any]) -> HttpResponse:
        if result.get("message"):
            messages.success(self.request, result["message"])
        return redirect(self.request, result["url"])

    def _performed(self, form: Any) -> dict[str, Any]:
        self.done = self.perform(form)
        return {"url": self.get_success_url(), "message": str(self.success_message)}


def add_errors(form: Any, error: ValidationError) -> None:
    """Show each message at its field; those of fields that the form does not have are shown on top."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, found in by_field.items():
        form.add_error(field if field in form.fields else None, found)


class ObjectFormView(VisibleObjectMixin, ServiceFormView):
    """A form about one visible row. The row is locked while the service runs, so that its version can be trusted."""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if hasattr(self.get_form_class(), "Meta"):
            kwargs["instance"] = self.object
        return kwargs

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            self.model._default_manager.select_for_update().filter(pk=self.object.pk).first()
            self.object.refresh_from_db()
            response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())


class ActionView(VisibleObjectMixin, View):
    """An action on one visible row: GET asks for confirmation, POST performs it and redirects to the row's page."""

    question: Any = ""
    submit_label: Any = ""
    success_message: Any = ""
    danger = False
    template_name = "generic/confirm.html"

    def perform(self) -> Any:
        raise NotImplementedError

    def get_effects(self) -> list[Any]:
        """Return what the action brings with it, in sentences."""
        return []

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        in_dialog = self.htmx.target == "dialog"
        context = {
            "title": self.question,
            "object": self.object,
            "submit_label": self.submit_label or _("Yes"),
            "cancel_url": self.object.get_absolute_url(),
            "in_dialog": in_dialog,
            "effects": self.get_effects(),
            "danger": self.danger,
        }
        return TemplateResponse(request, f"{self.template_name}#form" if in_dialog else self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                self.perform()
        except BusinessRuleError as error:
            messages.error(request, str(error))
        except (ValidationError, IntegrityError) as error:
            refused = violation(error) if isinstance(error, IntegrityError) else error
            if refused is None:
                raise
            messages.error(request, " ".join(refused.messages))
        else:
            if self.success_message:
                messages.success(request, str(self.success_message))
        return redirect(request, self.get_success_url())


def redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to ``url``; a request made by htmx gets the header that makes the whole page go there."""
    htmx = HtmxDetails(request)
    if htmx and not htmx.boosted:
        return HttpResponseClientRedirect(url, status=204)
    return HttpResponseRedirect(url)


def safe_next_url(request: HttpRequest, url: str) -> str:
    """Return ``url`` when it leads to this site, else nothing: an address from a request is never trusted."""
    ours = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if ours else ""


@public
def home(request: HttpRequest) -> HttpResponse:
    """Go on to the landing page."""
    return HttpResponseRedirect(reverse(settings.HOME_URL_NAME))
