"""An offer that is being written survives a closed tab and a lost connection, its lines included."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_offers import fill_last
from tests.browser.waiting import wait_for_draft

Visit = Callable[..., Page]
NEW = "/offers/new/?type=service_order"


def names(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator("[data-line] [name$='-name']").all()]


def written(visit: Visit) -> Page:
    """Write a heading and two lines, the second moved before the first; the heading was added last."""
    page = visit("manager")
    page.goto(NEW)
    page.fill("[name=title]", "Kesken jäänyt")
    for name, price in (("Työpaja", "500"), ("Valmennus", "1 200,50")):
        page.locator("[name=line-do][value='add:free']").click()
        fill_last(page, name=name, unit_price=price, vat_rate="25,5")
    page.locator("[name=line-do][value='add:heading']").click()
    fill_last(page, name="Syksy")
    page.locator("[data-line]").nth(1).locator("[value^='up:']").click()
    wait_for_draft(page, "-name", ["Valmennus", "Työpaja", "Syksy"])
    return page


def closed_and_opened(page: Page) -> Page:
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(NEW)
    expect(page.locator(".draft-notice")).to_be_visible()
    return page


def test_lines_come_back_in_their_order_with_their_sums(visit: Visit) -> None:
    page = written(visit)
    sums = page.locator("[data-line-gross]").inner_text()
    page = closed_and_opened(page)
    expect(page.locator("[name=title]")).to_have_value("Kesken jäänyt")
    assert names(page) == ["Valmennus", "Työpaja", "Syksy"]
    expect(page.locator("[data-line]").last).to_have_class(re.compile("is-heading"))
    expect(page.locator("[data-line-gross]")).to_have_text(sums)
    page.locator("[data-line]").first.locator("[value^='copy:']").click()  # rows that came back work as others do
    assert names(page) == ["Valmennus", "Valmennus", "Työpaja", "Syksy"]


def test_a_product_stays_a_product_and_the_saved_offer_leaves_no_draft(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?mine=true")
    customer = page.locator("#list tbody a").first.get_attribute("href") or ""
    number = re.search(r"\d+", customer)
    assert number
    address = f"/offers/new/?customer={number[0]}&type=service_order"
    page.goto(address)
    page.fill("[name=title]", "Tuote säilyy")
    page.locator("select[name=contact]").select_option(index=1, force=True)
    contact = page.locator("select[name=contact]").input_value()
    page.locator("#id_line-product-ts-control").press_sequentially("koulutus")
    page.locator("#id_line-product-ts-dropdown [data-selectable]").first.click()
    expect(page.locator("[data-line]")).to_have_count(1)
    product = page.locator("[name$='-product']").first.input_value()
    wait_for_draft(page, "-product", [product])
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[data-line] [name$='-product']")).to_have_value(product)
    expect(page.locator("select[name=contact]")).to_have_value(contact)
    page.locator(".offer-form .form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/offers/\d+/$"))
    expect(page.locator("table.offer-lines")).to_be_visible()
    page.goto(address)
    expect(page.locator(".draft-notice")).to_have_count(0)
    expect(page.locator("[data-line]")).to_have_count(0)


def test_a_removed_line_does_not_come_back(visit: Visit) -> None:
    page = written(visit)
    page.locator("[data-line]").first.locator("[value^='remove:']").click()
    wait_for_draft(page, "-name", ["Työpaja", "Syksy"])
    assert names(closed_and_opened(page)) == ["Työpaja", "Syksy"]


def test_a_lost_connection_loses_no_line(visit: Visit) -> None:
    page = written(visit)
    page.route("**/healthz", lambda route: route.fulfill(status=503))
    page.locator(".offer-form .form-foot button[type=submit]").click()
    expect(page.locator("#toasts .danger")).to_be_visible()
    assert names(page) == ["Valmennus", "Työpaja", "Syksy"]
