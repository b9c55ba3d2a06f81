"""The main job end to end, as people do it: find a customer, log a visit, see it, close it."""

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.browser.site import Site

Visit = Callable[..., Page]
HELSINKI = ZoneInfo("Europe/Helsinki")
NOKIA = "Nokian Konepaja Oy"


def open_customer(page: Page, text: str, name: str) -> None:
    page.goto("/customers/?view=all")
    page.fill("#list-q", text)
    page.locator("#list tbody").get_by_role("link", name=name, exact=True).click()
    expect(page.locator("h1")).to_contain_text(name)


def choose_type(page: Page, name: str) -> None:
    page.locator(".top a[data-shortcut=l]").click()
    page.locator("#dialog").get_by_role("link", name=name, exact=True).click()


def test_a_misspelt_name_finds_the_customer(visit: Visit) -> None:
    page = visit("manager")

    open_customer(page, "nokain konepja", NOKIA)

    expect(page).to_have_url(re.compile(r"/customers/\d+/$"))


def test_a_visit_is_logged_seen_and_done(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?mine=true&sort=-name")  # where the other tests leave nothing on the timeline
    page.locator("#list tbody tr td a").first.click()
    expect(page).to_have_url(re.compile(r"/customers/\d+/$"))
    customer = page.url

    page.get_by_role("link", name="Kirjaa käynti", exact=True).click()
    page.fill("#dialog [name=title]", "Käynti: uuden linjan koulutustarve")
    page.fill("#dialog [name=goal]", "Ryhmän koko ja aloitus")
    page.fill("#dialog [name=start]", f"{dt.datetime.now(HELSINKI) - dt.timedelta(minutes=2):%d.%m.%Y %H.%M}")
    page.locator("#dialog button[type=submit]").first.click()

    timeline = page.locator("main .tl li", has_text="uuden linjan koulutustarve")
    expect(timeline).to_contain_text("Ryhmän koko ja aloitus")
    expect(timeline).to_contain_text("myöhässä")
    page.goto("/activities/mine/")
    page.locator("li", has_text="uuden linjan koulutustarve").locator("[data-dialog]").click()
    page.click("#dialog trix-editor")
    page.keyboard.type("Ryhmään tulee 12 henkilöä, aloitus maaliskuussa.")
    page.locator("#dialog button[type=submit]").first.click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("main section.mine")).not_to_contain_text(["uuden linjan koulutustarve"])
    page.goto(customer)
    expect(timeline).to_contain_text("tehty")


def test_a_visit_of_yesterday_is_logged_with_two_follow_ups_in_one_save(visit: Visit) -> None:
    page = visit("manager")
    open_customer(page, "nokian konepaja", NOKIA)
    page.get_by_role("link", name="Kirjaa käynti", exact=True).click()
    page.fill("#dialog [name=title]", "Käynti: koulutuskalenteri")
    page.fill("#dialog [name=goal]", "Kevään ryhmät")
    page.fill("#dialog [name=start]", f"{dt.date.today() - dt.timedelta(days=1):%d.%m.%Y} 10.00")
    page.click("#dialog trix-editor")
    page.keyboard.type("Kalenteri käytiin läpi.")
    for number, agreed in enumerate(("Lähetä kalenteri", "Soita ryhmistä")):
        page.fill(f"#dialog [name=follow-{number}-title]", agreed)
    page.locator("#dialog .form-foot [type=submit]").first.click()

    expect(page.locator("#dialog")).to_be_hidden()
    page.goto("/activities/?q=koulutuskalenteri")
    expect(page.locator("#list tbody tr", has_text="koulutuskalenteri")).to_contain_text("tehty")
    for agreed in ("Lähetä kalenteri", "Soita ryhmistä"):
        page.goto("/activities/mine/")
        expect(page.locator("li", has_text=agreed)).to_contain_text(NOKIA)


def test_a_visit_without_a_goal_is_refused_at_the_goal(visit: Visit) -> None:
    page = visit("manager")
    open_customer(page, "nokian konepaja", NOKIA)
    choose_type(page, "Käynti")
    page.fill("#dialog [name=title]", "Käynti ilman tavoitetta")
    page.evaluate("document.querySelector('#dialog [name=goal]').required = false")

    page.locator("#dialog button[type=submit]").first.click()

    expect(page.locator("#dialog .field:has([name=goal]) .field-error")).to_be_visible()
    expect(page.locator("#dialog [name=title]")).to_have_value("Käynti ilman tavoitetta")


