"""Every page in both themes and sizes: no breach of WCAG 2.2 AA that axe can find, nothing wider than the screen."""

from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

Visit = Callable[..., Page]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [("light", "wide"), ("dark", "narrow"), ("dark", "wide"), ("light", "narrow")]
PAGES = {
    "": ["/account/login/", "/account/password/reset/"],
    "manager": [
        "/customers/",
        "/customers/1/",
        "/customers/1/contacts/",
        "/customers/1/details/",
        "/customers/1/activities/",
        "/customers/1/classifications/",
        "/customers/1/documents/",
        "/customers/1/history/",
        "/customers/1/edit/",
        "/customers/new/",
        "/contacts/",
        "/contacts/1/",
        "/activities/",
        "/activities/mine/",
        "/activities/1/",
        "/activities/new/",
        "/activities/new/visit/",
        "/classifications/",
        "/users/",
        "/users/profile/",
        "/search/?q=nokian",
        "/no-such-page/",
    ],
    "admin": [
        "/classifications/",
        "/customers/?state=passive",
        "/users/",
        "/users/invite/",
        "/users/groups/",
        "/users/teams/",
        "/activities/types/",
        "/imports/",
        "/imports/new/",
        "/imports/mappings/",
    ],
}


def breaches(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)["violations"]
    return [f"{breach['id']}: {node['html'][:200]}" for breach in found for node in breach["nodes"]]


@pytest.mark.parametrize("username", PAGES)
@pytest.mark.parametrize(("theme", "size"), LOOKS)
def test_pages_have_no_accessibility_breach_and_fit_the_screen(
    visit: Visit, username: str, theme: str, size: str
) -> None:
    page = visit(username, theme=theme, size=size)
    problems = {}
    for path in PAGES[username]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found = breaches(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append("wider than the screen")
        if found:
            problems[path] = found

    assert not problems
