"""A message that was certainly not sent is edited and sent: the same message under the same activity."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from activities.mail.enums import MessageState, RecipientKind
from activities.mail.mime.compose import written
from activities.mail.models import EmailMessage, MailSettings
from activities.mail.recipients import Letter, Recipient
from activities.mail.services.messages import attached, email_deliver, email_edit, email_retry, emails_send, is_editable
from activities.mail.tests.letters import letter as received_letter
from activities.mail.tests.letters import receive
from activities.mail.tests.smtp import smtp_sink
from core.documents import document_add, documents_of
from core.exceptions import BusinessRuleError
from customers.models import Consent
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    activity_type("email")
    return UserFactory(role="account_manager", first_name="Aino", last_name="Aalto", email="aino@example.fi")


@pytest.fixture
def customer(writer):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=writer)


@pytest.fixture
def maija(customer):
    return ContactFactory(first_name="Maija", last_name="Virtanen", customer=customer, email="maija@konepaja.fi")


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


@pytest.fixture
def page(writer):
    client = Client()
    client.force_login(writer)
    return client


@pytest.fixture
def api(writer):
    client = APIClient()
    client.force_authenticate(writer)
    return client


def to(contact):
    return Recipient(RecipientKind.TO, contact.points.get(kind="email").value, str(contact), contact=contact)


def fresh(message):
    return EmailMessage.objects.select_related("activity").get(pk=message.pk)


def failed(sink, writer, *contacts, answer="550 No such user", **values):
    """A message that the server has refused, with a file."""
    content = {"subject": "Tarjous", "body": "<div>Hei Maija</div>", **values}
    upload = SimpleUploadedFile("tarjous.txt", b"Hinta 100")
    letter = Letter(user=writer, recipients=[to(contact) for contact in contacts], **content)
    [message] = emails_send(letter=letter, uploads=[upload])
    sink.answers = {"data": answer}
    email_deliver(message.pk)
    sink.answers = {}
    return fresh(message)


def url(message):
    return reverse("mail:message_edit", args=[message.activity_id])


def anew(message, page, **changes):
    """Post the form as it is opened, with changes."""
    form = page.get(url(message)).context["form"]
    content = {name: form[name].value() for name in form.fields if name != "uploads"} | {"body-format": "html"}
    content = {name: value for name, value in (content | changes).items() if value not in (None, False)}
    return page.post(url(message), content)


def test_the_form_opens_with_what_was_written(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    form = page.get(url(message)).context["form"]
    assert form["to"].value() == [f"point:{maija.points.get(kind='email').pk}"]
    assert (form["subject"].value(), form["body"].value()) == ("Tarjous", "<div>Hei Maija</div>")
    assert form["documents"].value() == [documents_of(message.activity).get().pk]
    assert "customer" not in form.fields


def test_it_is_sent_as_it_is_written_now_under_the_same_activity(page, sink, writer, customer, maija):
    matti = ContactFactory(first_name="Matti", customer=customer, email="matti@konepaja.fi")
    message = failed(sink, writer, maija)
    values = {"to": [f"contact:{matti.pk}"], "subject": "Uusi tarjous", "body": "<div>Hei Matti</div>"}
    assert anew(message, page, **values).status_code == 302
    assert fresh(message).state == MessageState.WAITING
    email_deliver(message.pk)

    [got] = sink.received
    assert (got["To"], got["Subject"]) == ("Matti Virtanen <matti@konepaja.fi>".replace("Virtanen", matti.last_name),
                                           "Uusi tarjous")  # fmt: skip
    assert got["Message-ID"] == f"<{message.message_id}>"
    assert [part.get_filename() for part in got.iter_attachments()] == ["tarjous.txt"]
    activity = Activity.objects.get()
    assert (activity.title, activity.status, list(activity.contacts.all())) == (
        "Uusi tarjous", ActivityStatus.DONE, [matti]
    )  # fmt: skip
    assert EmailMessage.objects.get().state == MessageState.SENT


def test_a_file_that_is_taken_off_does_not_go_and_another_does(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    anew(message, page, documents=[], uploads=[SimpleUploadedFile("uusi.txt", b"Hinta 90")])
    email_deliver(message.pk)
    [got] = sink.received
    assert [part.get_filename() for part in got.iter_attachments()] == ["uusi.txt"]
    assert [row.name for row in documents_of(message.activity)] == ["uusi.txt"]


def test_a_document_that_was_put_beside_it_later_does_not_go_by_itself_and_stays(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    document_add(target=message.activity, upload=SimpleUploadedFile("sisäinen.txt", b"x"), user=writer)
    anew(message, page)
    email_deliver(message.pk)
    [got] = sink.received
    assert [part.get_filename() for part in got.iter_attachments()] == ["tarjous.txt"]
    assert documents_of(message.activity).count() == 2


def test_the_quoted_message_is_not_in_the_editor_and_goes_along(page, sink, writer, customer, maija):
    answered = receive(received_letter(sender="maija@konepaja.fi", text="Mitä maksaa?")).message
    message = failed(sink, writer, maija, answers=answered, subject="Re: Koulutus")
    assert written(message).body == "<div>Hei Maija</div>"
    anew(message, page, body="<div>Sata euroa</div>")
    email_deliver(message.pk)
    body = sink.received[0].get_body(("plain",)).get_content()
    assert body.index("Sata euroa") < body.index("Mitä maksaa?")
    assert body.count("Mitä maksaa?") == 1
    assert sink.received[0]["In-Reply-To"] == f"<{answered.message_id}>"


def test_the_signature_is_not_added_twice(page, sink, writer, maija):
    MailSettings.objects.create(user=writer, signature="<div>Terveisin Aino</div>")
    message = failed(sink, writer, maija)
    anew(message, page)
    email_deliver(message.pk)
    assert sink.received[0].get_body(("plain",)).get_content().count("Terveisin Aino") == 1


@pytest.mark.parametrize("state", [state for state in MessageState if state != MessageState.FAILED])
def test_a_message_in_any_other_state_is_not_written_anew(page, sink, writer, maija, state):
    message = failed(sink, writer, maija)
    content = {"to": "joku@example.fi", "subject": "Muu", "body": "Muu"}
    EmailMessage.objects.filter(pk=message.pk).update(state=state)
    assert page.get(url(message)).status_code == 302
    assert page.post(url(message), content).status_code == 422
    assert fresh(message).subject == "Tarjous"


def test_one_that_may_have_gone_is_not_written_anew_also_after_it_was_refused_later(page, sink, writer, maija):
    """Somebody may have read the first words."""
    message = failed(sink, writer, maija, answer="drop")
    assert not is_editable(message)
    email_retry(message=message, confirmed=True)
    sink.answers = {"data": "550 No"}
    email_deliver(message.pk)
    assert fresh(message).state == MessageState.FAILED
    assert not is_editable(fresh(message))
    assert "message/edit/" not in page.get(reverse("mail:message", args=[message.activity_id])).content.decode()


def test_one_that_came_back_is_not_written_anew(page, sink, writer, maija):
    message = failed(sink, writer, maija, answer="250 OK")
    EmailMessage.objects.filter(pk=message.pk).update(state=MessageState.FAILED, error="Not delivered: no such user")
    assert not is_editable(fresh(message))


def test_a_field_of_several_recipients_is_refused_it_stays_one_message(page, sink, writer, customer, maija):
    matti = ContactFactory(customer=customer, email="matti@konepaja.fi")
    message = failed(sink, writer, maija)
    response = anew(message, page, to=[f"contact:{maija.pk}", f"contact:{matti.pk}"], body="Hei {first_name}")
    assert response.status_code == 422
    assert "a separate message for each" in response.content.decode()
    assert EmailMessage.objects.count() == 1


def test_the_rules_of_sending_hold(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    for changes, words in (
        ({"to": []}, "at least one recipient"),
        ({"to": ["ei osoite"]}, "is not an e-mail address"),
        ({"subject": "  "}, "Write a subject."),
        ({"to": [", ".join(f"a{number}@example.fi" for number in range(26))]}, "campaign"),
    ):
        response = anew(message, page, **changes)
        assert response.status_code == 422
        assert words in response.content.decode()
    assert fresh(message).state == MessageState.FAILED
    assert [row.name for row in documents_of(message.activity)] == ["tarjous.txt"]


def test_who_has_refused_e_mail_meanwhile_is_asked_about(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    Consent.objects.create(contact=maija, channel="email", is_given=False, source="call")
    assert anew(message, page).status_code == 422
    assert anew(message, page, confirmed="on").status_code == 302


def test_an_activity_that_was_changed_meanwhile_is_not_overwritten(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    response = anew(message, page, version=message.activity.version + 1)
    assert response.status_code == 422
    assert fresh(message).state == MessageState.FAILED


def test_sent_twice_it_goes_once(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    form = page.get(url(message)).context["form"]
    content = {
        "to": "uusi@example.fi",
        "subject": "Muu",
        "body": "Muu",
        "submission_key": form["submission_key"].value(),
    }
    for _time in range(2):
        assert page.post(url(message), content).status_code == 302
    email_deliver(message.pk)
    email_deliver(message.pk)
    assert len(sink.received) == 1


def test_the_preview_shows_it_and_changes_nothing(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    response = anew(message, page, subject="Uusi aihe", preview="1")
    assert response.status_code == 200
    assert "Uusi aihe" in response.content.decode()
    assert fresh(message).state == MessageState.FAILED


def test_only_its_writer_changes_it(sink, writer, maija):
    message = failed(sink, writer, maija)
    for role in ("administrator", "account_manager", "read_only"):
        client = Client()
        client.force_login(UserFactory(role=role))
        assert client.get(url(message)).status_code == 403
        assert client.post(url(message), {"subject": "x"}).status_code == 403


def test_of_a_customer_that_became_passive_nothing_is_sent(page, sink, writer, customer, maija):
    """Rule 2."""
    message = failed(sink, writer, maija)
    letter = Letter(user=writer, recipients=[to(maija)], subject="x", body="y", customer=customer, edits=message)
    customer.state = "passive"
    customer.save()
    with pytest.raises(BusinessRuleError) as caught:
        email_edit(letter=letter)
    assert caught.value.code == "customer_passive"
    assert page.get(url(message)).status_code == 404


def test_the_message_has_the_button(page, sink, writer, maija):
    message = failed(sink, writer, maija)
    assert url(message) in page.get(reverse("mail:message", args=[message.activity_id])).content.decode()


def test_the_api_writes_it_anew(api, sink, writer, maija):
    message = failed(sink, writer, maija)
    content = {
        "to": [f"contact:{maija.pk}"], "subject": "Uusi", "body": "<div>Hei</div>",
        "documents": [attached(message)[0].pk], "version": message.activity.version,
    }  # fmt: skip
    answer = api.post(f"/api/v1/emails/{message.pk}/edit/", content, format="json")
    assert (answer.status_code, answer.json()["state"], answer.json()["subject"]) == (200, "waiting", "Uusi")
    again = api.post(f"/api/v1/emails/{message.pk}/edit/", content | {"version": None}, format="json")
    assert again.status_code in (400, 409)
    content.pop("version")
    again = api.post(f"/api/v1/emails/{message.pk}/edit/", content, format="json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "state_not_allowed")
