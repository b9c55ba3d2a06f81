"""Sending an offer: checks, version, link, message, status; all of it or nothing."""

from __future__ import annotations

import datetime as dt
import re
import time
from email import message_from_bytes, policy

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import activity_type
from activities.mail.enums import MessageState, RecipientKind
from activities.mail.models import EmailMessage
from activities.mail.recipients import Letter, Recipient
from activities.mail.services.messages import MAX_BYTES, attached, email_deliver, email_edit
from activities.mail.tests.smtp import smtp_sink
from core.documents import document_add, documents_of
from core.exceptions import BusinessRuleError
from core.models import Document
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.content import offer_lines_of
from offers.offers.enums import OfferStatus
from offers.offers.models import OfferLink, OfferVersion, SellerDetails
from offers.offers.services.links import LinkState, link_url, state_of
from offers.offers.services.offers import offer_change
from offers.offers.services.sending import offer_mark_sent, offer_send
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db
BODY = "<p>Hei, ohessa tarjous: {link}</p>"


@pytest.fixture
def user():
    activity_type("email")
    return UserFactory(role="account_manager", first_name="Liisa", last_name="Korhonen", email="liisa@example.fi")


@pytest.fixture
def maija(user):
    customer = CustomerFactory(name="Nokian Konepaja Oy", owner=user)
    return ContactFactory(first_name="Maija", last_name="Virtanen", customer=customer, email="maija@konepaja.fi")


@pytest.fixture
def offer(user, maija):
    customer = maija.positions.get().customer
    return OfferFactory(customer=customer, contact=maija, owner=user, title="Valmennus", lines=[line(unit_price=1000)])


def to(contact, address=""):
    return Recipient(RecipientKind.TO, address or contact.points.get(kind="email").value, str(contact), contact=contact)


def send(offer, user, contact, **fields):
    content = {"subject": "Tarjous", "body": BODY, **fields}
    return offer_send(offer=offer, user=user, recipient=to(contact), **content)


def code_of(function, *args, **fields):
    with pytest.raises(BusinessRuleError) as caught:
        function(*args, **fields)
    return caught.value.code


def test_sending_makes_the_version_the_link_the_message_and_the_status(user, maija, offer):
    version = send(offer, user, maija)
    offer.refresh_from_db()
    link = version.links.get()
    assert (version.number, version.net, version.valid_until) == (1, 1000, offer.valid_until)
    assert (link.contact, link.email, link.language) == (maija, "maija@konepaja.fi", "fi")
    assert offer.status == OfferStatus.SENT
    change = offer.status_changes.first()
    assert (change.user, change.reason) == (user, "Sent to maija@konepaja.fi.")
    assert version.email.email.state == MessageState.WAITING
    assert [link.activity for link in offer.offer_activities.all()] == [version.email]


def test_the_message_carries_the_pdf_and_the_link_and_is_done_when_the_server_has_it(user, maija, offer):
    version = send(offer, user, maija)
    with smtp_sink() as sink:
        email_deliver(version.email.email.pk)
    [message] = sink.received
    [pdf] = list(message.iter_attachments())
    assert pdf.get_filename() == f"{offer.number}-v1.pdf"
    with version.pdf.open() as file:
        assert pdf.get_content() == file.read()
    assert link_url(version.links.get()) in message.get_body(("plain",)).get_content()
    version.email.refresh_from_db()
    assert version.email.status == ActivityStatus.DONE


def attachment(target, user, name="liite.pdf", content=b"%PDF-1.7 liite"):
    upload = SimpleUploadedFile(name, content, content_type="application/pdf")
    return document_add(target=target, upload=upload, user=user)


def test_chosen_documents_of_the_offer_go_beside_its_pdf(user, maija, offer):
    chosen = attachment(offer, user)
    attachment(offer, user, "sisäinen.pdf")
    version = send(offer, user, maija, documents=[chosen])
    with smtp_sink() as sink:
        email_deliver(version.email.email.pk)
    parts = {part.get_filename(): part.get_content() for part in sink.received[0].iter_attachments()}
    assert set(parts) == {"liite.pdf", version.file_name}
    assert parts["liite.pdf"] == b"%PDF-1.7 liite"
    assert {document.name for document in documents_of(version.email)} == {"liite.pdf", version.file_name}


def test_no_other_documents_than_the_offers_own_go_with_it(user, maija, offer):
    for target in (offer.customer, maija, OfferFactory(customer=offer.customer, owner=user)):
        other = attachment(target, user)
        assert code_of(send, offer=offer, user=user, contact=maija, documents=[other]) == "document_foreign"
    assert not OfferVersion.objects.exists()


