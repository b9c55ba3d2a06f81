"""Editing in place, as people do it: by the mouse on a page, by the keyboard in a list."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
EDITOR = "#inline-editor"


def own_customer(page: Page) -> None:
    page.goto("/customers/?mine=true&sort=-name")
    page.locator("#list tbody tr td a").first.click()
    expect(page).to_have_url(re.compile(r"/customers/\d+/$"))


def test_a_phone_number_is_changed_on_the_page_with_two_presses(visit: Visit) -> None:
    page = visit("manager")
    own_customer(page)
    phone = page.locator("[data-inline$='/inline/phone/']")
    before = phone.inner_text()
    phone.click(position={"x": 2, "y": 2}) if before.strip() == "–" else phone.locator(".inl-pen").click()
    field = page.locator(f"{EDITOR} [name=phone]")
    expect(field).to_be_focused()
    field.fill("not a number")
    page.keyboard.press("Enter")
    expect(page.locator(f"{EDITOR} .field-error")).to_be_visible()
    expect(field).to_be_focused()
    field.fill("050 123 4567")
    page.keyboard.press("Enter")
    expect(page.locator(EDITOR)).to_have_count(0)
    expect(phone).to_contain_text("050 1234567")
    expect(page.locator(".toastx").get_by_role("button", name="Kumoa")).to_be_visible()


def test_a_cell_of_a_list_is_changed_by_the_keyboard_alone(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?mine=true&columns=name&columns=personnel&columns=email")
    cell = page.locator("td[data-inline=personnel]").first
    page.locator("td[data-inline=email]").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(cell).to_be_focused()
    page.keyboard.press("e")
    field = page.locator(f"{EDITOR} [name=personnel]")
    expect(field).to_be_focused()
    field.fill("77")
    page.keyboard.press("Escape")
    expect(cell).to_be_focused()
    expect(cell).not_to_have_text("77")
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    field.fill("77")
    page.keyboard.press("Enter")
    expect(cell).to_have_text("77")
    expect(cell).to_be_focused()


def test_a_form_has_the_focus_says_how_it_understood_a_day_and_leads_to_its_errors(visit: Visit) -> None:
    page = visit("manager")
    own_customer(page)
    page.goto(page.url + "edit/")
    expect(page.locator("#id_name")).to_be_focused()
    page.locator("#id_name").fill("")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".error-summary")).to_contain_text("Korjaa 1 virhe")
    expect(page.locator("#id_name")).to_be_focused()
    page.goto("/activities/new/?type=call")
    page.locator("#id_start").fill("eilen 13")
    page.locator("#id_title").focus()
    expect(page.locator("#id_start")).to_have_value(re.compile(r"^\d\d\.\d\d\.\d{4} 13\.00$"))
    page.locator("h1").click()  # nothing has the focus: letters meant for the form start nothing
    page.keyboard.press("l")
    expect(page.locator("#dialog")).to_be_hidden()


def test_a_row_opens_beside_its_list_and_its_page_keeps_the_order(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?mine=true&columns=name&columns=last_contact")
    rows = page.locator("#list tbody tr")
    second = rows.nth(1).locator("a").first.inner_text()
    rows.first.locator("td").last.click()
    expect(page.locator(".peek-head h2")).to_have_text(rows.first.locator("a").first.inner_text())
    expect(page.locator(".peek .kv").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".peek-head h2")).to_have_text(second)
    page.keyboard.press("Escape")
    expect(page.locator(".peek")).to_have_count(0)
    rows.first.locator("a").first.click()
    page.locator(".walk a").last.click()
    expect(page.locator("h1")).to_contain_text(second)
