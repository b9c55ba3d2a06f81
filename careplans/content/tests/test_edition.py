"""The customer's edition (rule 19): nothing internal in the page, PDF, link, mail, calendar files and the API."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Notification
from activities.mail.enums import RecipientKind
from activities.mail.models import EmailMessage
from activities.mail.recipients import resolve
from activities.mail.services.filing import raw_of
from careplans.caremodels.models import ModelVersion
from careplans.caremodels.tests.factories import CareActionFactory
from careplans.content.edition import FIELDS, FILTERED, edition_of, shown
from careplans.content.mail_forms import letter_texts
from careplans.content.models import (
    Agreement,
    Charge,
    EditionLink,
    Need,
    PlanBlock,
    PlanContent,
    Project,
    System,
    TemplatePart,
)
from careplans.content.pdf import edition_html, edition_pdf
from careplans.content.services.links import (
    link_accept,
    link_comment,
    link_make,
    link_of,
    link_revoke,
    link_url,
    secret_of,
    state_of,
)
from careplans.content.services.mailing import links_send
from careplans.content.services.needs import need_add
from careplans.plans.models import PlanUpdate
from careplans.plans.tests.world import refused, under, version_of
from core import clock
from core.documents import documents_of
from customers.models import Contact, Customer, Position
from customers.selections.models import Selection
from customers.tests.factories import ContactFactory, ContactPointFactory, PositionFactory, ResponsibilityFactory

pytestmark = pytest.mark.django_db
MARKER = "SISAINENMERKKI"


def text_fields(model: Any) -> dict[str, str]:
    """Return the marker for each free text of a model."""
    kinds = (models.CharField, models.TextField)
    fields = [one for one in model._meta.concrete_fields if isinstance(one, kinds) and not one.choices and one.editable]
    return {one.name: MARKER for one in fields if one.name not in ("digest", "code")}


@pytest.fixture
def customer(owner: Any) -> Customer:
    """A customer with a plan of which every internal text is the marker; goals and the action's name are not."""
    version = version_of()
    version.goals_fi = version.goals_en = version.justification = version.promise_hours = MARKER
    version.save()
    about = dict.fromkeys(("description_fi", "description_en", "memo_fi", "memo_en", "place"), MARKER)
    CareActionFactory(version=version, name_fi="Vuosikatselmus", name_en="Yearly review", **about)
    CareActionFactory(version=version, scope="internal", name_fi=MARKER, name_en=MARKER)
    row = under(version)
    ResponsibilityFactory(customer=row, user=owner)
    Customer.objects.filter(pk=row.pk).update(description=MARKER)
    for model in (Project, System, Agreement):
        model.objects.create(customer=row, **text_fields(model))
    Charge.objects.create(customer=row, service=MARKER, source=MARKER, year=2026, amount=424_242)
    need_add(need=Need(**text_fields(Need)), customer=row, user=owner)
    for part in TemplatePart.objects.filter(kind="block"):
        PlanBlock.objects.create(customer=row, code=part.code, text=MARKER)
    PlanContent.objects.create(customer=row, goals="Shorter delivery times")
    PlanUpdate.objects.create(customer=row, day="2026-05-02", user=owner, accepted_by=MARKER, note=MARKER)
    return row


@pytest.fixture
def link(customer: Customer, owner: Any) -> EditionLink:
    contact = ContactFactory(**text_fields(Contact) | {"first_name": "Maija", "last_name": "Virtanen"})
    PositionFactory(contact=contact, customer=customer, title=MARKER)
    return link_make(customer=customer, contact=contact, language="en", days=30, user=owner)


def mailed(customer: Customer, user: Any) -> EmailMessage:
    """Mail the link to the only contact of the customer, with the program's own text; return the message."""
    contact = ContactFactory(first_name="Maija")
    PositionFactory(contact=contact, customer=customer)
    ContactPointFactory(contact=contact, kind="email", value="maija@asiakas.example")
    people = resolve([f"contact:{contact.pk}"], RecipientKind.TO, user)
    texts = letter_texts(customer, user, "en", None)
    [link] = links_send(customer=customer, recipients=people, language="en", days=30, user=user, **texts)
    assert link.message is not None
    return EmailMessage.objects.get(activity=link.message)


def public(link: EditionLink) -> str:
    return reverse("carecontent:public", args=[secret_of(link)])


def has_nothing_internal(text: str) -> bool:
    return MARKER not in text and "424" not in text and "Shorter delivery times" in text


def test_the_marker_is_in_the_internal_plan(client, customer, reader):
    client.force_login(reader)
    assert MARKER in client.get(reverse("carecontent:tab", args=[customer.pk])).content.decode()


