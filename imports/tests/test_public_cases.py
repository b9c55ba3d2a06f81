"""The awkward files of the shared cases: every row has the right outcome."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from accounts.tests.factories import UserFactory
from customers.models import Address, Contact, ContactPoint, Customer, CustomerNumber
from customers.tests.factories import CustomerFactory
from imports.config import BadMapping
from imports.readers.formats import BadFile
from imports.services import run_now
from offers.products.models import ProductPrice

CASES = Path(settings.BASE_DIR).parent / "shared" / "cases" / "public-2026-11"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not here"),
]
OK, HELD, REFUSED = "created", "held", "refused"


@pytest.fixture(autouse=True)
def customer():
    return CustomerFactory(name="BT Ketjuliike Oy")


def load(name: str, kind: str = "contacts", **options):
    with (CASES / name).open("rb") as file:
        return run_now(kind=kind, file=file, name=name, owner=None, **options)


def outcome(run) -> list[tuple[str, list[str]]]:
    rows = run.rows.order_by("number")
    return [(row.fate, sorted(problem["code"] for problem in row.problems)) for row in rows]


TABLE = [
    ("passing/im00_customer.csv", "customers", [("unchanged", [])]),
    ("passing/im01_shared_email.csv", "contacts", [(OK, []), (HELD, ["other_person"])]),
    ("im02_namesakes.csv", "contacts", [(OK, []), (HELD, ["namesake"])]),
    ("im03_suffix_comma.csv", "contacts", [(OK, ["beside_name"]), (OK, []), (OK, ["beside_name"])]),
    ("im05_outlook_headers.csv", "contacts", [(OK, [])]),
    ("im12_money.csv", "customers",
     [(OK, []), (OK, []), (REFUSED, ["range"]), (OK, []), (OK, []), (REFUSED, ["number", "number"]),
      (REFUSED, ["number", "number"]), (REFUSED, ["number"])]),
    ("im14_phones.csv", "contacts", [(OK, []), (OK, []), (OK, []), (OK, ["phone"]), *[(OK, [])] * 6]),
    ("im18_zero_width_customer.csv", "customers", [("unchanged", []), (HELD, ["same_as"])]),
    ("im19_multi_values.csv", "contacts", [(OK, [])] * 3),
    ("im21_number_formats.xlsx", "customers", [(OK, [])]),
    ("im29_prices.csv", "products", [(OK, []), (HELD, ["ambiguous_number"]), (OK, []), (REFUSED, ["range"])]),
    ("passing/im04_several_in_cell.csv", "contacts", [(OK, [])] * 2),
    ("passing/im06_sep_line.csv", "contacts", [(OK, [])]),
    ("passing/im09_formula_merged.xlsx", "contacts", [(OK, []), (HELD, ["unknown_customer"]), (OK, [])]),
    ("passing/im13_dup_headers.csv", "contacts", [(OK, []), (OK, [])]),
    ("passing/im15_salesforce.csv", "contacts", [(OK, [])]),
    ("passing/im16_hubspot.csv", "contacts", [(OK, [])]),
    ("passing/im17_pipedrive.csv", "contacts", [(OK, [])]),
    ("passing/im20_dates_us.csv", "offers", [(REFUSED, ["date", "date"]), (HELD, ["required"])]),
    ("passing/im23_contacts.vcf", "contacts", [(OK, [])]),
    ("passing/im25_backslash_quote.csv", "contacts",
     "The quotation marks do not match on line 2: fix the file or choose another quotation mark."),
    ("passing/im26_quote_in_field.csv", "contacts", [(OK, [])] * 2),
    ("passing/im27_cr_only.csv", "contacts", [(OK, [])]),
    ("passing/im28_formula_text.csv", "contacts", [(OK, [])] * 3),
]  # fmt: skip


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(("name", "kind", "rows"), TABLE, ids=[name for name, _kind, _rows in TABLE])
def test_rows_of_the_file(name, kind, rows, dry_run):
    UserFactory(username="manager")
    try:
        found = outcome(load(name, kind, dry_run=dry_run))
    except (BadFile, BadMapping) as error:
        found = str(error)
    assert found == rows


def test_html_named_as_a_spreadsheet_is_named_as_what_it_is():
    with pytest.raises(BadFile, match="web page"):
        load("passing/im22_html.xls")


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("im02_namesakes.csv", "im02b_namesake_second_file.csv", "namesake"),
        ("passing/im01_shared_email.csv", "passing/im01b_shared_email_second_file.csv", "other_person"),
    ],
)
def test_second_file_is_held_too(first, second, code):
    load(first)
    assert outcome(load(second)) == [(HELD, [code])]


def test_every_file_of_imports_is_in_the_table():
    named = {name for name, _kind, _rows in TABLE} | {
        "passing/im22_html.xls", "im02b_namesake_second_file.csv", "passing/im01b_shared_email_second_file.csv"
    }  # fmt: skip
    assert {str(path.relative_to(CASES)) for path in CASES.rglob("im*")} <= named


def test_outlook_contact_has_all_that_the_file_says(customer):
    run = load("im05_outlook_headers.csv")
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name) == ("Olli J", "Outinen")
    position = contact.positions.get()
    assert (position.customer, position.title, position.area) == (customer, "Myyjä", "Myynti")
    assert [(point.value, point.label) for point in contact.points.order_by("pk")] == [
        ("olli.outinen@btketju.example", "E-mail Address"),
        ("olli@koti.example", "E-mail 2 Address"),
        ("+35893101693", "Business Phone"),
        ("+358401234507", "Mobile Phone"),
    ]
    assert run.left_out_columns == [{"column": "Title", "cells": 1, "examples": ["Mr."]}]


def test_money_is_what_the_column_says():
    load("im12_money.csv", "customers")
    found = dict(Customer.objects.exclude(turnover=None).values_list("name", "turnover"))
    assert found == {
        "BT Raha A Oy": Decimal("1234567.00"),
        "BT Raha B Oy": Decimal("1234.50"),
        "BT Raha D Oy": Decimal("1500.00"),
        "BT Raha E Oy": Decimal("1500.00"),
    }
    load("im29_prices.csv", "products")
    prices = dict(ProductPrice.objects.filter(product__code__startswith="BTP").values_list("product__code", "price"))
    assert prices == {"BTP1": Decimal("1500.00"), "BTP3": Decimal("1500.00")}


def test_numbers_are_as_excel_shows_them():
    load("im21_number_formats.xlsx", "customers")
    assert Address.objects.get().postal_code == "00500"
    assert CustomerNumber.objects.get().number == "000042"


def test_phones_and_addresses_are_all_there():
    load("im14_phones.csv")
    load("im19_multi_values.csv")
    found = {str(contact): list(contact.points.values_list("value", "label")) for contact in Contact.objects.all()}
    assert found["Pp1 Ext"] == [("+35893101695", "ext. 12")]
    assert found["Pp6 Switch"] == [("+35893101696", "alanro 15")]
    assert found["Pp9 Slash"] == [("+358401234519", ""), ("+358401234520", "")]
    assert sorted(value for value, _label in found["Risto Kaksi"]) == [
        "+358401234506", "+35893101692", "risto.kaksi@gmail.example", "risto@btketju.example"
    ]  # fmt: skip
    assert len(found["Raija Moni"]) == 4
    assert ContactPoint.objects.filter(value="zelda@btketju.example").exists()
    assert ("+358401234512", "") in found["Zelda Zwsp"]
