"""Numbers in Finnish and English form."""

from decimal import Decimal

import pytest

from core.forms import DecimalField, IntegerField
from core.numbers import parse_decimal


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", "1234"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,5", "1.5"),
        ("1.500", "1.500"),
        ("1.234.567", "1234567"),
        ("−7", "-7"),
        ("12 €", "12"),
    ],
)
def test_numbers_are_read_in_both_forms(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "a", "1,2,3", "12.34.56", "--1", "1e5", "٣", "1" * 50])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        parse_decimal(text)


def test_a_single_separator_before_three_digits_of_a_whole_number_parts_thousands() -> None:
    assert parse_decimal("1.200", whole=True) == 1200


@pytest.mark.parametrize("language", ["fi", "en"])
def test_form_fields_take_both_forms_in_both_languages(language: str) -> None:
    from django.utils import translation

    with translation.override(language):
        assert DecimalField(localize=True).clean("1 234,50") == Decimal("1234.50")
        assert DecimalField(localize=True).clean("1234.50") == Decimal("1234.50")
        assert IntegerField().clean("1 200") == 1200
