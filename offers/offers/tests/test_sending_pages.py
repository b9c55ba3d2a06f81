"""The pages and endpoints that send offers and show what has been sent."""

from __future__ import annotations

import io

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import activity_type
from activities.mail.models import EmailMessage, EmailTemplate
from activities.mail.services.messages import MAX_BYTES
from core.documents import documents_of
from core.models import Document
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer, OfferVersion, SellerDetails
from offers.offers.services.links import secret_of
from offers.offers.services.sending import offer_send
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.offers.tests.links import fresh, sent_link
from offers.offers.tests.pdfs import text_of
from offers.offers.tests.test_sending import attachment, to
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db
QUERIES = 7


@pytest.fixture
def user():
    activity_type("email")
    return UserFactory(role="account_manager", first_name="Liisa", last_name="Korhonen")


@pytest.fixture
def page(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def offer(user):
    customer = CustomerFactory(name="Nokian Konepaja Oy", owner=user, email="info@konepaja.fi")
    contact = ContactFactory(first_name="Maija", last_name="Virtanen", customer=customer, email="maija@konepaja.fi")
    return OfferFactory(customer=customer, contact=contact, owner=user, title="Valmennus", lines=[line()])


def url(name, obj):
    return reverse(f"offers:{name}", args=[obj.pk])


def fields(offer, **given):
    point = offer.contact.points.get()
    content = {"to": f"point:{point.pk}", "subject": "Tarjous", "body": "<p>Hei {link}</p>", "body-format": "html"}
    return {**content, "version": offer.version, **given}


def test_the_letter_is_ready_to_be_sent(page, offer):
    form = page.get(url("send", offer)).context["form"]
    assert form["to"].value() == f"point:{offer.contact.points.get().pk}"
    assert offer.number in form["subject"].value()
    assert "Maija" in form["body"].value()
    assert "{link}" in form["body"].value()
    assert [text for _value, text in form.fields["to"].choices] == [
        "Maija Virtanen <maija@konepaja.fi>", "Nokian Konepaja Oy <info@konepaja.fi>"
    ]  # fmt: skip


def test_sending_from_the_page(page, offer):
    response = page.post(url("send", offer), fields(offer), follow=True)
    assert response.redirect_chain[-1][0] == offer.get_absolute_url()
    assert "maija@konepaja.fi" in next(str(message) for message in response.context["messages"])
    assert EmailMessage.objects.get().subject == "Tarjous"
    offer.refresh_from_db()
    assert offer.status == OfferStatus.SENT


def test_sent_twice_with_the_same_key_it_is_sent_once(page, offer):
    content = fields(offer, submission_key="6f9619ff-8b86-4011-b42d-00c04fc964ff")
    assert [page.post(url("send", offer), content).status_code for _press in range(2)] == [302, 302]
    assert OfferVersion.objects.count() == EmailMessage.objects.count() == 1


def test_what_was_changed_meanwhile_is_not_sent_from_an_old_form(page, offer):
    response = page.post(url("send", offer), fields(offer, version=offer.version - 1))
    assert response.status_code == 422
    assert "Someone else has changed this" in response.text
    assert not OfferVersion.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"to": "point:999999"}, "to"),
        ({"to": "somebody@example.com"}, "to"),
        ({"to": ""}, "to"),
        ({"subject": ""}, "subject"),
        ({"body": "<p> </p>"}, "body"),
        ({"body": "<p>{unknown}</p>"}, "body"),
        ({"version": "x"}, "version"),
    ],
)
def test_a_bad_letter_is_refused_at_its_field(page, offer, given, field):
    response = page.post(url("send", offer), fields(offer, **given))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not OfferVersion.objects.exists()


def test_documents_of_the_offer_can_be_selected_and_none_is_by_default(page, offer, user):
    assert "documents" not in page.get(url("send", offer)).context["form"].fields
    chosen, foreign = attachment(offer, user), attachment(offer.customer, user)
    response = page.get(url("send", offer))
    assert "liite.pdf" in response.text
    assert not response.context["form"]["documents"].value()
    response = page.post(url("send", offer), fields(offer, documents=[foreign.pk]))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["documents"])
    assert page.post(url("send", offer), fields(offer, documents=[chosen.pk])).status_code == 302
    assert "liite.pdf" in {document.name for document in documents_of(EmailMessage.objects.get().activity)}


