"""A lead becomes an offer with two products and a tailored line, by hand, by keyboard and without JavaScript."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.site import Site

Visit = Callable[..., Page]
LEAD = """
from accounts.models import User
from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from activities.leads.services import lead_set_state
from activities.leads.enums import LeadState
from customers.models import Position
user = User.objects.get(username="manager")
at = Position.objects.current().filter(customer__state="active", customer__responsibilities__user=user).first()
lead = activity_log(user=user, type=ActivityType.objects.get(code="lead"), title="Tarvitsee esimieskoulutusta",
                    customer=at.customer, contacts=[at.contact], details={})
print(f"lead={lead.pk}")
"""
SUMS = re.compile(r"[\s\u00a0\u202f]")


def plain(text: str) -> str:
    return SUMS.sub("", text)


def add_product(page: Page, number: int) -> None:
    """Choose a product of the register by typing."""
    page.locator("[data-lines][data-ready]").wait_for()  # the script takes the spare rows away
    before = page.locator("[data-line]").count()
    page.locator("#id_line-product-ts-control").press_sequentially("koulutus")
    page.locator("#id_line-product-ts-dropdown [data-selectable]").nth(number).click()
    expect(page.locator("[data-line]")).to_have_count(before + 1)


def fill_last(page: Page, **fields: str) -> None:
    row = page.locator("[data-line]").last
    for name, value in fields.items():
        row.locator(f"[name$='-{name}']").fill(value)


def new_lead(site: Site) -> str:
    found = re.search(r"lead=(\d+)", site.manage("shell", "-v0", "-c", LEAD))
    assert found
    return found[1]


def test_a_lead_becomes_an_offer_with_two_products_and_a_tailored_line(visit: Visit, site: Site) -> None:
    lead = new_lead(site)
    page = visit("manager")
    page.goto(f"/activities/{lead}/")
    page.locator(f"#panel-offers a[href$='?activity={lead}']").click()
    page.locator("#dialog a[href*='type=personnel_training']").click()
    expect(page.locator("[name=title]")).to_have_value("Tarvitsee esimieskoulutusta")
    assert page.locator("[name=intro]").input_value() != ""
    add_product(page, 0)
    add_product(page, 1)
    page.locator("[name=line-do][value='add:free']").click()
    fill_last(page, name="Räätälöity työpaja", quantity="2,5", unit_price="1 000,10", discount="10", vat_rate="25,5")
    expect(page.locator("[data-line]").last.locator("[data-line-sum]")).to_have_text(re.compile(r"2\s250,23"))

    last = page.locator("[data-line]").last
    last.locator("[value^='up:']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-line]").nth(1).locator("[name$='-name']")).to_have_value("Räätälöity työpaja")
    page.locator("[data-line]").nth(1).locator("[value^='copy:']").click()
    expect(page.locator("[data-line]")).to_have_count(4)
    page.locator("[data-line]").nth(2).locator("[value^='remove:']").click()
    expect(page.locator("[data-line]")).to_have_count(3)

    shown = plain(page.locator("[data-line-gross]").inner_text())
    page.locator(".offer-form .form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/offers/\d+/$"))
    names = page.locator("table.offer-lines td.line-text").all_inner_texts()
    assert [name.split("\n")[0] for name in names][1] == "Räätälöity työpaja"
    assert plain(page.locator(".line-total td").inner_text()) == shown  # the browser counts as the server does
    number = page.locator("h1 .muted").inner_text()
    page.goto(f"/activities/{lead}/")
    expect(page.locator("#panel-offers")).to_contain_text(number)


def test_lines_are_dragged_into_another_order(visit: Visit, site: Site) -> None:
    page = visit("manager")
    page.goto("/offers/new/?type=service_order")
    for name in ("Ensimmäinen", "Toinen", "Kolmas"):
        page.locator("[name=line-do][value='add:free']").click()
        fill_last(page, name=name)
    page.locator("[data-line-grip]").nth(2).drag_to(page.locator("[data-line-grip]").nth(0))
    expect(page.locator("[data-line]").first.locator("[name$='-name']")).to_have_value("Kolmas")


def test_an_offer_is_written_without_javascript(visit: Visit) -> None:
    page = visit("manager", javascript=False)
    page.goto("/customers/?mine=true")
    customer = page.locator("#list tbody a").first.inner_text()
    page.goto("/offers/new/?type=service_order")
    page.fill("[name=title]", "Ilman skriptejä")
    page.fill("[name=customer_search]", customer)
    page.locator("[name=line-1-name]").fill("Työpäivä")
    page.locator("[name=line-1-unit_price]").fill("500")
    page.fill("[name=line-search]", "koulutus")
    page.locator("[name=line-do][value='add:product']").click()
    page.locator("select[name=line-product]").select_option(index=0)
    page.locator("[name=line-do][value='add:product']").click()
    rows = page.locator("[data-line]")
    rows.last.locator("[value^='up:']").click()
    page.locator(".offer-form .form-foot button[type=submit]").click()
    if "/offers/new/" in page.url:  # the type wants a contact of the customer
        page.locator("[name=contact]").select_option(index=1)
        page.locator(".offer-form .form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/offers/\d+/$"))
    expect(page.locator("table.offer-lines tbody tr")).to_have_count(2)
    expect(page.locator("table.offer-lines")).to_contain_text("Työpäivä")
