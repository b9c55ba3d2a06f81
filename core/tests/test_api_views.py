"""What all endpoints inherit: bodies are read in the user's name, versions have one bound."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from rest_framework import serializers

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.api.fields import VisibleRelatedField
from core.api.views import VersionSerializer


class PersonSerializer(serializers.Serializer):
    person = VisibleRelatedField(queryset=User.objects.all())


@pytest.mark.django_db
def test_a_field_of_visible_rows_offers_nothing_where_nobody_asks():
    serializer = PersonSerializer(data={"person": UserFactory().pk})
    assert not serializer.is_valid()
    assert serializer.errors["person"][0].code == "does_not_exist"


@pytest.mark.parametrize(("version", "is_right"), [(0, True), (2**31 - 1, True), (-1, False), (2**31, False)])
def test_a_version_is_one_that_a_row_may_have(version, is_right):
    assert VersionSerializer(data={"version": version}).is_valid() == is_right


def test_every_body_is_read_with_the_user_who_sent_it():
    """A serializer that an endpoint makes of a body itself has no context: its fields would know no user."""
    modules = [path for path in modules_of_apps() if "tests" not in path.parts and "Serializer(" in path.read_text()]
    assert len(modules) > 10
    assert [f"{path}:{line}" for path in modules for line in bodies_read_without_context(path)] == []


def modules_of_apps():
    folders = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).is_relative_to(settings.BASE_DIR)]
    return [path for folder in folders if ".venv" not in folder.parts for path in folder.rglob("*.py")]


def bodies_read_without_context(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id.endswith("Serializer")]
    arguments = {call.lineno: {keyword.arg for keyword in call.keywords} for call in made}
    return [line for line, names in arguments.items() if "data" in names and "context" not in names]
