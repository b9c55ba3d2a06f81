"""Cells: what a list shows often is put into words once for each language and zone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from core import cells
from core.addresses import row_url
from core.drawn_fields import field_html
from core.filters import is_empty
from core.formatting import date_text, number_text, time_text
from core.html import html, html_join
from core.models import Document
from core.tables import Column, bind_rows
from core.templatetags import portaali

NOON = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
NBSP = "\N{NO-BREAK SPACE}"


def test_a_moment_reads_in_the_zone_and_language_of_each_reader():
    read = set()
    for zone in ("Europe/Helsinki", "Europe/London"):
        for language in ("fi", "en"):
            with timezone.override(zone), translation.override(language):
                read.add((date_text(NOON, "SHORT_DATETIME_FORMAT"), time_text(NOON)))
    assert read == {
        ("28.11.2026 14.00", "14.00"), ("28 Nov 2026 14:00", "14:00"),
        ("28.11.2026 12.00", "12.00"), ("28 Nov 2026 12:00", "12:00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("number", "fi", "en"),
    [
        (1, "1", "1"),
        (Decimal("1.00"), "1,00", "1.00"),
        (Decimal("1.0"), "1,0", "1.0"),
        (12_345, f"12{NBSP}345", "12,345"),
        (Decimal("-1234.5"), f"−1{NBSP}234,5", "−1,234.5"),
    ],
)
def test_equal_numbers_keep_their_own_decimals(number, fi, en):
    for language, text in (("fi", fi), ("en", en), ("fi", fi)):
        with translation.override(language):
            assert number_text(number) == text


@pytest.mark.parametrize(
    ("cell", "value", "start"),
    [
        (cells.euros, Decimal("1234.5"), f"1,234.50{NBSP}€"),
        (cells.whole_euros, Decimal("1234.5"), f"1,235{NBSP}€"),
        (cells.euros, None, "–"),
        (cells.link, None, "–"),
        (cells.link, SimpleNamespace(get_absolute_url=lambda: "/x/?a=1&b=2"), '<a href="/x/?a=1&amp;b=2">'),
        (cells.joined, ["<b>", "c"], "&lt;b&gt;, c"),
        (cells.joined, [], "–"),
        (cells.short_date, dt.date(2026, 11, 28), "28 Nov 2026"),
    ],
)
def test_cells_are_drawn_and_escaped(cell, value, start):
    assert str(Column("x", "X", lambda row: value, cell=cell).html(None)).startswith(start)


def test_a_late_moment_is_marked():
    with timezone.override("Europe/Helsinki"):
        assert (
            '<time datetime="2026-11-28T14:00:00+02:00" title="28 Nov 2026 14:00" class="late-time">'
            in cells.moment(NOON, is_late=True)
        )


def test_a_method_at_the_end_of_a_path_is_called():
    row = SimpleNamespace(lead=SimpleNamespace(get_state_display=lambda: "open"))
    column = Column("state", "State", "lead.get_state_display")
    assert (column.html(row), column.get_export(row)) == ("open", "open")


def test_a_row_has_a_box_only_where_rows_can_be_selected_and_says_whose():
    row = SimpleNamespace(pk=7, name='<i>"A"', __str__=None)
    [bound] = bind_rows([Column("name", "Name", numeric=True, wide=True)], [row])
    assert bound.html() == '<tr><td class="num hide-sm">&lt;i&gt;&quot;A&quot;</td></tr>'
    assert 'name="ids" value="7" aria-label="Select ' in bound.html("Select %(name)s")


def test_a_template_draws_a_cell_by_its_path():
    drawn = Template('{% cell "core.cells.joined" value=names %}').render(Context({"names": ["<", "b"]}))
    assert drawn == "&lt;, b"


class Filters(forms.Form):
    language = forms.ChoiceField(choices=[("", "any"), ("fi", "Finnish")], label="<Language>", required=False)
    least = forms.IntegerField(min_value=0, required=False)


def drawn(query: str = "", choices=None) -> list[str]:
    form = Filters(QueryDict(query))
    if choices:
        form.fields["language"].choices = choices
    return [field_html(form[name]) for name in ("language", "least")]


def test_a_field_that_is_not_in_use_is_drawn_once():
    empty = drawn()
    assert empty[0] is drawn()[0]
    assert "&lt;Language&gt;" in empty[0]


def test_a_field_with_a_value_an_error_or_other_choices_is_drawn_anew():
    empty = drawn()
    assert '<option value="fi" selected>' in drawn("language=fi")[0]
    assert "field-error" in drawn("least=x")[1]
    assert "Swedish" in drawn(choices=[("sv", "Swedish")])[0]
    assert drawn() == empty


def test_what_reads_no_data_is_drawn_once_for_each_language():
    drawn = {}
    for language in ("fi", "en", "fi"):
        with translation.override(language):
            drawn.setdefault(language, []).append(portaali.drawn_once("components/dialogs.html"))
    assert drawn["fi"][0] is drawn["fi"][1]
    assert ("Pikanäppäimet" in drawn["fi"][0], "Keyboard shortcuts" in drawn["en"][0]) == (True, True)


@pytest.mark.parametrize("value", ["<b>", SafeString("<b>"), 7, gettext_lazy("any"), None, SimpleNamespace(name="<")])
def test_html_is_escaped_as_django_escapes_it(value):
    assert html("<i>{}</i>", value) == format_html("<i>{}</i>", value)
    assert html_join("", [value]) == format_html_join("", "{}", [[value]])


@pytest.mark.parametrize(
    ("value", "is_so"),
    [(None, True), ("", True), ([], True), (0, False), (False, False), ([0], False), ("0", False)],
)
def test_a_value_that_says_nothing_is_empty(value, is_so):
    assert is_empty(value) == is_so


@pytest.mark.django_db
def test_no_rows_are_empty_and_some_are_not(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert (is_empty(Document.objects.none()), is_empty(Document.objects.all())) == (True, False)


def test_the_address_of_a_row_is_that_of_its_page():
    assert row_url("customers:detail", 7) == reverse("customers:detail", args=[7])
    with pytest.raises(NoReverseMatch):
        row_url("customers:detail", None)
