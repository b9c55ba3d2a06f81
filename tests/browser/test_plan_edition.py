"""The customer's edition of a care plan on a phone: it fits, with the longest words and all of its dates."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.tests.factories import UserFactory
from careplans.caremodels.tests.factories import CareActionFactory
from careplans.content.models import EditionLink
from careplans.content.services.links import link_make, secret_of
from careplans.plans.tests.world import under, version_of
from customers.tests.factories import ContactFactory, PositionFactory

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "Asiakaslähtöisyysnäkökulmatarkastelukeskustelu"
#: The texts of cells that are cut off, or stand beyond the paper.
CUT = """() => [...document.querySelectorAll(".edition-schedule tbody :is(td, th)")].filter(cell => {
    const edge = cell.closest(".paper").getBoundingClientRect().right;
    return cell.scrollWidth > cell.clientWidth + 1 || cell.getBoundingClientRect().right > edge;
}).map(cell => cell.textContent)"""


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> EditionLink:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver has a loop of events
    version = version_of()
    CareActionFactory(version=version, code="contact", name_fi="Yhteydenotto", frequency="weeks", count=1)
    CareActionFactory(version=version, code="talk", name_fi=LONG, name_en=LONG, frequency="every", count=60)
    customer, contact = under(version), ContactFactory()
    PositionFactory(contact=contact, customer=customer)
    return link_make(customer=customer, contact=contact, language="fi", days=30, user=UserFactory())


@pytest.mark.parametrize("width", [320, 380, 1440])
def test_the_edition_fits_with_all_dates(width: int, link: EditionLink, live_server: Any, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    try:
        page.goto(live_server.url + reverse("carecontent:public", args=[secret_of(link)]))
        assert page.locator(".edition-schedule tbody tr").count() == 2
        assert page.evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.close()
