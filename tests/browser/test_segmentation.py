"""The whole way of a segment: a threshold is changed and justified, management approves, the night suggests with
reasons, an account manager accepts twenty at once and decides otherwise about one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Site
from tests.browser.test_care_plans import agree

Visit = Callable[..., Page]
#: Customers with one offer, which is too few for B in the version in force. Their figures are computed here at once.
CUSTOMERS = """
from accounts.models import User
from core import clock
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import segment
from segmentation.metrics.services.refresh import metrics_refresh
owner, kind = User.objects.get(username="manager"), OfferTypeFactory()
made = [CustomerFactory(name=f"Siirtyvä {number:02}", business_id="", owner=owner) for number in range(21)]
for customer in made:
    segment_set(customer=customer, segment=segment("C"), user=None)
    OfferFactory(customer=customer, owner=owner, type=kind, date=clock.today())
metrics_refresh([customer.pk for customer in made])
"""
MINE = "/segmentation-work/?mine=true&tab=differs&q=Siirtyv%C3%A4"


def in_dialog(page: Page, link: str, button: str) -> None:
    page.locator("main").get_by_role("link", name=link).first.click()
    page.locator("#dialog").get_by_role("button", name=button).click()
    expect(page.locator("#dialog")).to_be_hidden()


def new_version(page: Page, member: Page) -> str:
    """Make a version that asks for one offer fewer, see who moves, send it to management; return its address.

    A member of the account team agrees on the way.
    """
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
    page.get_by_role("link", name="Esikatsele").click()
    page.get_by_role("button", name="Laske").click()
    expect(page.locator(".criteria-moves h2")).to_contain_text("suositus muuttuisi")
    page.goto(f"{version}preview/?q=Siirtyv%C3%A4")
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(21)
    expect(rows.first).to_contain_text(re.compile("Perusasiakkaat.*Kasvavat asiakkaat", re.S))
    page.goto(version)
    in_dialog(page, "Lähetä asiakkuustiimille", "Lähetä")
    agree(member, version)
    in_dialog(page, "Arvioitu: lähetä johdolle", "Lähetä")
    return version


def approved_and_in_force(version: str, *, management: Page, keeper: Page) -> None:
    management.goto(version)
    in_dialog(management, "Hyväksy", "Hyväksy")
    expect(management.locator("main .page-head .st")).to_have_text("hyväksytty")
    keeper.goto(version)
    in_dialog(keeper, "Ota käyttöön", "Ota käyttöön")
    expect(keeper.locator("main .page-head .st")).to_have_text("voimassa")


def accept_all_but_the_last(page: Page, rows: Locator) -> None:
    page.locator("[data-check-all]").check()
    rows.last.locator("[name=ids]").uncheck()
    page.locator(".bulkbar").get_by_role("button", name="Hyväksy suositukset").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="Esikatsele").click()
    dialog.get_by_role("button", name="Hyväksy suositukset (20)").click()
    page.wait_for_url(re.compile(r"/bulk/\d+/$"))
    expect(page.locator(".page-head .st")).to_have_text("valmis")  # the page follows its job
    page.get_by_role("link", name="Eteneminen omistajittain").click()
    expect(page.locator("main tbody td").nth(1)).to_have_text("20")


def decide_otherwise(page: Page, row: Locator) -> None:
    row.get_by_role("link", name=re.compile("Päätä toisin")).click()
    dialog = page.locator("#dialog")  # the customer stays in its segment unless another one is chosen
    dialog.get_by_role("button", name="Tallenna").click()  # the list of segments is open above it
    expect(dialog).to_contain_text("Anna syy")
    dialog.locator("[name=text]").fill("Hanke on kertaluonteinen.")
    dialog.get_by_role("button", name="Tallenna").click()
    expect(dialog).to_be_hidden()  # and the list is shown again


def test_a_threshold_moves_customers_with_approval_reasons_and_decisions(visit: Visit, site: Site) -> None:
    site.manage("shell", "-c", CUSTOMERS)
    keeper = visit("keymanager")
    version = new_version(keeper, visit("manager"))
    approved_and_in_force(version, management=visit("management"), keeper=keeper)
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    site.manage("evaluate_criteria", "--today", tomorrow.isoformat())

    page = visit("manager")
    page.goto(MINE)
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(21)
    expect(rows.first).to_contain_text("Tarjouksia 24 kk:ssa: 1")
    last = rows.last.get_by_role("link", name=re.compile("Päätä toisin")).bounding_box()
    assert last is not None
    assert last["x"] + last["width"] < 1440  # the decision is in sight, beside the reasons
    accept_all_but_the_last(page, rows)
    page.goto(MINE)
    expect(rows).to_have_count(1)
    decide_otherwise(page, rows)
    expect(page).to_have_url(re.compile("segmentation-work"))
    expect(rows).to_have_count(0)
