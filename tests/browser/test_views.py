"""A list is saved as a view, found in the menu, changed, and opened as it was left."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]


def test_list_is_saved_as_a_view_changed_and_opened_as_it_was_left(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/contacts/?language=sv")
    page.locator("#views-menu summary").click()
    page.locator("#views-menu").get_by_role("link", name="Tallenna näkymäksi").click()
    page.fill("#dialog [name=name]", "Ruotsinkieliset")
    page.locator("#dialog").get_by_role("button", name="Tallenna näkymä").click()
    expect(page).to_have_url(re.compile(r"/contacts/\?view=\d+$"))
    expect(page.locator("#views-menu summary")).to_have_text("Ruotsinkieliset")
    in_menu = page.locator("#side").get_by_role("link", name="Ruotsinkieliset")
    expect(in_menu).to_have_attribute("aria-current", "page")

    page.locator("th").get_by_role("link").first.click()
    expect(page.locator("#views-menu summary")).to_contain_text("muutettu")
    page.get_by_role("button", name="Tallenna muutokset").click()
    expect(page.locator("#views-menu summary")).to_have_text("Ruotsinkieliset")

    page.goto("/customers/")
    page.locator("#side").get_by_role("link", name="Yhteyshenkilöt", exact=True).click()
    expect(page).to_have_url(re.compile(r"/contacts/\?view=\d+$"))
    page.locator("#views-menu summary").click()
    page.locator("#views-menu").get_by_role("link", name="Kaikki rivit").click()
    expect(page.locator(".chip.on")).to_have_count(0)
    page.goto("/customers/")
    page.locator("#side").get_by_role("link", name="Yhteyshenkilöt", exact=True).click()
    expect(page.locator(".chip.on")).to_have_count(0)