def test_documents_that_are_too_large_or_gone_are_told_and_nothing_is_sent(user, maija, offer):
    document = attachment(offer, user)
    Document.objects.update(size=MAX_BYTES)  # the PDF comes on top of it
    document.refresh_from_db()
    assert code_of(send, offer=offer, user=user, contact=maija, documents=[document]) == "attachments_too_large"
    Document.objects.update(size=14)
    document.refresh_from_db()
    document.file.storage.delete(document.file.name)
    assert code_of(send, offer=offer, user=user, contact=maija, documents=[document]) == "document_lost"
    assert not OfferVersion.objects.exists()
    assert not EmailMessage.objects.exists()


def test_the_log_holds_a_word_in_place_of_the_link(user, maija, offer):
    version = send(offer, user, maija)
    message = version.email.email
    with message.raw.open() as file:
        secret = link_url(version.links.get()).rstrip("/").rsplit("/", 1)[1]
        assert secret.encode() in file.read().replace(b"=\r\n", b"")
    assert secret not in message.body
    assert re.search(rf"\[[^\[\]]+ {offer.number}/1\]", message.body)
    events = EmailMessage.pgh_event_model.objects.filter(pgh_obj_id=message.pk)
    assert events.exists()
    assert not any(secret in event.body for event in events)


def test_the_link_comes_last_where_the_text_does_not_say(user, maija, offer):
    version = send(offer, user, maija, body="<p>Hei</p>")
    with version.email.email.raw.open() as file:
        assert b"/offer/" in file.read()


def test_a_field_with_spaces_is_the_same_field(user, maija, offer):
    body = send(offer, user, maija, body="<p>Tässä { link } on</p>").email.email.body
    assert re.search(r"Tässä \[[^\]]+\] on", body)


def test_a_word_for_somebody_elses_link_stays_a_word(user, maija, offer):
    version = send(offer, user, maija)
    other = ContactFactory(customer=offer.customer, email="toinen@konepaja.fi")
    word = f"[personal link to the offer {offer.number}/1]"
    second = send(offer, user, other, body=f"<p>{word} ja {{link}}</p>")
    secrets = [link_url(sent_version.links.get()).encode() for sent_version in (version, second)]
    with second.email.email.raw.open() as file:
        raw = file.read().replace(b"=\r\n", b"")
    assert secrets[0] not in raw
    assert secrets[1] in raw


def test_sending_again_makes_a_new_version_and_the_older_link_says_so(user, maija, offer):
    first = send(offer, user, maija)
    second = send(offer, user, maija)
    assert [version.number for version in offer.versions.all()] == [2, 1]
    states = [state_of(version.links.get()) for version in (first, second)]
    assert states == [LinkState.SUPERSEDED, LinkState.OPEN]
    assert offer.status_changes.filter(to_status=OfferStatus.SENT).count() == 1


def test_a_version_stays_as_it_was_when_the_offer_changes(user, maija, offer):
    version = send(offer, user, maija)
    offer_change(offer=offer, user=user, changes={"title": "Toinen"}, lines=[line(unit_price=5)])
    version.refresh_from_db()
    assert version.content["title"] == "Valmennus"
    assert [line["unit_price"] for line in version.content["lines"]] == ["1000.00"]
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN
    assert state_of(OfferLink.objects.get()) == LinkState.WITHDRAWN


def test_an_old_form_does_not_send_what_was_changed_meanwhile(user, maija, offer):
    old_version = offer.version
    offer_change(offer=offer, user=user, changes={}, lines=[*offer_lines_of(offer), line("Toinen")])
    assert code_of(send, offer, user, maija, version=old_version) == "stale_version"
    assert not OfferVersion.objects.exists()


def test_sending_twice_with_the_same_form_sends_once(user, maija, offer):
    old_version = offer.version
    send(offer, user, maija, version=old_version)
    assert code_of(send, offer, user, maija, version=old_version) == "stale_version"
    second = OfferVersion.objects.get().offer.version
    send(offer, user, maija, version=second)
    assert code_of(send, offer, user, maija, version=second) == "stale_version"


def test_a_passive_customers_offer_is_not_sent(user, maija, offer):
    offer.customer.state = "passive"
    offer.customer.save()
    assert code_of(send, offer, user, maija) == "customer_passive"


def test_an_expired_offer_is_not_sent(user, maija, offer):
    offer.date = offer.valid_until = timezone.localdate() - dt.timedelta(days=1)
    offer.save()
    assert code_of(send, offer, user, maija) == "valid_until_past"


