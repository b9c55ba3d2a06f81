"""The part of a list page that groups its rows (``core.grouping``)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from core.grouping import Changes, Grouping, Heads, heads_of
from core.parameters import OneOfField, TextField


class GroupByField(TextField):
    """The name of a grouping."""

    def __init__(self, groupings: tuple[Grouping, ...]) -> None:
        super().__init__()
        self.names = {grouping.name for grouping in groupings}

    def clean(self, value: Any) -> Any:
        if value and value not in self.names:
            raise ValidationError(_("This list cannot be grouped that way (group_by)."), code="unknown")
        return value


class GroupedList:
    """A list that may be grouped by what it declares in ``groupings``."""

    if TYPE_CHECKING:
        request: Any
        htmx: Any
        table: Any
        list_url: Any
        _page: Any
        _bind: Any
        _pager: Any

    groupings: tuple[Grouping, ...] = ()

    def group_parameters(self) -> dict[str, Any]:
        if not self.groupings:
            return {}
        return {"group_by": GroupByField(self.groupings), "heads": OneOfField("1"), "rows": OneOfField("1")}

    @cached_property
    def grouping(self) -> Grouping | None:
        """The grouping that the address asks for."""
        asked = self.request.GET.get("group_by", "")
        return next((grouping for grouping in self.groupings if grouping.name == asked), None)

    def heads(self, filterset: FilterSet) -> Heads:
        assert self.grouping is not None  # noqa: S101 - the callers ask first
        columns = [column for column in self.table.columns if column.shown or (column.total and column.total.always)]
        return heads_of(filterset.qs, self.grouping, columns, self._rows_url, filterset.form.cleaned_data)

    def _rows_url(self, changes: Changes) -> str:
        query = self.request.GET.copy()
        for name in ("group_by", "heads", "after", "before", "total", "export", *changes):
            query.pop(name, None)
        for name, value in changes.items():
            query.setlist(name, value if isinstance(value, list) else [value])
        return f"{self.request.path}?{query.urlencode()}"

    def group_context(self, filterset: FilterSet) -> dict[str, Any]:
        """Return what the page draws of its groups: the heads only where they are asked for."""
        if not self.groupings:
            return {}
        names = [(item, self.list_url(group_by=item.name)) for item in self.groupings]
        context: dict[str, Any] = {
            "group_choices": [
                {"label": item.label, "url": url, "active": item is self.grouping} for item, url in names
            ],
            "grouping": self.grouping,
            "ungrouped_url": self._rows_url({}),
        }
        if self.grouping and filterset.is_valid():
            context["heads_url"] = self.list_url(heads="1")
            context["heads"] = self.heads(filterset) if self.request.GET.get("heads") else None
        return context

    def group_fragment(self, filterset: FilterSet) -> TemplateResponse | None:
        """Return the heads alone, or the rows below one, where a script asks for them."""
        if not (self.htmx and self.groupings and filterset.is_valid()):
            return None
        if self.grouping and self.request.GET.get("heads"):
            return TemplateResponse(self.request, "components/groups.html", {"heads": self.heads(filterset)})
        if self.request.GET.get("rows"):
            page = self._page(filterset)
            context = {"table": self._bind(page), "page": self._pager(page)}
            return TemplateResponse(self.request, "components/group_rows.html", context)
        return None
