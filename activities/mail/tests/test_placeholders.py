"""The fields of messages, in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from activities.mail.placeholders import check, fill, is_personal, template_fields, used
from core.exceptions import BusinessRuleError


def test_a_finnish_field_is_filled_in_as_the_english_one():
    assert used("Hei {etunimi}, {first_name} {asiakas}") == ["first_name", "customer"]
    assert fill("Hei {etunimi}!", {"first_name": "Maija"}, recipient="Maija") == "Hei Maija!"
    assert is_personal("{sukunimi}")


@pytest.mark.parametrize(("language", "field"), [("fi", "{etunimi}"), ("en", "{first_name}")])
def test_fields_are_offered_in_the_language_of_the_page(language, field):
    with translation.override(language):
        assert field in dict(template_fields())
        with pytest.raises(BusinessRuleError) as refused:
            check("{nimi}")
        assert field in str(refused.value)
