"""Writing, templates, the message's panel and settings in the browser's terms; the same by the API."""

from __future__ import annotations

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail.enums import Direction, MessageState, RecipientKind
from activities.mail.mime import addresses
from activities.mail.models import EmailMessage, EmailTemplate, MailSettings
from activities.mail.outbox import UNKNOWN
from activities.mail.tests.smtp import sent_message
from core.documents import document_add, documents_of
from customers.models import Consent
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
EMAILS, TEMPLATES = "/api/v1/emails/", "/api/v1/email-templates/"


@pytest.fixture(autouse=True)
def _own_rows(request, without):
    """Begin without templates, but where the default ones are asked for."""
    if "defaults" not in request.fixturenames:
        without(EmailTemplate)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


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


def text(response):
    return response.content.decode()


def compose_url(**query):
    return reverse("mail:compose", query=query)


def content(*to, **changes):
    body = {"subject": "Tarjous", "body": "<div>Hei</div>", "body-format": "html", "language": "fi"}
    return {"to": [value if isinstance(value, str) else f"contact:{value.pk}" for value in to], **body, **changes}


def written():
    return EmailMessage.objects.count(), Activity.objects.count()


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
    with django_assert_num_queries(22):
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


def test_who_refused_marketing_is_a_question(page, maija):
    Consent.objects.create(contact=maija, channel="email", is_given=False, source="call")
    response = page.post(compose_url(), content(maija))
    assert response.status_code == 422
    assert "does not want marketing by e-mail" in text(response)
    assert 'type="checkbox" name="confirmed"' in text(response)
    assert page.post(compose_url(), content(maija, confirmed="on")).status_code == 302


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
    url = reverse(f"mail:compose_{place}")
    assert url in text(page.get(reverse("customers:contacts" if place == "contacts" else "customers:list")))
    response = page.post(url, {"ids": [row.pk, "x"]})
    assert response.headers["Location"] == f"{reverse('mail:compose')}?{parameter}={row.pk}"
    assert f'value="{parameter.removesuffix("s")}:{row.pk}" selected' in text(page.get(response.headers["Location"]))


def test_more_than_25_selected_rows_are_refused(page):
    response = page.post(reverse("mail:compose_contacts"), {"ids": list(range(1, 27))}, follow=True)
    assert "Use a campaign to send to more." in text(response)


def test_who_may_not_write_has_no_button_for_selected_rows(customer, maija):
    reader = client_of(UserFactory(role="read_only"))
    assert reverse("mail:compose_contacts") not in text(reader.get(reverse("customers:contacts")))


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
    assert page.get(compose_url(answer=message.pk)).status_code == 404


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
    with django_assert_num_queries(9):
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


# The API


def letter(*to, **changes):
    return {"to": list(to), "subject": "Tarjous", "body": "<p>Hei</p>", **changes}


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
    with django_assert_num_queries(4):
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