def test_documents_that_are_too_large_are_told_on_the_page(page, offer, user):
    chosen = attachment(offer, user)
    Document.objects.update(size=MAX_BYTES)
    response = page.post(url("send", offer), fields(offer, documents=[chosen.pk]))
    assert response.status_code == 422
    assert "The attachments are too large" in response.text


def test_selected_documents_stay_when_a_template_is_taken(page, offer, user):
    chosen = attachment(offer, user)
    template = EmailTemplate.objects.create(name="Saate", subject_fi="Aihe", body_fi="<p>Suomeksi</p>")
    given = fields(offer, template=template.pk, fill="1", documents=[chosen.pk])
    response = page.post(url("send", offer), given)
    assert [option.data["selected"] for option in response.context["form"]["documents"]] == [True]


def test_a_template_is_taken_into_the_letter_in_the_offers_language(page, offer):
    template = EmailTemplate.objects.create(name="Saate", subject_fi="Aihe", body_fi="<p>Suomeksi</p>", body_en="En")
    response = page.post(url("send", offer), fields(offer, template=template.pk, fill="1"))
    assert response.status_code == 200
    form = response.context["form"]
    assert (form["subject"].value(), form["body"].value()) == ("Aihe", "<p>Suomeksi</p>")
    assert not OfferVersion.objects.exists()


def template_fields(**changes):
    text = {"subject_fi": "Tarjous", "body_fi": "<p>Hei {first_name}, tässä: {link}</p>", "body_fi-format": "html"}
    return {"name": "Saate", **text, **changes}


def test_a_saved_template_says_where_the_personal_link_goes(page, offer):
    add = reverse("mail:template_add")
    assert "{" + "link}" in page.get(add).text
    assert page.post(add, template_fields()).status_code == 302
    template = EmailTemplate.objects.latest("pk")
    shown = page.get(reverse("mail:template", args=[template.pk])).text
    assert "{" + "link}" not in shown
    form = page.post(url("send", offer), fields(offer, template=template.pk, fill="1")).context["form"]
    content = {"subject": form["subject"].value(), "body": form["body"].value()}
    page.post(url("send", offer), fields(offer, **content))
    sent = EmailMessage.objects.get()
    assert "Hei Maija, tässä: [" in sent.body
    assert f"{offer.number}/1]" in sent.body
    assert sent.body.count(offer.number) == 1


def test_the_personal_link_is_for_the_text_not_for_the_subject(page, offer):
    response = page.post(reverse("mail:template_add"), template_fields(subject_fi="Tarjous {link}"))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["subject_fi"])
    response = page.post(url("send", offer), fields(offer, subject="Tarjous {link}"))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["subject"])


