"""Ordinary cells take a shortcut past the libraries: with the same result as the long way."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import phones
from core.import_kinds import Part
from imports import cells

NEVER = re.compile(r"(?!)")


@given(st.from_regex(phones._ORDINARY, fullmatch=True))
def test_ordinary_phone_number_is_what_the_library_makes_of_it(text):
    number = phonenumbers.parse(text, phones.HOME_REGION)
    assert phonenumbers.is_possible_number(number)
    assert phones.clean_phone(text) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.from_regex(cells._ONE_NUMBER, fullmatch=True))
def test_cell_with_one_number_is_read_as_any_other(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_ONE_NUMBER", NEVER)
        long_way = cells.phones(text)
    assert cells.phones(text) == long_way == [Part(text)]


@given(st.from_regex(cells._ONE_ADDRESS, fullmatch=True))
def test_cell_with_one_address_is_read_as_any_other(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_ONE_ADDRESS", NEVER)
        long_way = cells.addresses(text)
    assert cells.addresses(text) == long_way == [Part(text)]
