"""What the API says of a wrong field is in the language of the caller, the framework's own sentences too."""

from __future__ import annotations

import pytest
from django.utils import translation
from rest_framework import exceptions, fields, relations, serializers, validators


def sentences():
    """Return the sentences of the framework's fields and errors, as they are in English."""
    classes = [found for module in (fields, relations, serializers) for found in vars(module).values()]
    with translation.override("en"):
        for found in classes:
            yield from map(str, getattr(found, "default_error_messages", {}).values())
        for found in vars(exceptions).values():
            if isinstance(found, type) and issubclass(found, exceptions.APIException):
                yield str(found.default_detail)
        yield str(validators.ProhibitSurrogateCharactersValidator.message)


@pytest.mark.parametrize("sentence", sorted(set(sentences())))
def test_the_framework_speaks_finnish(sentence):
    with translation.override("fi"):
        assert translation.gettext(sentence) != sentence