def test_an_offer_without_lines_and_estimate_is_not_sent(user, maija, offer):
    empty = OfferFactory(customer=offer.customer, owner=user)
    assert code_of(send, empty, user, maija) == "nothing_to_offer"


def test_a_decided_offer_is_not_sent(user, maija, offer):
    lost = OfferFactory(customer=offer.customer, owner=user, status=OfferStatus.LOST, estimate=100)
    assert code_of(send, lost, user, maija) == "status_not_allowed"


def test_an_offer_that_needs_approval_is_not_sent_without_it(user, maija, offer):
    offer.type.price_limit = 500
    offer.type.save()
    assert code_of(send, offer, user, maija) == "approval_missing"


def test_what_cannot_be_sent_leaves_nothing_behind(user, maija, offer):
    assert code_of(send, offer, user, maija, body="<p> </p>") == "body_required"
    offer.refresh_from_db()
    assert offer.status == OfferStatus.OPEN
    assert not OfferVersion.objects.exists()
    assert not EmailMessage.objects.exists()


def test_an_offer_on_the_funders_form_is_marked_not_mailed(user, maija, offer):
    form = OfferFactory(customer=offer.customer, owner=user, type=OfferTypeFactory(is_funder_form=True), estimate=900)
    assert code_of(send, form, user, maija) == "funder_form"
    assert offer_mark_sent(offer=form, user=user, note="Paperilla TE-toimistoon").status == OfferStatus.SENT
    assert form.status_changes.first().reason == "Paperilla TE-toimistoon"
    assert not form.versions.exists()


def test_marking_as_sent_keeps_what_was_delivered(user, offer):
    offer_mark_sent(offer=offer, user=user)
    version = offer.versions.get()
    assert (version.sent_at is not None, version.email) == (True, None)
    offer_mark_sent(offer=offer, user=user)
    assert offer.versions.count() == 1


def test_a_message_that_the_server_refused_is_tried_again_with_the_same_link(user, maija, offer):
    version = send(offer, user, maija)
    message = version.email.email
    with smtp_sink() as sink:
        sink.answers["maija@konepaja.fi"] = "550 no such box"
        email_deliver(message.pk)
    message.refresh_from_db()
    assert message.state == MessageState.FAILED
    with message.raw.open() as file:
        assert re.search(rb"/offer/[\w=-]+", file.read())


def test_internal_things_are_in_no_version(user, maija, offer):
    """Rule 19: what is internal is in nothing that the customer gets."""
    offer.internal_notes, offer.probability, offer.competitor = "SALAINEN muistio", 77, "KILPAILIJA"
    offer.save()
    offer.customer.description = "SALAINEN kuvaus"
    offer.customer.save()
    version = send(offer, user, maija)
    text = str(version.content)
    assert "SALAINEN" not in text
    assert "KILPAILIJA" not in text
    assert "probability" not in text


def test_a_missing_logo_does_not_stop_sending(user, maija, offer):
    seller = SellerDetails(pk=1, name="Omnia")
    seller.logo.save("logo.png", ContentFile(b"x"))
    seller.logo.storage.delete(seller.logo.name)
    assert send(offer, user, maija).number == 1


def failed(version):
    EmailMessage.objects.filter(activity=version.email).update(state=MessageState.FAILED, error="550 no such box")
    return EmailMessage.objects.get(activity=version.email)


def edited(message, user, recipient):
    letter = Letter(
        user=user, recipients=[recipient], subject="Korjattu", body=message.body, customer=message.activity.customer,
        edits=message,
    )  # fmt: skip
    return email_edit(letter=letter, documents=attached(message))


def raw_text(message):
    with message.raw.open() as file:
        return message_from_bytes(file.read(), policy=policy.default).get_body(("plain",)).get_content()


def test_a_refused_message_that_is_edited_keeps_its_link_and_pdf(user, maija, offer):
    version = send(offer, user, maija)
    message = edited(failed(version), user, to(maija))
    assert link_url(version.links.get()) in raw_text(message)
    assert [document.name for document in attached(message)] == [version.file_name]


def test_edited_to_somebody_else_the_message_loses_the_link(user, maija, offer):
    version = send(offer, user, maija)
    other = ContactFactory(customer=offer.customer, email="toinen@konepaja.fi")
    message = edited(failed(version), user, to(other))
    assert link_url(version.links.get()) not in raw_text(message)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_sends_the_offer_with_its_pdf(user, maija, offer, celery_worker_process):
    version = send(offer, user, maija)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        message = EmailMessage.objects.get(activity=version.email)
        if message.state == MessageState.SENT:
            break
        time.sleep(0.2)
    assert message.state == MessageState.SENT
    assert message.activity.status == ActivityStatus.DONE
