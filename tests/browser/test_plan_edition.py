"""The customer's edition of a care plan on a phone and on a wide screen: all of it fits, its dates too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

Visit = Callable[..., Page]
#: Makes a link to the edition of a demo customer with a contact and a schedule, and prints its address.
MAKE = """
from accounts.models import User
from careplans.content.services.links import link_make, secret_of
from careplans.following.models import CareStatus
from customers.models import Customer, Position
from django.urls import reverse
due = CareStatus.objects.filter(next_due__isnull=False).values("customer")
place = Position.objects.current().filter(customer__in=due, customer__state="active").order_by("pk").first()
about = {"contact": place.contact, "language": "fi", "days": 30, "user": User.objects.first()}
print(reverse("carecontent:public", args=[secret_of(link_make(customer=place.customer, **about))]))
"""
#: The texts of cells that are cut off, or stand beyond the paper.
CUT = """() => [...document.querySelectorAll(".edition-schedule tbody :is(td, th)")].filter(cell => {
    const edge = cell.closest(".paper").getBoundingClientRect().right;
    return cell.scrollWidth > cell.clientWidth + 1 || cell.getBoundingClientRect().right > edge;
}).map(cell => cell.textContent)"""


@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_the_edition_fits_with_all_of_its_dates(size: str, visit: Visit, site: Site) -> None:
    address = site.manage("shell", "-c", MAKE).strip().splitlines()[-1]
    page = visit(size=size)
    page.goto(address)
    expect(page.locator(".edition-schedule tbody tr").first).to_be_visible()
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.input_value("[name=name]")
