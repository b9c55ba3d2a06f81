"""Keeping the state of a list: filters as a tree with rows as references, the rest as it is; back to an address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from core.conditions import tree as trees
from core.conditions.operands import name_of
from core.conditions.tree import Group, Rule
from core.exceptions import BusinessRuleError
from core.filters import YesFilter
from customers.saved_views.lists import layout_names, list_class, opened, table_of
from customers.saved_views.models import SavedView
from customers.selections import store as selections
from customers.selections.store import Fault, gone, reference_models, retired

#: The operand of a leaf whose rows are references, and that of its other values.
ROWS, VALUES = "rows", "values"
#: The choice that no filter has: it stands for a row that was deleted, so that nothing is let through.
NO_ROW = "0"


@dataclass(frozen=True)
class Stored:
    """What a view shows, as parameters of its list, and what is wrong with it."""

    query: QueryDict
    tree: Group
    faults: tuple[Fault, ...] = ()


def rows_model(filterset_class: Any, name: str) -> type[Model] | None:
    """Return the model of the rows that a filter names, if references to its rows are kept."""
    found = filterset_class.filter_of(name)
    field = getattr(found, "field_class", None)
    if field is None or not issubclass(field, forms.ModelChoiceField):
        return None
    rows = found.extra.get("queryset")
    model = getattr(rows, "model", None) or getattr(rows(None) if callable(rows) else None, "model", None)
    return model if model in reference_models() else None


def _name(rule: Rule) -> str:
    """Return the filter of a leaf, which has the key *list.filter*."""
    return rule.field.rpartition(".")[2]


def read(view: SavedView) -> Stored:
    """Return what a view shows, in one query for each kind of row that it names."""
    bare = trees.read(view.condition or {"id": 1, "join": "all", "parts": []})
    found = list_class(view.list)
    if found is None:
        return Stored(QueryDict(mutable=True), bare, (Fault(0, _("There is no such list any more.")),))
    rules = trees.rules_of(bare)
    models = {rule.id: rows_model(found.filterset_class, _name(rule)) for rule in rules}
    ids, faults = _references(view, {model for model in models.values() if model is not None})
    query = QueryDict(mutable=True)
    for rule in rules:
        if found.filterset_class.filter_of(_name(rule)) is None:
            faults.append(Fault(rule.id, _("The list has no filter “%(name)s” any more.") % {"name": _name(rule)}))
        values = [str(value) for value in (*rule.values.get(VALUES, ()), *sorted(ids[rule.id]))]
        query.setlist(_name(rule), values or [NO_ROW])
    for name, values in view.layout.items():
        query.setlist(name, values)
    return Stored(query, bare, (*faults, *_layout_faults(table_of(found, query), view.layout)))


def _references(view: SavedView, models: Iterable[type[Model]]) -> tuple[dict[int, list[int]], list[Fault]]:
    ids: dict[int, list[int]] = defaultdict(list)
    faults: list[Fault] = []
    for model in models:
        for row in reference_models()[model]._base_manager.filter(view=view).select_related("target"):
            if row.target is None:
                faults.append(gone(model, row))
            else:
                ids[row.rule].append(row.target.pk)
                faults += _within(row) if getattr(row.target, "is_unnamed", False) else retired(model, row)
    return ids, faults


def _within(row: Any) -> list[Fault]:
    """Return what has gone of the deeper conditions that a view has."""
    return [Fault(row.rule, fault.text) for fault in selections.read(row.target).faults]


def _layout_faults(table: Any, layout: dict[str, list[str]]) -> list[Fault]:
    """Return the columns of a layout that the list does not have any more."""
    known = {column.name for column in table.columns}
    return [
        Fault(0, _("The list has no column “%(name)s” any more.") % {"name": name})
        for name in layout.get("columns", ())
        if name not in known
    ]


def open_query(view: SavedView, stored: Stored) -> QueryDict:
    """Return the parameters that a view's list is opened with: without columns and orders that it lost."""
    found = list_class(view.list)
    query = stored.query.copy()
    if found is not None:
        table = table_of(found, query)
        names = {column.name for column in table.columns}
        if "columns" in query:
            query.setlist("columns", [name for name in query.getlist("columns") if name in names])
        if "widths" in query:
            query.setlist("widths", [text for text in query.getlist("widths") if text.partition(".")[0] in names])
        query["sort"] = table.sort(query.get("sort", ""))
    query["view"] = str(view.pk)
    return query


