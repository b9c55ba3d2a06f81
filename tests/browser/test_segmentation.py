"""The whole way of a segment: a threshold is changed and justified, management approves, the night suggests with
reasons, an account manager accepts twenty at once and decides otherwise about one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.waiting import reload_until

Visit = Callable[..., Page]
#: Customers with one offer, which is too few for B in the version in force.
CUSTOMERS = """
from accounts.models import User
from customers.tests.factories import CustomerFactory
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import segment
from segmentation.metrics.models import CustomerMetrics
owner = User.objects.get(username="manager")
for number in range(21):
    customer = CustomerFactory(name=f"Siirtyvä {number:02}", owner=owner)
    segment_set(customer=customer, segment=segment("C"), user=None)
    day = customer.created_at
    values = {"values": {"offers_24": 1}, "computed_at": day, "since": day.date()}
    CustomerMetrics.objects.update_or_create(customer=customer, defaults=values)
"""


def in_dialog(page: Page, link: str, button: str) -> None:
    page.get_by_role("link", name=link).first.click()
    page.locator("#dialog").get_by_role("button", name=button).click()


def new_version(page: Page) -> str:
    """Make a version with a lower threshold as key account manager, see who moves, send it; return its address."""
    page.goto("/criteria/new/")  # based on the version in force
    page.locator("[name=justification]").fill("Yksi tarjous kertoo kasvusta jo alkuvaiheessa.")
    page.locator("main .form-foot [type=submit]").first.click()
    page.wait_for_url(re.compile(r"/criteria/\d+/$"))
    version = page.url
    page.get_by_role("link", name=re.compile("Muokkaa sääntöä.*Kasvavat")).click()
    metric = page.locator("select[name$='-metric']").filter(has=page.locator("option[value=offers_24]:checked"))
    name = str(metric.first.get_attribute("name")).removesuffix("-metric")
    page.locator(f"[name={name}-enter]").fill("1")
    page.locator(f"[name={name}-leave]").fill("1")
    page.locator(".form-foot [name=save]").click()
    page.wait_for_url(version)
    page.goto(f"{version}preview/")
    page.locator(".criteria-choose [type=submit]").click()
    page.goto(f"{version}preview/")
    seen = re.compile("siirtyisi")
    reload_until(page, lambda moment: expect(page.locator("main")).to_contain_text(seen, timeout=moment))
    page.goto(f"{version}preview/?q=Siirtyv%C3%A4")
    expect(page.locator("#list tbody tr")).to_have_count(21)
    page.goto(version)
    in_dialog(page, "Arvioitu: lähetä johdolle", "Lähetä")
    return version


def test_a_threshold_moves_customers_with_approval_reasons_and_decisions(visit: Visit, site: Site) -> None:
    site.manage("shell", "-c", CUSTOMERS)
    keeper = visit("keymanager")
    version = new_version(keeper)
    management = visit("management")
    management.goto(version)
    in_dialog(management, "Hyväksy", "Hyväksy")
    expect(management.locator("main .st").first).to_have_text("hyväksytty")
    keeper.goto(version)
    in_dialog(keeper, "Ota käyttöön", "Ota käyttöön")
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    site.manage("evaluate_criteria", "--today", tomorrow.isoformat())

    page = visit("manager")
    page.goto("/segmentation-work/?mine=true&tab=differs&q=Siirtyv%C3%A4")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(21)
    expect(rows.first).to_contain_text("Tarjouksia 24 kk:ssa 1")
    page.locator("[data-check-all]").check()
    rows.last.locator("[name=ids]").uncheck()
    page.locator(".bulkbar").get_by_role("button", name="Hyväksy ehdotukset").click()
    page.locator("#dialog #bulk-live [name=start]").click()
    page.wait_for_url(re.compile(r"/bulk/\d+/$"))
    expect(page.locator(".page-head .st")).to_have_text("valmis")
    page.get_by_role("link", name="Eteneminen omistajittain").click()
    expect(page.locator("main tbody td").nth(1)).to_have_text("20")

    page.goto("/segmentation-work/?mine=true&tab=differs&q=Siirtyv%C3%A4")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name=re.compile("Päätä toisin")).click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Tallenna").click()
    expect(dialog).to_contain_text("Anna syy")
    dialog.locator("[name=text]").fill("Hanke on kertaluonteinen.")
    dialog.get_by_role("button", name="Tallenna").click()
    page.wait_for_url(re.compile(r"/customers/\d+/segments/$"))
    page.goto("/segmentation-work/?mine=true&tab=differs&q=Siirtyv%C3%A4")
    expect(rows).to_have_count(0)
