"""Writing an e-mail on a customer's page, and seeing it sent in the timeline."""

import re
import time
from collections.abc import Callable
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlparse

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.waiting import SECONDS, reload_until

Visit = Callable[..., Page]
NOKIA = "Nokian Konepaja Oy"
POLL_SECONDS = 0.3


def open_customer(page: Page) -> None:
    page.goto("/customers/?q=nokian+konepaja")
    page.locator("#list tbody").get_by_role("link", name=NOKIA, exact=True).click()
    expect(page.locator("h1")).to_contain_text(NOKIA)


def sent(site: Site, subject: str) -> EmailMessage:
    """Return the message of this subject from the folder that the installation sends to."""
    folder = Path(urlparse(site.env["EMAIL_URL"]).path)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        for file in folder.glob("*.log"):
            for text in re.split(r"\n-{79}\n", file.read_text()):
                message = message_from_string(text, policy=policy.default)
                if message["Subject"] == subject:
                    return message
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"{subject} was not sent")


def expect_done(page: Page, subject: str) -> None:
    """The worker sends; the timeline says so when the page is read again."""
    row = page.locator("main .tl li", has_text=subject)
    expect(row).to_be_visible()
    reload_until(page, lambda moment: expect(row).to_contain_text("tehty", timeout=moment))


def choose_recipient(page: Page) -> None:
    """Choose the first contact that is offered."""
    page.locator("#id_to-ts-control").click()
    page.locator("#id_to-ts-dropdown .option").first.click()
    expect(page.locator("#id_to ~ .ts-wrapper .item")).to_have_count(1)
    page.keyboard.press("Escape")


def test_a_message_is_written_on_a_customers_page_and_done_in_its_timeline(visit: Visit, site: Site) -> None:
    page = visit("manager")
    open_customer(page)
    page.locator(".page-head .actions > a[href*='/mail/compose/']").click()
    choose_recipient(page)
    page.fill("[name=subject]", "Tarjous hitsauskoulutuksesta")
    page.locator("trix-editor").click()
    page.keyboard.type("Hei! Tässä tarjous asiakkaalle {customer}.")

    page.locator("button[name=preview]").click()
    expect(page.locator("#preview")).to_contain_text(f"Tässä tarjous asiakkaalle {NOKIA}.")
    page.locator("button[name=send]").click()

    expect(page.locator("h1")).to_contain_text(NOKIA)
    expect_done(page, "Tarjous hitsauskoulutuksesta")
    message = sent(site, "Tarjous hitsauskoulutuksesta")
    assert message["Message-ID"]
    body = message.get_body(("plain",))
    assert body is not None
    assert f"Tässä tarjous asiakkaalle {NOKIA}." in body.get_content()


def test_a_template_fills_the_message_and_an_answer_stays_in_the_thread(visit: Visit, site: Site) -> None:
    page = visit("manager")
    open_customer(page)
    page.locator(".page-head .actions > a[href*='/mail/compose/']").click()
    page.locator("#id_to-ts-control").click()
    page.keyboard.type("joku@esimerkki.example")
    page.locator("#id_template").select_option(index=1)
    page.locator("button[name=fill]").click()
    expect(page.locator("[name=subject]")).not_to_have_value("")
    page.fill("[name=subject]", "Ensimmäinen viesti")
    page.locator("#id_to-ts-control").wait_for()
    page.locator("trix-editor").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Hei vaan.")
    page.locator("button[name=send]").click()
    expect_done(page, "Ensimmäinen viesti")

    page.locator("main .tl li", has_text="Ensimmäinen viesti").get_by_role("link").first.click()
    page.locator("#message a[href*='answer=']").first.click()
    expect(page.locator("[name=subject]")).to_have_value("Re: Ensimmäinen viesti")
    page.locator("trix-editor").click()
    page.keyboard.type("Vielä yksi asia.")
    page.locator("button[name=send]").click()

    expect(page.locator("#message .mail-thread li")).to_have_count(2)
    first, second = sent(site, "Ensimmäinen viesti"), sent(site, "Re: Ensimmäinen viesti")
    assert second["In-Reply-To"] == first["Message-ID"]


def test_without_javascript_a_message_is_sent(visit: Visit, site: Site) -> None:
    page = visit("manager", javascript=False)
    page.goto("/customers/?q=nokian+konepaja")
    page.get_by_role("link", name=NOKIA, exact=True).last.click()
    page.locator(".page-head .actions > a[href*='/mail/compose/']").click()
    page.fill("[name=to-typed]", "ilman@esimerkki.example")
    page.fill("[name=subject]", "Viesti ilman skriptejä")
    page.fill("textarea[name=body]", "Hei.\n\nToinen kappale.")

    page.locator("button[name=send]").click()

    expect(page.locator("h1")).to_contain_text(NOKIA)
    assert sent(site, "Viesti ilman skriptejä")["To"] == "ilman@esimerkki.example"


def write(page: Page, subject: str, text: str) -> None:
    """Write a message from the customer's page and see it sent."""
    open_customer(page)
    page.locator(".page-head .actions > a[href*='/mail/compose/']").click()
    choose_recipient(page)
    page.fill("[name=subject]", subject)
    page.locator("trix-editor").click()
    page.keyboard.type(text)
    page.locator("button[name=send]").click()
    expect_done(page, subject)