def test_a_call_is_logged_from_the_customers_page_with_four_interactions(visit: Visit) -> None:
    page = visit("manager")
    open_customer(page, "nokian konepaja", NOKIA)

    page.locator(".top a[data-shortcut=l]").click()  # 1
    page.locator("#dialog").get_by_role("link", name="Soitto", exact=True).click()  # 2
    page.locator("#dialog [name=title]").fill("Soitto: aikataulu tarkennettu")  # 3
    page.locator("#dialog button[type=submit]").first.click()  # 4

    row = page.locator("main .tl li", has_text="Soitto: aikataulu tarkennettu")
    expect(row).to_contain_text("tehty")


def test_the_palette_opens_a_customer_from_the_keyboard(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/activities/")

    page.keyboard.press("Control+k")
    page.keyboard.type("nokian konepaja")
    hits = page.locator("#palette-results[data-query='nokian konepaja'] a")  # not what was opened last
    expect(hits.first).to_contain_text(NOKIA)
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_contain_text(NOKIA)


def test_the_number_of_a_long_list_comes_after_its_first_page(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?view=all")
    expect(page.locator("main tbody tr")).to_have_count(50)
    expect(page.get_by_role("status").filter(has_text=re.compile(r"^\s*\d[\d\s]*$"))).to_be_visible()  # not "50+"


def test_without_javascript_a_call_can_be_logged(visit: Visit) -> None:
    page = visit("manager", javascript=False)
    page.goto("/customers/?q=nokian+konepaja")
    page.get_by_role("link", name=NOKIA, exact=True).last.click()
    page.locator(".top a[data-shortcut=l]").click()
    page.locator("main").get_by_role("link", name="Soitto", exact=True).click()
    page.fill("[name=title]", "Soitto ilman skriptejä")

    page.locator("main form button[type=submit]").first.click()

    page.locator("main .tabs a[href$='/activities/']").click()
    expect(page.locator("main")).to_contain_text("Soitto ilman skriptejä")


def test_a_day_is_typed_in_finnish_or_picked_from_the_calendar(visit: Visit) -> None:
    page = visit("admin")
    page.goto("/customers/1/responsible/add/")
    page.fill("[name=end]", "5.3.2027")
    picker = page.locator(".pick:has([name=start]) .pick-native")

    picker.evaluate("field => { field.showPicker = () => {}; }")
    page.locator(".pick:has([name=end]) .pick-native").evaluate("field => { field.showPicker = () => {}; }")
    page.locator(".pick:has([name=end]) [data-pick]").click()
    picker.evaluate("""field => {
        field.value = "2027-02-09";
        for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, {bubbles: true}));
    }""")

    expect(page.locator(".pick:has([name=end]) .pick-native")).to_have_value("2027-03-05")
    expect(page.locator("[name=start]")).to_have_value("09.02.2027")


def test_own_customers_are_one_click_away_and_one_click_back(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/?sort=-last_contact")

    mine = page.locator("#filters").get_by_role("switch", name="Omat asiakkaat", exact=True)
    mine.click()
    page.wait_for_url("**mine=true**")
    assert "sort=-last_contact" in page.url
    page.locator("#list-q").fill("oy")
    page.wait_for_url("**q=oy**")
    assert "mine=true" in page.url
    expect(mine).to_be_checked()
    mine.click()

    expect(mine).not_to_be_checked()


def test_the_slash_searches_in_a_list_and_everywhere_elsewhere(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/customers/")
    page.keyboard.press("/")
    expect(page.locator("#list-q")).to_be_focused()

    page.goto("/customers/1/")
    page.keyboard.press("/")
    expect(page.locator("#palette-q")).to_be_focused()


def test_the_administrator_adds_a_class_to_the_tree(visit: Visit) -> None:
    page = visit("admin")
    page.goto("/classifications/")
    page.get_by_role("link", name=re.compile("^Toimiala")).first.click()
    page.locator("main a[href*='new']").first.click()
    page.locator("[name=name_fi]").fill("Avaruusala")
    page.locator("[name=name_en]").fill("Space industry")
    page.locator("form:has([name=name_fi]) button[type=submit]").first.click()

    expect(page.locator("main")).to_contain_text("Avaruusala")


def test_a_list_longer_than_a_moment_is_exported_by_the_worker(visit: Visit, site: Site) -> None:
    page = visit("manager")
    page.goto("/activities/?view=all")
    page.locator(".tools .actions details.menu:has([formaction*='export=csv']) summary").click()
    page.locator(".tools .actions [formaction*='export=csv']").click()

    link = page.locator("a[href$='/result/']")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    with open(download.value.path(), encoding="utf-8-sig") as file:
        assert len(file.readlines()) > 2_000 // 2
