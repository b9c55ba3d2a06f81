"""The pictures of the guides are of the pages themselves.

``PICTURES=1 make test ARGS=tests/browser/test_guide_pictures.py`` makes them again in ``static/img/help/``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
FOLDER = Path(__file__).resolve().parents[2] / "static/img/help"
MOST_BYTES, QUALITY = 60_000, 42
SIZE = {"width": 1000, "height": 640}


def search(page: Page) -> None:
    page.goto("/start/")
    page.keyboard.press("Control+k")
    page.keyboard.type("nokian")
    expect(page.locator("#palette-results")).to_contain_text("Nokian Konepaja Oy")


def customer(page: Page) -> None:
    page.goto("/customers/?q=espoon+kaupunki")
    page.locator("#list tbody").get_by_role("link", name="Espoon kaupunki", exact=True).click()
    expect(page.locator(".people").first).to_be_visible()
    expect(page.locator("main .tl").first).to_be_visible()


def visit_form(page: Page) -> None:
    customer(page)
    page.keyboard.press("n")
    english = page.locator("html[lang=en]").count()
    page.locator("#dialog [name=goal]").fill("Training needs for spring" if english else "Kevään koulutustarpeet")


def segments(page: Page) -> None:
    customer(page)
    page.goto(f"{page.url.partition('?')[0]}segments/")
    expect(page.locator(".segment-strip").first).to_be_visible()


def criteria(page: Page) -> None:
    page.goto("/criteria/")
    page.locator("main a[href^='/criteria/']").filter(has_not_text="+").first.click()
    expect(page.locator("main")).not_to_contain_text(re.compile("Counting|Lasketaan"))


PICTURES = {
    "start": search,
    "customers": customer,
    "activities": visit_form,
    "segmentation": segments,
    "criteria": criteria,
}


@pytest.mark.parametrize("language", ["fi", "en"])
def test_the_pages_of_the_guides_make_small_pictures(visit: Visit, language: str) -> None:
    page = visit("marketing")
    page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    page.goto("/start/")
    page.locator(".top details.menu summary").last.click()
    page.locator(f".menu-choice [name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    for name, prepare in PICTURES.items():
        prepare(page)
        made = page.screenshot(type="jpeg", quality=QUALITY, animations="disabled", caret="hide")
        kept = FOLDER / language / f"{name}.jpg"
        if os.environ.get("PICTURES"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(made)
        assert 10_000 < kept.stat().st_size <= MOST_BYTES, kept
