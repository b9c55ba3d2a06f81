"""Work on many: a class to 120 customers from the list, its outcome row by row, and back by undo."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.waiting import reload_until

Visit = Callable[..., Page]
CLASS = "Tavaran- ja palveluntoimittajat"


def numbers(page: Page) -> dict[str, int]:
    """Return the sums of a run's page by their labels."""
    texts = [item.inner_text().split("\n") for item in page.locator(".bulk-sums > div").all()]
    return {label.strip(): int(re.sub(r"\D", "", value)) for label, value in texts}


def test_more_than_120_customers_get_a_class_and_are_put_back_by_undo(visit: Visit) -> None:
    page = visit("admin")
    page.goto("/customers/")
    page.locator("[data-check-all]").check()
    page.locator(".bulkbar [name=all]").check()
    page.locator(".bulkbar").get_by_role("button", name="Muuta luokkaa").click()

    dialog = page.locator("#dialog")
    dialog.locator("#id_node-ts-control").press_sequentially("Tavaran-")
    dialog.locator(".ts-dropdown:visible [data-selectable]", has_text=CLASS).first.click()
    expect(dialog.locator("#bulk-live")).to_contain_text(f"Lisää luokka ”{CLASS}”")
    expect(dialog.locator("#bulk-live")).to_contain_text("Voidaan kumota 24 tunnin ajan.")
    dialog.locator("#bulk-live [name=start]").click()

    page.wait_for_url(re.compile(r"/bulk/\d+/$"))
    expect(page.locator(".page-head .st")).to_have_text("valmis")  # the page follows its job
    done = numbers(page)
    assert done["Tehty"] >= 120
    assert done["Tehty"] + done.get("Ennallaan", 0) == done["Valittu"]
    expect(page.locator("#list tbody tr").first).to_contain_text("tehty")

    page.get_by_role("link", name="Kumoa", exact=True).click()
    dialog.get_by_role("button", name="Kumoa").click()
    expect(page.locator(".page-head .st")).to_have_text("kumottu")  # the page follows its job
    assert numbers(page)["Kumottu"] == done["Tehty"]
    page.locator("#list tbody a").first.click()
    page.locator(".tabs-more summary").click()
    page.get_by_role("link", name="Historia").click()
    expect(page.locator(".history")).to_contain_text("joukkotoiminnon nro")


def test_the_steps_work_without_javascript(visit: Visit) -> None:
    page = visit("admin", javascript=False)
    page.goto("/customers/")
    page.locator("#list tbody [name=ids]").first.check()
    page.locator(".bulkbar").get_by_role("button", name="Muuta luokkaa").click()
    page.locator("[name=node]").select_option(label=CLASS)
    page.get_by_role("button", name="Esikatsele").click()
    page.locator(".form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/bulk/\d+/$"))
    reload_until(page, lambda moment: expect(page.locator(".page-head .st")).to_have_text("valmis", timeout=moment))


def test_the_first_click_presses_a_button_below_an_open_list(visit: Visit) -> None:
    page = visit("admin")
    page.goto("/customers/")
    page.locator("#list tbody [name=ids]").first.check()
    page.locator(".bulkbar").get_by_role("button", name="Muuta luokkaa").click()
    dialog = page.locator("#dialog")
    expect(dialog.locator(".ts-dropdown:visible")).to_be_visible()  # it opens with the dialog and takes room there
    place = dialog.locator("button[type=submit]").last.bounding_box()
    assert place
    page.mouse.click(place["x"] + 20, place["y"] + 10, delay=60)
    expect(dialog.locator(".error-summary")).to_be_visible()
