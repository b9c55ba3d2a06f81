"""The pipeline in the browser: dragging a card does what its menu does, a refused one goes back; charts are drawn."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

CARD = "[data-column={0}] .board-card.may-move"


def board(page):
    page.goto("/pipeline/?mine=true")
    page.locator(".board-card").first.wait_for()
    return page


def drag(page, card, column):
    """Drag a card onto another column as a hand does it."""
    target = page.locator(f"[data-column={column}]")
    card.scroll_into_view_if_needed()
    start, end = card.bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] - 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 50, start["y"] + start["height"], steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=15)
    page.mouse.move(end["x"] + end["width"] / 2 + 2, end["y"] + 62, steps=3)
    page.mouse.up()


def title_of(card):
    return card.locator(".board-title").inner_text()


def column_of(page, url):
    return page.locator(f".board-card:has(a[href='{url}'])").locator("xpath=ancestor::ul").get_attribute("data-column")


@pytest.fixture
def page(visit):
    return board(visit("manager"))


def test_a_dropped_card_asks_for_the_reason_and_moves_when_it_is_told(page):
    card = page.locator(CARD.format("open")).first
    url = card.locator(".board-title").get_attribute("href")
    drag(page, card, "lost")
    dialog = page.locator("#dialog[open]")
    dialog.locator("select[name=reason]").wait_for(state="attached")
    page.evaluate(
        """() => { const field = document.querySelector("#dialog select[name=reason]");
            const value = [...field.options].find((one) => one.value).value;
            if (field.tomselect) field.tomselect.setValue(value); else field.value = value; }"""
    )
    with page.expect_navigation():
        dialog.locator("button[type=submit].btn-danger, button[type=submit].btn-primary").first.click()
    assert re.search(r"/pipeline/\?mine=true", page.url)
    assert column_of(page, url) == "lost"
    page.locator(".toastx").first.wait_for()


def test_a_cancelled_move_takes_the_card_back(page):
    card = page.locator(CARD.format("open")).first
    url = card.locator(".board-title").get_attribute("href")
    drag(page, card, "order")
    page.locator("#dialog[open] form").wait_for()
    assert column_of(page, url) == "order"
    page.keyboard.press("Escape")
    expect(page.locator(f"[data-column=open] a[href='{url}']")).to_have_count(1)


def test_a_refused_move_goes_back_with_the_sentence(page):
    card = page.locator(CARD.format("lead")).first
    url = card.locator(".board-title").get_attribute("href")
    with page.expect_response(re.compile("/move/")) as answer:
        drag(page, card, "sent")
    assert answer.value.status == 409
    page.locator(".toastx.danger").wait_for()
    assert column_of(page, url) == "lead"
    assert not page.locator("#dialog[open]").count()


def test_a_lead_becomes_an_offer_by_the_form_of_a_new_one(page):
    drag(page, page.locator(CARD.format("lead")).first, "open")
    page.locator("#dialog[open] .type-buttons a").last.click()
    page.wait_for_url("**/offers/new/**activity=*")


def test_a_card_dropped_on_sent_opens_the_letter_that_sends_it(page):
    drag(page, page.locator(CARD.format("open")).last, "sent")
    page.wait_for_url(re.compile(r"/offers/\d+/(send|mark-sent)/|/pipeline/"))
    page.locator("textarea[name=body], #dialog[open] form").first.wait_for(state="attached")


def test_the_menu_of_a_card_opens_the_same_page_by_keyboard(page):
    card = page.locator(CARD.format("sent")).first
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.locator(".menu-box a[href*='to=lost']").focus()
    page.keyboard.press("Enter")
    page.locator("#dialog[open] select[name=reason]").wait_for(state="attached")


def test_without_javascript_the_menu_leads_to_the_page(visit):
    page = board(visit("manager", javascript=False))
    card = page.locator(CARD.format("sent")).first
    card.locator("summary").click()
    card.locator(".menu-box a[href*='to=lost']").click()
    page.wait_for_url("**/lose/?next=*")
    assert page.locator("select[name=reason]").count() == 1


def test_filters_keep_the_board_movable(page):
    page.click("#chip-more summary")
    page.goto("/pipeline/")
    page.locator("a.chip-switch, .chip a[href*='mine=true']").first.click()
    page.wait_for_url("**mine=true**")
    drag(page, page.locator(CARD.format("lead")).first, "order")
    page.locator(".toastx.danger").wait_for()


@pytest.mark.parametrize("path", ["/pipeline/forecast/", "/offers/reports/hit-rate/", "/offers/reports/types/"])
def test_charts_are_drawn_beside_their_table(visit, path):
    page = visit("management")
    page.goto(path)
    canvas = page.locator(".chart canvas").first
    canvas.wait_for()
    drawn = canvas.evaluate(
        "box => new Set(box.getContext('2d').getImageData(0, 0, box.width, box.height).data).size > 8"
    )
    assert drawn
    assert page.locator("table.t tbody tr").count() > 1


def test_without_javascript_a_report_is_its_table(visit):
    page = visit("management", javascript=False)
    page.goto("/offers/reports/hit-rate/")
    assert not page.locator(".chart").first.is_visible()
    assert page.locator("table.t tbody tr").first.is_visible()
