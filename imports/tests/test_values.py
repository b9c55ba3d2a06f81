from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from customers.enums import Channel
from imports import values
from imports.names import split_name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1100.04", "1100.04"),
        ("1100,04", "1100.04"),
        ("1 100,04", "1100.04"),
        ("1\N{NO-BREAK SPACE}100,04 €", "1100.04"),
        ("1,100.04", "1100.04"),
        ("1.100,04", "1100.04"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("12,345", "12.345"),
        ("−5", "-5"),
        ("100 EUR", "100"),
    ],
)
def test_decimal_in_finnish_and_english_form(text, number):
    assert values.decimal(text) == Decimal(number)


@pytest.mark.parametrize(("text", "number"), [("12,345", 12345), ("12.345", 12345), ("1 200", 1200), ("7.0", 7)])
def test_whole_number_takes_separators_of_thousands(text, number):
    assert values.whole_number(0, 10**6)(text) == number


@pytest.mark.parametrize("text", ["abc", "1,2,3", "12a", "", "1.2.3,4,5", "--5", "1e5", "9" * 50, "NaN", "1,23456,789"])
def test_what_is_no_number_is_told(text):
    with pytest.raises(ValidationError) as error:
        values.decimal(text)
    assert error.value.code == "number"


@pytest.mark.parametrize(("text", "code"), [("1,5", "whole_number"), ("-1", "range"), ("1001", "range")])
def test_whole_number_out_of_place_is_told(text, code):
    with pytest.raises(ValidationError) as error:
        values.whole_number(0, 1_000)(text)
    assert error.value.code == code


def test_factor_multiplies_money():
    assert values.money(10**14, Decimal(1_000_000))("1100.04") == "1100040000.00"


@pytest.mark.parametrize("text", ["2026-03-01", "1.3.2026", "01.03.2026", "1-3-2026", "20260301", "2026-03-01 10:30"])
def test_date_forms(text):
    assert values.date(text) == "2026-03-01"


@pytest.mark.parametrize("text", ["31.2.2026", "tomorrow", "1/3/26"])
def test_what_is_no_date_is_told(text):
    with pytest.raises(ValidationError):
        values.date(text)


@pytest.mark.parametrize("text", ["0001-01-01", "31.12.1899", "1.1.2200", "9999-12-31"])
def test_a_date_is_within_the_years_of_the_forms(text):
    with pytest.raises(ValidationError) as error:
        values.date(text)
    assert error.value.code == "range"


@pytest.mark.parametrize(("text", "year"), [("1996", 1996), ("1996.0", 1996), ("1.5.1996", 1996), ("1.5.1856", 1856)])
def test_year_or_the_year_of_a_date(text, year):
    assert values.year(text) == year


@pytest.mark.parametrize(("text", "answer"), [("Kyllä", True), ("ei", False), ("x", True), ("no", False), ("1", True)])
def test_yes_and_no_in_both_languages(text, answer):
    assert values.boolean(text) is answer


@pytest.mark.parametrize("text", ["040 123 4567", "+358 40 1234567", "(040) 1234567"])
def test_phone_becomes_e164(text):
    assert values.phone(text) == "+358401234567"


@pytest.mark.parametrize("text", ["0737546-2", "07375462", "FI07375462", " 0737546-2 "])
def test_business_id_forms(text):
    assert values.business_id(text) == "0737546-2"


def test_wrong_check_digit_is_told():
    with pytest.raises(ValidationError) as error:
        values.business_id("0737546-3")
    assert error.value.code == "business_id"


@pytest.mark.parametrize("text", ["sähköposti", "e-mail", "EMAIL", "email"])
def test_choice_by_value_or_label_in_either_language(text):
    assert values.choice(Channel)(text) == "email"


def test_website_gets_its_scheme():
    assert values.website("www.example.fi") == "https://www.example.fi"


def test_long_text_is_told_not_cut():
    with pytest.raises(ValidationError) as error:
        values.line(200)("a" * 10_000)
    assert error.value.code == "too_long"


@pytest.mark.parametrize(
    ("full", "parts"),
    [("Matti Virtanen", ("Matti", "Virtanen")), ("Virtanen, Matti", ("Matti", "Virtanen")), ("Cher", ("", "Cher"))],
)
def test_full_name_is_split(full, parts):
    assert split_name(full) == parts
