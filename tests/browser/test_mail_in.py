"""A customer's answer comes to a real IMAP server and is filed under the same contact and thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.utils import format_datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from activities.mail.tests.dovecot import PASSWORD, USER, Dovecot, running_dovecot
from activities.mail.tests.letters import letter
from tests.browser.site import Site
from tests.browser.test_mail import choose_recipient, expect_done, open_customer, sent
from tests.browser.waiting import reload_until

Visit = Callable[..., Page]
SUBJECT = "Kevään koulutuspäivä"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as running:
        yield running


def add_mailbox(page: Page, dovecot: Dovecot) -> None:
    page.goto("/mail/mailboxes/")
    page.locator("a[href$='/mail/mailboxes/new/']").click()
    content = {"name": "Oma", "address": "oma@omnia.example", "host": dovecot.host, "port": str(dovecot.port)}
    for name, value in {**content, "username": USER, "password": PASSWORD}.items():
        page.fill(f"#dialog [name={name}]", value)
    page.uncheck("#dialog [name=use_tls]")
    page.locator("#dialog button[type=submit]").click()
    expect(page.locator("li.mailbox")).to_contain_text("oma@omnia.example")


def read_mailboxes(site: Site) -> None:
    """What beat does every two minutes."""
    site.manage("shell", "-v0", "-c", "from activities.mail.tasks import read_mailboxes; read_mailboxes()")


def expect_in_thread(page: Page, text: str) -> None:
    """The worker takes it in; the timeline then shows the thread with both messages."""
    row = page.locator("main .tl li", has_text=text).filter(has_text=re.compile(r"2 (viestiä|messages)"))
    reload_until(page, lambda moment: expect(row).to_be_visible(timeout=moment))


def test_answer_comes_under_the_same_contact_and_thread(visit: Visit, site: Site, dovecot: Dovecot) -> None:
    page = visit("manager")
    add_mailbox(page, dovecot)
    open_customer(page)
    page.locator(".page-head .actions > a[href*='/mail/compose/']").click()
    choose_recipient(page)
    page.fill("[name=subject]", SUBJECT)
    page.locator("trix-editor").click()
    page.keyboard.type("Hei! Sopiiko tiistai?")
    page.locator("button[name=send]").click()
    expect_done(page, SUBJECT)

    message = sent(site, SUBJECT)
    answer = letter(
        Date=format_datetime(timezone.now()),
        sender=str(message["To"]), to="oma@omnia.example", subject=f"Re: {SUBJECT}", text="Tiistai sopii hyvin.",
        In_Reply_To=str(message["Message-ID"]), References=str(message["Message-ID"]),
    )  # fmt: skip
    dovecot.deliver(answer)
    read_mailboxes(site)

    expect_in_thread(page, SUBJECT)
    page.locator(".tabs a[href$='/activities/']").first.click()
    page.locator("#list").get_by_role("link", name=f"Re: {SUBJECT}").click()
    panel = page.locator("#message")
    expect(panel).to_contain_text("Tiistai sopii hyvin.")


def test_file_that_is_dropped_onto_a_customers_activities_is_filed_there(visit: Visit, site: Site) -> None:
    page = visit("manager")
    open_customer(page)
    page.locator(".tabs a[href$='/activities/']").first.click()
    zone = page.locator("[data-mail-drop]")
    expect(zone).to_be_visible()
    raw = letter(sender="vieras@muualla.example", subject="Pudotettu viesti", text="Hei").decode()
    transfer = page.evaluate_handle(
        "raw => { const data = new DataTransfer();"
        " data.items.add(new File([raw], 'viesti.eml', { type: 'message/rfc822' })); return data; }",
        raw,
    )
    for name in ("dragover", "drop"):
        zone.dispatch_event(name, {"dataTransfer": transfer})
    expect(page.locator("#list")).to_contain_text("Pudotettu viesti")