def write(view: SavedView, query: str, user: Any) -> None:
    """Keep the parameters of ``query`` in a view: save it and replace its references.

    Raises :class:`BusinessRuleError` ``unreadable`` for parameters that the list cannot read.
    """
    page, filterset = opened(view.list, query, user)
    if not filterset.is_valid():
        raise BusinessRuleError("unreadable", filterset.error_text(), field="query")
    names = [name for name in filterset.filters if any(page.request.GET.getlist(name))]
    rules = [_rule(number, view, name, page, filterset) for number, name in enumerate(names, 2)]
    kept = {rule.id: rule.values.pop(ROWS, []) for rule in rules}
    view.condition = trees.write(Group(1, parts=tuple(rules)))
    given = {name: _given(page, name) for name in layout_names(page)}
    view.layout = {name: values for name, values in given.items() if values} | {"sort": [page.sort]}
    if hasattr(page, "list_tabs"):
        view.layout["tab"] = [page.tab]
    for field, words in both_words(view.list, query, user).items():
        setattr(view, field, words)
    view.save()
    _write_references(view, rules, kept, filterset)


def _given(page: Any, name: str) -> list[str]:
    return [value for value in page.request.GET.getlist(name) if value]


def _rule(number: int, view: SavedView, name: str, page: Any, filterset: Any) -> Rule:
    texts = _given(page, name)
    values: dict[str, Any] = {VALUES: texts}
    if rows_model(type(filterset), name):
        rows = sorted({int(text) for text in texts if text.isdecimal()})
        values = {VALUES: [text for text in texts if not text.isdecimal()], ROWS: rows}
    return Rule(number, f"{view.list}.{name}", {key: value for key, value in values.items() if value})


def _write_references(view: SavedView, rules: list[Rule], kept: dict[int, list[int]], filterset: Any) -> None:
    of_rule = {rule.id: rows_model(type(filterset), _name(rule)) for rule in rules}
    for model, reference in reference_models().items():
        reference._base_manager.filter(view=view).delete()
        ids = {pk for rule, found in kept.items() if of_rule[rule] is model for pk in found}
        names = {row.pk: name_of(row) for row in model._base_manager.filter(pk__in=ids)} if ids else {}
        reference._base_manager.bulk_create(
            reference(view=view, rule=rule, operand=ROWS, target_id=pk, label=names[pk][:250])
            for rule, found in kept.items()
            if of_rule[rule] is model
            for pk in found
            if pk in names
        )


def both_words(name: str, query: str, user: Any) -> dict[str, str]:
    """Return what a state of a list shows, by the field of a view that keeps it in a language."""
    found = {}
    for language in ("fi", "en"):
        with translation.override(language):
            found[f"words_{language}"] = "; ".join(words_of(name, query, user))
    return found


def words_of(name: str, query: str, user: Any) -> list[str]:
    """Return what a state of a list shows, in sentences: its filters, its order, its columns.

    Nothing for one that cannot be read.
    """
    page, filterset = opened(name, query, user)
    if not filterset.is_valid():
        return []
    search = page.request.GET.get("q", "") if "q" in filterset.filters else ""
    switches = {str(item.label) for item in filterset.filters.values() if isinstance(item, YesFilter)}
    found = [f"“{search}”"] if search else []
    for item in filterset.active():
        label = str(item.label)
        found.append(label if label in switches else f"{label}: {item.value}")
    return [*(found or [_("all rows")]), *_layout_words(page)]


def _layout_words(page: Any) -> list[str]:
    labels = {column.name: str(column.label) for column in page.table.columns}
    found = []
    tabs = getattr(page, "list_tabs", {})
    if tabs:
        found.append(_("tab: %(name)s") % {"name": tabs.get(page.tab, page.tab)})
    order = page.sort
    words = _("sorted by %(column)s, descending") if order.startswith("-") else _("sorted by %(column)s")
    found.append(words % {"column": labels.get(order.removeprefix("-"), order)})
    grouping = getattr(page, "grouping", None)
    if grouping is not None:
        found.append(_("grouped by %(name)s") % {"name": grouping.label})
    columns = [labels[name] for name in page.request.GET.getlist("columns") if name in labels]
    if columns:
        found.append(_("columns: %(names)s") % {"names": ", ".join(columns)})
    if page.request.GET.getlist("widths"):
        found.append(_("own widths of columns"))
    return found
