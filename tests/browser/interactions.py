"""Counts what a user does in a job: a click, a typed field, a pressed key and a drag are one action each.

``Hands`` wraps the page, so that a test can neither click nor type without being counted; what it reads is free. A
typed field includes going to it and leaving it by Tab. Opening the page where the job begins is not part of the job.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, LocatorAssertions, Page, PageAssertions, expect

SCREENS = "() => document.documentElement.scrollHeight / innerHeight"
HAS_FIELD_IN_FOCUS = """() => document.activeElement.matches(
    "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable], trix-editor")"""

#: The browser asks which program calls a number: its question is not a part of our page.
NO_PHONE = (
    """addEventListener("click", (event) => event.target.closest?.("a[href^='tel:']") && event.preventDefault())"""
)


class Seen:
    """Something on the page that can be read, and narrowed, but not touched."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    def find(self, selector: str, **narrowed: Any) -> Seen:
        return Seen(self._locator.locator(selector, **narrowed))

    def link(self, name: str | re.Pattern[str]) -> Seen:
        return Seen(self._locator.get_by_role("link", name=name, exact=True))

    def button(self, name: str | re.Pattern[str]) -> Seen:
        return Seen(self._locator.get_by_role("button", name=name, exact=True))

    def label(self, text: str) -> Seen:
        return Seen(self._locator.get_by_label(text))

    @property
    def first(self) -> Seen:
        return Seen(self._locator.first)

    @property
    def last(self) -> Seen:
        return Seen(self._locator.last)

    def nth(self, number: int) -> Seen:
        return Seen(self._locator.nth(number))

    @property
    def address(self) -> str:
        return self._locator.get_attribute("href") or ""

    @property
    def text(self) -> str:
        return self._locator.inner_text().strip()

    @property
    def value(self) -> str:
        return self._locator.input_value()

    @property
    def expect(self) -> LocatorAssertions:
        return expect(self._locator)


class Hands(Seen):
    """A user at a page; ``actions`` lists what was done since ``begin``, one entry for each action."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.locator("body"))
        self._page = page
        page.add_init_script(NO_PHONE)
        self.actions: list[str] = []

    def begin(self, address: str) -> None:
        """Open the page where the job begins, and count from there."""
        self._page.goto(address)
        self.actions.clear()

    def click(self, seen: Seen, at: tuple[int, int] | None = None) -> None:
        """Click something that a user can see, in its middle or ``at`` so many pixels from its corner."""
        seen._locator.click(position={"x": at[0], "y": at[1]} if at else None)
        self._did(f"click {seen._locator}")

    def press(self, key: str) -> None:
        """Press a key, or keys that are held together."""
        self._page.keyboard.press(key)
        self._did(f"press {key}")

    def type(self, text: str, into: Seen | None = None, *, leave: bool | Callable[[], None] = False) -> None:
        """Type a text into a field in place of what it has; without ``into`` the focus must be in one already.

        ``leave`` presses Tab after it, once what it may check has come true.
        """
        if into is not None:
            into._locator.click()
        assert self._page.evaluate(HAS_FIELD_IN_FOCUS), "nothing that can be typed into has the focus"
        if self._page.evaluate("() => !document.activeElement.matches('.ts-control input, trix-editor')"):
            self._page.keyboard.press("Control+a")
        self._page.keyboard.type(text)
        if callable(leave):
            leave()
        if leave:
            self._page.keyboard.press("Tab")
        self._did(f"type {text!r}")

    def drag(self, seen: Seen, onto: Seen) -> None:
        """Drag something onto something else, as a hand does it."""
        mouse = self._page.mouse
        seen._locator.scroll_into_view_if_needed()
        start, end = seen._locator.bounding_box(), onto._locator.bounding_box()
        assert start, "what is dragged is not on the page"
        assert end, "there is nothing on the page to drop it on"
        mouse.move(start["x"] + 40, start["y"] + start["height"] - 8)
        mouse.down()
        mouse.move(start["x"] + 50, start["y"] + start["height"], steps=4)
        mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=15)
        mouse.move(end["x"] + end["width"] / 2 + 2, end["y"] + 62, steps=3)
        mouse.up()
        self._did(f"drag {seen._locator}")

    def expect_page(self) -> PageAssertions:
        return expect(self._page)

    @property
    def url(self) -> str:
        return self._page.url

    @property
    def screens(self) -> float:
        """The height of the page in windows."""
        return float(self._page.evaluate(SCREENS))

    def took(self, most: int) -> None:
        """Raise AssertionError if the job took more actions than ``most``."""
        assert len(self.actions) <= most, f"{len(self.actions)} actions, at most {most}: {'; '.join(self.actions)}"

    def _did(self, what: str) -> None:
        self.actions.append(what)
