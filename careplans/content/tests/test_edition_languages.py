"""The customer's edition in the language of its reader, in words that a customer understands."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from careplans.caremodels.tests.factories import CareActionFactory
from careplans.content.edition import edition_of, shown
from careplans.content.models import EditionLink, PlanContent
from careplans.content.pdf import edition_html
from careplans.content.services.links import link_make, secret_of
from careplans.plans.tests.world import under, version_of
from core import clock
from customers.models import Customer
from customers.tests.factories import ContactFactory, PositionFactory, ResponsibilityFactory
from offers.offers.tests.pdfs import text_of

pytestmark = pytest.mark.django_db
FINNISH = ("Yhteydenotto", "joka viikko", "Tiedote", "Maaliskuu, syyskuu")
ENGLISH = ("Contact", "each week", "Bulletin", "March, September")


@pytest.fixture
def customer(owner: Any) -> Customer:
    version = version_of()
    CareActionFactory(version=version, name_fi=FINNISH[0], name_en=ENGLISH[0], frequency="weeks", count=1)
    CareActionFactory(
        version=version, name_fi=FINNISH[2], name_en=ENGLISH[2], frequency="named", months=[3, 9], count=None
    )
    row = under(version)
    ResponsibilityFactory(customer=row, user=owner)
    PlanContent.objects.create(customer=row, goals="42")
    return row


@pytest.fixture
def link(customer: Customer, owner: Any) -> EditionLink:
    contact = ContactFactory()
    PositionFactory(contact=contact, customer=customer)
    return link_make(customer=customer, contact=contact, language="fi", days=30, user=owner)


def address(link: EditionLink, name: str = "public", language: str = "") -> str:
    query = f"?lang={language}" if language else ""
    return reverse(f"carecontent:{name}", args=[secret_of(link)]) + query


@pytest.mark.parametrize(("language", "words", "others"), [("en", ENGLISH, FINNISH), ("fi", FINNISH, ENGLISH)])
def test_page_and_pdf_are_wholly_in_the_readers_language(language, words, others, link):
    page = Client().get(address(link, language=language)).content.decode()
    paper = text_of(Client().get(address(link, "public_pdf", language)).content)
    for text in (page.partition("<article")[2].partition("</article>")[0], paper):
        assert not [word for word in words if word not in text]
        assert not [word for word in others if word in text]


def test_the_page_leads_to_the_pdf_in_its_language(link):
    page = Client().get(address(link, language="en")).content.decode()
    assert f'href="{address(link, "public_pdf", "en")}"' in page


def test_an_edition_that_was_stored_in_one_language_is_wholly_in_that(link):
    old = [{"what": "Yhteydenotto", "when": "joka viikko", "next": None}]
    EditionLink.objects.filter(pk=link.pk).update(content={**link.content, "schedule": old})
    page = Client().get(address(link, language="en")).content.decode()
    assert "Suunnitelmamme kanssanne" in page
    assert "Our plan with you" not in page
    assert ">English<" not in page
    assert "joka viikko" in edition_html({**link.content, "schedule": old}, "fi")


EVENT: dict[str, Any] = {"frequency": "event", "count": None}


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"event": "no_contact", "quiet_days": 90}, "when we have not been in touch for 90 days"),
        ({"event": "no_contact", "quiet_days": 3650, "delay": 3650}, "when we have not been in touch for 7,300 days"),
        ({"event": "order_delivered"}, "after each delivery"),
        ({"event": "order_delivered", "delay": 14}, "14 days after each delivery"),
        ({"event": "project_planned"}, "when a project is planned"),
        ({"event": "project_planned", "delay": 1}, "1 day after a project is planned"),
        ({"event": "funder_date"}, "on the dates of the funder"),
        ({"event": "funder_date", "delay": 7}, "7 days after each date of the funder"),
        ({"frequency": "once", "count": 30}, "once"),
    ],
)
def test_the_schedule_says_in_a_customers_words_when_something_is_done(about, told):
    version = version_of()
    CareActionFactory(version=version, name_fi="Käynti", name_en="Visit", **EVENT | about)
    customer = under(version)
    with override("en"):
        [row] = shown(edition_of(customer, clock.today()))["schedule"]
    assert row["when"] == told
