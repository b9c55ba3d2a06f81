"""Filters with choices that each request gives."""

from __future__ import annotations

import django_filters
import pytest

from accounts.models import Team
from core.filters import FilterSet

pytestmark = pytest.mark.django_db


class ByColour(FilterSet):
    colour = django_filters.ChoiceFilter(field_name="name", choices=())

    class Meta:
        model = Team
        fields: tuple[str, ...] = ()


def test_each_request_has_its_own_choices_whoever_asked_for_the_field_before():
    assert list(ByColour.base_filters["colour"].field.choices) == [("", "---------")]
    for offered, is_valid in (("blue", True), ("red", False)):
        found = ByColour({"colour": "blue"}, queryset=Team.objects.all())
        found.offer("colour", [(offered, offered)])
        assert found.is_valid() == is_valid


class ByRow(FilterSet):
    team = django_filters.ModelChoiceFilter(
        field_name="pk", queryset=lambda request: Team.objects.all() if request else Team.objects.none()
    )

    class Meta:
        model = Team
        fields: tuple[str, ...] = ()


def test_the_rows_of_a_filter_are_those_of_the_request_whoever_asked_for_the_field_before(rf):
    team = Team.objects.create(name="One")
    assert not ByRow.base_filters["team"].field.queryset.exists()
    assert ByRow({"team": team.pk}, queryset=Team.objects.all(), request=rf.get("/")).is_valid()
