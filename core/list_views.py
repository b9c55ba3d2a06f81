"""Pages of lists: filters, pages by key, a table, bulk actions and exports, all at one address."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from core.actions import Action, ActionsMixin
from core.api.errors import parameter_error_response
from core.bulk.lists import BulkList
from core.column_widths import WidthsField, width_of
from core.exceptions import ParameterError
from core.export_jobs import export_response
from core.filters import PAGE_PARAMETERS, FilterSet, no_such_filter
from core.grouped_lists import GroupedList
from core.inline.declarations import editing_of
from core.list_counts import count_text, total_text
from core.list_states import ListState, is_bare, state_of
from core.paging import InvalidToken, Page, asked_key, counts_up_to, keyset_page
from core.parameters import (
    ANYWHERE,
    ManyField,
    OneOfField,
    Parameters,
    TextField,
    WordsField,
    check_query,
    query_errors,
)
from core.permissions import PermissionMixin
from core.start_panels import Link
from core.sums import foot_of, has_foot
from core.tables import BoundTable, Column, Header, Table, bind_rows, column_choices
from core.value_counts import counts_response

MOST_OF_TAB = 99
#: What the request for the choices of a filter's menu may say.
MENU_PARAMETERS: Parameters = {"options": TextField(), "q": WordsField()}


class SortField(TextField):
    """A column by which the list can be sorted."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table

    def clean(self, value: Any) -> Any:
        if value and self.table.sort(value) != value:
            raise ValidationError(_("This list cannot be sorted that way (sort)."), code="unknown")
        return value


class ColumnsField(ManyField):
    """The names of columns."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.names = {column.name for column in table.columns}

    def clean(self, value: Any) -> Any:
        if value not in self.names:
            raise ValidationError(_("This list has no such column (columns)."), code="unknown")
        return value


class FilterNameField(TextField):
    """The name of a filter."""

    def __init__(self, filterset_class: type[FilterSet]) -> None:
        super().__init__()
        self.filterset_class = filterset_class

    def clean(self, value: Any) -> Any:
        if value and self.filterset_class.filter_of(value) is None:
            raise no_such_filter(value)
        return value


class TabField(TextField):
    """The name of a tab."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self.names = names

    def clean(self, value: Any) -> Any:
        if value not in self.names:
            raise ValidationError(_("This list has no such tab (tab)."), code="unknown")
        return value


def refuse_unread(filterset: FilterSet, parameters: Parameters, request: HttpRequest) -> None:
    """Refuse what a page with filters reads itself (``parameters``) and cannot read, or does not know."""
    query = request.GET.copy()
    for name in request.GET:
        if name in PAGE_PARAMETERS - ANYWHERE and name not in parameters and name not in filterset.filters:
            filterset.refuse(name, no_such_filter(name))
        if name not in parameters:
            query.pop(name)
    for name, text in query_errors(query, parameters, request.user).items():
        filterset.refuse(name, ValidationError(text))


def menu_response(filterset: FilterSet, request: HttpRequest) -> JsonResponse:
    """Return the choices of the menu that a script asks for (``?options=``)."""
    try:
        check_query(request, MENU_PARAMETERS)
        return JsonResponse({"results": filterset.options(request.GET["options"])})
    except ParameterError as error:
        return parameter_error_response(error)