def test_the_page_has_goals_and_schedule_and_nothing_internal(link):
    page = Client().get(public(link)).content.decode()
    assert has_nothing_internal(page)
    assert "Yearly review" in page


def test_the_pdf_has_nothing_internal(link):
    assert has_nothing_internal(edition_html(link.content, "en"))
    pdf = Client().get(reverse("carecontent:public_pdf", args=[secret_of(link)]))
    assert (pdf.status_code, pdf.content[:5], MARKER.encode() in pdf.content) == (200, b"%PDF-", False)
    assert edition_pdf(link.content, "fi").startswith(b"%PDF-")


def test_the_edition_has_only_fields_that_are_allowed(customer):
    edition = edition_of(customer, clock.today())
    assert set(edition) == {*FIELDS, FILTERED}
    assert set(shown(edition)) == set(FIELDS)
    rows = shown(edition | {"schedule": [{**edition["schedule"][0], "secret": MARKER}]})["schedule"]
    assert {name for row in [*edition["schedule"], *rows] for name in row} == {"what", "when", "next"}
    assert "secret" not in shown(edition | {"secret": MARKER})


@pytest.mark.parametrize("event", ["enters_selection", "leaves_selection", "segment_changed", "negative_feedback"])
def test_the_schedule_tells_no_internal_reason(event, customer, owner):
    selection = Selection.objects.create(name=MARKER, owner=owner)
    version = ModelVersion.objects.get(justification=MARKER)
    CareActionFactory(
        version=version, name_fi="Käynti", name_en="Visit", frequency="event", event=event, count=None,
        selection=selection if event.endswith("selection") else None,
    )  # fmt: skip
    for language, name, when in (("en", "Visit", "as needed"), ("fi", "Käynti", "tarpeen mukaan")):
        with override(language):
            rows = shown(edition_of(customer, clock.today()))["schedule"]
        assert {row["what"]: row["when"] for row in rows}[name] == when


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (f"when the customer enters a selection: {MARKER}", "as needed"),
        (f"kun asiakas tulee poimintaan: {MARKER}", "as needed"),
        ("14 days after: the segment changed", "as needed"),
        ("when the customer gave negative feedback", "as needed"),
        ("14 days after: an order was delivered", "14 days after: an order was delivered"),
        ("every 60 days from the last time", "every 60 days from the last time"),
        ("each year", "each year"),
        ("joka viikko", "joka viikko"),
        ("Maaliskuu, syyskuu", "Maaliskuu, syyskuu"),
    ],
)
def test_an_edition_stored_before_reasons_were_left_out_tells_none_either(when, told, link):
    old = {name: value for name, value in link.content.items() if name != FILTERED}
    old["schedule"] = [{"what": "Visit", "when": when, "next": None}]
    EditionLink.objects.filter(pk=link.pk).update(content=old)
    page = Client().get(public(link)).content.decode()
    assert f"<td>{told}</td>" in page
    assert MARKER not in page + edition_html(old, "en")


