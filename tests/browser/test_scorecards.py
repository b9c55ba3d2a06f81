"""A scorecard in the browser: made with a goal by hand, filled in, sent, approved by management, printed."""

from __future__ import annotations

import re

from playwright.sync_api import expect

#: A year of which the demo data has no scorecard of the customer strategy.
YEAR = "2012"


def test_a_scorecard_is_made_filled_in_approved_and_printed(visit):
    page = visit("keymanager")
    page.goto("/scorecards/new/")
    page.select_option("select[name=kind]", "strategy")
    page.fill("input[name=year]", YEAR)
    page.get_by_role("button", name="Tee luonnos").click()
    page.wait_for_url(re.compile(r"/scorecards/\d+/$"))
    address = page.url

    page.get_by_role("link", name="Lisää tavoite").click()
    dialog = page.locator("#dialog")
    dialog.locator("select[name=perspective]").select_option(index=1)
    dialog.locator("input[name=goal]").fill("Tavataan johto")
    dialog.locator("input[name=name]").fill("Johdon tapaamiset")
    dialog.locator("input[name=target]").fill("4")
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".score-table")).to_contain_text("Tavataan johto")

    page.get_by_role("link", name="Syötä arvot").click()
    goal = page.get_by_role("group", name="Tavataan johto")
    goal.locator("input[name^=entered_]").fill("5")
    goal.locator("input[name^=comment_]").fill("Hyvällä tiellä")
    page.get_by_role("button", name="Tallenna").click()
    page.wait_for_url(address)
    expect(page.locator(".score-table")).to_contain_text("Hyvällä tiellä")
    page.get_by_role("link", name="Lähetä johdolle").click()
    dialog.get_by_role("button", name="Lähetä").click()
    expect(page.locator(".page-head")).to_contain_text("odottaa johdon hyväksyntää")

    page = visit("management")
    page.goto(address)
    page.get_by_role("link", name="Hyväksy", exact=True).click()
    page.locator("#dialog").get_by_role("button", name="Hyväksy").click()
    expect(page.locator(".page-head")).to_contain_text("hyväksytty")
    row = page.locator(".score-table tbody tr", has_text="Tavataan johto")
    expect(row).to_contain_text("5")
    assert page.request.get(f"{address}pdf/").body().startswith(b"%PDF")
