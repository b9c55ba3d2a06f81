"""The part of a list page that selects rows for bulk operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.actions import Action
from core.bulk.operations import offered


class BulkList:
    """A list of rows that may be selected, where there is something to do with them."""

    if TYPE_CHECKING:
        request: Any
        columns: Any
        asked_columns: Any
        allowed_actions: Any

    bulk_actions: tuple[Action, ...] = ()
    bulk_place = ""  # where other apps declare theirs
    bulk_first: tuple[str, ...] = ()  # the operations for which people come to this list
    bulk_path = "pk"  # from a row to what the operations are about, where that is another record

    def get_bulk_actions(self) -> list[Any]:
        """Return the buttons for selected rows: operations that apps declare for ``bulk_place``, the list's own."""
        return [*self.get_bulk_operations(), *self.allowed_actions(self.bulk_actions)]

    def get_bulk_operations(self) -> list[Any]:
        """Return the bulk operations, which also work on everything that matches the filters."""
        found = offered(self.bulk_place, self.request.user) if self.bulk_place else []
        return sorted(found, key=lambda operation: operation.name not in self.bulk_first)

    def bulk_rows(self, rows: Any) -> Any:
        """Return what the operations on these rows are about: the rows, or the records at ``bulk_path``."""
        if self.bulk_path == "pk":
            return rows
        model = rows.model._meta.get_field(self.bulk_path).related_model
        found = rows.order_by().values(self.bulk_path)
        return model._default_manager.visible_to(self.request.user).filter(pk__in=found)

    def has_boxes(self) -> bool:
        """Return whether the rows have boxes that select them."""
        return bool(self.get_bulk_actions())

    def bulk_initial(self) -> dict[str, Any]:
        """Return what the forms of operations on this list's rows begin with, by the names of their fields."""
        return {}

    def bulk_query(self) -> str:
        """Return the address's parameters with the chosen columns, for what is done to selected rows."""
        query = self.request.GET.copy()
        if self.asked_columns():
            query.setlist("columns", [column.name for column in self.columns])
        return str(query.urlencode())
