"""Every page in both themes and sizes: no breach of WCAG 2.2 AA that axe can find, nothing wider than the screen.

All rules look at each page once, light and wide. Dark and narrow it is looked at by those that theme and width decide.
What is the same on every page is looked at once on each walk: the menu and the top bar, and of pages with one template
(histories, reports, forms of activities) one of them.
"""

import re
from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

Visit = Callable[..., Page]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Only breaches are described: axe would spend most of its time on naming what is well.
BREACHES = {"resultTypes": ["violations"]}
EVERY_RULE = {**BREACHES, "runOnly": {"type": "tag", "values": RULES}}
#: The rules of RULES that depend on colours, places, or what is scrolled and hidden at a width.
RULES_OF_LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block", "button-name",
                  "link-name", "label", "aria-hidden-focus"]  # fmt: skip
SOME_RULES = {**BREACHES, "runOnly": {"type": "rule", "values": RULES_OF_LOOKS}}
LOOKS = [("light", "wide"), ("dark", "narrow")]
ROWS = 8
PAGES = {
    "": ["/account/login/", "/account/password/reset/"],
    "manager": [
        "/customers/",
        "/customers/1/",
        "/customers/1/contacts/",
        "/customers/1/details/",
        "/customers/1/metrics/",
        "/customers/1/metrics/ordered_12/",
        "/customers/1/metrics/own_loyalty/give/",
        "/customers/1/care-plan/",
        "/customers/1/care-plan/content/",
        "/care-plans/",
        "/care-models/",
        "/care-models/1/",
        "/care/planning/",
        "/care/adherence/",
        "/care/occurrences/",
        "/care/customers/",
        "/absences/",
        "/needs/",
        "/start/",
        "/start/arrange/",
        "/help/",
        "/help/careyear/",
        "/metrics/",
        "/metrics/definitions/",
        "/customers/1/activities/",
        "/customers/1/classifications/",
        "/customers/1/segments/",
        "/customers/1/segments/set/",
        "/customers/1/segments/propose/",
        "/segment-proposals/",
        "/segment-proposals/1/",
        "/segmentation-work/",
        "/segmentation-work/questions/",
        "/segment-reviews/",
        "/segments/",
        "/segments/1/",
        "/segments/customers/",
        "/segments/memberships/",
        "/portfolio/",
        "/portfolio/concentration/",
        "/portfolio/unprofitable/",
        "/schemes/",
        "/schemes/1/",
        "/customers/1/documents/",
        "/customers/1/history/",
        "/customers/1/edit/",
        "/customers/new/",
        "/customers/1/classifications/edit/",
        "/customers/1/documents/add/",
        "/contacts/",
        "/contacts/1/",
        "/contacts/1/edit/",
        "/contacts/1/consents/new/",
        "/contacts/1/positions/new/",
        "/views/",
        "/views/1/",
        "/views/new/?list=customers:list&query=mine%3Dtrue",
        "/selections/",
        "/selections/new/",
        "/selections/conditions/?of=customers&query=mine%3Dtrue",
        "/selections/1/",
        "/selections/1/edit/",
        "/activities/",
        "/activities/mine/",
        "/activities/1/",
        "/activities/new/",
        "/activities/new/visit/",
        "/activities/new/?type=lead",
        "/activities/stale/",
        "/bulk/",
        "/calendar/",
        "/calendar/?view=month",
        "/calendar/?view=agenda",
        "/calendar/feeds/",
        "/calendar/import/",
        "/hours/",
        "/team-week/",
        "/team-week/2/?week=2026-11-30",  # Independence Day is in the narrow column of a Sunday
        "/hours/people/",
        "/feedback/",
        "/customers/1/feedback/",
        "/leads/",
        "/pipeline/",
        "/pipeline/table/",
        "/pipeline/forecast/",
        "/offers/reports/",
        "/offers/reports/hit-rate/",
        "/offers/reports/recurring/",
        "/nps/",
        "/customers/1/ask/",
        "/mail/compose/?customer=1",
        "/mail/inbox/",
        "/mail/capture/",
        "/mail/mailboxes/",
        "/mail/rules/",
        "/mail/settings/",
        "/mail/templates/",
        "/offers/",
        "/offers/?tab=decided",
        "/offers/new/",
        "/offers/new/?type=service_order",
        "/offers/1/",
        "/offers/1/activities/",
        "/offers/1/history/",
        "/orders/",
        "/orders/new/",
        "/orders/1/",
        "/orders/1/documents/",
        "/notifications/",
        "/notifications/choices/",
        "/users/profile/",
        "/account/password/change/",
        "/account/2fa/",
        "/users/profile/keys/add/",
        "/search/?q=nokian",
        "/no-such-page/",
    ],
    "assistant": ["/invoicing/", "/invoicing/batches/", "/orders/?tab=all", "/customers/1/billing/"],
    "keymanager": [
        "/criteria/",
        "/criteria/1/",
        "/criteria/2/compare/?other=1",
        "/suggestions/",
        "/orders/1/cost/",
        "/schemes/new/",
        "/schemes/sets/",
        "/schemes/1/edit/",
        "/schemes/1/segments/new/",
        "/segments/1/edit/",
        "/segments/1/goals/new/",
        "/criteria/new/",
        "/users/teams/6/",
        "/users/teams/6/notes/add/",
        "/users/team-notes/1/change/",
    ],
    "management": [
        "/segment-proposals/1/approve/",
        "/segment-proposals/1/reject/",
        "/start/",
        "/care/key-accounts/",
        "/care-plans/approvals/",
    ],
    "admin": [
        "/users/teams/6/change/",
        "/metrics/settings/",
        "/metrics/settings/hour-costs/1/",
        "/metrics/settings/service-costs/add/",
        "/metrics/settings/own/add/",
        "/classifications/",
        "/customers/?state=passive",
        "/users/",
        "/users/invite/",
        "/users/groups/",
        "/views/roles/",
        "/users/teams/",
        "/users/teams/1/",
        "/users/groups/1/",
        "/users/groups/1/change/",
        "/users/1/",
        "/users/1/change/",
        "/products/",
        "/products/new/",
        "/product-groups/",
        "/product-groups/new/",
        "/offers/settings/",
        "/offers/settings/seller/",
        "/offers/settings/types/1/",
        "/offers/settings/vat-classes/1/",
        "/activities/types/",
        "/activities/types/1/",
        "/customers/1/owner/",
        "/customers/1/responsible/add/",
        "/customers/1/passive/",
        "/customers/1/numbers/",
        "/imports/",
        "/imports/new/",
        "/imports/mappings/",
    ],
}


