"""Lists with filters that can be saved as a selection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.list_views import FilteredListView as Base
else:
    Base = object


class SavesSelections(Base):
    """A list with the button *Save as selection* beside its filters."""

    save_selection_of = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        for name in ("after", "before", "export", "menus", "options", "total"):
            query.pop(name, None)
        return super().get_context_data(
            save_selection_of=self.save_selection_of, filter_query=query.urlencode(), **kwargs
        )
