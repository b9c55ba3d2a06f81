"""Telephone numbers as people read them."""

from __future__ import annotations

import random

import phonenumbers
import pytest

from core.phones import show_phone

#: Every beginning that Finnish numbers are told apart by, Åland's (18) and unknown ones among them.
BEGINNINGS = (10, 11, 116, 13, 18, 1805, 19, 191, 2, 20, 202, 206, 29, 3, 30, 300, 303, 39, 4, 40, 457, 494, 4946, 4947)
BEGINNINGS += (50, 501, 5, 6, 600, 601, 606, 700, 70, 7010, 7099, 71, 73, 75, 751, 753, 758, 8, 800, 9, 900, 91)


def as_the_library_shows(value: str) -> str:
    number = phonenumbers.parse(value, None)
    is_home = phonenumbers.region_code_for_number(number) == "FI"
    formats = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, formats.NATIONAL if is_home else formats.INTERNATIONAL)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+358401234567", "040 1234567"),
        ("+35893101693", "09 3101693"),
        ("+358818123456", "08 18123456"),
        ("+35818123456", "+358 18 123456"),
        ("+46812345678", "+46 8 123 456 78"),
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
