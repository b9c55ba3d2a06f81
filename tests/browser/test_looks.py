"""What must be in line and what must be free, measured in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

#: The distance from the left edge of each head cell, and of the cell below it, to its text (the right edge of numbers).
TEXTS = """() => {
  const edge = (cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    const handle = cell.querySelector(":scope > .col-edge");  // lies over the edge of the cell
    if (handle) range.setEndBefore(handle);
    const text = range.getBoundingClientRect();
    return cell.classList.contains("num") ? text.right : text.left;
  };
  const cells = (row) => [...row.cells].filter((cell) => cell.offsetParent && !cell.classList.contains("tick"));
  const [heads, below] = ["thead", "tbody"].map((part) => cells(document.querySelector(`table.t ${part} tr`)));
  return heads.map((head, index) => Math.abs(edge(head) - edge(below[index])));
}"""
#: Where the sign of an error ends and where the button of the calendar begins, of each field that has both.
SIGNS = """() => [...document.querySelectorAll(".pick")].map((box) => {
  const field = box.querySelector(".form-control"), style = getComputedStyle(field);
  const offset = style.backgroundPosition.match(/100% - (\\d+)px/)?.[1] ?? "0";
  const sign = field.getBoundingClientRect().right - parseFloat(offset);
  const button = box.querySelector("button").getBoundingClientRect().left;
  return { shown: style.backgroundImage !== "none", free: button - sign };
})"""


@pytest.mark.parametrize("path", ["/customers/", "/activities/", "/offers/"])
def test_the_heads_of_a_list_are_over_their_columns_on_a_tablet(visit, path):
    page = visit("manager")
    page.set_viewport_size({"width": 820, "height": 1100})  # on a phone lists are cards
    page.goto(path)
    assert max(page.evaluate(TEXTS)) < 1.5


WRONG_DAYS = ["/nps/?first=x&last=y", "/offers/reports/types/?first=x", "/activities/?start_from=x"]


@pytest.mark.parametrize("path", WRONG_DAYS)
def test_the_sign_of_an_error_is_beside_the_button_of_the_calendar(visit, path):
    page = visit("management")
    page.goto(path)
    signs = [sign for sign in page.evaluate(SIGNS) if sign["shown"]]
    assert signs
    assert min(sign["free"] for sign in signs) >= 0


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, {"width": 380, "height": 800}])
def test_save_stays_in_sight_on_a_long_form_and_covers_no_field(visit, size):
    page = visit("manager")
    page.set_viewport_size(size)
    page.goto("/customers/1/edit/")
    save = page.locator("main form > .form-foot [type=submit]")
    expect(save).to_be_in_viewport()
    page.locator("#id_description").focus()
    expect(save).to_be_in_viewport()
    page.keyboard.press("Shift+Tab")
    bar = page.locator("main form > .form-foot").bounding_box()
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= bar["y"] + bar["height"]


def test_the_guide_is_that_of_the_tab_that_was_loaded(visit):
    page = visit("manager")
    page.goto("/customers/1/")
    page.locator("[data-tab][href$='/activities/']").click()
    page.wait_for_url("**/activities/")
    page.locator("body").press("?")
    expect(page.locator("#shortcuts [data-guide-link]")).to_have_attribute("href", "/help/activities/")
