"""Telephone numbers as people read them."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from django.core.exceptions import ValidationError

from core.phones import clean_phone, phone_part, show_phone

#: Every beginning that Finnish numbers are told apart by, Åland's (18) and unknown ones among them.
BEGINNINGS = (10, 11, 116, 13, 18, 1805, 19, 191, 2, 20, 202, 206, 29, 3, 30, 300, 303, 39, 4, 40, 457, 494, 4946, 4947)
BEGINNINGS += (50, 501, 5, 6, 600, 601, 606, 700, 70, 7010, 7099, 71, 73, 75, 751, 753, 758, 8, 800, 9, 900, 91)


def as_the_library_shows(value: str) -> str:
    number = phonenumbers.parse(value, None)
    is_home = phonenumbers.region_code_for_number(number) == "FI"
    formats = phonenumbers.PhoneNumberFormat
    national = phonenumbers.format_number(number, formats.NATIONAL)
    return national if is_home and national[0] == "0" else phonenumbers.format_number(number, formats.INTERNATIONAL)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+358401234567", "040 1234567"),
        ("+35893101693", "09 3101693"),
        ("+358818123456", "08 18123456"),
        ("+35818123456", "+358 18 123456"),
        ("+46812345678", "+46 8 123 456 78"),
        ("+358108080", "010 8080"),
        ("+35850123", "+358 50123"),  # not 50123, which nobody can dial
        ("no number", "no number"),
    ],
)
def test_number_is_national_at_home_and_international_elsewhere(value, shown):
    assert show_phone(value) == shown


def test_numbers_are_grouped_as_the_library_groups_them():
    """The library is asked once for numbers of one beginning and length: this is what must not change a number."""
    chosen = random.Random(7)
    digits = [f"{start}{chosen.randrange(10**8):08}{chosen.randrange(10**3):03}" for start in BEGINNINGS * 20]
    values = [f"+358{text[: chosen.randint(5, 12)]}" for text in digits]
    assert {value: show_phone(value) for value in values} == {value: as_the_library_shows(value) for value in values}


@pytest.mark.parametrize(
    "text", ["09 1234 5678 p. 23", "050 1234567 ext 5", "050-1234567;ext=5", "050 1234567 x5", "050 1234567 koti"]
)
def test_extension_or_remark_is_refused_and_becomes_no_digit_of_the_number(text):
    with pytest.raises(ValidationError):
        clean_phone(text)


@pytest.mark.parametrize("text", ["tel:+358401234567", "puh. 040 123 4567", "(040) 123-4567", "+358 (0)40 1234567"])
def test_what_stands_before_a_number_is_no_part_of_it(text):
    assert clean_phone(text) == "+358401234567"


@pytest.mark.parametrize(
    "text",
    [
        "+358 (0)9 000 91257", "+358(0)900091257", "(+358) (0)9 000 91257", "+358 09 000 91257", "00358 (0)9 000 91257",
        "00358900091257", "09 000 91257", "(09) 000 91257", "09/000 912 57", "09.000.912.57",
        "09\u2011000\u201191257", "09–000–91257", "09 − 000 91257", "09\u00a0000\u00a091257", "０９０００９１２５７",
        "tel:+358900091257", "tel: 09 000 91257", "puh. 09 000 91257", "Puh 09 000 91257", "p. 0900091257",
    ],
)  # fmt: skip
def test_a_number_is_looked_for_as_it_is_stored_however_it_is_written(text):
    assert phone_part(text) == clean_phone(text) == "+358900091257"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("00091257", "00091257"), ("004681234", "+4681234"), ("900091257", "900091257"), ("0400 123", "+358400123"),
        ("+44 (0)20 7946 0000", "+442079460000"), ("+39 06 698", "+3906698"), ("12345", ""), ("puhelin", ""),
        ("puh. 09 12345 (vaihde)", ""), ("p12345678", ""), ("24/7", ""), ("Mäkelä 0400123456", ""),
    ],
)  # fmt: skip
def test_a_part_of_a_number_is_looked_for_and_other_texts_are_none(text, part):
    assert phone_part(text) == part
