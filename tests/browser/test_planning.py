"""The planning page in the browser: work is dragged onto a day, and the message takes it back."""

from __future__ import annotations

from playwright.sync_api import expect


def test_work_is_dragged_onto_a_day_and_back(visit):
    page = visit("manager")
    page.goto("/care/planning/")
    count = page.locator(".plan-open h2 .muted").inner_text()
    work = page.locator(".plan-places [data-work]").first
    number = work.get_attribute("data-work")
    day = page.locator(".plan-week [data-day]").nth(9)
    work.drag_to(day)
    expect(page.get_by_text("1 toimenpide siirrettiin.")).to_be_visible()
    expect(page.locator(f".plan-week [data-day] [data-work='{number}']:not(.muted)")).to_have_count(1)
    page.get_by_role("button", name="Kumoa").click()
    expect(page.get_by_text("1 toimenpide on ennallaan.")).to_be_visible()
    expect(page.locator(f".plan-places [data-work='{number}']")).to_have_count(1)
    expect(page.locator(".plan-open h2 .muted")).to_have_text(count)
