"""Activities on other pages, their documents, and the pages of types and keywords."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.tests.activity_pages import client_of, text
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
STATUSES = {"color": "teal", "status_if_future": "open", "status_if_past": "done"}


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def colleague():
    return client_of(UserFactory(role="account_manager"))


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


# On other pages


def test_the_customers_page_has_the_tab_and_the_timeline(page):
    activity = ActivityFactory(title="Ours")
    ActivityFactory(title="Another's")
    for name in ("customer_tab", "timeline"):
        body = text(page.get(reverse(f"activities:{name}", args=[activity.customer_id])))
        assert ("Ours" in body, "Another's" in body) == (True, False)
    body = text(page.get(reverse("customers:detail", args=[activity.customer_id])))
    assert reverse("activities:timeline", args=[activity.customer_id]) in body


def test_the_contacts_page_has_the_tab(page):
    contact = ContactFactory(customer=CustomerFactory())
    ActivityFactory(title="Ours", contacts=[contact])
    ActivityFactory(title="Another's")
    body = text(page.get(reverse("activities:contact_tab", args=[contact.pk])))
    assert ("Ours" in body, "Another's" in body) == (True, False)


@pytest.mark.parametrize("target", ["tab", "list"])
def test_a_tab_answers_fragments_and_exports(page, target):
    activity = ActivityFactory(title="Ours")
    url = reverse("activities:customer_tab", args=[activity.customer_id])
    body = text(page.get(url, headers={"HX-Target": target, "HX-Request": "true"}))
    assert ("<html" in body, "Ours" in body) == (False, True)
    assert b"Ours" in b"".join(page.get(url, {"export": "csv"}).streaming_content)


@pytest.mark.parametrize("name", ["customer_tab", "timeline"])
def test_activities_of_a_passive_customer_do_not_exist(page, name):
    url = reverse(f"activities:{name}", args=[ActivityFactory(customer=CustomerFactory(passive=True)).customer_id])
    assert page.get(url).status_code == 404


def test_the_log_button_knows_whose_page_is_open(page):
    customer = CustomerFactory()
    response = page.get(reverse("customers:detail", args=[customer.pk]))
    assert response.context["log_url"] == f"{reverse('activities:create')}?customer={customer.pk}"


def test_the_top_search_finds_activities_and_commands(page):
    ActivityFactory(title="Hitsauskoulutus")
    body = text(page.get(reverse("core:search"), {"q": "hitsauskoulutuksen"}))
    assert "Hitsauskoulutus" in body
    assert reverse("activities:log_call") in text(page.get(reverse("core:search"), {"q": "call"}))


def test_the_command_log_a_call_opens_the_form(page):
    activity_type("call")
    assert page.get(reverse("activities:log_call"), follow=True).context["form"].type.code == "call"


# Documents


def test_a_document_is_attached_and_removed(page, colleague, reader):
    from django.core.files.uploadedfile import SimpleUploadedFile

    activity = ActivityFactory()
    add = reverse("activities:documents_add", args=[activity.pk])
    assert reader.get(add).status_code == 403
    page.post(add, {"file": SimpleUploadedFile("minutes.txt", b"Agreed"), "description": "Minutes"})
    body = text(reader.get(reverse("activities:documents", args=[activity.pk])))
    assert ("minutes.txt" in body, "Minutes" in body) == (True, True)
    from core.documents import documents_of

    [document] = documents_of(activity)
    colleague.post(reverse("activities:documents_remove", args=[activity.pk, document.pk]))
    assert not documents_of(activity)


# Types and keywords


@pytest.mark.parametrize("name", ["types", "type_add", "keyword_add"])
def test_only_administrators_keep_types(page, reader, name):
    url, admin = reverse(f"activities:{name}"), client_of(UserFactory(role="administrator"))
    assert [client.get(url).status_code for client in (admin, page, reader, Client())] == [200, 403, 403, 302]


def test_an_administrator_changes_a_type_but_not_its_code():
    admin, kind = client_of(UserFactory(role="administrator")), activity_type("visit")
    data = {
        "name_fi": "Vierailu",
        "name_en": "Call on",
        "code": "other",
        "icon": "door-enter",
        "duration": 90,
        "order": 20,
        **STATUSES,
    }
    assert admin.post(reverse("activities:type_change", args=[kind.pk]), data).status_code == 302
    kind.refresh_from_db()
    assert (kind.name_en, kind.code, kind.duration, kind.keywords.count()) == ("Call on", "visit", 90, 0)


def test_a_new_type_is_offered():
    admin = client_of(UserFactory(role="administrator"))
    data = {
        "name_fi": "Messut",
        "name_en": "Fair",
        "code": "fair",
        "icon": "flag",
        "duration": 480,
        "order": 200,
    } | STATUSES
    admin.post(reverse("activities:type_add"), data)
    assert "Fair" in text(admin.get(reverse("activities:create")))
    response = admin.post(reverse("activities:type_add"), data)
    assert (response.status_code, "code" in str(response.context["form"].errors).lower()) == (422, True)


def test_a_type_is_retired_and_restored():
    admin, kind = client_of(UserFactory(role="administrator")), activity_type("seminar")
    url = reverse("activities:type_retire", args=[kind.pk])
    for retired in (True, False):
        assert admin.get(url).status_code == 200
        admin.post(url)
        kind.refresh_from_db()
        assert kind.is_retired == retired
