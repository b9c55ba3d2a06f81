"""The annual clock in the browser: a mark is dragged to another month, the message takes it back; why others stay."""

from __future__ import annotations

from math import cos, pi, sin

from playwright.sync_api import expect

#: An event of the defaults with one month: the funding call of summer.
NAME = "Rahoitushaku"


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def month_at(wheel, month):
    """Return a point in the sector of a month."""
    x, y = middle(wheel)
    angle, far = (month - 0.5) * pi / 6, wheel["width"] * 0.32
    return x + far * sin(angle), y - far * cos(angle)


def drag(page, mark, month):
    x, y = middle(mark.bounding_box())
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y + 8, steps=3)
    page.mouse.move(*month_at(page.locator("svg.clock").bounding_box(), month), steps=12)
    page.mouse.up()


def mark_of(page, name):
    return page.locator(".clock-mark", has=page.locator("title", has_text=name)).first


def test_a_mark_is_dragged_to_another_month_and_back(visit):
    page = visit("keymanager")
    page.goto("/care/annual-clock/?year=2027")
    mark = mark_of(page, NAME)
    assert mark.get_attribute("data-from") == "6"
    drag(page, mark, 8)
    expect(page.get_by_text("siirrettiin: kesäkuu → elokuu")).to_be_visible()
    assert mark_of(page, NAME).get_attribute("data-from") == "8"
    page.get_by_role("button", name="Kumoa").click()
    expect(page.get_by_text("Toimenpide on taas entisessä kuukaudessaan.")).to_be_visible()
    assert mark_of(page, NAME).get_attribute("data-from") == "6"


def test_what_stays_says_why(visit):
    page = visit("keymanager")
    page.goto("/care/annual-clock/")
    drag(page, page.locator(".clock-mark[data-fixed]").first, 8)
    expect(page.locator("[data-clock-said]")).not_to_be_empty()


def test_without_scripts_the_button_opens_the_form(visit):
    page = visit("keymanager", javascript=False)
    page.goto("/care/annual-clock/?year=2027")
    page.locator("tr", has_text=NAME).get_by_role("link", name="Siirrä").click()
    page.select_option("[name=to]", "9")
    page.click("main form[method=post] button[type=submit].btn-primary")
    expect(page.get_by_text("siirrettiin: kesäkuu → syyskuu")).to_be_visible()
    page.locator("tr", has_text=NAME).get_by_role("link", name="Siirrä").click()
    page.select_option("[name=to]", "6")
    page.click("main form[method=post] button[type=submit].btn-primary")
    expect(page.get_by_text("siirrettiin: syyskuu → kesäkuu")).to_be_visible()