LIST, CUSTOMER = "/customers/", "/customers/1/"


def open_tool(page: Page, summary: str) -> None:
    """Open a menu of a list's tools, which are all below ⋯ on a phone."""
    if page.locator("#list-more > summary").is_visible():
        page.click("#list-more > summary")
        summary = summary.replace("chooser", "chooser-narrow").replace("group-menu", "group-menu-narrow")
    if page.locator(summary).is_visible():
        page.click(summary)


#: What opens on a page: its name, the account, the page, how it is opened and what must be seen then.
OPENED: list[tuple[str, str, str, Callable[[Page], object], str]] = [
    ("palette", "manager", LIST, lambda page: page.keyboard.press("Control+k"), "#palette-results a"),
    ("shortcuts", "manager", LIST, lambda page: page.keyboard.press("?"), "#shortcuts"),
    ("user menu", "manager", LIST, lambda page: page.click(".top details summary"), ".top .menu-box"),
    ("filter", "manager", LIST, lambda page: page.click("#chip-segment summary"), "#chip-segment .menu-box"),
    ("conditions", "manager", "/activities/", lambda page: page.click("#chip-more summary"), "#chip-more .menu-box"),
    ("columns", "manager", LIST, lambda page: open_tool(page, "#column-chooser summary"), "[name=columns]:visible"),
    (
        "export",
        "manager",
        LIST,
        lambda page: open_tool(page, ".tools .actions details:last-child summary"),
        "[formaction*=csv]:visible",
    ),
    (
        "groups",
        "manager",
        f"{LIST}?view=all",
        lambda page: open_tool(page, "#group-menu summary"),
        "[href*=group_by]:visible",
    ),
    ("heads", "manager", f"{LIST}?group_by=segment", lambda page: page.click("details.group summary"), ".group td"),
    (
        "views",
        "manager",
        f"{LIST}?q=qqqqzzzz",
        lambda page: page.click("#views-menu summary"),
        "#views-menu a[aria-current]",
    ),
    ("selected rows", "manager", LIST, lambda page: page.locator("[name=ids]").first.check(), ".bulkbar"),
    ("log", "manager", CUSTOMER, lambda page: page.keyboard.press("l"), "#dialog .type-buttons"),
    ("visit", "manager", CUSTOMER, lambda page: page.keyboard.press("n"), "#dialog [name=goal]"),
    ("owner", "admin", CUSTOMER, lambda page: from_more(page, "/owner/"), "#dialog [name=day]"),
    ("passive", "admin", CUSTOMER, lambda page: from_more(page, "/passive/"), "#dialog [name=reason]"),
    ("customer form with errors", "manager", "/customers/new/", lambda page: send(page), ".field-error"),
    ("activity form with errors", "manager", "/activities/new/?type=visit", lambda page: send(page), ".field-error"),
    ("contact form with errors", "manager", "/contacts/new/", lambda page: send(page), ".field-error"),
    ("invitation with errors", "admin", "/users/invite/", lambda page: send(page), ".field-error"),
    ("import with errors", "admin", "/imports/new/", lambda page: send(page), ".field-error"),
    ("nothing found", "manager", "/customers/?q=qqqqzzzz", lambda page: None, ".empty-box"),
]
FILE = "Nimi;Y-tunnus;Kunta\nUusi Yritys Oy;1234567-1;Espoo\nToinen Oy;;Vantaa\n"


