"""Mailing the personal link to the customer's edition: who gets which link, what the log shows, who may send it."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from activities.log.models import Activity
from activities.mail.models import EmailMessage, EmailTemplate
from activities.mail.services.filing import raw_of
from careplans.content.models import EditionLink, PlanContent
from careplans.content.services.links import link_url
from customers.models import Contact, Customer
from customers.tests.factories import ContactFactory, ContactPointFactory, PositionFactory

pytestmark = pytest.mark.django_db


def contact_of(customer: Customer, name: str = "Maija", **about: Any) -> Contact:
    contact = ContactFactory(first_name=name, last_name="Virtanen", **about)
    PositionFactory(contact=contact, customer=customer)
    ContactPointFactory(contact=contact, kind="email", value=f"{name.lower()}@asiakas.example")
    return contact


@pytest.fixture(autouse=True)
def _goals(customer: Customer) -> None:
    PlanContent.objects.create(customer=customer, goals="Fewer visits")


def address(customer: Customer) -> str:
    return reverse("carecontent:link_send", args=[customer.pk])


def letter(*contacts: Contact, **about: Any) -> dict[str, Any]:
    to = [f"point:{contact.points.get().pk}" for contact in contacts]
    return {"to": to, "language": "en", "days": "30", "subject": "Our plan", "body": "<p>See {link}</p>", **about}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def raw(link: EditionLink) -> str:
    """Return the texts of the message as it is sent."""
    message = message_from_bytes(raw_of(EmailMessage.objects.get(activity=link.message)), policy=default)
    return "".join(part.get_content() for part in message.walk() if part.get_content_maintype() == "text")


def test_each_contact_gets_a_message_with_the_own_link(customer, owner):
    maija, matti = contact_of(customer), contact_of(customer, "Matti")
    assert signed_in(owner).post(address(customer), letter(maija, matti)).status_code == 302
    first, second = EditionLink.objects.order_by("pk")
    assert (first.contact, first.email, second.contact) == (maija, "maija@asiakas.example", matti)
    assert link_url(first) in raw(first)
    assert link_url(second) not in raw(first)


def test_the_message_is_logged_with_its_sending_state_and_without_the_link(customer, owner):
    signed_in(owner).post(address(customer), letter(contact_of(customer)))
    link, message = EditionLink.objects.get(), EmailMessage.objects.get()
    assert (link.message, message.activity.customer, message.state) == (message.activity, customer, "waiting")
    assert f"#{link.pk}]" in message.body
    assert link_url(link) not in message.body
    page = signed_in(owner).get(reverse("carecontent:tab", args=[customer.pk])).content.decode()
    assert message.activity.get_absolute_url() in page
    assert str(message.get_state_display()) in page


def test_without_the_field_the_link_comes_last(customer, owner):
    signed_in(owner).post(address(customer), letter(contact_of(customer), body="<p>Here it is.</p>"))
    link = EditionLink.objects.get()
    assert link_url(link) in raw(link)


def test_a_placeholder_that_somebody_writes_brings_no_link_of_others(customer, owner):
    maija, matti = contact_of(customer), contact_of(customer, "Matti")
    signed_in(owner).post(address(customer), letter(maija))
    stolen = EditionLink.objects.get()
    text = f"<p>[personal link to the plan #{stolen.pk}]</p>"
    signed_in(owner).post(address(customer), letter(matti, body=text))
    assert link_url(stolen) not in raw(EditionLink.objects.exclude(pk=stolen.pk).get())


def test_the_form_begins_in_the_language_of_the_contact(customer, owner):
    contact_of(customer, language="en")
    page = signed_in(owner).get(address(customer)).content.decode()
    assert "meant for you only" in page


def test_a_template_is_taken_in_the_chosen_language(customer, owner):
    template = EmailTemplate.objects.create(
        name="Plan",
        subject_fi="Suunnitelma",
        subject_en="The plan",
        body_fi="<p>Tässä {link}</p>",
        body_en="<p>Here {link}</p>",
    )
    data = letter(contact_of(customer), template=template.pk, language="fi", fill="1")
    page = signed_in(owner).post(address(customer), data).content.decode()
    assert "Tässä" in page
    assert not EditionLink.objects.exists()


def test_nobody_chosen_and_a_customer_without_anything_to_show_are_refused(customer, owner):
    contact = contact_of(customer)
    assert signed_in(owner).post(address(customer), letter()).status_code == 422
    PlanContent.objects.update(goals="")
    assert signed_in(owner).post(address(customer), letter(contact)).status_code == 422
    assert not Activity.objects.exists()


def test_who_may_not_change_the_plan_does_not_send_it(customer, colleague, reader):
    contact = contact_of(customer)
    for user in (colleague, reader):
        assert signed_in(user).post(address(customer), letter(contact)).status_code == 403


def test_the_api_mails_lists_and_revokes_links(customer, owner, colleague):
    contact, api = contact_of(customer), APIClient()
    api.force_authenticate(colleague)
    body = {"customer": customer.pk, "contacts": [contact.pk], "language": "en"}
    assert api.post("/api/v1/care-plan-links/", body, format="json").status_code == 403
    api.force_authenticate(owner)
    [made] = api.post("/api/v1/care-plan-links/", body, format="json").json()
    assert (made["email"], made["state"]) == ("maija@asiakas.example", "open")
    assert link_url(EditionLink.objects.get()) in raw(EditionLink.objects.get())
    assert api.post(f"/api/v1/care-plan-links/{made['id']}/revoke/").json()["state"] == "revoked"


def test_the_api_mails_to_contacts_of_the_customer_only(customer, owner):
    stranger, api = ContactFactory(), APIClient()
    api.force_authenticate(owner)
    answer = api.post("/api/v1/care-plan-links/", {"customer": customer.pk, "contacts": [stranger.pk]}, format="json")
    assert answer.status_code == 400
