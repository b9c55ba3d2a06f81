"""Real Chromium against a real installation. Every page is watched: a script error or a breach of the
Content-Security-Policy fails the test that caused it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.site import Site, running_site
from tests.browser.waiting import SECONDS

PASSWORD = "portaali-demo"
MILLISECONDS = SECONDS * 1_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-smooth-scrolling",  # a test presses sooner than a page comes to rest
    "--disable-sync",
]
expect.set_options(timeout=MILLISECONDS)  # a slower machine is no failure
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 380, "height": 800}}


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Mark all browser tests."""
    for item in items:
        if Path(item.fspath).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    from django.conf import settings

    with running_site(tmp_path_factory.mktemp("site"), settings.REDIS_URL) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "The browser tests need Debian's package chromium (make test installs it as root)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """Opens pages as a demo account in a language, theme and size."""

    def __init__(self, chromium: Browser, site: Site) -> None:
        self.chromium, self.site = chromium, site
        self.states: dict[str, Any] = {}
        self.sessions: dict[str, str] = {}  # the data of each session as it was after signing in, by its key
        self.contexts: list[BrowserContext] = []
        self.problems: list[str] = []

    def __call__(
        self, username: str = "", *, size: str = "wide", theme: str = "light", javascript: bool = True
    ) -> Page:
        context = self.chromium.new_context(
            base_url=self.site.url,
            viewport=SIZES[size],  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
            locale="fi-FI",
            java_script_enabled=javascript,
            storage_state=self._signed_in(username) if username else None,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._listen(page, message))
        return page

    def _listen(self, page: Page, message: Any) -> None:
        asked_alive = "/healthz" in (message.location or {}).get("url", "")  # a lost connection is part of a test
        left = re.match(r"htmx:(sendAbort|afterRequest), ", message.text)  # a page that is left while a panel loads
        if message.type == "error" and "status of 4" not in message.text and not (asked_alive or left):  # nor is a 422
            self.problems.append(f"{page.url}: {message.text}")

    def _signed_in(self, username: str) -> Any:
        if username not in self.states:
            context = self.chromium.new_context(base_url=self.site.url, locale="fi-FI")
            page = context.new_page()
            page.goto("/account/login/")
            page.fill("input[name=login]", username)
            page.fill("input[name=password]", PASSWORD)
            page.click("form:has(input[name=password]) button[type=submit]")
            page.wait_for_url(re.compile(r"/(start|customers)/(\?|$)"))  # as the groups have it
            self.states[username] = context.storage_state()
            self.sessions |= self.site.sessions(context.cookies())
            context.close()
        return self.states[username]

    def forget(self) -> None:
        """Take back what the sessions have kept since signing in: columns, lists as they were left."""
        self.problems.clear()
        self.site.put_back(self.sessions)


@pytest.fixture(scope="session")
def _visitor(chromium: Browser, site: Site) -> Visitor:
    return Visitor(chromium, site)


@pytest.fixture
def visit(_visitor: Visitor) -> Iterator[Callable[..., Page]]:
    """``visit("manager")`` opens a page signed in as a demo account; script and CSP errors fail the test at its end."""
    _visitor.forget()
    yield _visitor
    while _visitor.contexts:
        _visitor.contexts.pop().close()
    assert not _visitor.problems, _visitor.problems
