"""Lists of colleagues to choose from: oneself first, then one's teams, then the others.

The app of the users declares who works together: ``TEAM_MATES = (team_mate_ids,)``, a function of a user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from core.forms import DrawnOptions

Option = tuple[Any, Any]


@dataclass
class Ranks:
    """Who is near to a user; the teams are read when they are needed first."""

    user: Any

    @cached_property
    def mates(self) -> set[int]:
        from core.registry import declared  # the registry imports the filters, and these this module

        readers: Iterable[Callable[[Any], set[int]]] = declared("TEAM_MATES")
        return set().union(*(read(self.user) for read in readers)) - {self.user.pk}

    def rank(self, pk: int) -> int:
        return 0 if pk == self.user.pk else 1 if pk in self.mates else 2

    def grouped(self, options: Iterable[Option]) -> list[Any]:
        """Return options as groups of a select, each in the order that they had."""
        groups: list[list[Option]] = [[], [], []]
        for option in options:
            groups[self.rank(_pk(option[0]))].append(option)
        labels = (_("Me"), _("My team"), _("Others"))
        return [(label, group) for label, group in zip(labels, groups, strict=True) if group]


def _pk(value: Any) -> int:
    return int(str(value) or 0)


class _RankedIterator(forms.models.ModelChoiceIterator):
    def __init__(self, field: Any, ranks: Ranks) -> None:
        super().__init__(field)
        self.ranks = ranks

    def __iter__(self) -> Iterator[Any]:
        options = list(super().__iter__())
        empty = [option for option in options if not str(option[0])]
        yield from empty
        yield from self.ranks.grouped(option for option in options if str(option[0]))


def is_of_people(field: Any) -> bool:
    return isinstance(field, forms.ModelChoiceField) and getattr(field.queryset, "model", None) is get_user_model()


def rank_people(form: Any, user: Any) -> None:
    """Rank the choices of all fields of a form and its parts that choose colleagues, and let one search them."""
    parts = form.parts() if hasattr(form, "parts") else ()
    fields = [field for part in (form, *parts) for field in part.fields.values() if is_of_people(field)]
    ranks = Ranks(user)
    for field in fields:
        if isinstance(field.widget, forms.Select):  # boxes are none
            field.widget.attrs.setdefault("data-searchable", "")
        if isinstance(field.widget, DrawnOptions):
            field.widget.grouped = ranks.grouped
        elif isinstance(field.widget, forms.Select):
            field.iterator = partial(_RankedIterator, ranks=ranks)
            field.widget.choices = field.choices
