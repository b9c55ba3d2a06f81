"""A selection is built in a few actions, saved in the menu, and used as a list; filters are saved at one press."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
MOST_ACTIONS = 14


class Actions:
    """Counts clicks, keys and typed fields."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def click(self, locator: object) -> None:
        self.count += 1
        locator.click()  # type: ignore[attr-defined]

    def type(self, text: str) -> None:
        self.count += 1
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def fill(self, selector: str, text: str) -> None:
        self.count += 1
        self.page.fill(selector, text)


def test_segment_place_visits_and_decision_maker_in_at_most_14_actions(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/")
    do = Actions(page)

    do.click(page.locator("#side").get_by_role("link", name="Poiminnat", exact=True))
    do.click(page.get_by_role("link", name="Uusi poiminta", exact=True))
    palette = page.locator(".conditions-box")
    do.click(palette.get_by_role("button", name="Segmentti", exact=True))
    do.click(page.get_by_label("B – Kasvavat asiakkaat"))
    do.click(palette.get_by_role("button", name="Kunta", exact=True))
    expect(page.locator("[data-new] .ts-wrapper.focus")).to_be_visible()
    do.type("Espoo")
    expect(page.locator("[data-new] .ts-dropdown .option.active")).to_have_text("Espoo")
    do.press("Enter")
    do.click(palette.get_by_role("button", name="Ei käyntiä … päivään"))
    expect(page.locator("[data-new] legend")).to_have_text("Toimenpiteet")
    do.click(palette.get_by_role("button", name="Päättäjä tiedossa"))
    expect(page.locator("#preview strong")).to_have_text(re.compile(r"^\d+ asiakas(ta)?$"))
    expect(page.locator("#preview")).to_contain_text("Rooli päätöksenteossa: Päättäjä")
    do.fill("#builder [name=name]", "Espoon kasvavat")
    do.click(page.locator("#builder .form-foot [name=save]"))

    expect(page.locator("h1")).to_have_text("Espoon kasvavat")
    assert do.count <= MOST_ACTIONS
    page.locator("#side").get_by_role("link", name="Espoon kasvavat").click()
    expect(page).to_have_url(re.compile(r"/customers/\?selection=\d+$"))
    expect(page.locator(".chip.on")).to_contain_text("Espoon kasvavat")


def test_selection_is_built_without_javascript(visit: Visit) -> None:
    page = visit("manager", javascript=False)
    page.goto("/selections/new/")
    page.get_by_role("button", name="Segmentti", exact=True).click()
    page.get_by_label("B – Kasvavat asiakkaat").check()
    page.get_by_role("button", name="Laske rivit").click()
    expect(page.locator("#preview strong")).to_have_text(re.compile(r"\d+\s+asiakasta"))
    page.get_by_role("button", name="Henkilöstö", exact=True).click()
    expect(page.get_by_label("B – Kasvavat asiakkaat")).to_be_checked()
    page.get_by_role("button", name="Poista: Henkilöstö").click()
    page.fill("#builder [name=name]", "Ilman skriptiä")
    page.locator("#builder .form-foot [name=save]").click()
    expect(page.locator("h1")).to_have_text("Ilman skriptiä")


def test_filters_of_the_list_are_saved_at_one_press(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?obliged=true")
    page.get_by_role("button", name="Tallenna poiminnaksi").click()
    expect(page).to_have_url(re.compile(r"/customers/\?selection=\d+$"))
    expect(page.locator("#side").get_by_role("link", name=re.compile("Ostovelvollinen"))).to_be_visible()
