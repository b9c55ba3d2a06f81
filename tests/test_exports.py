"""The files of every list: what the database writes is what Python makes of the same rows, column by column."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, QueryDict
from django.urls import resolve
from django.utils import timezone, translation
from openpyxl import load_workbook
from pytest_django import DjangoDbBlocker

from core import exports
from core.export_sql import copy_statement, values_of
from core.list_views import FilteredListView, TabbedListView
from core.undo.reasons import GONE
from imports.models import ImportRow
from tests.security.page_table import PAGES
from tests.security.world import World, make_world, routes

#: In every free text of the world.
TEXT = " '=1–😀"
#: Lists of which some column needs the row itself, so that their files are made in Python.
IN_PYTHON = {"imports/", "imports/mappings/", "jobs/"}
#: Columns that need the row itself, of other lists; they are shown to those who choose them.
BY_ROW = {("pipeline/table/", "warnings")}
#: Lists of which a value is finished in Python (telephone numbers, reasons).
FINISHED = {
    "care-plans/actions/",
    "care-plans/exceptions/",
    "contacts/",
    "users/",
    "mail/inbox/",
    "imports/held/",
    "imports/<int:pk>/",
    "imports/<int:pk>/undo/",
    "bulk/<int:pk>/",
    "views/",
    "suggestions/",
    "segmentation-work/",
    "criteria/<int:pk>/preview/",
    "criteria/<int:pk>/back-test/",
}
SUMMARY, SEGMENT = "customers_customersummary", "SELECT min(id) FROM schemes_segment WHERE code > %s"
#: What the list alone shows: suggestions are made for a page of rows, faults are icons.
DRAWN_ONLY = {
    ("mail/inbox/", "suggestion"),
    ("pipeline/table/", "warnings"),
    *(("segmentation-work/", name) for name in ("suggested", "why", "proposal", "steps")),
    *(("segment-reviews/<int:pk>/", name) for name in ("answer", "steps")),
    ("care-plans/approvals/", "steps"),
    ("care-plans/exceptions/", "steps"),
    ("care-plans/actions/", "steps"),
    ("absences/", "steps"),
    *(("care/lists/", name) for name in ("list", "steps")),
}
#: What the list says of a day that is not there, which a file leaves empty.
ABSENT = ("ei koskaan",)


def list_routes() -> list[str]:
    views = {route: getattr(view, "view_class", None) for route, view in routes()}
    return sorted(route for route, view in views.items() if view and issubclass(view, FilteredListView))


LISTS = list_routes()


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world(text=TEXT)
        rows_of_imports(world.rows["run"])
        vary(world)
        yield world
        transaction.set_rollback(True)


def rows_of_imports(run: Any) -> None:
    problem = {"code": "no_value", "params": {}, "field": "name"}
    common: dict[str, Any] = {"run": run, "raw": ["=1", "", "a;b"], "changed": ["name", "email"], "problems": [problem]}
    for number, fate in enumerate(("held", "created", "updated"), 10):
        undo = {} if number % 2 else {"undo": "kept", "undo_problems": [{"code": GONE}]}
        ImportRow.objects.create(number=number, fate=fate, **common, **undo)


def vary(world: World) -> None:
    """Give the rows what the world has not: formulas, unprintable characters, times of both kinds, empty values."""
    even = "% 2 = 0"
    changes: tuple[tuple[str, str, Any], ...] = (
        ("customers_customer", "name = %s, phone = '+358401234567', personnel = 0", "=1\x01"),
        ("customers_customer", f"organisation_form = CASE WHEN id {even} THEN %s ELSE '' END", "limited"),
        ("customers_customer", "municipality_id = (SELECT min(id) FROM customers_municipality), email = %s", "a;b"),
        ("customers_municipality", "region = %s", "＝\x0bUusimaa"),
        ("customers_contact", "first_name = %s", "\u3000@"),
        ("accounts_user", f"first_name = '', phone = CASE WHEN id {even} THEN %s ELSE '' END", "+4681234567"),
        ("accounts_user", "last_login = %s", "2026-07-01T21:30:59Z"),
        ("activities_activity", "goal = %s, hours = 0.50", "\t-2"),
        ("activities_activity", f"place = %s, settlement = CASE WHEN id {even} THEN '' ELSE 'x;y' END", 'a "b"\r\nc'),
        (
            "activities_activity",
            f'start = CASE WHEN id {even} THEN %s::timestamptz ELSE start END, "end" = NULL, is_all_day = false',
            "2026-01-01T22:30Z",
        ),
        ("customers_customersummary", "last_contact_at = %s, ordered_12_months = 0", "2026-03-29T01:30:00Z"),
        ("customers_customersummary", f"open_offers_net = CASE WHEN customer_id {even} THEN %s ELSE 0 END", -1234567.1),
        (
            "feedback_feedback",
            f"about = 'product', answered_at = CASE WHEN activity_id {even} THEN %s::timestamptz END",
            "2026-10-25T00:30Z",
        ),
        ("leads_lead", "value = 0, state_reason = %s", "+1"),
        (
            "customers_customersummary",
            f"open_offers = %s, owner_id = CASE WHEN customer_id {even} THEN owner_id END",
            2,
        ),
        (SUMMARY, f"segment_id = ({SEGMENT})", "a"),
        ("offers_offer", f"date = %s, valid_until = CASE WHEN id {even} THEN date '2026-01-02' END", "2026-01-01"),
        ("mail_emailmessage", f"direction = CASE WHEN id {even} THEN %s ELSE direction END", "out"),
    )
    with connection.cursor() as cursor:
        for table, change, value in changes:
            cursor.execute(f"UPDATE {table} SET {change.replace('% 2', '%% 2')}", [value])


def view_of(world: World, route: str, query: str = "", who: str = "admin") -> Any:
    request: Any = HttpRequest()
    user = "owner" if route.startswith("bulk/") else who  # bulk operations are their owner's
    request.method, request.path, request.user = "GET", world.address(route), world.users[user]
    request.GET = QueryDict(query)
    match: Any = resolve(request.path)
    view = match.func.view_class()
    view.setup(request, *match.args, **match.kwargs)
    return view


def with_columns(view: Any, columns: Any) -> Any:
    return SimpleNamespace(table=view.table, title=view.title, sort=view.sort, columns=columns, user=view.user)


def in_python(view: Any, rows: Any, kind: str) -> bytes:
    """Return the file as it is made of objects."""
    file, order = io.BytesIO(), view.table.order(view.sort)
    sign = "-" if order.startswith("-") else ""
    cells = ([column.get_export(row) for column in view.columns] for row in rows.order_by(order, f"{sign}pk"))
    exports.write_rows(kind, file, [column.label for column in view.columns], cells)
    return file.getvalue()


def tabs_of(view: Any) -> list[str]:
    return [f"tab={name}" for name in view.list_tabs] if isinstance(view, TabbedListView) else [""]


def lists(world: World, route: str, who: str = "admin") -> Iterator[tuple[Any, Any]]:
    """Yield the view and the rows of each tab; nothing if the person may not have the list."""
    readers, _writers = PAGES[route]
    for query in tabs_of(view_of(world, route)) if who in readers.split() else []:
        view = view_of(world, route, query, who)
        yield view, view.get_export_queryset(view.get_filterset().qs)


def test_who_compares_has_most_of_the_lists():
    assert len([route for route in LISTS if "owner" in PAGES[route][0].split()]) > 15


@pytest.mark.parametrize(("who", "language"), [("admin", "fi"), ("admin", "en"), ("owner", "fi")])
@pytest.mark.parametrize("route", LISTS)
def test_every_column_says_in_sql_what_python_says(route, who, language, made, db):
    with translation.override(language), timezone.override("Europe/Helsinki"):
        for view, rows in lists(made, route, who):
            for column in view.table.columns:
                only = with_columns(view, [column])
                with exports.write_list(only, rows, "csv") as file:
                    assert file.read() == in_python(only, rows, "csv"), column.name


def shown_text(drawn: Any) -> str:
    """Return what a cell of the list says, without its icons and their words."""
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(drawn), flags=re.DOTALL)
    return squeezed(html.unescape(text)).strip(" –").replace(" ,", ",")


def squeezed(text: str) -> str:
    return " ".join(text.translate(dict.fromkeys(map(ord, exports.UNPRINTABLE))).split())


@pytest.mark.parametrize("who", ["admin", "owner"])
@pytest.mark.parametrize("route", LISTS)
def test_a_file_has_the_texts_of_the_list(route, who, made, db):
    """Days and numbers are written in full in a file; all other columns say the same."""
    with translation.override("fi"), timezone.override("Europe/Helsinki"):
        for view, rows in lists(made, route, who):
            drawn = view.prepare_rows(list(view.page_queryset(view.get_filterset().qs)))
            written = {row.pk: row for row in rows}
            for column in view.table.columns:
                for row in drawn if (route, column.name) not in DRAWN_ONLY else []:
                    value = exports.typed(column.get_export(written[row.pk]))
                    if value is None or isinstance(value, str):
                        text = squeezed(value or "").strip(" –")
                        assert shown_text(column.html(row)) in (text, *ABSENT * (not text)), column.name


@pytest.mark.parametrize("route", LISTS)
def test_whole_files_are_the_same(route, made, db):
    for view, rows in lists(made, route):
        whole = with_columns(view, view.table.columns)
        with exports.write_list(whole, rows, "csv") as file:
            assert file.read() == in_python(whole, rows, "csv")
        with exports.write_list(whole, rows, "xlsx") as file:
            assert cells_of(file) == cells_of(io.BytesIO(in_python(whole, rows, "xlsx")))


def cells_of(file: Any) -> list[list[Any]]:
    return [[(cell.value or None, cell.data_type) for cell in row if cell.value] for row in load_workbook(file).active]


@pytest.mark.parametrize("route", LISTS)
def test_files_are_made_without_objects(route, made, db):
    for view, rows in lists(made, route):
        columns = [column for column in view.table.columns if (route, column.name) not in BY_ROW]
        values = values_of(columns, rows, view.user)
        assert (values is None) == (route in IN_PYTHON), route
        if values is not None:
            assert any(column.finish for column in view.columns) == (route in FINISHED)
            plain = [value for value, column in zip(values, columns, strict=True) if not column.finish]
            assert copy_statement(rows.values_list(*plain))
