"""On a phone the rows of every list are cards: a head, and three facts that the list declares."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from core.list_views import FilteredListView
from core.tables import Column, Table, bind_rows
from tests.security.world import routes


def tables():
    """Return the tables of all lists, each with the name of its view."""
    found = {}
    for _route, function in routes():
        view = getattr(function, "view_class", None)
        if (
            isinstance(view, type)
            and issubclass(view, FilteredListView)
            and isinstance(getattr(view, "table", None), Table)
        ):
            found[view.__qualname__] = view.table
    return sorted(found.items())


@pytest.mark.parametrize(("name", "table"), tables())
def test_every_list_declares_three_facts(name, table):
    names = {column.name for column in table.columns}
    head = table.head_of([column for column in table.columns if column.shown])
    assert set(table.facts) <= names - {head.name}
    assert len(table.facts) == min(3, len(names) - 1)


@pytest.mark.parametrize(("name", "table"), tables())
def test_the_head_of_a_card_names_the_row_and_leads_to_it(name, table):
    shown = [column for column in table.columns if column.shown]
    head = table.head_of(shown)
    assert head.link or not any(column.link for column in shown)
    assert head.name == "name" or "name" not in [column.name for column in shown]


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize(("name", "table"), tables())
def test_the_columns_of_a_list_have_names_of_their_own(name, table, language):
    with override(language):
        labels = [str(column.label).casefold() for column in table.columns]
    assert [label for label in set(labels) if labels.count(label) > 1] == []


def test_the_head_and_the_facts_of_a_card_are_marked_and_labelled():
    table = Table(
        (Column("a", "A", value=str), Column("b", "B", value=str, wide=True), Column("c", "C", value=str, wide=True)),
        "a",
        ("b",),
    )
    [row] = bind_rows(table.chosen([]), ["x"])
    assert (
        row.html() == '<tr><td class="head">x</td><td class="fact" data-label="B">x</td><td class="hide-sm">x</td></tr>'
    )
