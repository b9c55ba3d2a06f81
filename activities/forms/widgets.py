"""Fields whose choices are too many to draw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from crm.numbers import parse_id


class DrawnOptions:
    """A select that draws only the chosen rows, and ``offered`` ones, of its field's query set.

    The rest come by typing (``data-search-url``). Rows outside ``offered`` and ``visible`` are not named.
    """

    choices: Any
    offered: QuerySet[Any] | None = None
    visible: QuerySet[Any] | None = None

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        every, rows = self.choices, self._rows({pk for pk in map(parse_id, value) if pk})
        empty = [] if getattr(self, "allow_multiple_selected", False) else [("", "")]
        self.choices = [*empty, *((row.pk, str(row)) for row in rows)]
        try:
            return super().optgroups(name, value, attrs)  # type: ignore[misc]
        finally:
            self.choices = every

    def _rows(self, chosen: set[int]) -> list[Any]:
        offered = list(self.offered) if self.offered is not None else []
        missing = chosen - {row.pk for row in offered}
        visible = self.choices.queryset if self.visible is None else self.visible
        return [*(visible.filter(pk__in=missing) if missing else ()), *offered]


class DrawnSelect(DrawnOptions, forms.Select):
    pass


class DrawnSelectMultiple(DrawnOptions, forms.SelectMultiple):
    pass
