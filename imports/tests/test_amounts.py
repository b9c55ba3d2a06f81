"""Separators of thousands, and numbers as Excel shows them (S, R)."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from customers.models import Address, Customer, CustomerNumber
from imports.amounts import Marks, find_marks, resolve
from imports.readers.number_formats import is_padded, shown
from imports.tests.helpers import codes, counts, run_import

FIGURE = {"columns": [{"column": "nimi", "field": "name"}, {"column": "lv", "field": "turnover"}]}


@pytest.mark.parametrize(
    ("cells", "marks"),
    [
        (["1.234.567", "1.500"], Marks(",")),
        (["1 234,50 €", "1.500"], Marks(",")),
        (["1,200.00", "1,500"], Marks(".")),
        (["0.500", "1.500"], Marks(".", True)),
        (["1500.125"], Marks(".", True)),
        (["12,345.678", "1,5"], Marks()),
        (["1.500", "2.000", "7", ""], Marks()),
        (["(1 500,00)", "-12,5"], Marks(",")),
    ],
)
def test_marks_are_found_by_cells_that_can_be_read_in_one_way(cells, marks):
    assert find_marks(cells) == marks


@pytest.mark.parametrize(
    ("text", "marks", "chosen", "plain"),
    [
        ("1.500", Marks(","), "", "1500"),
        ("€ 1.500", Marks(","), "", "€ 1500"),
        ("1,500", Marks(","), "", None),
        ("1,500", Marks(",", True), "", "1,500"),
        ("1.500", Marks(), "", None),
        ("1.500", Marks(), ".", "1.500"),
        ("1.500", Marks(), ",", "1500"),
        ("0.500", Marks(), "", "0.500"),
        ("1.5", Marks(), "", "1.5"),
        ("1.234.567", Marks(), "", "1.234.567"),
    ],
)
def test_one_separator_before_three_digits(text, marks, chosen, plain):
    assert resolve(text, marks, chosen) == plain


@pytest.mark.django_db
@pytest.mark.parametrize("dry_run", [True, False])
def test_ambiguous_amount_is_held_and_never_a_thousandth(dry_run):
    run = run_import("nimi;lv\nAcme;1.500\n", config=FIGURE, dry_run=dry_run)
    assert (counts(run), codes(run, 2)) == ((0, 0, 0, 1, 0), ["ambiguous_number"])
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_ambiguous_amount_is_read_as_the_columns_other_cells():
    run_import("nimi;lv\nAcme;1.500\nBeta;1.234.567\nCeta;1 500,00\n", config=FIGURE)
    found = dict(Customer.objects.values_list("name", "turnover"))
    assert found == {"Acme": Decimal("1500.00"), "Beta": Decimal("1234567.00"), "Ceta": Decimal("1500.00")}


@pytest.mark.django_db
def test_decimal_mark_can_be_chosen():
    columns = [FIGURE["columns"][0], {**FIGURE["columns"][1], "decimal": "."}]
    run_import("nimi;lv\nAcme;1.500\n", config={"columns": columns})
    assert Customer.objects.get().turnover == Decimal("1.50")


@pytest.mark.django_db
def test_row_with_a_negative_turnover_is_refused():
    run = run_import("nimi;lv\nAcme;-1 500,00\n", config=FIGURE)
    assert (counts(run), codes(run, 2)) == ((0, 0, 0, 0, 1), ["range"])
    assert not Customer.objects.exists()


def workbook(*rows):
    book, content = Workbook(), io.BytesIO()
    for cells in rows:
        book.active.append([value for value, _code in cells])
        for cell, (_value, code) in zip(book.active[book.active.max_row], cells, strict=True):
            cell.number_format = code or "General"
    book.save(content)
    return content.getvalue()


@pytest.mark.django_db
def test_numbers_are_taken_as_excel_shows_them():
    columns = [
        {"column": "nimi", "field": "name"},
        {"column": "postinumero", "field": "visiting_postal_code"},
        {"column": "nro", "field": "number", "system": "ERP"},
        {"column": "tunnus", "field": "business_id"},
        {"column": "lv", "field": "turnover"},
        {"column": "hlö", "field": "personnel"},
    ]
    header = [(item["column"], "") for item in columns]
    first = [("Acme", ""), (500, "00000"), (42, "000000"), (7375462, "0000000\\-0"), (1.234, ""), (7, "000")]
    assert counts(run_import(workbook(header, first), config={"columns": columns})) == (1, 0, 0, 0, 0)
    customer = Customer.objects.get()
    assert Address.objects.get().postal_code == "00500"
    assert CustomerNumber.objects.get().number == "000042"
    assert (customer.business_id, customer.turnover, customer.personnel) == ("0737546-2", Decimal("1.23"), 7)


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (500, "00000", "00500"),
        (42, "000000", "000042"),
        (1234567, "000", "1234567"),
        (42, '"FI"0000', "FI0042"),
        (7375462, "0000000-0", "0737546-2"),
        (-5, "000", "-005"),
        (401234567, "000 000 0000", "040 123 4567"),
    ],
)
def test_padded_format(value, code, text):
    assert is_padded(code)
    assert shown(value, code) == text


@pytest.mark.parametrize(
    "code", ["General", "0", "0.00", "#,##0", "#,##0.00", "0%", "dd.mm.yyyy", "00:00", "0.00E+00", "@"]
)
def test_other_formats_do_not_pad(code):
    assert not is_padded(code)
