from __future__ import annotations

from typing import Any

from customers.selections.sharing import SharedQuerySet


class SelectionQuerySet(SharedQuerySet):
    def visible_to(self, user: Any) -> Any:
        """Return the selections with a name that the user sees (see :class:`SharedQuerySet`)."""
        return super().visible_to(user).filter(is_unnamed=False)

    def named(self) -> Any:
        """Leave out the deeper conditions of lists."""
        return self.filter(is_unnamed=False)
