"""What SQL writes into an exported file is what Python writes: texts, times, numbers, cells that are alone."""

from __future__ import annotations

import datetime as dt
import io
import time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import CharField, DateTimeField, Func, IntegerField, TextField, Value
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import UserFactory
from core import exports
from core.exceptions import JobCancelled
from core.export_sql import _cell, copy_lines
from core.export_watch import watched
from core.tables import Column, Table

pytestmark = pytest.mark.django_db

AWKWARD = "=+-@＝＋－＠﹦﹢﹣﹫ \u00a0\u3000\u2003\t\r\n\x1c\x85\x01\x0b\x1f'\";\\,.aÅ€😀\ufeff\u200b"
TEXTS = [
    "=1+1", " =1", "\u3000＝1", "\x0b=1", "\x1c\x1f @x", "\t1", "\r1", "\n1", " \t1", "'=1", "a=1", "-", "–1", "", " ",
    "\x01", "\x01\x02", 'say "so"', "a;b", "a\nb", "a\r\nb", "\\.", "\\N", "NULL", "Åä😀", "{a,b}", "%s %% %(x)s", "$1",
]  # fmt: skip


def shown_by_sql(values, field):
    """Return what the file shows of ``values``, made by the database."""
    template, params = _cell(field)
    with connection.cursor() as cursor:
        rows = ", ".join([f"(%s::{field.db_type(connection)})"] * len(values))
        cursor.execute(f"SELECT {template.format('c0')} FROM (VALUES {rows}) AS rows (c0)", [*params, *values])
        return [row[0] or "" for row in cursor.fetchall()]


def test_sql_guards_texts_as_python_does():
    assert shown_by_sql(TEXTS, TextField()) == [exports.cell(text) for text in TEXTS]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(AWKWARD, max_size=6) | st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1)
)
def test_sql_guards_any_text_as_python_does(texts):
    assert shown_by_sql(texts, TextField()) == [exports.cell(text) for text in texts]


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York", "UTC"])
def test_sql_shows_times_of_the_users_zone_in_summer_and_winter(zone):
    times = [
        dt.datetime(2026, 1, 15, 22, 30, 59, tzinfo=dt.UTC), dt.datetime(2026, 7, 15, 21, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, 1, 0, tzinfo=dt.UTC),
        dt.datetime(1899, 12, 31, 23, 0, tzinfo=dt.UTC),
    ]  # fmt: skip
    with timezone.override(ZoneInfo(zone)):
        assert shown_by_sql(times, DateTimeField()) == [exports.cell(at).isoformat(" ", "minutes") for at in times]


def view_of(*columns, user=None):
    table = Table(columns, columns[0].name)
    return SimpleNamespace(table=table, columns=columns, title="List", sort=columns[0].name, user=user)


def fixed(value, field):
    return lambda user: Value(value, field)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("is_single", [True, False])
def test_the_file_made_by_the_database_is_the_one_made_by_csv(text, is_single):
    UserFactory()
    columns = [Column("a", "A", lambda row: text, sort="pk", sql=fixed(text, CharField()))]
    if not is_single:
        columns += [
            Column("none", "None", lambda row: None, sql=fixed(None, TextField())),
            Column("zero", "Zero", lambda row: 0, sql=fixed(0, IntegerField())),
        ]
    view, expected = view_of(*columns), io.BytesIO()
    exports.write_rows("csv", expected, [column.label for column in columns], [[text, None, 0][: len(columns)]])
    with exports.write_list(view, User.objects.all(), "csv") as file:
        assert file.read() == expected.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_column_without_sql_has_the_list_made_in_python(kind):
    UserFactory(last_name="Virtanen")
    view = view_of(Column("a", "A", lambda row: row.last_name.upper(), sort="pk"))
    with exports.write_list(view, User.objects.all(), kind) as file:
        content = file.read()
    assert kind == "xlsx" or content.decode("utf-8-sig") == "A\r\nVIRTANEN\r\n"


@pytest.mark.parametrize("rows", [User.objects.none(), User.objects.filter(pk=0), User.objects.filter(pk__in=[])])
def test_a_list_without_rows_has_its_header(rows):
    view = view_of(Column("last_name", "Name", sort="pk"))
    with exports.write_list(view, rows, "csv") as file:
        assert file.read().decode("utf-8-sig") == "Name\r\n"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_whose_columns_say_their_sql_builds_no_objects(kind, monkeypatch):
    UserFactory(last_name="Virtanen")
    monkeypatch.setattr(User, "from_db", None)
    view = view_of(Column("last_name", "Name", sort="pk"), Column("up", "Up", sql="last_name", finish=str.upper))
    exports.write_list(view, User.objects.all(), kind).close()


def test_what_sql_cannot_is_done_by_python_for_each_value():
    UserFactory(last_name="Virtanen")
    view = view_of(Column("up", "Up", lambda row: row, sort="pk", sql="last_name", finish=str.upper))
    with exports.write_list(view, User.objects.all(), "csv") as file:
        assert file.read().decode("utf-8-sig") == "Up\r\nVIRTANEN\r\n"


class Sleep(Func):
    """Take ``seconds`` for each row."""

    template = "(SELECT 1 FROM pg_sleep(%(expressions)s))"
    output_field = IntegerField()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_cancelled_export_ends_the_statement_that_runs(kind):
    UserFactory()

    def progress(done):
        raise JobCancelled

    view, began = view_of(Column("a", "A", sort="pk", sql=lambda user: Sleep(Value(20)))), time.monotonic()
    with pytest.raises(JobCancelled):
        exports.write_list(view, User.objects.all(), kind, progress)
    assert time.monotonic() - began < 5
    assert User.objects.count() == 1  # the connection is in order


@pytest.mark.django_db(transaction=True)
def test_the_rows_done_are_reported_while_the_database_writes():
    statement = (
        "COPY (SELECT repeat('x', 20000) FROM generate_series(1, 5), LATERAL pg_sleep(generate_series * 0 + 0.3))"
    )
    reported: list[int] = []
    with watched(reported.append) as watch:
        copy_lines(f"{statement} TO STDOUT", io.BytesIO(), watch, is_single=False)
    assert watch.done == 5
    assert any(0 < done < 5 for done in reported)
