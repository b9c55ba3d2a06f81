"""A scorecard in the browser: the draft's values are entered and sent, and management approves them."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def test_a_scorecard_is_filled_in_sent_and_approved(visit):
    page = visit("keymanager")
    page.goto("/scorecards/?kind=strategy&status=draft")
    page.locator("#list table.t tbody a").first.click()
    page.wait_for_url(re.compile(r"/scorecards/\d+/"))
    address = page.url
    page.get_by_role("link", name="Enter values").click()
    page.locator("input[name^=comment_]").first.fill("On a good way")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(address)
    expect(page.locator(".score-table")).to_contain_text("On a good way")
    page.get_by_role("link", name="Send to management").click()
    page.locator("#dialog").get_by_role("button", name="Send").click()
    expect(page.locator(".page-head")).to_contain_text("waits for management")
    page = visit("management")
    page.goto(address)
    page.get_by_role("link", name="Approve").click()
    page.locator("#dialog").get_by_role("button", name="Approve").click()
    expect(page.locator(".page-head")).to_contain_text("approved")
    expect(page.locator(".score-table")).to_contain_text("Approved actual")