def open_message(page: Page, subject: str) -> None:
    page.locator("main .tl li", has_text=subject).get_by_role("link").first.click()
    expect(page.locator("#message h2").first).to_have_text(subject)


def expect_sent(page: Page) -> None:
    """The worker sends; the message says so when the page is read again."""
    state, word = page.locator("#message .st").first, re.compile("^(lähetetty|sent)$")
    expect(state).to_be_visible()
    reload_until(page, lambda moment: expect(state).to_have_text(word, timeout=moment))


def refuse(site: Site, subject: str, error: str = "550 No such user") -> None:
    """What a server does that takes no such message."""
    site.manage(
        "shell", "-v0", "-c",
        "from activities.log.models import Activity\n"
        "from activities.mail.models import EmailMessage\n"
        f"rows = EmailMessage.objects.filter(subject={subject!r})\n"
        f"rows.update(state='failed', error={error!r}, was_handed_over=False)\n"
        "Activity.objects.filter(email__in=rows).update(status='open', closed_at=None)",
    )  # fmt: skip


def test_an_address_does_not_take_the_focus_back_from_the_next_field(visit: Visit) -> None:
    page = visit("manager")
    page.goto("/mail/compose/")
    expect(page.locator("trix-editor")).to_be_visible()
    page.locator("#id_to-ts-control").click()
    page.keyboard.type("nokia")
    expect(page.locator(".ts-dropdown:visible [data-selectable]").first).to_be_visible()
    page.keyboard.type("n")
    page.evaluate("document.getElementById('id_subject').focus()")  # before the list follows the last key
    page.keyboard.type("Kurssin ohjelma", delay=60)

    expect(page.locator("[name=subject]")).to_have_value("Kurssin ohjelma")
    expect(page.locator("#id_to ~ .ts-wrapper .item")).to_have_count(1)


def test_a_message_is_answered_to_all_and_forwarded_with_a_click(visit: Visit, site: Site) -> None:
    page = visit("manager")
    write(page, "Kurssin ohjelma", "Ohjelma on valmis.")
    open_message(page, "Kurssin ohjelma")

    page.locator("#message a[href*='as=all']").click()
    expect(page.locator("[name=subject]")).to_have_value("Re: Kurssin ohjelma")
    expect(page.locator("#id_to ~ .ts-wrapper .item")).to_have_count(1)
    page.locator("trix-editor").click()
    page.keyboard.type("Korjaus ohjelmaan.")
    page.locator("button[name=send]").click()
    expect(page.locator("#message .mail-thread li")).to_have_count(2)

    page.locator("#message a[href*='as=forward']").click()
    expect(page.locator("[name=subject]")).to_have_value("Fwd: Kurssin ohjelma")
    page.locator("#id_to-ts-control").click()
    page.keyboard.type("rehtori@esimerkki.example,")
    page.locator("trix-editor").click()
    page.keyboard.type("Tiedoksi.")
    page.locator("button[name=send]").click()
    expect(page.locator("#message .mail-thread li")).to_have_count(3)

    message = sent(site, "Fwd: Kurssin ohjelma")
    body = message.get_body(("plain",))
    assert message["To"] == "rehtori@esimerkki.example"
    assert body is not None
    assert "Korjaus ohjelmaan." in body.get_content()


def test_a_message_that_was_refused_is_edited_and_goes_as_the_same_message(visit: Visit, site: Site) -> None:
    page = visit("manager")
    write(page, "Tarjous jossa on virhe", "Hinta on 100 euroa.")
    first = sent(site, "Tarjous jossa on virhe")
    refuse(site, "Tarjous jossa on virhe")
    open_message(page, "Tarjous jossa on virhe")
    expect(page.locator("#message [role=status]")).to_contain_text("550 No such user")

    page.locator("#message a[href$='/message/edit/']").click()
    expect(page.locator("[name=subject]")).to_have_value("Tarjous jossa on virhe")
    expect(page.locator("#id_to ~ .ts-wrapper .item")).to_have_count(1)
    expect(page.locator("trix-editor")).to_contain_text("Hinta on 100 euroa.")
    page.fill("[name=subject]", "Tarjous ilman virhettä")
    page.locator("button[name=send]").click()

    expect(page.locator("h1")).to_contain_text("Tarjous ilman virhettä")
    expect_sent(page)
    assert sent(site, "Tarjous ilman virhettä")["Message-ID"] == first["Message-ID"]


def test_what_may_have_gone_is_sent_again_only_after_a_question(visit: Visit, site: Site) -> None:
    page = visit("manager")
    write(page, "Viesti joka katosi", "Hei.")
    refuse(site, "Viesti joka katosi", "unknown")
    open_message(page, "Viesti joka katosi")
    page.locator("#message a[href$='/message/retry/']").click()
    expect(page.locator("#dialog")).to_contain_text(re.compile("kahdesti|twice"))
    page.locator("#dialog button[type=submit]").click()
    expect_sent(page)
