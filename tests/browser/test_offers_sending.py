"""An account manager sends an offer; the contact reads and answers it on the page behind the link in the message."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.test_accessibility import LOOKS, breaches, open_page, settle
from tests.browser.test_mail import sent

Visit = Callable[..., Page]
NEW_OFFER = """
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from accounts.models import User
from customers.models import Contact, Customer
from offers.products.lines import LineData
from offers.offers.models import Offer, OfferType
from offers.offers.services.offers import offer_create
user = User.objects.get(username="manager")
customer = Customer.objects.get(name="Nokian Konepaja Oy")
contact = Contact.objects.filter(positions__customer=customer, points__kind="email").order_by("pk").first()
kind = OfferType.objects.get(code="service_order")
lines = [
    LineData(name="Valmennuspäivä", quantity=Decimal(2), unit_price=Decimal(90), vat_rate=Decimal("25.5")),
    LineData(name="Aineisto", unit_price=Decimal(20), vat_rate=Decimal(10), discount=Decimal(5)),
]
today = timezone.localdate()
offer = Offer(
    type=kind, title={title!r}, customer=customer, contact=contact, owner=user, date=today,
    valid_until=today + timedelta(days=30), expected_close=today + timedelta(days=20),
)
print(offer_create(offer=offer, user=user, lines=lines).pk)
"""


def new_offer(site: Site, title: str) -> int:
    """Write an offer so small that nobody has to approve it; return its id."""
    return int(site.manage("shell", "-v0", "-c", NEW_OFFER.replace("{title!r}", repr(title))).split()[-1])


def send(page: Page, pk: int, subject: str) -> None:
    page.goto(f"/offers/{pk}/")
    page.locator("#versions a[href$='/send/']").click()
    page.fill("[name=subject]", subject)
    page.locator("main form button.btn-primary").click()
    expect(page.locator("#versions li.offer-version").first).to_be_visible()


def link_in(site: Site, subject: str) -> str:
    message = sent(site, subject)
    assert [part.get_content_type() for part in message.iter_attachments()] == ["application/pdf"]
    body = message.get_body(("plain",))
    assert body is not None
    found = re.search(r"/offer/[\w=-]+/", body.get_content())
    assert found, body.get_content()
    return found[0]


def test_an_offer_is_sent_read_and_accepted(visit: Visit, site: Site) -> None:
    pk = new_offer(site, "Valmennus syksyksi")
    manager = visit("manager")
    send(manager, pk, "Tarjous valmennuksesta")
    link = link_in(site, "Tarjous valmennuksesta")

    contact = visit(javascript=False, size="narrow")
    contact.goto(link)
    expect(contact.locator("h1")).to_have_text("Valmennus syksyksi")
    expect(contact.locator(".paper-grand").last).to_have_text("246,80\N{NO-BREAK SPACE}€")
    contact.locator("button[value=accepted]").click()
    expect(contact.locator(".field-error")).to_be_visible()
    contact.fill("[name=name]", "Maija Virtanen")
    contact.fill("[name=comment]", "Sopii hyvin.")
    contact.locator("button[value=accepted]").click()
    expect(contact.locator("[role=status]")).to_contain_text("Maija Virtanen")
    expect(contact.locator("form")).to_have_count(0)

    manager.goto(f"/offers/{pk}/")
    expect(manager.locator("#versions")).to_contain_text("Sopii hyvin.")
    expect(manager.locator("#versions a[href$='/send/']")).to_have_count(0)
    manager.goto("/notifications/")
    expect(manager.locator("main")).to_contain_text("Maija Virtanen")


def test_the_link_of_an_older_version_leads_nowhere_and_a_revoked_one_neither(visit: Visit, site: Site) -> None:
    pk = new_offer(site, "Kaksi versiota")
    manager = visit("manager")
    send(manager, pk, "Ensimmäinen versio")
    old = link_in(site, "Ensimmäinen versio")
    send(manager, pk, "Toinen versio")
    new = link_in(site, "Toinen versio")
    contact = visit()
    contact.goto(old)
    expect(contact.locator("button")).to_have_count(0)
    expect(contact.locator("body")).not_to_contain_text("Kaksi versiota")
    contact.goto(new)
    expect(contact.locator("button[value=accepted]")).to_be_visible()

    manager.goto(f"/offers/{pk}/")
    manager.locator("#versions a[href$='/revoke/']").click()
    manager.locator("#dialog button[type=submit]").click()
    expect(manager.locator("#versions a[href$='/revoke/']")).to_have_count(0)
    contact.reload()
    expect(contact.locator("button")).to_have_count(0)


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_the_contacts_page_has_no_accessibility_breach(visit: Visit, site: Site, theme: str, size: str) -> None:
    subject = f"Näkyvyys {theme}"
    pk = new_offer(site, subject)
    manager = visit("manager", theme=theme, size=size)
    send(manager, pk, subject)
    settle(manager)
    problems = breaches(manager, theme)
    for path in (f"/offers/{pk}/send/", f"/offers/{pk}/mark-sent/"):
        open_page(manager, path)
        problems += breaches(manager, theme)
    contact = visit(theme=theme, size=size)
    open_page(contact, link_in(site, subject))
    problems += breaches(contact, theme)
    contact.locator("button[value=declined]").click()
    expect(contact.locator(".field-error")).to_be_visible()
    problems += breaches(contact, theme)
    contact.fill("[name=name]", "Maija")
    contact.locator("button[value=declined]").click()
    expect(contact.locator("[role=status]")).to_be_visible()
    problems += breaches(contact, theme)
    open_page(contact, "/offer/forged/")

    assert not problems + breaches(contact, theme)
