"""Replies, the panel of an activity's message, the settings of mail, and the endpoints of messages."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail.enums import Direction, MessageState, RecipientKind
from activities.mail.models import EmailMessage, EmailTemplate, MailSettings
from activities.mail.outbox import UNKNOWN
from activities.mail.tests.message_pages import HTMX, client_of, compose_url, content, letter, text, written
from activities.mail.tests.smtp import sent_message
from core.documents import document_add, documents_of
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
EMAILS, TEMPLATES = "/api/v1/emails/", "/api/v1/email-templates/"


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
def api(owner):
    client = APIClient()
    client.force_authenticate(owner)
    return client


@pytest.fixture
def customer(owner):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=owner, email="info@konepaja.fi")


@pytest.fixture
def maija(customer):
    return ContactFactory(first_name="Maija", last_name="Virtanen", customer=customer, email="maija@konepaja.fi")


# Answers


def received(owner, customer, **values):
    message = sent_message(owner, customer, to="oma@example.fi", direction=Direction.IN, state="filed", **values)
    message.recipients.create(kind=RecipientKind.TO, address="kolmas@example.fi", name="Kolmas, Kalle")
    message.recipients.create(kind=RecipientKind.CC, address="neljas@example.fi")
    return message


def chosen(response, name):
    return list(response.context["form"][name].value() or [])


def test_a_reply_goes_to_the_sender(page, owner, customer):
    message = received(owner, customer, sender="maija@konepaja.fi", sender_name="Maija", subject="Vs: Tarjous")
    response = page.get(compose_url(answer=message.pk))
    assert chosen(response, "to") == ['"Maija" <maija@konepaja.fi>']
    assert 'value="Re: Tarjous"' in text(response)


def test_a_reply_to_all_leaves_oneself_out(page, owner, customer):
    message = received(owner, customer, sender="maija@konepaja.fi", sender_name="")
    response = page.get(compose_url(answer=message.pk, **{"as": "all"}))
    assert chosen(response, "to") == ["maija@konepaja.fi", '"Kolmas, Kalle" <kolmas@example.fi>']
    assert chosen(response, "cc") == ["neljas@example.fi"]


def test_a_sent_answer_stays_in_the_thread(page, owner, customer, maija):
    message = received(owner, customer, sender="maija@konepaja.fi", body="<p>Alkuperäinen</p>")
    page.post(compose_url(answer=message.pk), content("maija@konepaja.fi", customer=customer.pk, quoted="on"))
    answer = EmailMessage.objects.get(direction=Direction.OUT)
    assert (answer.thread, answer.in_reply_to) == (message.thread, message.message_id)
    assert "Alkuperäinen" in answer.body


def test_a_forwarded_message_takes_its_attachments_along(page, owner, customer):
    message = received(owner, customer, sender="maija@konepaja.fi")
    document = document_add(target=message.activity, upload=SimpleUploadedFile("a.txt", b"x"), user=owner)
    response = page.get(compose_url(answer=message.pk, **{"as": "forward"}))
    assert chosen(response, "documents") == [document.pk]
    assert chosen(response, "to") == []


def test_a_message_of_a_passive_customer_is_not_answered(page, owner):
    message = sent_message(owner, CustomerFactory(passive=True))
    assert page.get(compose_url(answer=message.pk)).status_code == 400


# The panel


def test_the_activity_shows_its_message(page, owner, customer, maija):
    body = '<p>Hei<script>x()</script><img src="https://spy.example/x.png"></p>'
    message = sent_message(owner, customer, subject="Tarjous", body=body, contacts=[maija])
    document_add(target=message.activity, upload=SimpleUploadedFile("liite.txt", b"x"), user=owner)
    url = reverse("mail:message", args=[message.activity_id])
    assert url in text(page.get(message.activity.get_absolute_url()))
    shown = text(page.get(url, headers=HTMX))
    assert all(words in shown for words in ("Tarjous", "Hei", "liite.txt", "maija@example.fi"))
    assert not any(words in shown for words in ("x()", "spy.example", "<html"))
    assert "<html" in text(page.get(url))


def test_an_email_logged_by_hand_has_no_panel(page, customer):
    activity = ActivityFactory(type=activity_type("email"), customer=customer)
    url = reverse("mail:message", args=[activity.pk])
    assert url not in text(page.get(activity.get_absolute_url()))
    assert page.get(url).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_panel_costs_the_same_for_a_long_thread(page, owner, customer, rows, django_assert_num_queries):
    first = sent_message(owner, customer)
    for number in range(rows):
        sent_message(owner, customer, thread=first.thread, subject=f"Re {number}")
        first.recipients.create(kind=RecipientKind.CC, address=f"c{number}@example.fi")
    url = reverse("mail:message", args=[first.activity_id])
    page.get(url, headers=HTMX)
    with django_assert_num_queries(8):
        page.get(url, headers=HTMX)


def test_the_thread_hides_messages_of_passive_customers(page, owner, customer):
    first = sent_message(owner, customer)
    sent_message(owner, customer, thread=first.thread, subject="Seuraava")
    sent_message(owner, CustomerFactory(passive=True), thread=first.thread, subject="Piilossa")
    shown = text(page.get(reverse("mail:message", args=[first.activity_id]), headers=HTMX))
    assert ("Seuraava" in shown, "Piilossa" in shown) == (True, False)


def test_a_failed_message_says_why_and_is_sent_again(page, owner, customer):
    message = sent_message(owner, customer, state=MessageState.FAILED, error="550 <b>no</b>")
    url = reverse("mail:message", args=[message.activity_id])
    assert "550 &lt;b&gt;no&lt;/b&gt;" in text(page.get(url))
    assert reverse("mail:message_retry", args=[message.activity_id]) in text(page.get(url))
    page.post(reverse("mail:message_retry", args=[message.activity_id]))
    message.refresh_from_db()
    assert message.state == MessageState.WAITING


def test_who_does_not_take_part_does_not_send_it_again(owner, customer):
    colleague = client_of(UserFactory(role="account_manager"))
    message = sent_message(owner, customer, state=MessageState.FAILED)
    url = reverse("mail:message_retry", args=[message.activity_id])
    assert url not in text(colleague.get(reverse("mail:message", args=[message.activity_id])))
    assert colleague.post(url).status_code == 403


def test_sending_again_warns_when_it_may_have_arrived(page, owner, customer):
    message = sent_message(owner, customer, state=MessageState.FAILED, error=UNKNOWN)
    assert "may get it twice" in text(page.get(reverse("mail:message_retry", args=[message.activity_id])))


# Settings


def test_the_signature_is_kept_clean(page, owner):
    url = reverse("mail:settings")
    page.post(url, {"signature": "<div>Terveisin<script>x</script></div>", "signature-format": "html"})
    assert MailSettings.objects.get(user=owner).signature == "<div>Terveisin</div>"
    response = page.post(url, {"signature": "x" * 2_001, "signature-format": "html"})
    assert response.status_code == 422
    assert url in text(page.get(reverse("accounts:profile")))


def test_the_api_sends_and_tells_what_became_of_it(api, customer, maija):
    response = api.post(EMAILS, letter(f"contact:{maija.pk}"), format="json")
    assert response.status_code == 201
    [row] = response.json()
    assert (row["state"], row["customer"], row["recipients"][0]["address"]) == (
        "waiting",
        customer.pk,
        "maija@konepaja.fi",
    )
    assert api.get(f"{EMAILS}?state=waiting&customer={customer.pk}").json()["results"] == [row]
    assert api.get(f"{EMAILS}{row['id']}/").json() == row


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"to": ["nobody"]}, 400, "invalid"),
        ({"to": []}, 409, "recipient_required"),
        ({"to": [f"a{n}@example.fi" for n in range(26)]}, 409, "too_many_recipients"),
        ({"subject": " "}, 409, "subject_required"),
        ({"body": "{salary}"}, 409, "field_unknown"),
        ({"customer": 999_999}, 400, "invalid"),
        ({"answers": 999_999}, 400, "invalid"),
        ({"documents": [999_999]}, 400, "invalid"),
        ({"subject": "x" * 201}, 400, "invalid"),
    ],
)
def test_the_api_refuses_what_the_page_refuses(api, customer, changes, status, code):
    response = api.post(EMAILS, {**letter("a@example.fi", customer=customer.pk), **changes}, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert written() == (0, 0)


def test_documents_of_rows_one_may_not_see_do_not_exist_in_the_api(api, customer):
    hidden = document_add(target=CustomerFactory(passive=True), upload=SimpleUploadedFile("a.txt", b"x"), user=None)
    body = letter("a@example.fi", customer=customer.pk, documents=[hidden.pk])
    assert api.post(EMAILS, body, format="json").status_code == 400


def test_the_api_takes_files(api, customer):
    body = {**letter("a@example.fi", customer=customer.pk), "uploads": [SimpleUploadedFile("a.txt", b"x")]}
    response = api.post(EMAILS, body, format="multipart")
    assert response.status_code == 201, response.json()
    assert documents_of(EmailMessage.objects.get().activity).count() == 1


def test_the_api_asks_before_it_sends_again_what_may_have_arrived(api, owner, customer):
    message = sent_message(owner, customer, state=MessageState.FAILED, error=UNKNOWN)
    url = f"{EMAILS}{message.pk}/retry/"
    assert api.post(url).json()["error"]["code"] == "delivery_unknown"
    assert api.post(url, {"confirmed": True}, format="json").json()["state"] == "waiting"


def test_messages_of_passive_customers_are_not_in_the_api(api, owner):
    message = sent_message(owner, CustomerFactory(passive=True))
    assert api.get(EMAILS).json()["results"] == []
    assert api.get(f"{EMAILS}{message.pk}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_messages_costs_the_same(api, owner, customer, rows, django_assert_num_queries):
    for _ in range(rows):
        sent_message(owner, customer)
    with django_assert_num_queries(3):
        assert len(api.get(EMAILS).json()["results"]) == rows


def test_templates_by_the_api_keep_the_pages_rules(api):
    body = {"name": "Kiitos", "subject_fi": "Kiitos", "body_fi": "<p>Hei</p>"}
    refused = api.post(TEMPLATES, {**body, "body_fi": "{salary}"}, format="json")
    assert "body_fi" in refused.json()["error"]["fields"]
    assert api.post(TEMPLATES, {**body, "is_shared": True}, format="json").status_code == 400
    row = api.post(TEMPLATES, body, format="json").json()
    url = f"{TEMPLATES}{row['id']}/"
    changed = api.patch(url, {"name": "Uusi", "version": 1}, format="json").json()
    assert (changed["name"], changed["version"], changed["is_shared"]) == ("Uusi", 2, False)
    assert api.patch(url, {"name": "Vanha", "version": 1}, format="json").json()["error"]["code"] == "stale_version"
    assert api.post(f"{url}retire/").json()["is_retired"] is True
    assert api.post(f"{url}restore/").json()["is_retired"] is False


def test_recipients_are_found_by_typing(page, maija):
    found = json.loads(page.get(reverse("mail:recipients"), {"q": "virtanen"}).content)["results"]
    assert found == [
        {
            "id": f"point:{maija.points.get().pk}",
            "text": "Maija Virtanen <maija@konepaja.fi>",
            "detail": "Nokian Konepaja Oy",
        }
    ]
