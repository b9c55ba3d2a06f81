"""Segments over time in the browser: from the flow to the customers that moved, and the page of a segment."""

from __future__ import annotations

import re


def test_a_figure_of_the_flow_leads_to_the_customers_that_moved(visit):
    page = visit("manager")
    page.goto("/segments/")
    page.locator("#table-growth").wait_for()  # comes by its own request
    assert page.locator("svg.flow path.band").count() > 3
    rows = page.locator("section[aria-labelledby=table-sizes] tbody tr")
    entered = rows.filter(has=page.locator("th a", has_text=re.compile("^B "))).locator("td a").nth(3)
    number = int(re.sub(r"\D", "", entered.inner_text()))
    entered.click()
    page.wait_for_url(re.compile("/segments/customers/.*now="))
    shown = page.locator("#list table.t tbody tr").count()
    assert shown == min(number, 50)
    page.go_back()
    rows.locator("th a").first.click()
    page.wait_for_url(re.compile(r"/segments/\d+/"))
    page.locator("#table-sizes").wait_for()
    assert page.locator("section[aria-labelledby=table-in]").is_visible()