def test_link_mail_and_notifications_have_nothing_internal(link, owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        link_comment(link=link, name="Maija Virtanen", text="We would like more visits.")
        link_accept(link=link, name="Maija Virtanen")
    assert MARKER not in link_url(link)
    kinds = Notification.objects.filter(user=owner)
    assert {one.kind for one in kinds} >= {"edition_commented", "edition_accepted"}
    assert not [one for one in kinds if MARKER in str(one.data)]
    assert not [one for one in mail.outbox if MARKER in f"{one.subject}{one.body}{one.alternatives}"]


def test_the_mailed_message_has_nothing_internal(customer, owner):
    message = mailed(customer, owner)
    raw = raw_of(message)
    walk = message_from_bytes(raw, policy=default).walk()
    parts = "".join(part.get_content() for part in walk if part.get_content_maintype() == "text")
    link = EditionLink.objects.get()
    assert link_url(link) in parts
    assert not [text for text in (raw.decode(), parts, message.subject) if MARKER in text]
    assert "424" not in message.body
    assert not documents_of(message.activity).exists()


def test_outsiders_get_nothing_of_the_api_and_the_pages(customer, link):
    addresses = [
        "/api/v1/needs/", "/api/v1/charges/", f"/api/v1/care-plans/{customer.pk}/", "/calendar/feeds/x.ics",
        reverse("carecontent:tab", args=[customer.pk]), reverse("carecontent:pdf", args=[customer.pk]),
    ]  # fmt: skip
    for address in addresses:
        answer = Client().get(address)
        assert answer.status_code in (302, 401, 403, 404), address
        assert MARKER not in answer.content.decode(), address


# The link


def test_the_edition_is_accepted_with_name_and_time(link, owner):
    answer = Client().post(public(link), {"name": " Maija  Virtanen ", "step": "accept"})
    link.refresh_from_db()
    assert (answer.status_code, link.accepted_name) == (302, "Maija Virtanen")
    assert link.accepted_at is not None
    update = PlanUpdate.objects.order_by("-pk").first()
    assert (update.customer, update.accepted_by, update.user) == (link.customer, "Maija Virtanen", None)
    assert "Maija Virtanen accepted the plan" in Client().get(public(link)).content.decode()


def test_it_is_accepted_once_and_by_somebody_with_a_name(link):
    with refused("name_required", "name"):
        link_accept(link=link, name="  ")
    link_accept(link=link, name="Maija")
    assert link_accept(link=link, name="Matti").accepted_name == "Maija"
    assert PlanUpdate.objects.filter(accepted_by="Maija").count() == 1
    assert not PlanUpdate.objects.filter(accepted_by="Matti").exists()


def test_a_comment_is_shown_as_plain_text(link, client, owner):
    answer = Client().post(public(link), {"name": "Maija", "comment": "<b>More</b> visits", "step": "comment"})
    assert answer.status_code == 302
    page = Client().get(public(link)).content.decode()
    assert "&lt;b&gt;More&lt;/b&gt; visits" in page
    client.force_login(owner)
    assert "&lt;b&gt;More" in client.get(reverse("carecontent:tab", args=[link.customer_id])).content.decode()


def test_an_empty_comment_is_refused_and_the_name_stays(link):
    answer = Client().post(public(link), {"name": "Maija", "comment": " ", "step": "comment"})
    assert (answer.status_code, 'value="Maija"' in answer.content.decode()) == (422, True)


def test_what_was_shown_stays_when_the_plan_changes(link):
    PlanContent.objects.update(goals="Other goals")
    assert "Shorter delivery times" in Client().get(public(link)).content.decode()


def test_a_revoked_link_and_an_expired_one_open_nothing(link):
    later = clock.now() + dt.timedelta(days=31)
    with clock.frozen(later):
        assert Client().get(public(link)).status_code == 410
    link_revoke(link=link)
    answer = Client().get(public(link))
    assert (answer.status_code, "Shorter delivery times" in answer.content.decode()) == (410, False)
    assert Client().get(reverse("carecontent:public_pdf", args=[secret_of(link)])).status_code == 404
    assert Client().post(public(link), {"name": "Maija", "step": "accept"}).status_code == 410


def test_a_link_of_an_inactive_customer_opens_nothing(link):
    Customer.objects.filter(pk=link.customer_id).update(state="passive", passive_since=clock.today())
    assert Client().get(public(link)).status_code == 410


def test_the_link_of_a_contact_who_has_left_the_customer_opens_nothing(link):
    Position.objects.filter(contact=link.contact).update(end=clock.today() - dt.timedelta(days=1))
    answer = Client().get(public(link))
    assert (answer.status_code, "Shorter delivery times" in answer.content.decode()) == (410, False)
    assert Client().get(reverse("carecontent:public_pdf", args=[secret_of(link)])).status_code == 404
    with refused("link_closed"):
        link_accept(link=link, name="Maija")


def test_the_link_of_a_contact_who_was_removed_opens_nothing(link):
    EditionLink.objects.update(contact=None)
    assert Client().get(public(link)).status_code == 410


def test_a_forged_secret_opens_nothing(link):
    assert link_of(secret_of(link)) == link
    assert link_of(secret_of(link)[:-1] + "x") is None
    assert Client().get(reverse("carecontent:public", args=["forged"])).status_code == 404


def test_the_link_is_made_and_revoked_by_who_may_change_the_plan(customer, owner, colleague):
    contact = ContactFactory()
    PositionFactory(contact=contact, customer=customer)
    address, data = reverse("carecontent:link_make", args=[customer.pk]), {
        "contact": contact.pk, "language": "fi", "days": "30",
    }  # fmt: skip
    client = Client()
    client.force_login(colleague)
    assert client.post(address, data).status_code == 403
    client.force_login(owner)
    assert client.post(address, data).status_code == 302
    link = EditionLink.objects.get()
    assert link_url(link) in client.get(reverse("carecontent:tab", args=[customer.pk])).content.decode()
    client.post(reverse("carecontent:link_revoke", args=[link.pk]))
    link.refresh_from_db()
    assert state_of(link).value == "revoked"


def test_others_do_not_see_the_address(link, reader):
    client = Client()
    client.force_login(reader)
    assert secret_of(link) not in client.get(reverse("carecontent:tab", args=[link.customer_id])).content.decode()
