"""What apps declare: the editable fields of a model and the steps that a row may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db.models import Model
from django.urls import reverse

from core.registry import declared
from core.steps import Step
from core.tables import Column, Table
from core.views import ObjectFormView


@dataclass(frozen=True, kw_only=True)
class Editable:
    """A field that users change in place, by the form page that changes it otherwise.

    ``page`` is that page and ``form_url_name`` its address. ``fields`` are the fields of its form that are shown: by
    default the one called ``name``; a function of the row where they depend on it. ``initial`` returns what a form
    that is not filled from a row has in them now.
    """

    name: str
    label: Any
    page: type[ObjectFormView]
    form_url_name: str
    fields: tuple[str, ...] | Callable[[Any], tuple[str, ...]] = ()
    initial: Callable[[Any], dict[str, Any]] | None = None

    def field_names(self, row: Any) -> tuple[str, ...]:
        if callable(self.fields):
            return self.fields(row)
        return self.fields or (self.name,)

    def form_url(self, pk: int) -> str:
        """Return the address of the form page, at the field."""
        names = () if callable(self.fields) else self.fields or (self.name,)
        return reverse(self.form_url_name, args=[pk]) + (f"#id_{names[0]}" if names else "")


@dataclass(frozen=True, kw_only=True)
class Steps:
    """A status: it is changed by the steps that ``steps`` returns for a user, a row and the page to return to."""

    name: str
    label: Any
    steps: Callable[[Any, Any, str], Sequence[Step]]


@dataclass(frozen=True, kw_only=True)
class Editing:
    """The editable fields of a model. ``url_name`` takes the row's ``pk`` and the name of a ``field``.

    ``changeable`` returns which of the rows of a list the user may change, without a query for each. ``table`` and
    ``listed`` draw a cell again: ``listed`` returns a row (user, pk) as the list reads it, None if it is not there.
    ``named`` finds the fields that depend on data, such as those of branches of a classification.
    """

    place: str
    model: type[Model]
    url_name: str
    fields: tuple[Editable | Steps, ...]
    table: Table
    listed: Callable[[Any, int], Any]
    changeable: Callable[[Any, Sequence[Any]], set[int]]
    named: Callable[[str], Editable | None] | None = None

    def declared(self, name: str) -> Editable | Steps | None:
        """Return the field of that name, of those here or those that other apps declare as ``INLINE_FIELDS``."""
        return next((field for field in (*self.fields, *_added(self.place)) if field.name == name), None)

    def get(self, name: str) -> Editable | Steps | None:
        return self.declared(name) or (self.named(name) if self.named else None)

    def url(self, pk: int, name: str) -> str:
        return reverse(self.url_name, args=[pk, name])

    @cached_property
    def list_url(self) -> str:
        """The address for scripts, which put a row's id in the place of 0 and the name of a field after it."""
        return self.url(0, "x").removesuffix("x/")

    def column(self, name: str) -> Column | None:
        return next((column for column in self.table.columns if column.name == name), None)


@cache
def _added(place: str) -> tuple[Editable, ...]:
    return tuple(field for at, field in declared("INLINE_FIELDS") if at == place)


@cache
def _editings() -> dict[str, Editing]:
    return {editing.place: editing for editing in declared("INLINE")}


def editing_of(place: str) -> Editing | None:
    """Return what is declared at ``place``, such as ``customer``."""
    return _editings().get(place)
