"""The preview and templates of a message, and messages to selected rows."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import activity_type
from activities.mail.models import EmailTemplate
from activities.mail.tests.message_pages import HTMX, client_of, compose_url, content, text, written
from core.models import BulkRun
from customers.models import Customer
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_rows(request, without):
    """Begin without templates, but where the default ones are asked for."""
    if "defaults" not in request.fixturenames:
        without(EmailTemplate)


@pytest.fixture
def owner():
    activity_type("email")
    return UserFactory(role="account_manager", email="oma@example.fi")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def customer(owner):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=owner, email="info@konepaja.fi")


@pytest.fixture
def maija(customer):
    return ContactFactory(first_name="Maija", last_name="Virtanen", customer=customer, email="maija@konepaja.fi")


# Preview and templates


def test_the_preview_shows_each_message_and_sends_nothing(page, maija):
    other = ContactFactory(first_name="Matti", customer=CustomerFactory(), email="matti@example.fi")
    body = content(maija, other, subject="Hei {first_name}", preview="1")
    response = page.post(compose_url(), body, headers={**HTMX, "HX-Target": "preview"})
    assert response.status_code == 200
    assert all(words in text(response) for words in ("Hei Maija", "Hei Matti", "2 messages"))
    assert "<form" not in text(response)
    assert written() == (0, 0)
    assert "Hei Maija" in text(page.post(compose_url(), body))  # a whole page without htmx


def test_the_preview_says_what_is_wrong(page, maija):
    body = content(maija, "nobody", preview="1")
    response = page.post(compose_url(), body, headers={**HTMX, "HX-Target": "preview"})
    assert (response.status_code, "is not an e-mail address" in text(response)) == (422, True)


@pytest.mark.parametrize(("language", "words"), [("fi", "Aihe"), ("en", "Topic")])
def test_a_template_fills_the_form_in_the_language(page, maija, language, words):
    template = EmailTemplate.objects.create(
        name="T", subject_fi="Aihe", body_fi="<b>Hei</b>", subject_en="Topic", body_en="<b>Hello</b>"
    )
    body = content(maija, template=template.pk, language=language, fill="1")
    for headers in ({}, {**HTMX, "HX-Target": "letter"}):
        response = page.post(compose_url(), body, headers=headers)
        assert response.status_code == 200
        assert f'value="{words}"' in text(response)
    assert written() == (0, 0)


def test_anothers_template_does_not_exist(page, maija):
    foreign = EmailTemplate.objects.create(name="Salainen", owner=UserFactory(), subject_fi="Salaisuus", body_fi="x")
    response = page.post(compose_url(), content(maija, template=foreign.pk, fill="1"))
    assert "Salai" not in text(response)
    urls = [reverse(f"mail:template{name}", args=[foreign.pk]) for name in ("", "_change", "_retire")]
    assert [page.get(url).status_code for url in urls] == [404, 404, 404]
    assert "Salainen" not in text(page.get(reverse("mail:templates")))


def template_content(**changes):
    formats = {"body_fi-format": "html", "body_en-format": "html"}
    return {"name": "Kiitos", "subject_fi": "Kiitos {customer}", "body_fi": "<div>Hei</div>", **formats, **changes}


def test_ones_own_template_is_added_changed_and_retired(page, owner):
    page.post(reverse("mail:template_add"), template_content(is_shared="on"))
    template = EmailTemplate.objects.get()
    assert template.owner == owner  # sharing is not this user's to choose
    url = reverse("mail:template_change", args=[template.pk])
    assert page.post(url, template_content(name="Uusi", version=1)).status_code == 302
    stale = page.post(url, template_content(name="Vanha", version=1))
    assert (stale.status_code, "Someone else changed this" in text(stale)) == (422, True)
    page.post(reverse("mail:template_retire", args=[template.pk]))
    template.refresh_from_db()
    assert (template.name, template.is_retired) == ("Uusi", True)


def test_shared_templates_are_kept_by_those_who_have_the_grant(page):
    keeper = client_of(UserFactory(role="communications"))
    keeper.post(reverse("mail:template_add"), template_content(is_shared="on"))
    template = EmailTemplate.objects.get()
    assert template.is_shared
    url = reverse("mail:template_change", args=[template.pk])
    assert [client.get(url).status_code for client in (keeper, page)] == [200, 403]
    assert page.get(reverse("mail:template", args=[template.pk])).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"subject_fi": ""}, "in at least one language"),
        ({"body_fi": "<div> </div>"}, "in at least one language"),
        ({"subject_fi": "{care_plan}"}, "There is no field {care_plan}."),
        ({"body_en": "<div>{hinta}</div>"}, "There is no field {hinta}."),
        ({"body_fi": "x" * 10_001}, "The text is too long"),
    ],
)
def test_a_bad_template_is_refused(page, changes, words):
    response = page.post(reverse("mail:template_add"), template_content(**changes))
    assert response.status_code == 422
    assert words in text(response)
    assert not EmailTemplate.objects.exists()


def test_the_preview_of_a_template_has_no_open_fields(page):
    body = "<div>{first_name} {owner} {owner_phone} {date}</div>"
    template = EmailTemplate.objects.create(name="T", subject_fi="{customer}", body_fi=body)
    shown = text(page.get(reverse("mail:template", args=[template.pk])))
    assert "Esimerkki Oy" in shown
    assert "{" + "first_name}" not in shown


def test_the_default_templates_keep_the_rules(page, defaults):
    for template in EmailTemplate.objects.all():
        assert page.get(reverse("mail:template", args=[template.pk])).status_code == 200
    assert EmailTemplate.objects.count() == 4


# Selected rows


@pytest.mark.parametrize(("place", "parameter"), [("contacts", "contact"), ("customers", "customers")])
def test_selected_rows_open_the_form(page, customer, maija, place, parameter):
    row = maija if place == "contacts" else customer
    url = reverse("core:bulk_choose", args=[f"mail.{place}"])
    assert url in text(page.get(reverse("customers:contacts" if place == "contacts" else "customers:list")))
    preview = page.post(url, {"ids": [row.pk, "x"]}).headers["Location"]
    assert str(row) not in text(page.get(preview))  # only who has no address is named
    opened = page.post(preview).headers["Location"]
    assert opened == f"{reverse('mail:compose')}?{parameter}={row.pk}"
    assert f'value="{parameter.removesuffix("s")}:{row.pk}" selected' in text(page.get(opened))
    assert not BulkRun.objects.exists()


def test_who_has_no_address_is_left_out_of_a_message_to_many(page, customer):
    Customer.objects.filter(pk=customer.pk).update(email="")
    preview = page.post(reverse("core:bulk_choose", args=["mail.customers"]), {"ids": [customer.pk]}, follow=True)
    assert "No e-mail address" in text(preview)


def test_more_than_25_selected_rows_are_refused(page):
    ids = [ContactFactory().pk for _number in range(26)]
    response = page.post(reverse("core:bulk_choose", args=["mail.contacts"]), {"ids": ids}, follow=True)
    assert "Use a campaign to send to more." in text(response)


def test_who_may_not_write_has_no_button_for_selected_rows(customer, maija):
    reader = client_of(UserFactory(role="read_only"))
    assert reverse("core:bulk_choose", args=["mail.contacts"]) not in text(reader.get(reverse("customers:contacts")))
