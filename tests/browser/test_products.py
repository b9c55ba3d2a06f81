"""The product register in a real browser: a product with two prices, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[..., Page]


def add(page: Page, code: str, name: str) -> None:
    page.goto("/products/new/")
    page.fill("main [name=code]", code)
    page.fill("main [name=name_fi]", name)
    page.select_option("main [name=unit]", label="hlö")
    page.select_option("main [name=vat_class]", label="Yleinen verokanta")
    for number, (day, price) in enumerate((("1.1.2026", "1 250,50"), ("1.1.2100", "1300"))):
        page.fill(f"main [name=prices-{number}-valid_from]", day)
        page.fill(f"main [name=prices-{number}-value]", price)


def check(page: Page, name: str) -> None:
    """The page of the new product, and the product in the list at today's price."""
    page.wait_for_url(re.compile(r"/products/\d+/$"))
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator("main")).to_contain_text("1 250,50 €".replace(" ", "\N{NO-BREAK SPACE}"))
    expect(page.locator("main")).to_contain_text("tulossa")
    page.goto("/products/?q=" + name)
    expect(page.locator("#list tbody")).to_contain_text("1 250,50 €".replace(" ", "\N{NO-BREAK SPACE}"))


@pytest.mark.parametrize("javascript", [True, False])
def test_a_product_is_added_with_two_prices(visit: Visit, javascript: bool) -> None:
    page = visit("admin", javascript=javascript)
    name = f"Valmennus {'skriptillä' if javascript else 'ilman'}"
    add(page, f"SEL-{int(javascript)}", name)
    page.locator(".form-foot button[type=submit]").click()
    check(page, name)


def test_a_row_is_added_and_two_figures_of_one_day_are_refused(visit: Visit) -> None:
    page = visit("admin", size="narrow")
    add(page, "SEL-3", "Kolme hintaa")
    page.locator("[data-add-row]").click()
    page.fill("main [name=prices-2-valid_from]", "1.1.2026")
    page.fill("main [name=prices-2-value]", "5")
    page.locator(".form-foot button[type=submit]").click()
    expect(page.locator("#id_prices-2-valid_from_error")).to_contain_text("Tästä päivästä alkaen")
    page.fill("main [name=prices-2-valid_from]", "1.6.2026")
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/products/\d+/$"))
    expect(page.locator("main table tbody tr")).to_have_count(3)
