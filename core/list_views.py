"""Pages of lists: filters, pages by key, a table, bulk actions and exports, all at one address."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from core.actions import Action, ActionsMixin
from core.bulk.operations import offered
from core.export_jobs import export_response
from core.filters import FilterSet
from core.inline.declarations import editing_of
from core.paging import InvalidToken, Page, count_up_to, counts_up_to, keyset_page
from core.permissions import PermissionMixin
from core.tables import BoundTable, Choice, Column, Header, Table, bind_rows

MOST_OF_TAB = 99


class FilteredListView(ActionsMixin, PermissionMixin, TemplateView):
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
    empty: dict[str, Any] = {}
    main_filters: tuple[str, ...] = ()  # those that have a chip before they are on
    bulk_actions: tuple[Action, ...] = ()
    bulk_place = ""  # where other apps declare theirs
    inline_place = ""  # what is edited in its cells (``core.inline``)
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
        """Return the buttons for selected rows: operations that apps declare for ``bulk_place``, the list's own."""
        return [*self.get_bulk_operations(), *self.allowed_actions(self.bulk_actions)]

    def get_bulk_operations(self) -> list[Any]:
        """Return the bulk operations, which also work on everything that matches the filters."""
        return offered(self.bulk_place, self.request.user) if self.bulk_place else []

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
        return self.request.path

    def check_parameters(self, filterset: FilterSet) -> None:
        """Refuse the parameters of the page, besides the filters, that cannot be read."""
        asked = self.request.GET.get("sort", "")
        if asked and self.table.sort(asked) != asked:
            filterset.refuse("sort", ValidationError(_("This list cannot be sorted so (sort).")))
        if self.request.GET.get("total", "1") != "1":
            filterset.refuse("total", ValidationError(_("The number of rows is asked for by total=1.")))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        filterset = self.get_filterset()
        if "options" in request.GET:
            return JsonResponse({"results": filterset.options(request.GET["options"])})
        self.check_parameters(filterset)
        is_valid = filterset.is_valid()
        if request.GET.get("export"):
            if not is_valid:
                text = filterset.error_text()
                return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
            queryset = self.get_export_queryset(filterset.qs)
            return export_response(self, queryset, request.GET["export"])
        if "total" in request.GET:
            return HttpResponse(_counted(*count_up_to(filterset.qs)), status=200 if is_valid else 400)
        context = self.get_context_data(filterset=filterset, **kwargs)
        name = f"{self.template_name}#list" if self.htmx.target == "list" else self.template_name
        status = 200 if is_valid else 422 if self.htmx else 400  # htmx shows the content of 422 only
        response = self.response_class(request, [name], context, using=self.template_engine, status=status)
        response["Vary"] = "HX-Request, HX-Target"
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Start the export of a list that is too long to be written while the user waits."""
        if not request.GET.get("export"):
            return self.http_method_not_allowed(request)
        return self.get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset: FilterSet = kwargs.pop("filterset")
        kwargs.setdefault("bulk_all", bool(self.get_bulk_operations()))
        rows = filterset.qs
        page = self._page(rows)
        is_whole = not (page.next or page.previous)
        is_folded = self.request.GET.get("menus") != "whole"
        if is_folded:
            filterset.fold_menus()
        return super().get_context_data(
            title=self.title,
            filter=filterset,
            active_filters=filterset.active(),
            table=self._bind(page),
            page=self._pager(page),
            count=len(page.rows),
            count_label=_counted(len(page.rows), not is_whole),
            count_url="" if is_whole else self.list_url(total="1"),
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
        rows, order = self.page_queryset(rows), self.table.order(self.sort)
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
        editing = editing_of(self.inline_place) if any(column.inline for column in shown) else None
        return BoundTable(
            [self._header(column) for column in shown],
            bind_rows(shown, rows, editing.changeable(self.user, rows) if editing else ()),
            [Choice(column.name, column.label, column.name in names) for column in self.table.columns],
            editing.list_url if editing else "",
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
        for name in ("after", "before", "export", "total"):
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = value
        return f"{self.request.path}?{query.urlencode()}"


def _counted(number: int, are_more: bool) -> str:
    return number_format(number, force_grouping=True) + ("+" if are_more else "")


class TabbedListView(FilteredListView):
    """A list with tabs that limit its rows (``?tab=``); the first tab is the default."""

    template_name = "generic/tabbed_list.html"
    list_tabs: ClassVar[dict[str, Any]] = {}  # name: label
    tab_sorts: ClassVar[dict[str, str]] = {}  # the order of tabs that has another than the table's

    @cached_property
    def tab(self) -> str:
        asked = self.request.GET.get("tab", "")
        return asked if asked in self.list_tabs else self.default_tab()

    def check_parameters(self, filterset: FilterSet) -> None:
        super().check_parameters(filterset)
        asked = self.request.GET.get("tab", "")
        if asked and asked not in self.list_tabs:
            filterset.refuse("tab", ValidationError(_("This list has no such tab (tab).")))

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