def from_more(page: Page, path: str) -> None:
    """Choose one of the page's actions under ⋯."""
    page.click(".page-head .actions details summary")
    page.click(f".page-head .actions details a[href$='{path}']")


def send(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main form').forEach(form => { form.noValidate = true })")
    page.locator("main .form-foot [type=submit]").first.click()


def open_page(page: Page, path: str) -> None:
    """Open a page and wait for the parts that it loads automatically."""
    page.goto(path, wait_until="load")
    settle(page)


def settle(page: Page) -> None:
    """Wait until htmx and the page's transitions are at rest (an expression may not be polled under this CSP)."""
    page.evaluate(
        """async () => {
            const moves = (one) => one.playState === "running" && one.effect.getTiming().iterations < 9;
            const busy = () => document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping")
                || document.getAnimations().some(moves);
            for (let left = 250; left && busy(); left -= 1) await new Promise((done) => setTimeout(done, 20));
        }"""
    )


FRAME = {"exclude": [[".side"], [".top"], ["dialog:not([open])"]]}


def breaches(page: Page, theme: str = "light", *, with_frame: bool = True) -> list[str]:
    """What axe finds, and whether the page is wider than the screen. Rows of a long list are alike: some are enough."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    page.evaluate(f"document.querySelectorAll('table.t tbody tr:nth-child(n+{ROWS})').forEach(row => row.remove())")
    if not page.evaluate("'axe' in window"):
        page.context.add_init_script(AXE)  # every page that is opened later has it
        page.evaluate(AXE)
    rules = EVERY_RULE if theme == "light" else SOME_RULES
    part = {"exclude": []} if with_frame else FRAME
    found = page.evaluate("async ([part, rules]) => (await axe.run(part, rules)).violations", [part, rules])
    told = [f"{breach['id']}: {node['html'][:200]}" for breach in found for node in breach["nodes"]]
    return [*told, f"{page.url} is wider than the screen"] if wide else told


@pytest.mark.parametrize("username", PAGES)
@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_pages_have_no_accessibility_breach_and_fit_the_screen(
    visit: Visit, username: str, theme: str, size: str
) -> None:
    page = visit(username, theme=theme, size=size)
    problems = {}
    for path in PAGES[username]:
        open_page(page, path)
        if found := breaches(page, theme, with_frame=path == PAGES[username][0]):
            problems[path] = found

    assert not problems


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_what_opens_on_pages_has_no_accessibility_breach(visit: Visit, theme: str, size: str) -> None:
    pages = {username: visit(username, theme=theme, size=size) for username in ("manager", "admin")}
    problems = {}
    for name, username, path, opened, seen in OPENED:
        page = pages[username]
        open_page(page, path)
        opened(page)
        page.locator(seen).first.wait_for()
        settle(page)
        if found := breaches(page, theme):
            problems[name] = found

    assert not problems


@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_the_pages_of_an_import_have_no_accessibility_breach(visit: Visit, theme: str, size: str) -> None:
    page = visit("admin", theme=theme, size=size)
    open_page(page, "/imports/new/")
    page.set_input_files("[name=file]", files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": FILE.encode()}])
    page.locator("main .form-foot [type=submit]").first.click()
    page.wait_for_url("**/mapping/")
    problems = breaches(page, theme)
    page.locator("main .form-foot [type=submit]").first.click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    settle(page)
    problems += breaches(page, theme)
    page.locator("main .page-head .btn-primary").click()
    page.locator("#dialog button[type=submit]").wait_for()
    problems += breaches(page, theme)
    open_page(page, "/imports/")

    assert not problems + breaches(page, theme)


@pytest.mark.parametrize("width", [900, 1280])
def test_lists_stay_inside_their_box_at_every_width(visit: Visit, width: int) -> None:
    page = visit("admin")
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/customers/", "/customers/?state=passive", "/contacts/", "/activities/", "/users/"):
        open_page(page, path)
        over = page.evaluate(
            "[...document.querySelectorAll('.table-scroll')].some(box => box.scrollWidth > box.clientWidth + 1"
            " && getComputedStyle(box).overflowX === 'visible')"
        )
        assert not over, path
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path
