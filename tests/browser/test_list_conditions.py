"""A list gets deeper conditions from the builder, and columns get widths; views keep both, and changes are undone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]


def width_of(page: Page, column: str) -> int:
    return round(page.locator(f"th[data-column={column}]").evaluate("head => head.getBoundingClientRect().width"))


def test_list_is_given_deeper_conditions_which_a_view_keeps(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?mine=true")
    page.get_by_role("link", name="Lisäehdot…").click()
    expect(page.locator(".cond-rule legend")).to_have_text(["Vastuuhenkilö"])
    page.get_by_role("button", name="Ainakin yksi näistä").click()
    expect(page.locator(".cond-group .cond-group")).to_be_visible()
    page.locator("[data-palette-search]").fill("käyntiä")
    page.keyboard.press("Enter")
    expect(page.locator(".cond-group .cond-group .cond-rule legend")).to_have_text(["Toimenpiteet"])
    page.get_by_role("button", name="Käytä luettelossa").last.click()
    expect(page).to_have_url(re.compile(r"/customers/\?.*mine=true"))
    expect(page.locator(".chip.on .chip-link")).to_contain_text("Lisäehdot: ")

    page.locator("#views-menu summary").click()
    page.locator("#views-menu").get_by_role("link", name="Tallenna näkymäksi").click()
    page.fill("#dialog [name=name]", "Ei käyntiä")
    page.locator("#dialog").get_by_role("button", name="Tallenna näkymä").click()
    expect(page).to_have_url(re.compile(r"/customers/\?view=\d+$"))
    page.locator(".chip.on .chip-x").first.click()
    expect(page.locator("#views-menu summary")).to_contain_text("muutettu")
    expect(page.locator(".chip.on .chip-link")).to_have_count(0)
    page.get_by_role("button", name="Tallenna muutokset").click()
    expect(page.get_by_text("Aiemmin: ")).to_be_visible()
    page.get_by_role("button", name="Kumoa").last.click()
    expect(page.locator(".chip.on .chip-link")).to_contain_text("Lisäehdot: ")
    expect(page.locator("#views-menu summary")).to_have_text("Ei käyntiä")


def test_column_is_as_wide_as_one_draws_it_until_it_is_reset(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?mine=true")
    first = page.locator("th[data-column] .col-edge").first
    name = page.locator("th[data-column]").first.get_attribute("data-column")
    assert name
    automatic = width_of(page, name)
    box = first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 4, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 84, box["y"] + 8, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile(rf"widths={name}\.\d+"))
    drawn = width_of(page, name)
    assert abs(drawn - automatic - 80) <= 2

    page.locator(f"#edge-{name}").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(rf"widths={name}\.{drawn - 20}\b"))
    expect(page.locator(f"#edge-{name}")).to_be_focused()
    expect(page.locator(f"#edge-{name}")).to_have_attribute("aria-valuenow", str(drawn - 20))
    page.reload()
    assert width_of(page, name) == drawn - 20

    page.locator(f"#edge-{name}").dblclick()
    expect(page).not_to_have_url(re.compile("widths="))
    assert abs(width_of(page, name) - automatic) <= 2
