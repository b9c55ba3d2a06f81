"""Lists: filter chips that open to ticked values, conditions chosen by keys, cards on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import settle

Visit = Callable[..., Page]
WIDE = (
    *("number", "title", "customer", "status", "net", "owner", "type", "date", "valid_until", "expected_close"),
    *("contact", "vat", "gross", "language"),
)
LISTS = (
    *("/customers/", "/contacts/", "/activities/", "/leads/?tab=all", "/offers/?tab=all", "/orders/?tab=all"),
    *("/pipeline/table/", "/users/"),
)
BEYOND = "box => Math.max(0, box.scrollWidth - box.clientWidth - 1)"


def test_a_chip_opens_straight_to_values_with_numbers_and_one_tick_filters(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/")
    page.click("#chip-owner summary")
    search = page.locator("#chip-owner .value-search")
    expect(search).to_be_focused()
    value = page.locator("#chip-owner .value", has_text="Mari Virtanen")
    expect(value.locator(".n")).to_have_text(re.compile(r"^[\d\s]+$"))
    number = value.locator(".n").inner_text()
    search.fill("mari virt")
    search.press("Enter")
    page.wait_for_url("**owner=**")
    expect(page.locator("#filters .count")).to_have_text(number)
    expect(search).to_have_value("mari virt")  # the menu stays as it was
    expect(value.locator("input")).to_be_checked()
    page.keyboard.press("Escape")
    expect(search).not_to_be_visible()


def test_a_condition_is_found_by_typing_and_taken_with_keys(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/")
    page.click("#chip-more summary")
    page.keyboard.type("toimiala")
    expect(page.locator("#chip-more [data-entry]:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#chip-more .value-search")).to_be_focused()
    page.keyboard.type("rakentaminen")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    page.wait_for_url("**industry=**")
    expect(page.locator("#chip-industry .value input:checked")).to_have_count(1)


def test_a_customers_tab_counts_in_its_menus_what_it_lists_and_stays_whole_without_a_filter(visit: Visit) -> None:
    page = visit("manager")
    tab = "/customers/1/activities/"
    page.goto(tab)
    page.click("#chip-type summary")
    value = page.locator("#chip-type .value:not(.is-none)").first
    expect(value.locator(".n")).to_have_text(re.compile(r"^\d+$"))
    number = value.locator(".n").inner_text()
    value.click()
    page.wait_for_url("**type=**")
    expect(page.locator("#filters .count")).to_have_text(number)
    page.goto(tab)
    page.click("#chip-when summary")
    page.click("#chip-when .value[data-value='']")
    page.wait_for_url(re.compile(r"/activities/\?when=$"))
    expect(page.locator("#chip-when summary")).not_to_contain_text(":")
    page.fill("#list-q", "a")
    page.wait_for_url("**q=a")
    page.fill("#list-q", "")
    page.wait_for_url(re.compile(r"/activities/\?when=$"))


def test_on_a_phone_a_row_is_a_card_with_three_facts_within_the_first_screen(visit: Visit) -> None:
    page = visit("manager", size="narrow")
    for address in ("/customers/", "/activities/", "/leads/?tab=all", "/offers/?tab=all", "/feedback/?tab=all"):
        page.goto(address)
        card = page.locator("table.cards tbody tr").first
        expect(card.locator("td.fact:visible")).to_have_count(3)
        expect(card.locator("td:visible:not(.tick, .head, .fact)")).to_have_count(0)
        assert card.bounding_box()["y"] < 400, address  # type: ignore[index]
    page.click("#list-more summary")
    expect(page.locator("#list-more [formaction*=xlsx]")).to_be_visible()


def test_no_list_goes_beyond_its_edge_at_1440(visit: Visit) -> None:
    page = visit("admin")
    cut = {}
    for address in LISTS:
        page.goto(address)
        page.locator("table.cards tbody tr").first.wait_for()
        cut[address] = page.eval_on_selector(".table-scroll", BEYOND)
    assert not any(cut.values()), cut


def test_a_list_that_is_too_wide_keeps_its_first_column_and_shows_that_it_goes_on(visit: Visit) -> None:
    page = visit("admin")
    page.goto("/offers/?tab=all&" + "&".join(f"columns={name}" for name in WIDE))
    box = page.locator(".table-scroll")
    expect(box).to_have_class(re.compile("is-cut-right"))
    settle(page)  # what comes by a request of its own moves the list
    first = box.locator("tbody tr").first.locator("td.tick + td")
    before = first.bounding_box()
    box.evaluate("box => box.scrollBy(300, 0)")
    expect(box).to_have_class(re.compile("is-cut-left"))
    now = first.bounding_box()
    assert abs(now["x"] - before["x"]) < 10  # it moves over the padding of the column of ticks
    assert (now["y"], now["width"]) == (before["y"], before["width"])


def test_a_head_unfolds_to_its_rows_and_the_foot_has_the_sum(visit: Visit) -> None:
    page = visit("admin")
    page.goto("/orders/?tab=all")
    expect(page.locator("tfoot td[title]")).to_have_text(re.compile(r"\d,\d\d\s€"))
    page.locator("#group-menu summary").click()
    page.locator("#group-menu").get_by_role("link", name="Asiakasvastaava").click()
    head = page.locator("details.group").first
    number = int(re.sub(r"\s", "", head.locator(".group-count").inner_text()))
    head.locator("summary").click()
    expect(head.locator("tbody tr")).to_have_count(min(number, 50))
    head.get_by_role("link", name="Näytä luettelona").click()
    expect(page.locator("#filters .count")).to_have_text(re.compile(rf"^{number}$"))
