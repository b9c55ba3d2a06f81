"""A key account manager changes a threshold, sees who would move and sends the version; management approves it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.site import Site

Visit = Callable[..., Page]


def test_a_threshold_is_changed_previewed_sent_and_approved(visit: Visit, site: Site) -> None:
    page = visit("keymanager")
    page.goto("/criteria/")
    page.get_by_role("link", name="Uusi versio").first.click()
    page.fill("[name=justification]", "Raja nousee, koska pienet tarjoukset eivät kerro kasvusta.")
    page.get_by_role("button", name="Tee luonnos").click()
    expect(page.locator("main h1")).to_contain_text("versio")
    draft = page.url

    page.locator(".criteria-rule", has_text="Kasvavat").get_by_role("link", name=re.compile("Muokkaa sääntöä")).click()
    rule = page.locator(".cond-rule", has_text="Mittari").first
    expect(page.locator("#preview strong")).to_have_text(re.compile(r"^\d"))
    rule.locator("[name$=-enter]").fill("3")
    rule.locator("[name$=-leave]").fill("4")
    page.locator(".form-foot [name=save]").click()
    expect(rule.locator(".field-error")).to_have_text("Pysymisen raja on enintään yhtä suuri kuin tulon.")
    rule.locator("[name$=-leave]").fill("2")
    page.locator(".form-foot [name=save]").click()
    expect(page).to_have_url(draft)
    expect(page.locator(".criteria-rule", has_text="Kasvavat")).to_contain_text("vähintään 3 (pysymiseen 2)")

    page.goto(f"{draft}preview/")
    page.get_by_role("button", name="Laske").click()
    expect(page.locator("main h2").first).to_contain_text("siirtyisi")
    page.goto(draft)
    page.get_by_role("link", name="Arvioitu: lähetä johdolle").click()
    page.locator("#dialog").get_by_role("button", name="Lähetä").click()
    expect(page.locator(".page-head")).to_contain_text("odottaa johtoa")

    director = visit("management")
    director.goto(draft)
    director.get_by_role("link", name="Hyväksy").click()
    director.locator("#dialog").get_by_role("button", name="Hyväksy").click()
    expect(director.locator(".page-head")).to_contain_text("hyväksytty")