class FilteredListView(GroupedList, BulkList, ActionsMixin, PermissionMixin, TemplateView):
    """A list: visible rows → FilterSet → sorted page by key, drawn by one table declaration.

    The same URL answers the full page, the fragment (htmx asks for ``#list``) and the export (``?export=csv|xlsx``) of
    exactly what is filtered. The number of rows of more than a page may take longer than the page and comes by its
    own request (``?total=1``). Long menus of filters come when they are opened (``?options=<filter>``), without
    JavaScript by a link that draws all of them (``?menus=whole``). An address with a parameter that is unknown,
    unreadable or not allowed has no rows and says so (400): it never means "all".
    """

    model: type[Model]
    filterset_class: type[FilterSet]
    table: Table
    title: Any = ""
    parameters = None  # they are checked with the filters
    main_filters: tuple[str, ...] = ()  # those that have a chip before they are on
    export_filters: tuple[str, ...] = ()  # those that the columns depend on: an export of ticked rows keeps them
    inline_place = ""  # what is edited in its cells (``core.inline``)
    paginate_by = 50
    template_name = "generic/list.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        request.GET = self.filterset_class.current(request.GET)
        super().setup(request, *args, **kwargs)
        request.GET = self.state.expanded(request.GET)  # type: ignore[assignment]

    @cached_property
    def state(self) -> ListState:
        """What the list shows beyond its address: saved views, the state in which it was left."""
        return state_of(self)

    def standard_query(self) -> str:
        """Return the parameters with which the list opens for a user who has chosen no view, nor a group of theirs."""
        return ""

    def get_way_out(self) -> Link | None:
        """Return the link beside the filters that leads from what the list opens with to the rest."""
        return None

    def get_queryset(self) -> QuerySet[Any]:
        return self.model._default_manager.visible_to(self.user)  # type: ignore[attr-defined]

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset

    def get_filterset(self) -> FilterSet:
        return self.filterset_class(self.request.GET, queryset=self.get_queryset(), request=self.request)

    def get_list_tabs(self) -> list[dict[str, Any]]:
        return []

    def page_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the filtered rows as the page reads them; a list that reads the rows again needs only their order."""
        return rows

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        """Return the rows of a page with what only the page shows of them."""
        return rows

    def asked_columns(self) -> list[str]:
        """Return the names of the columns that the user has chosen; none means the table's own choice."""
        return self.request.GET.getlist("columns")

    def get_export_url(self, kind: str) -> str:
        return self.list_url(export=kind)

    def get_clear_url(self) -> str:
        return self.state.whole_url()

    def own_parameters(self) -> dict[str, forms.Field]:
        """Return the parameters of the page besides its filters."""
        return {
            "sort": SortField(self.table),
            "columns": ColumnsField(self.table),
            "widths": WidthsField(self.table),
            "menus": OneOfField("whole"),
            "total": OneOfField("1"),
            "sums": OneOfField("1"),
            "counts": FilterNameField(self.filterset_class),
            **{name: TextField() for name in ("after", "before", "export")},
            **self.group_parameters(),
            **self.state.parameters(),
        }

    def check_parameters(self, filterset: FilterSet) -> None:
        """Refuse the parameters of the page, besides the filters, that are unknown or cannot be read."""
        refuse_unread(filterset, self.own_parameters(), self.request)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        opening = self.state.opening()
        if opening:
            return HttpResponseRedirect(opening)
        filterset = self.get_filterset()
        if "options" in request.GET:
            return menu_response(filterset, request)
        self.check_parameters(filterset)
        if request.GET.get("export"):
            if not filterset.is_valid():
                return HttpResponse(filterset.error_text(), status=400, content_type="text/plain; charset=utf-8")
            queryset = self.get_export_queryset(filterset.qs)
            return export_response(self, queryset, request.GET["export"])
        if request.GET.get("total"):
            return HttpResponse(total_text(self, filterset), status=200 if filterset.is_valid() else 400)
        if fragment := self.group_fragment(filterset):
            return fragment
        if request.GET.get("sums") and self.htmx:
            return self._foot(filterset)
        if request.GET.get("counts"):
            return self._counts(filterset, request.GET["counts"])
        context = self.get_context_data(filterset=filterset, **kwargs)
        name = f"{self.template_name}#list" if self.htmx.target == "list" else self.template_name
        status = 200 if filterset.is_valid() else 422 if self.htmx else 400  # htmx shows the content of 422 only
        response = self.response_class(request, [name], context, using=self.template_engine, status=status)
        response["Vary"] = "HX-Request, HX-Target"
        if filterset.is_valid():
            self.state.remember()
        return response

    def _counts(self, filterset: FilterSet, name: str) -> JsonResponse:
        if name not in filterset.filters:
            filterset.refuse("counts", no_such_filter(name))
        if not filterset.is_valid():
            return parameter_error_response(ParameterError({"counts": filterset.error_text()}))
        return counts_response(filterset, name)

    def _foot(self, filterset: FilterSet) -> HttpResponse:
        """Return the foot of the table alone."""
        context = {"foot": foot_of(filterset.qs, self.columns, self.table.columns), "bulk_actions": self.has_boxes()}
        status = 200 if filterset.is_valid() else 400
        return TemplateResponse(self.request, "components/foot.html", context, status=status)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Start the export of a list that is too long to be written while the user waits."""
        if not request.GET.get("export"):
            return self.http_method_not_allowed(request)
        return self.get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset: FilterSet = kwargs.pop("filterset")
        kwargs.setdefault("bulk_all", bool(self.get_bulk_operations()))
        kwargs.setdefault("bulk_query", self.bulk_query())
        page = self._page(filterset)
        is_whole = not (page.next or page.previous)
        is_folded = self.request.GET.get("menus") != "whole"
        if is_folded:
            filterset.fold_menus()
        has_sums = has_foot(self.columns, self.table.columns)
        if has_sums and self.request.GET.get("sums"):
            kwargs.setdefault("foot", foot_of(filterset.qs, self.columns, self.table.columns))
        return super().get_context_data(
            title=self.title,
            filter=filterset,
            active_filters=filterset.active(),
            table=self._bind(page),
            page=self._pager(page),
            count=len(page.rows),
            count_label="" if self.grouping and not is_whole else count_text(len(page.rows), not is_whole),
            count_url="" if is_whole else self.list_url(total="1"),
            sums_url=self.list_url(sums="1") if has_sums and page.rows else "",
            main_filters=self.main_filters,
            list_tabs=self.get_list_tabs(),
            primary_action=self.get_primary_action(),
            secondary_actions=self.get_secondary_actions(),
            bulk_actions=self.get_bulk_actions() if page.rows else [],
            export_urls={kind: self.get_export_url(kind) for kind in ("csv", "xlsx")},
            clear_url=self.get_clear_url(),
            way_out=self.get_way_out(),
            menus_url=self.list_url(menus="whole") if is_folded else "",
            empty=self.get_empty(),
            **self.group_context(filterset),
            not_found_action=self._not_found_action() if not page.rows else None,
            is_bare=not page.rows and is_bare(self),
            **self.state.context(),
            **kwargs,
        )

    def _not_found_action(self) -> Action | None:
        """Return the button that adds what the search did not find."""
        action = self.get_primary_action()
        return action.for_name(self.request.GET.get("q", "").strip()) if action else None

    @property
    def sort(self) -> str:
        return self.table.sort(self.request.GET.get("sort", ""))

    @property
    def columns(self) -> list[Column]:
        return self.table.chosen(self.asked_columns())

    def _page(self, filterset: FilterSet) -> Page[Any]:
        """Return the page of rows that the address asks for; one that does not exist is refused and has none."""
        order, key = self.table.order(self.sort), asked_key(self.request.GET)
        try:
            return keyset_page(
                self.page_queryset(filterset.qs), order, size=1 if self.grouping else self.paginate_by, **key
            )
        except InvalidToken as error:
            for name, text in error.errors.items():
                filterset.refuse(name, ValidationError(text))
            return Page([], "", "")

    def _bind(self, page: Page[Any]) -> BoundTable:
        shown = self.columns
        rows = self.prepare_rows(list(page.rows))
        editing = editing_of(self.inline_place) if any(column.inline for column in shown) else None
        return BoundTable(
            [self._header(column) for column in shown],
            bind_rows(shown, rows, editing.changeable(self.user, rows) if editing else (), self.bulk_path),
            column_choices(self.table.columns, shown, self._columns_url),
            editing.list_url if editing else "",
        )

    def _columns_url(self, names: list[str]) -> str:
        query = QueryDict(self.list_url().partition("?")[2], mutable=True)
        query.setlist("columns", names)
        return f"{self.request.path}?{query.urlencode()}"

    def _header(self, column: Column) -> Header:
        direction = {column.name: "asc", f"-{column.name}": "desc"}.get(self.sort, "")
        target = f"-{column.name}" if direction == "asc" else column.name
        url = self.list_url(sort=target) if column.sort else ""
        width = width_of(self.request.GET, column.name)
        return Header(column.name, column.label, url, direction, column.numeric, column.wide, column.grow, width)

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
        for name in ("after", "before", "export", "total", "counts", "sums", "heads", "rows"):
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

    def own_parameters(self) -> dict[str, forms.Field]:
        return super().own_parameters() | {"tab": TabField(self.list_tabs)}

    def default_tab(self) -> str:
        return next(iter(self.list_tabs))

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        """Return the rows of tabs; their number, up to ``MOST_OF_TAB``, is beside the label."""
        return {}

    def get_list_tabs(self) -> list[dict[str, Any]]:
        counts = counts_up_to(self.tab_rows(), MOST_OF_TAB)
        return [
            {"name": name, "label": label, "url": f"{self.request.path}?tab={name}", "active": name == self.tab,
             "count": f"{counts[name][0]}{'+' if counts[name][1] else ''}" if name in counts else ""}
            for name, label in self.list_tabs.items()
        ]  # fmt: skip

    def get_clear_url(self) -> str:
        return f"{self.request.path}?tab={self.tab}"

    @property
    def sort(self) -> str:
        return self.table.sort(self.request.GET.get("sort", "") or self.tab_sorts.get(self.tab, ""))
