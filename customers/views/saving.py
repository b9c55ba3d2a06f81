"""Lists with filters that can be saved as a selection, and with deeper conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from customers.selections.from_filters import CONDITIONS

if TYPE_CHECKING:
    from core.list_views import FilteredListView as Base
else:
    Base = object


class SavesSelections(Base):
    """A list with *Save as selection* and *More conditions* beside its filters."""

    save_selection_of = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        for name in ("after", "before", "export", "menus", "options", "total"):
            query.pop(name, None)
        text = query.urlencode()
        asked = urlencode({"of": self.save_selection_of, "query": text})
        context = super().get_context_data(save_selection_of=self.save_selection_of, filter_query=text, **kwargs)
        deeper = next((item for item in context["active_filters"] if item.name == CONDITIONS), None)
        return context | {
            "conditions_url": f"{reverse('selections:conditions')}?{asked}",
            "deeper": deeper,
            "can_save": bool(context["active_filters"] or query.get("q")),
        }
