"""Pages that are not plain lists: none is over three screens high with the demo data, and sums unfold to their rows.

On the same visits nothing is cut off without a tooltip.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import settle

THREE_SCREENS = 2_700
#: What is wider than its box: texts that give no tooltip when one points at them, tabs, tables that end at an edge.
CUT = """() => {
  const isCut = (one) => one.scrollWidth > one.clientWidth + 1;
  const hides = (one) => ["hidden", "clip"].includes(getComputedStyle(one).overflowX);
  const isTold = (one) => {
    one.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    return one.closest("[title]") || one.querySelector("[title]");
  };
  const shown = [...document.querySelectorAll("body *:not(svg, svg *, input, select, textarea, option)")]
    .filter((one) => one.offsetParent && one.clientWidth > 12 && one.textContent.trim());
  const texts = shown.filter((one) => hides(one) && isCut(one) && !isTold(one));
  const edges = shown.filter((one) => one.matches(".tabs, .table-scroll.is-cut-right") && isCut(one));
  return [...texts, ...edges].map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 60)}`);
}"""
#: How many boxes scroll sideways.
SCROLLED = """(boxes) => boxes.filter((box) =>
  box.scrollWidth > box.clientWidth && /auto|scroll/.test(getComputedStyle(box).overflowX)).length"""
#: The pages that a role has to itself, or that are another one's there.
OF_ROLES = {
    "manager": (
        "/start/",
        "/customers/1/",
        "/customers/1/care-plan/",
        "/customers/1/care-plan/actions/contact/",
        "/care/planning/",
        "/segmentation-work/",
    ),
    "keymanager": ("/start/", "/care/planning/", "/suggestions/", "/segment-reviews/1/", "/customers/5/"),
    "admin": ("/start/", "/activities/types/", "/metrics/settings/", "/users/groups/1/", "/offers/settings/"),
    "assistant": ("/start/", "/invoicing/", "/mail/inbox/"),
    "marketing": ("/start/", "/care/planning/", "/care/lists/"),
    "adviser": ("/start/",),
}
PAGES = (
    "/start/", "/team-week/", "/hours/", "/hours/people/", "/targets/", "/targets/?all=on", "/pipeline/",
    "/pipeline/?tab=everyone", "/pipeline/forecast/", "/calendar/?view=week", "/invoicing/", "/nps/",
    "/offers/reports/", "/segments/", "/metrics/definitions/", "/portfolio/concentration/", "/orders/?tab=all",
    "/offers/?tab=decided", "/leads/?tab=all", "/pipeline/table/", "/feedback/?tab=all", "/care-plans/",
    "/suggestions/", "/segmentation-work/?tab=without", "/activities/stale/", "/customers/1/metrics/",
    "/care/planning/", "/care/adherence/", "/care/key-accounts/", "/absences/", "/needs/", "/charges/",
)  # fmt: skip
LISTS = (
    "/customers/",
    "/contacts/",
    "/activities/",
    "/leads/",
    "/feedback/",
    "/offers/",
    "/orders/",
    "/products/",
    "/segments/customers/",
    "/segments/memberships/",
    "/segmentation-work/",
    "/metrics/",
    "/nps/",
    "/portfolio/unprofitable/",
    "/metrics/definitions/",
    "/suggestions/",
    "/activities/mine/",
    "/calendar/",
    "/segments/",
    "/invoicing/",
    "/team-week/",
    "/portfolio/ordered/?group_by=industry",
    "/portfolio/",
    "/customers/5/",
    "/care/planning/",
)
#: A customer's pages: that of the demo which has a care plan.
RECORDS = ("", "details/", "metrics/", "offers/", "care-plan/")  # fmt: skip


@pytest.fixture
def page(visit):
    return visit("management")


def faults_of(page: Page, paths: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what is wrong with the pages by their addresses: a height, what is cut."""
    faults = {}
    for path in paths:
        page.goto(path)
        settle(page)
        height = page.evaluate("document.documentElement.scrollHeight")
        found = [f"{height} high"] if height > THREE_SCREENS else []
        if found := found + page.evaluate(CUT):
            faults[path] = found
    return faults


def test_no_page_is_over_three_screens_high_and_nothing_is_cut(page):
    assert faults_of(page, PAGES) == {}


@pytest.mark.parametrize("username", OF_ROLES)
def test_no_page_of_a_role_is_over_three_screens_high_and_nothing_is_cut(visit, username):
    assert faults_of(visit(username), OF_ROLES[username]) == {}


def test_the_rare_tabs_of_a_customer_are_in_a_menu_without_javascript(visit):
    page = visit("manager", javascript=False)
    page.goto("/customers/1/")
    more = page.locator(".tabs-more")
    expect(more.get_by_role("link", name="Historia")).to_be_hidden()
    more.locator("summary").press("Enter")
    more.get_by_role("link", name="Historia").click()
    expect(page.locator(".tabs [aria-current=page]")).to_have_text("Historia")


def test_no_list_of_a_phone_is_over_three_screens_high(visit):
    page = visit("manager", size="narrow")
    heights = {}
    for path in LISTS:
        page.goto(path)
        settle(page)
        heights[path] = page.evaluate("document.documentElement.scrollHeight / innerHeight")
    assert {path: height for path, height in heights.items() if height > 3} == {}


@pytest.mark.parametrize("path", ["/care-plans/", "/care-models/", "/schemes/", "/segment-reviews/"])
def test_no_record_of_a_phone_is_over_three_screens_high(visit, path):
    page = visit("management", size="narrow")
    page.goto(path)
    address = page.locator("#list tbody a, main .cardx a, main table a").first.get_attribute("href")
    customer = re.match(r"/customers/\d+/", address)
    paths = [customer[0] + tab for tab in RECORDS] if customer else [address]
    if path == "/care-models/":
        paths += ["/care/key-accounts/", "/targets/?all=on", "/help/careplan/"]
    heights = {}
    for one in paths:
        page.goto(one)
        settle(page)
        heights[one] = page.evaluate("document.documentElement.scrollHeight / innerHeight")
    assert {one: height for one, height in heights.items() if height > 3} == {}


def test_a_part_that_a_phone_folds_unfolds_and_stays_so(visit):
    page = visit("manager", size="narrow")
    page.goto("/customers/1/details/")
    part = page.locator("[data-folds]").first
    turn, content = part.get_by_role("button"), part.locator(":scope > :not(h2)").first
    expect(turn).to_have_attribute("aria-expanded", "false")
    expect(content).to_be_hidden()
    turn.click()
    expect(content).to_be_visible()
    page.reload()
    expect(turn).to_have_attribute("aria-expanded", "true")
    expect(content).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("[data-folds] > :not(h2)").last).to_be_visible()
    expect(page.locator(".fold-turn").first).to_be_hidden()


def test_without_javascript_a_phone_folds_nothing(visit):
    page = visit("manager", size="narrow", javascript=False)
    page.goto("/customers/1/details/")
    expect(page.locator("[data-folds] > :not(h2)").last).to_be_visible()


def test_a_full_day_of_a_phones_agenda_ends_with_a_line_that_opens_the_day(visit):
    page = visit("manager", size="narrow")
    page.goto("/calendar/")
    people = page.locator("[name=user] option").evaluate_all("options => options.map(option => option.value)")
    page.goto(f"/calendar/?view=agenda&{'&'.join(f'user={pk}' for pk in people[:20])}")
    rest = page.locator(".fc-list-event", has_text=re.compile(r"\+\d+"))
    if not rest.count():  # a quiet week: the one before has some
        page.click("[data-go=prev]")
    number = int(re.search(r"\+(\d+)", rest.first.inner_text())[1])
    rest.first.click()
    page.locator(".fc-listDay-view").wait_for()
    expect(page.locator(".fc-list-event").nth(number - 1)).to_be_attached()  # they come by a request


def test_a_phone_shows_the_other_rows_when_asked_and_again_after_coming_back(visit):
    page = visit("manager", size="narrow")
    page.goto("/customers/?view=all")
    rows = page.locator("#list tbody tr:visible")
    expect(rows).to_have_count(15)
    page.get_by_role("button", name="Näytä vielä 35 riviä").click()
    expect(rows).to_have_count(50)
    expect(page.locator("#list tbody tr").nth(15).get_by_role("link").first).to_be_focused()
    rows.nth(30).get_by_role("link").first.click()
    page.wait_for_url("**/customers/*/")
    page.go_back()
    expect(rows).to_have_count(50)
    page.goto("/customers/?sort=-name")
    expect(rows).to_have_count(15)


def test_without_javascript_a_phone_shows_all_rows(visit):
    page = visit("manager", size="narrow", javascript=False)
    page.goto("/customers/?view=all")
    expect(page.locator("#list tbody tr:visible")).to_have_count(50)


def test_a_wide_screen_shows_all_rows(page):
    page.goto("/customers/?view=all")
    expect(page.locator("#list tbody tr:visible")).to_have_count(50)
    expect(page.locator("[data-rest-rows]")).to_be_hidden()


def test_the_bars_of_nps_are_wide_enough_on_a_phone(visit):
    page = visit("manager", size="narrow")
    page.goto("/nps/")
    widths = page.locator(".nps-tables .nps-bar").evaluate_all("bars => bars.map(bar => bar.clientWidth)")
    assert len(widths) > 20
    assert min(widths) >= 60


def right_edges(page: Page, selector: str) -> list[float]:
    return [box["x"] + box["width"] for one in page.locator(selector).all() if (box := one.bounding_box())]


def test_the_annual_clock_of_a_phone_is_a_whole_wheel_over_a_list_by_month(visit):
    page = visit("keymanager", size="narrow")
    page.goto("/care/annual-clock/")
    settle(page)
    assert max(right_edges(page, "svg.clock, .clock-months li")) <= 380
    assert page.locator(".clock-page, .clock-wheel, .clock-months").evaluate_all(SCROLLED) == 0
    expect(page.locator(".clock-months h3")).to_have_count(12)
    expect(page.locator(".clock-months h3").first).to_be_visible()
    expect(page.locator(".clock-rows tbody tr").first).to_be_hidden()
    page.locator(".clock-rows").get_by_role("button").first.click()
    expect(page.locator(".clock-rows tbody tr").first).to_be_visible()


def test_the_weeks_of_capacity_are_cards_of_people_within_a_phone(visit):
    page = visit("keymanager", size="narrow")
    page.goto("/care/capacity/")
    settle(page)
    cells = page.locator(".care-load tbody tr").first.locator("td.num")
    expect(cells).to_have_count(12)
    assert max(right_edges(page, ".care-load tbody tr:nth-child(-n+3) > *")) <= 380
    tops = {round(one.bounding_box()["y"]) for one in cells.all()}
    assert len(tops) == 3
    expect(cells.first).to_be_visible()


def test_the_key_customers_of_a_phone_are_cards_within_the_screen(visit):
    page = visit("management", size="narrow")
    page.goto("/start/")
    facts = page.locator(".start-cards").first.locator("td")
    facts.first.wait_for()
    edges = facts.evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().right)")
    assert max(edges) <= 380
    assert facts.evaluate_all("cells => cells.filter(cell => !cell.dataset.label).length") == 0


@pytest.mark.parametrize("username", ["manager", "keymanager", "management"])
def test_the_start_page_of_a_phone_folds_all_but_its_first_panel(visit, username):
    page = visit(username, size="narrow")
    page.goto("/start/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollHeight / innerHeight") < 2.5
    panels = page.locator(".start-item:visible")
    first = panels.first.locator(".tl > li, tbody tr").first.bounding_box()
    assert first["y"] + first["height"] < page.viewport_size["height"]
    folded = panels.nth(1)
    head = folded.bounding_box()["height"]
    folded.locator("[data-turn]").click()
    page.wait_for_function(
        "height => document.querySelectorAll('.start-item')[1].offsetHeight > height * 1.5", arg=head
    )
    page.reload()
    expect(panels.nth(1).locator("[data-turn]")).to_have_attribute("aria-expanded", "true")
    expect(panels.nth(2).locator("[data-turn]")).to_have_attribute("aria-expanded", "false")


def test_a_person_of_the_team_week_unfolds_and_folds_again(page):
    page.goto("/team-week/")
    name = page.locator("a[data-unfold]").first
    name.click()
    week = page.locator(".unfolded .member-week")
    expect(week).to_be_visible()
    expect(name).to_have_attribute("aria-expanded", "true")
    name.click()
    expect(week).to_be_hidden()


def test_the_columns_of_the_board_scroll_under_their_heads(page):
    page.goto("/pipeline/?tab=everyone")
    page.set_viewport_size({"width": 1440, "height": 500})
    longest = page.locator(".board-column:has(.board-cards > :nth-child(5))").first
    head, cards = longest.locator("h2, h3").first, longest.locator(".board-cards")
    top = head.bounding_box()["y"]
    assert cards.evaluate("list => { list.scrollTop = 400; return list.scrollTop }") > 100
    assert head.bounding_box()["y"] == top


def test_the_rows_of_a_type_of_hours_unfold_by_its_head(visit):
    page = visit("manager")
    page.goto("/hours/")
    group = page.locator("tbody.group").first
    rows = group.locator("tr:not(.group-head)")
    expect(rows.first).to_be_hidden()
    group.locator(".group-fold").click()
    expect(rows.first).to_be_visible()


def test_moments_of_the_calendar_are_one_line_that_opens_the_day(visit):
    page = visit("manager")
    page.goto("/calendar/?view=week")
    page.wait_for_load_state("networkidle")
    line = page.locator(".fc-event", has_text="\N{MULTIPLICATION SIGN}").or_(
        page.locator(".fc-event", has_text="e-mails")
    )
    for _week in range(12):  # back to one that has some
        if line.count():
            break
        with page.expect_response("**/calendar/events/**"):
            page.click("[data-go=prev]")
        page.wait_for_load_state("networkidle")
    line.first.click()
    page.locator(".fc-listDay-view").wait_for()
    expect(page.locator("[data-kinds] li").first).to_be_visible()
