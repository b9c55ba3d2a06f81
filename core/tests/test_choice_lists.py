"""Lists that administrators keep, with those of activities as the example."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import Team
from accounts.tests.factories import UserFactory
from activities.leads import registrations
from activities.leads.models import LeadSource
from core.choice_lists import ChoiceList

pytestmark = pytest.mark.django_db

URL = "/activities/lists/lead-sources/"
NEW = {"name_fi": "Ilmapallo", "name_en": "Balloon", "code": "balloon", "order": "1 500"}


@pytest.fixture
def admin():
    client = Client()
    client.force_login(UserFactory(role="administrator"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def added(admin: Client, **data: Any) -> LeadSource:
    response = admin.post(f"{URL}new/", NEW | data)
    assert response.status_code == 302, response.context["form"].errors
    return LeadSource.objects.get(code="balloon")


def test_a_line_is_added_and_shown_on_the_page_of_the_lists(admin):
    assert str(admin.get(f"{URL}new/").context["title"]) == "Lead source"
    response = admin.post(f"{URL}new/", NEW)
    assert (response.status_code, response["Location"]) == (302, "/activities/types/")
    assert LeadSource.objects.get(code="balloon").order == 1500
    assert "Balloon" in admin.get("/activities/types/").text


def test_a_form_sent_twice_adds_one_line(admin):
    key = str(uuid.uuid4())
    added(admin, submission_key=key)
    assert admin.post(f"{URL}new/", NEW | {"submission_key": key}).status_code == 302
    assert LeadSource.objects.filter(code="balloon").count() == 1


def test_a_code_that_another_line_has_is_refused(admin):
    added(admin)
    response = admin.post(f"{URL}new/", NEW)
    assert response.status_code == 422
    assert response.context["form"].errors["code"] == ["Another item of this list has this code."]


def test_a_line_is_renamed_and_keeps_its_code(admin):
    row = added(admin)
    admin.post(f"{URL}{row.pk}/", NEW | {"name_en": "Hot-air balloon", "code": "other"})
    row.refresh_from_db()
    assert (row.name_en, row.code) == ("Hot-air balloon", "balloon")


def test_a_line_is_retired_and_restored_once_each(admin):
    row = added(admin)
    for retired, question in ((True, "Retire “Balloon”?"), (False, "Restore “Balloon”?")):
        page = admin.get(f"{URL}{row.pk}/retire/")
        assert (str(page.context_data["title"]), bool(page.context_data["effects"])) == (question, retired)
        assert admin.post(f"{URL}{row.pk}/retire/")["Location"] == "/activities/types/"
        row.refresh_from_db()
        assert row.is_retired == retired


def test_a_list_whose_lines_cannot_be_retired_has_no_page_for_it(admin, monkeypatch):
    monkeypatch.setattr(registrations, "CHOICE_LISTS", (ChoiceList("teams", Team),))
    page = f"/activities/lists/teams/{Team.objects.create(name='Balloonists').pk}/retire/"
    assert [admin.get(page).status_code, admin.post(page).status_code] == [404, 404]


def test_a_list_that_nobody_has_declared_does_not_exist(admin):
    for path in ("new/", "1/", "1/retire/"):
        assert admin.get(f"/activities/lists/nothing/{path}").status_code == 404
    assert admin.get("/activities/lists/types/new/").status_code == 404
