"""Ordinary cells take a shortcut past the libraries: with the same result as the long way."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fi import ytunnus

from core import numbers, phones, text
from core.import_kinds import Part
from core.text import one_line
from customers import validators
from imports import amounts, cells, values

NEVER = re.compile(r"(?!)")


@given(st.from_regex(phones._ORDINARY, fullmatch=True))
def test_ordinary_phone_number_is_what_the_library_makes_of_it(cell):
    number = phonenumbers.parse(cell, phones.HOME_REGION)
    assert phonenumbers.is_possible_number(number)
    assert phones.clean_phone(cell) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.from_regex(validators._ORDINARY_ID, fullmatch=True))
def test_ordinary_business_id_is_right_where_the_library_says_so(cell):
    if ytunnus.is_valid(cell):
        assert validators.clean_business_id(cell) == cell
    else:
        with pytest.raises(ValidationError):
            validators.clean_business_id(cell)


@given(st.from_regex(values._ORDINARY_EMAIL, fullmatch=True))
def test_ordinary_address_is_valid_for_the_validator_too(cell):
    EmailValidator()(cell)


@given(st.from_regex(numbers._ORDINARY, fullmatch=True), st.booleans())
def test_ordinary_number_is_read_as_any_other(cell, whole):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "_ORDINARY", NEVER)
        long_way = numbers.parse_decimal(cell, whole=whole)
    assert numbers.parse_decimal(cell, whole=whole) == long_way


@given(st.text(st.sampled_from("1209,. €-'"), max_size=8))
def test_amounts_that_can_be_read_in_two_ways_are_all_seen(cell):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(amounts, "_THREE", re.compile(""))
        long_way = amounts.ambiguous_mark(cell)
    assert amounts.ambiguous_mark(cell) == long_way


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_put_on_one_line_as_any_other(plain):
    assert one_line(plain) == " ".join(text._BLANK.sub(" ", plain).split())


@given(st.from_regex(cells._ONE_NUMBER, fullmatch=True))
def test_cell_with_one_number_is_read_as_any_other(cell):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_ONE_NUMBER", NEVER)
        long_way = cells.phones(cell)
    assert cells.phones(cell) == long_way == [Part(cell)]


@given(st.from_regex(cells._ONE_ADDRESS, fullmatch=True))
def test_cell_with_one_address_is_read_as_any_other(cell):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "_ONE_ADDRESS", NEVER)
        long_way = cells.addresses(cell)
    assert cells.addresses(cell) == long_way == [Part(cell)]
