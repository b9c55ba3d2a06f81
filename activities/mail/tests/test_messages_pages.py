"""Writing, templates, the message's panel and settings in the browser's terms; the same by the API."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import activity_type
from activities.mail.enums import MessageState
from activities.mail.mime import addresses
from activities.mail.models import EmailMessage, EmailTemplate
from activities.mail.tests.message_pages import client_of, compose_url, content, text, written
from core.documents import document_add, documents_of
from customers.models import Consent
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


# Addresses


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a@b.fi", ["a@b.fi"]),
        ("A@B.FI; c@d.fi,\n e@f.fi ,", ["a@b.fi", "c@d.fi", "e@f.fi"]),
        ("Maija <a@b.fi>", ["Maija <a@b.fi>"]),
        ('"Virtanen, Maija" <a@b.fi>', ["Virtanen, Maija <a@b.fi>"]),
        ("info@äänekoski.fi", ["info@äänekoski.fi"]),
        ("Mai\u202eja <a@b.fi>", ["Maija <a@b.fi>"]),
        ("", []),
    ],
)
def test_typed_addresses_are_read(typed, found):
    assert [str(box) for box in addresses.parse(typed)] == found


@pytest.mark.parametrize(
    "typed",
    ["maija", "a@", "@b.fi", "a b@c.fi", "Bcc: a@b.fi", "a@b.fi\r\nBcc: c@d.fi", "<a@b.fi", "ä@b.fi", "a@b.fi\x00",
     "a" * 250 + "@b.fi", "a@" + "b" * 70 + ".fi", "a@b..fi"],
)  # fmt: skip
def test_what_is_no_address_is_refused(page, customer, typed):
    response = page.post(compose_url(), content(typed, customer=customer.pk))
    if typed == "a@b.fi\x00":
        assert response.status_code == 302  # a NUL is no letter of any address
        return
    assert response.status_code == 422
    assert "is not an e-mail address" in text(response)
    assert written() == (0, 0)


# Who may


@pytest.mark.parametrize("name", ["compose", "recipients", "templates", "settings"])
def test_who_only_reads_does_not_write_messages(page, owner, name):
    reader = client_of(UserFactory(role="read_only"))
    url = reverse(f"mail:{name}")
    assert [client.get(url).status_code for client in (page, reader, Client())] == [200, 403, 302]


def test_buttons_lead_to_writing_only_those_who_may(page, customer, maija):
    reader = client_of(UserFactory(role="read_only"))
    for row, query in ((customer, f"?customer={customer.pk}"), (maija, f"?contact={maija.pk}")):
        url = row.get_absolute_url()
        assert reverse("mail:compose") + query in text(page.get(url))
        assert reverse("mail:compose") not in text(reader.get(url))


# Writing


def test_a_message_is_sent_from_a_customers_page_and_leads_back_there(page, customer, maija):
    url = compose_url(customer=customer.pk)
    assert "maija@konepaja.fi" in text(page.get(url))
    response = page.post(url, content(maija, customer=customer.pk))
    assert response.headers["Location"] == customer.get_absolute_url()
    message = EmailMessage.objects.get()
    assert (message.state, message.activity.customer) == (MessageState.WAITING, customer)


def test_a_message_to_a_contact_leads_to_its_activity(page, maija):
    url = compose_url(contact=maija.pk)
    assert f'value="contact:{maija.pk}" selected' in text(page.get(url))
    response = page.post(url, content(maija))
    assert response.headers["Location"] == EmailMessage.objects.get().activity.get_absolute_url()


def test_sending_twice_sends_one(page, maija):
    body = content(maija, submission_key=str(uuid.uuid4()))
    assert [page.post(compose_url(), body).status_code for _ in range(2)] == [302, 302]
    assert written() == (1, 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_form_costs_the_same_for_one_recipient_and_three(page, customer, rows, django_assert_num_queries):
    people = [ContactFactory(customer=customer, email=f"a{n}@example.fi") for n in range(rows)]
    url = reverse("mail:compose") + "?" + "&".join(f"contact={row.pk}" for row in people)
    page.get(url)
    with django_assert_num_queries(18):
        page.get(url)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"to": []}, "Choose at least one recipient."),
        ({"subject": ""}, "Write a subject."),
        ({"body": "<div><br></div>"}, "Write the message."),
        ({"subject": "x" * 201}, "at most 200 characters"),
        ({"body": "x" * 20_001}, "The text is too long"),
        ({"subject": "a\x00b"}, "Null characters are not allowed."),
        ({"to": ["contact:999999"]}, "Choose recipients from the list."),
        ({"to": ["customer:99999999999999999999"]}, "is not an e-mail address"),
        ({"cc": ["nobody"]}, "is not an e-mail address"),
        ({"customer": "999999"}, "Choose the customer from the list."),
        ({"language": "sv"}, "Select a valid choice."),
        ({"documents": ["1"]}, "Select a valid choice"),
        ({"body": "<div>{salary}</div>"}, "There is no field {salary}."),
        ({"to": [f"a{n}@example.fi" for n in range(26)]}, "Use a campaign to send to more."),
    ],
)
def test_bad_input_shows_its_message_and_sends_nothing(page, customer, maija, changes, words):
    document_add(target=customer, upload=SimpleUploadedFile("a.txt", b"x"), user=None)
    response = page.post(compose_url(), content(maija, **{"customer": customer.pk, **changes}))
    assert response.status_code == 422
    assert words in text(response).replace("&#x27;", "'")
    assert written() == (0, 0)


def test_a_contact_that_one_may_not_see_does_not_exist(page):
    hidden = ContactFactory(customer=CustomerFactory(passive=True), is_hidden=True, email="piilo@example.fi")
    for value in (f"contact:{hidden.pk}", f"point:{hidden.points.get().pk}"):
        response = page.post(compose_url(), content(value))
        assert response.status_code == 422
        assert "piilo" not in text(response)
    assert "piilo" not in text(page.get(reverse("mail:recipients"), {"q": str(hidden)}))


def test_contacts_without_an_address_are_told(page, customer, maija):
    mute = ContactFactory(first_name="Mykkä", last_name="Matti", customer=customer)
    shown = text(page.get(reverse("mail:compose") + f"?contact={maija.pk}&contact={mute.pk}"))
    assert "These have no e-mail address and will not receive the message: Mykkä Matti" in " ".join(shown.split())
    response = page.post(compose_url(), content(mute))
    assert (response.status_code, "Mykkä Matti has no e-mail address." in text(response)) == (422, True)


def test_one_of_a_contacts_addresses_can_be_chosen(page, maija):
    second = maija.points.create(kind="email", value="koti@example.fi")
    page.post(compose_url(), content(f"point:{second.pk}"))
    recipient = EmailMessage.objects.get().recipients.get()
    assert (recipient.address, recipient.contact) == ("koti@example.fi", maija)


def test_without_javascript_addresses_are_typed_into_a_field_of_their_own(page, customer):
    body = content(customer=customer.pk) | {"to-typed": "a@example.fi; b@example.fi"}
    page.post(compose_url(), body)
    assert EmailMessage.objects.get().recipients.count() == 2


PERSONAL = 'name="confirmed" value="1"'


def test_who_refused_marketing_is_written_to_by_a_button_that_says_it_is_personal(page, maija):
    Consent.objects.create(contact=maija, channel="email", is_given=False, source="call")
    response = page.post(compose_url(), content(maija))
    assert response.status_code == 422
    assert "does not want marketing by e-mail" in text(response)
    assert PERSONAL in text(response)
    assert 'name="send"' not in text(response)
    assert page.post(compose_url(), content(maija, confirmed="1")).status_code == 302


def test_files_are_checked_and_sent(page, customer, maija):
    good, bad = SimpleUploadedFile("a.txt", b"x"), SimpleUploadedFile("b.exe", b"MZ")
    response = page.post(compose_url(), content(maija, uploads=[good, bad]))
    assert (response.status_code, "b.exe: Files of this type" in text(response)) == (422, True)
    document = document_add(target=customer, upload=SimpleUploadedFile("sopimus.txt", b"x"), user=None)
    uploads = [SimpleUploadedFile("a.txt", b"x"), SimpleUploadedFile("c.txt", b"y")]
    page.post(compose_url(), content(maija, uploads=uploads, documents=[document.pk], customer=customer.pk))
    names = {document.name for document in documents_of(EmailMessage.objects.get().activity)}
    assert names == {"a.txt", "c.txt", "sopimus.txt"}


def test_scripts_in_the_text_are_taken_out(page, maija):
    body = '<div>Hei<script>x()</script><img src="https://spy.example/x"><a href="javascript:x()">l</a></div>'
    page.post(compose_url(), content(maija, body=body))
    stored = EmailMessage.objects.get().body
    assert not any(word in stored for word in ("script", "<img", "spy"))


def test_who_refused_marketing_is_said_as_soon_as_the_recipient_is_chosen(page, maija):
    hidden = text(page.post(compose_url(), {**content(maija), "consent": "1"}))
    Consent.objects.create(contact=maija, channel="email", is_given=False, source="call")
    asked = text(page.post(compose_url(), {**content(maija), "consent": "1"}))
    opened = text(page.get(compose_url(contact=maija.pk)))
    assert [PERSONAL in shown for shown in (hidden, asked, opened)] == [False, True, True]
    assert ['name="send"' in shown for shown in (hidden, asked, opened)] == [True, False, False]
    assert f"Refused marketing by e-mail: {maija}." in asked
    assert written() == (0, 0)
