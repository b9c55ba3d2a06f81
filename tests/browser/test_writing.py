"""Writing memos in the browser: the editor, drafts that survive, colleagues after @, the bell."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from tests.browser.waiting import wait_for_draft

LOG = "/activities/new/?type=call&customer=1"


def open_form(page):
    page.goto(LOG)
    page.wait_for_selector("trix-editor[connected]")
    page.wait_for_selector("trix-toolbar button[tabindex='0']")


def write(page, title, memo):
    page.fill("input[name=title]", title)
    page.click("trix-editor")
    page.keyboard.type(memo)


def test_what_is_formatted_in_the_editor_shows_so_on_the_page(visit):
    page = visit("manager")
    open_form(page)
    page.fill("input[name=title]", "Editori kokeiltu")
    page.click("trix-editor")
    page.click("[data-trix-attribute=bullet]")
    page.keyboard.type("first")
    page.keyboard.press("Enter")
    page.click("[data-trix-attribute=bold]")
    page.keyboard.type("second")
    page.click(".form-foot [type=submit]")
    page.wait_for_url("**/customers/1/**")
    page.goto("/activities/?q=Editori+kokeiltu")
    page.click("table.t a:has-text('Editori kokeiltu')")
    expect(page.locator(".rich li")).to_have_text(["first", "second"])
    expect(page.locator(".rich li strong")).to_have_text("second")


def test_the_editor_has_a_name_and_is_worked_by_keyboard(visit):
    page = visit("manager")
    open_form(page)
    editor = page.get_by_role("textbox", name="Memo")
    editor.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    editor.focus()
    page.keyboard.type("Title")
    expect(page.locator("trix-editor h2")).to_have_text("Title")


def test_a_draft_survives_a_closed_tab_and_goes_when_it_is_saved(visit):
    page = visit("manager")
    open_form(page)
    write(page, "Luonnos", "kirjoitettu ennen katkosta")
    wait_for_draft(page, "memo", ["<div>kirjoitettu ennen katkosta</div>"])
    context = page.context
    page.close()
    page = context.new_page()
    open_form(page)
    expect(page.locator(".draft-notice")).to_be_visible()
    expect(page.locator("input[name=title]")).to_have_value("Luonnos")
    expect(page.locator("trix-editor")).to_contain_text("kirjoitettu ennen katkosta")
    page.click(".form-foot [type=submit]")
    page.wait_for_url("**/customers/1/**")
    open_form(page)
    expect(page.locator(".draft-notice")).to_have_count(0)
    expect(page.locator("input[name=title]")).to_have_value("")


def test_a_lost_connection_is_said_and_loses_nothing(visit):
    page = visit("manager")
    open_form(page)
    write(page, "Katkos", "ei katoa")
    page.route("**/healthz", lambda route: route.fulfill(status=503))
    page.click(".form-foot [type=submit]")
    expect(page.locator("#toasts .danger")).to_be_visible()
    expect(page.locator("trix-editor")).to_contain_text("ei katoa")


def test_a_server_that_answers_late_is_no_lost_connection(visit):
    page = visit("manager")
    open_form(page)
    write(page, "Ruuhka", "menee perille")

    def answer_late(route):
        time.sleep(6)
        route.continue_()

    page.route("**/healthz", answer_late)
    page.click(".form-foot [type=submit]")
    page.wait_for_url("**/customers/1/**")


def test_a_discarded_draft_does_not_come_back(visit):
    page = visit("manager")
    open_form(page)
    page.fill("input[name=title]", "Turha")
    wait_for_draft(page, "title", ["Turha"])
    page.evaluate("document.querySelector('form[data-changed]').removeAttribute('data-changed')")
    open_form(page)
    page.click(".draft-notice button")
    page.wait_for_load_state()
    expect(page.locator("input[name=title]")).to_have_value("")
    expect(page.locator(".draft-notice")).to_have_count(0)


def test_colleagues_are_offered_after_an_at_sign(visit):
    page = visit("manager")
    open_form(page)
    page.click("trix-editor")
    page.keyboard.type("Kysytään @keym")
    expect(page.locator("#mention-list [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.type("pian")
    expect(page.locator("trix-editor")).to_contain_text("@keymanager pian")


def test_a_mention_rings_the_colleagues_bell_and_leads_to_the_activity(visit):
    page = visit("manager")
    open_form(page)
    write(page, "Mainittu kollega", "Katso tätä @adviser ")
    page.click(".form-foot [type=submit]")
    page.wait_for_url("**/customers/1/**")
    page = visit("adviser")
    page.goto("/notifications/")
    expect(page.locator("#bell .bell-n")).to_be_visible()
    page.click(".told a:has-text('Mainittu kollega')")
    page.wait_for_url(re.compile(r"/activities/\d+/$"))
    expect(page.locator(".rich a:has-text('@adviser')")).to_be_visible()


def test_without_javascript_a_memo_is_plain_text(visit):
    page = visit("manager", javascript=False)
    page.goto(LOG)
    page.fill("input[name=title]", "Ilman skriptiä")
    page.fill("textarea[name=memo]", "- yksi\n- kaksi")
    page.click(".form-foot [type=submit]")
    page.wait_for_url("**/customers/1/**")
    page.goto("/activities/?q=Ilman+skripti%C3%A4")
    page.click("table.t a:has-text('Ilman skriptiä')")
    expect(page.locator(".rich li")).to_have_text(["yksi", "kaksi"])
