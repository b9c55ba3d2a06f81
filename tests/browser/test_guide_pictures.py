"""The pictures of the guides are of the pages themselves.

``PICTURES=1 make test ARGS=tests/browser/test_guide_pictures.py`` makes them again in ``static/img/help/``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import testing
from tests.browser.site import Site

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


def shown(path: str, part: str = "main h1") -> Callable[[Page], None]:
    """Return what opens the page at ``path`` and waits for a part of it."""

    def open_page(page: Page) -> None:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        expect(page.locator(part).first).to_be_visible()

    return open_page


def ticked_rows(page: Page) -> None:
    page.goto("/customers/")
    for number in range(3):
        page.locator("#list [name=ids]").nth(number).check()
    expect(page.locator(".bulkbar")).to_be_visible()


def care_plan(page: Page) -> None:
    customer(page)
    page.goto(f"{page.url.partition('?')[0]}care-plan/")
    expect(page.locator(".care-actions").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def care_content(page: Page) -> None:
    customer(page)
    page.goto(f"{page.url.partition('?')[0]}care-plan/content/")
    expect(page.locator("main dl.kv").first).to_be_visible()


def counted_customers(page: Page) -> None:
    """Open the customers behind a figure of reach."""
    page.goto("/care/adherence/?by=segment")
    page.locator("main a[href*='/care/adherence/customers/']").first.click()
    expect(page.locator("#list tbody tr").first).to_be_visible()


def scorecard(page: Page) -> None:
    page.goto("/scorecards/")
    page.locator("#list tbody a[href^='/scorecards/']").first.click()
    expect(page.locator("main table").first).to_be_visible()


#: The account and what opens the page, of each guide and of the further pages that it shows.
PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "start": ("marketing", search),
    "customers": ("marketing", customer),
    "selections": ("manager", shown("/selections/1/edit/", ".sample")),
    "bulk": ("manager", ticked_rows),
    "activities": ("marketing", visit_form),
    "calendar": ("manager", shown("/calendar/?view=week", ".fc-event")),
    "mail": ("manager", shown("/mail/inbox/")),
    "feedback": ("manager", shown("/feedback/?tab=all", "#list tbody tr")),
    "offers": ("manager", shown("/pipeline/", ".board-cards > *")),
    "segmentation": ("marketing", segments),
    "segmentwork": ("manager", shown("/segmentation-work/", "#list tbody tr")),
    "criteria": ("marketing", criteria),
    "careyear": ("manager", care_plan),
    "careplans": ("management", shown("/care-models/1/", ".care-actions")),
    "careplan": ("manager", care_content),
    "carework": ("manager", shown("/care/planning/", ".plan-week")),
    "adherence": ("management", shown("/care/adherence/", "table")),
    "annualclock": ("keymanager", shown("/care/annual-clock/", "svg.clock")),
    "capacity": ("keymanager", shown("/care/capacity/", ".care-load td")),
    "counted": ("management", counted_customers),
    "keyaccounts": ("management", shown("/care/key-accounts/", ".key-accounts .cadence")),
    "scorecards": ("management", scorecard),
    "admin": ("admin", shown("/classifications/", ".tree")),
}


@pytest.fixture
def language_of(site: Site) -> Iterator[Callable[[str], None]]:
    """Give all accounts of the pictures a language; afterwards they have the one before."""

    def choose(language: str) -> None:
        accounts = sorted({account for account, _prepare in PICTURES.values()})
        statement = "UPDATE accounts_user SET language = %s WHERE username = ANY(%s)"
        testing.execute(statement, [language, accounts], database=site.database)

    yield choose
    choose("fi")


@pytest.mark.parametrize("language", ["fi", "en"])
def test_the_pages_of_the_guides_make_small_pictures(
    visit: Visit, language_of: Callable[[str], None], language: str
) -> None:
    language_of(language)
    pages: dict[str, Page] = {}
    for name, (account, prepare) in PICTURES.items():
        if account not in pages:
            pages[account] = visit(account)
            pages[account].set_viewport_size(SIZE)  # type: ignore[arg-type]
        prepare(pages[account])
        expect(pages[account].locator("html")).to_have_attribute("lang", language)
        made = pages[account].screenshot(type="jpeg", quality=QUALITY, animations="disabled", caret="hide")
        kept = FOLDER / language / f"{name}.jpg"
        if os.environ.get("PICTURES"):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(made)
        assert 10_000 < kept.stat().st_size <= MOST_BYTES, kept
