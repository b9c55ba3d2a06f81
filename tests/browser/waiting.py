"""Waiting for what the worker and the browser do in their own time: always for a condition, at most ``SECONDS``."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Error, Page

SECONDS = 30
MOMENT, LONGEST_MOMENT = 500, 5_000  # milliseconds between two readings of a page


def reload_until(page: Page, check: Callable[[float], None]) -> None:
    """Read the page again until ``check`` passes; it is given how many milliseconds its expectation may wait.

    Raises the AssertionError of the last check when nothing has come of it in time.
    """
    deadline, moment = time.monotonic() + SECONDS, MOMENT
    while True:
        try:
            check(moment)
            return
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        _reload(page)
        moment = min(moment * 2, LONGEST_MOMENT)  # a slow page needs longer for the parts that it loads


#: Polls in the page: its Content-Security-Policy forbids Playwright's own waiting, which evaluates text.
POLL = """async ([suffix, expected, seconds]) => {
    const kept = () => Object.keys(localStorage).filter((key) => key.startsWith("draft:")).some((key) => {
        const fields = Object.entries(JSON.parse(localStorage.getItem(key)).fields);
        const named = fields.filter(([name]) => name.endsWith(suffix));
        const values = named.flatMap(([, found]) => found.flat()).filter(Boolean);
        return JSON.stringify(values) === JSON.stringify(expected);
    });
    for (let left = seconds * 20; left > 0; left -= 1) {
        if (kept()) return true;
        await new Promise((done) => setTimeout(done, 50));
    }
    return false;
}"""


def wait_for_draft(page: Page, suffix: str, values: list[str]) -> None:
    """Wait until the draft of a form has these values, empty ones left out, in the fields that end with ``suffix``."""
    assert page.evaluate(POLL, [suffix, values, SECONDS]), f"no draft with {values} was kept"


def _reload(page: Page) -> None:
    """Read the page again; where it is being left already, by a form that was sent, wait for what comes."""
    try:
        page.reload()
    except Error as error:
        if "ERR_ABORTED" not in str(error):
            raise
        page.wait_for_load_state()