def test_an_ordinary_message_never_carries_the_words_of_the_link(page, api, offer):
    content = {"to": f"point:{offer.contact.points.get().pk}", "subject": "Hei", "body": "<p>Tässä: { link }</p>"}
    response = page.post(reverse("mail:compose"), {**content, "body-format": "html", "language": "fi"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["body"])
    assert "is not filled in here: it is the recipient" in response.text
    response = api.post("/api/v1/emails/", {**content, "to": [content["to"]]}, format="json")
    assert response.data["error"]["code"] == "field_unknown"
    assert not EmailMessage.objects.exists()


def test_the_api_keeps_templates_with_the_personal_link(api):
    content = {"name": "Saate", "subject_fi": "Tarjous", "body_fi": "<p>{link}</p>"}
    assert api.post("/api/v1/email-templates/", content, format="json").status_code == 201


def test_what_stands_in_the_way_is_told_before_writing(page, offer):
    offer.type.price_limit = 1
    offer.type.save()
    assert "must be approved before it is sent" in page.get(url("send", offer)).text


def test_without_addresses_the_page_says_what_to_do(page, offer):
    offer.contact.points.all().delete()
    offer.customer.email = ""
    offer.customer.save()
    assert "add one first" in page.get(url("send", offer)).text


def test_marking_as_sent_from_the_page(page, offer):
    response = page.post(url("mark_sent", offer), {"note": "Paperilla", "version": offer.version})
    assert response.status_code == 302
    assert offer.status_changes.first().reason == "Paperilla"


def test_the_panel_tells_what_was_sent_and_what_became_of_it(page, offer):
    link = sent_link(offer)
    text = page.get(url("versions", offer)).text
    for part in (f"{offer.number}-v1.pdf", "maija@konepaja.fi", "not opened yet", "Revoke the link", "KB"):
        assert part in text, part
    Client().get(reverse("offers:public", args=[secret_of(link)]))
    assert "not opened yet" not in page.get(url("versions", offer)).text


def test_the_panel_shows_the_answer_with_its_words(page, offer):
    link = sent_link(offer)
    Client().post(
        reverse("offers:public", args=[secret_of(link)]),
        {"answer": "declined", "name": "Maija", "comment": "<b>Liian kallis</b>"},
    )
    text = page.get(url("versions", offer)).text
    assert "&lt;b&gt;Liian kallis" in text
    assert "declined" in text
    assert "Revoke the link" not in text


def test_the_panel_never_shows_the_secret(page, offer):
    link = sent_link(offer)
    assert secret_of(link) not in page.get(url("versions", offer)).text


def test_the_panel_says_when_the_offer_was_changed_since(page, offer):
    sent_link(offer)
    assert "changed since" not in page.get(url("versions", offer)).text
    Offer.objects.update(content_version=2)
    assert "changed since" in page.get(url("versions", offer)).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_panel_costs_the_same_whatever_was_sent(page, user, offer, count, django_assert_num_queries):
    for _version in range(count):
        offer.refresh_from_db()
        offer_send(offer=offer, user=user, recipient=to(offer.contact), subject="Tarjous", body="<p>Hei</p>")
    page.get(url("versions", offer))
    with django_assert_num_queries(QUERIES):
        page.get(url("versions", offer), headers={"HX-Request": "true"})


def test_an_offer_on_the_funders_form_is_not_mailed_from_the_panel(page, user, offer):
    form = OfferFactory(customer=offer.customer, owner=user, type=OfferTypeFactory(is_funder_form=True), estimate=900)
    text = page.get(url("versions", form)).text
    assert url("send", form) not in text
    assert url("mark_sent", form) in text


def test_who_only_reads_gets_no_buttons(offer):
    client = Client()
    client.force_login(UserFactory(role="read_only"), backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(url("versions", offer)).text
    assert url("send", offer) not in text
    assert url("preview", offer) in text
    assert client.get(url("send", offer)).status_code == 403


def test_the_draft_is_shown_and_nothing_is_kept(page, offer):
    response = page.get(url("preview", offer))
    assert response["Content-Type"] == "application/pdf"
    text = text_of(b"".join(response.streaming_content))
    assert offer.number in text
    assert not OfferVersion.objects.exists()


def test_the_draft_has_the_logo(page, offer):
    picture = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "PNG")
    seller = SellerDetails(pk=1, name="Omnia")
    seller.logo.save("logo.png", ContentFile(picture.getvalue()))
    pdf = b"".join(page.get(url("preview", offer)).streaming_content)
    assert b"/Image" in pdf


def test_a_version_is_read_by_colleagues_and_not_by_others(page, offer):
    version = sent_link(offer).version
    response = page.get(url("version_pdf", version))
    assert (response.status_code, response["X-Content-Type-Options"]) == (200, "nosniff")
    b"".join(response)  # reads and closes the file
    assert Client().get(url("version_pdf", version)).status_code == 302


def test_a_version_of_a_passive_customer_does_not_exist(page, offer):
    version = sent_link(offer).version
    offer.customer.state = "passive"
    offer.customer.save()
    assert page.get(url("version_pdf", version)).status_code == 404


def test_revoking_from_the_page(page, offer):
    link = sent_link(offer)
    assert "maija@konepaja.fi" in page.get(url("link_revoke", link)).text
    assert page.post(url("link_revoke", link)).status_code == 302
    assert fresh(link).revoked_at is not None


# The API


def test_the_api_sends_with_the_usual_letter(api, offer):
    response = api.post(f"/api/v1/offers/{offer.pk}/send/", {}, format="json")
    assert response.status_code == 201, response.data
    assert response.data["number"] == 1
    [link] = response.data["links"]
    assert (link["email"], link["state"]) == ("maija@konepaja.fi", "open")
    assert offer.number in EmailMessage.objects.get().subject


def test_the_api_attaches_the_offers_own_documents_only(api, offer, user):
    chosen, foreign = attachment(offer, user), attachment(offer.customer, user)
    response = api.post(f"/api/v1/offers/{offer.pk}/send/", {"documents": [foreign.pk]}, format="json")
    assert (response.status_code, list(response.data["error"]["fields"])) == (400, ["documents"])
    response = api.post(f"/api/v1/offers/{offer.pk}/send/", {"documents": [chosen.pk]}, format="json")
    assert response.status_code == 201
    assert "liite.pdf" in {document.name for document in documents_of(EmailMessage.objects.get().activity)}


def test_the_api_sends_only_to_the_customers_addresses(api, offer):
    stranger = ContactFactory(customer=CustomerFactory(), email="other@example.com").points.get()
    for value in (f"point:{stranger.pk}", "x@example.com", "contact:1\x00", "point:٣"):
        response = api.post(f"/api/v1/offers/{offer.pk}/send/", {"to": value}, format="json")
        assert response.status_code == 400
        assert "to" in response.data["error"]["fields"]
    assert not OfferVersion.objects.exists()


def test_the_api_refuses_with_the_code_of_the_rule(api, offer):
    old = {"version": offer.version - 1}
    assert api.post(f"/api/v1/offers/{offer.pk}/send/", old, format="json").data["error"]["code"] == "stale_version"
    offer.type.price_limit = 1
    offer.type.save()
    response = api.post(f"/api/v1/offers/{offer.pk}/send/", {}, format="json")
    assert (response.status_code, response.data["error"]["code"]) == (409, "approval_missing")


def test_the_api_marks_as_sent(api, offer):
    response = api.post(f"/api/v1/offers/{offer.pk}/mark-sent/", {"note": "Paperilla"}, format="json")
    assert (response.status_code, response.data["status"]) == (200, "sent")


def test_the_api_lists_versions_and_gives_their_pdfs(api, offer):
    version = sent_link(offer).version
    [listed] = api.get(f"/api/v1/offers/{offer.pk}/versions/").data
    assert (listed["id"], listed["content"]["title"]) == (version.pk, "Valmennus")
    response = api.get(f"/api/v1/offer-versions/{version.pk}/pdf/", headers={"Accept": "application/pdf"})
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    b"".join(response)  # reads and closes the file


def test_the_api_revokes_links_and_never_tells_their_secret(api, offer):
    link = sent_link(offer)
    response = api.get(f"/api/v1/offer-links/{link.pk}/")
    assert response.data["state"] == "open"
    assert secret_of(link) not in str(response.data)
    assert "digest" not in response.data
    assert api.post(f"/api/v1/offer-links/{link.pk}/revoke/").data["state"] == "revoked"


def test_a_colleague_who_may_not_change_the_offer_sends_and_revokes_nothing(offer):
    link = sent_link(offer)
    client = APIClient()
    client.force_authenticate(UserFactory(role="account_manager"))
    assert client.post(f"/api/v1/offers/{offer.pk}/send/", {}, format="json").status_code == 403
    assert client.post(f"/api/v1/offer-links/{link.pk}/revoke/").status_code == 403
    assert fresh(link).revoked_at is None
