"""The start page, the menu and the palette in the browser: arranged, folded, and a panel that fails."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

Visit = Callable[..., Page]


def test_the_start_page_is_arranged_without_javascript_and_put_back(visit: Visit) -> None:
    page = visit("assistant", javascript=False)
    page.goto("/start/arrange/")
    page.locator("[value='hide:start_open']").click()
    expect(page.locator("[value='show:start_open']")).to_be_visible()
    page.goto("/start/")
    expect(page.locator("#panel-start_open")).to_have_count(0)
    page.goto("/start/arrange/")
    page.locator("[name=reset]").click()
    expect(page.locator("[value='hide:start_open']")).to_be_visible()


def test_a_panel_that_fails_says_so_and_is_asked_again(visit: Visit) -> None:
    page = visit("assistant")
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else route.continue_()

    page.route("**/start/invoicing/", answer)
    page.goto("/start/")
    expect(page.locator("#panel-start_open h2")).to_contain_text("Omat avoimet toimenpiteet")
    page.locator("#panel-start_to_invoice [data-panel-again]").click()
    expect(page.locator("#panel-start_to_invoice .start-panel h2")).to_contain_text("Laskutettavat")
    visit.problems.clear()  # type: ignore[attr-defined]  # the failure was meant


def test_the_menu_stays_folded_as_it_was_left_and_lists_what_was_opened(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?q=nokian+konepaja")
    page.locator("#list tbody").get_by_role("link", name="Nokian Konepaja Oy", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Nokian Konepaja Oy")
    page.wait_for_load_state()  # the script of the menu comes last
    page.locator("[data-nav-group=recent] summary").click()
    expect(page.locator("[data-nav-group=recent] li").first).to_contain_text("Nokian Konepaja Oy")
    work = page.locator("[data-nav-group=work]")
    was_open = work.get_attribute("open") is not None
    work.locator("summary").click()
    page.goto("/contacts/")
    expect(work).to_have_js_property("open", not was_open)
    expect(page.locator("[data-nav-group=recent] li").first).to_contain_text("Nokian Konepaja Oy")


def test_the_palette_opens_a_list_by_its_name_and_logs_a_call_with_a_customer(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/contacts/")
    page.keyboard.press("Control+k")
    page.keyboard.type("asiakkaat")
    expect(page.locator("#palette-results[data-query=asiakkaat] a").first).to_have_text("Asiakkaat")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/customers/(\?mine=true)?$"))
    page.keyboard.press("Control+k")
    page.keyboard.type("kirjaa soitto nokian konepaja")
    hits = page.locator("#palette-results[data-query='kirjaa soitto nokian konepaja'] a")
    expect(hits.first).to_contain_text("Kirjaa soitto: Nokian Konepaja Oy")
    page.keyboard.press("Enter")
    expect(page.locator("#dialog [name=title]")).to_be_visible()
