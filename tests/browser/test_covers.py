"""The browser's Back closes what lies over the page before the page itself is left."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def page(visit) -> Page:
    """The list of customers, opened from the open activities."""
    page = visit("manager")
    page.goto("/activities/")
    page.goto("/customers/")
    return page


def open_record(page: Page):
    page.locator("#list tbody tr").first.locator("td:not(.tick) a").first.focus()
    page.keyboard.press("o")
    return page.locator(".peek")


def open_by(key):
    def opened(page: Page):
        page.keyboard.press(key)
        return page.locator("dialog[open]")

    return opened


def open_menu(page: Page):
    page.set_viewport_size({"width": 380, "height": 800})
    page.locator(".top [popovertarget=side]").click()
    return page.locator("#side:popover-open")


OPENERS = {
    "dialog": open_by("l"),
    "call log": open_by("p"),
    "palette": open_by("Control+k"),
    "shortcuts": open_by("?"),
    "record beside the list": open_record,
    "menu of a phone": open_menu,
}


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_back_closes_what_lies_over_the_page_and_then_leaves_it(page, opener):
    cover = opener(page)
    expect(cover).to_be_visible()
    page.evaluate("window.isSame = true")
    page.go_back()
    expect(cover).to_be_hidden()
    assert page.url.endswith("/customers/?mine=true")
    assert page.evaluate("window.isSame")
    page.go_back()
    expect(page).to_have_url(re.compile("/activities/"))


@pytest.mark.parametrize("opener", OPENERS.values(), ids=OPENERS)
def test_what_is_closed_by_escape_leaves_nothing_in_the_history(page, opener):
    cover = opener(page)
    expect(cover).to_be_visible()
    page.keyboard.press("Escape")
    expect(cover).to_be_hidden()
    page.wait_for_function("!history.state?.cover")
    page.go_back()
    expect(page).to_have_url(re.compile("/activities/"))


def test_back_closes_one_of_two_at_a_time(page):
    beside = open_record(page)
    expect(beside).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.go_back()
    expect(page.locator("#palette")).to_be_hidden()
    expect(beside).to_be_visible()
    page.go_back()
    expect(beside).to_be_hidden()
    assert page.url.endswith("/customers/?mine=true")


def test_a_page_that_was_opened_from_the_palette_goes_back_to_where_it_was_called(page):
    page.keyboard.press("Control+k")
    page.locator("#palette-results a[href='/offers/']").first.click()
    expect(page).to_have_url(re.compile("/offers/"))
    page.go_back()
    expect(page).to_have_url(re.compile("/customers/"))
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(re.compile("/activities/"))


def test_a_dialog_with_changes_asks_before_back_closes_it(page):
    page.keyboard.press("p")
    title = page.locator("#dialog [name=title]")
    title.fill("Keskustelu jatkuu")
    page.once("dialog", lambda question: question.dismiss())
    page.go_back()
    page.wait_for_function("history.state?.cover === 1")
    expect(title).to_have_value("Keskustelu jatkuu")
    page.once("dialog", lambda question: question.accept())
    page.go_back()
    expect(page.locator("#dialog")).to_be_hidden()


def test_what_is_saved_on_the_page_of_a_record_leaves_one_entry_of_it(page):
    page.locator("#list tbody tr td:not(.tick) a").first.click()
    expect(page.locator(".walk")).to_be_visible()
    page.keyboard.press("p")
    page.locator("#dialog [name=title]").fill("Soitto takaisin")
    page.keyboard.press("Enter")
    expect(page.locator("main .tl li", has_text="Soitto takaisin").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/customers/(\?mine=true)?$"))
