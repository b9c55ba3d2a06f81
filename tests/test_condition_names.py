"""Conditions and notifications are chosen by name: no two of one list have the same, in any language."""

from __future__ import annotations

from collections import Counter

import pytest
from django.conf import settings
from django.utils.translation import override

from core import registry
from core.conditions.fields import fields, presets, relations

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _ in settings.LANGUAGES]
SUBJECTS = sorted({field.subject for field in fields().values()})


def names(subject: str) -> list[str]:
    """Return the names of what may be added to a group about ``subject``, as the list of conditions shows them."""
    declared = [*fields().values(), *relations().values(), *presets().values()]
    return [str(entry.label).casefold() for entry in declared if entry.subject == subject]


def twice(names: list[str]) -> list[str]:
    return [name for name, number in Counter(names).items() if number > 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_condition_of_a_list_has_a_name_of_its_own(subject: str, language: str) -> None:
    with override(language):
        assert twice(names(subject)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_notification_has_a_name_of_its_own(language: str) -> None:
    with override(language):
        assert twice([str(kind.label) for kind in registry.notifications.of("user")]) == []


def test_both_languages_are_looked_at() -> None:
    assert {"fi", "en"} <= set(LANGUAGES)
    assert len(names("customer")) > 50
