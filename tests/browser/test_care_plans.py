"""The whole way of a care plan: a version of a model is approved with its workload in sight, the night brings its work
into calendars, a customer that becomes a key customer gets its plan after approval, and the plan as PDF."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

Visit = Callable[..., Page]
NAME = "Koulutus Kaisla Oy"
#: A customer of C, for which a place among the key customers is made by one that leaves them.
CUSTOMER = f"""
from accounts.models import User
from core import clock
from customers.tests.factories import CustomerFactory
from segmentation.membership.models import Membership
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import segment
owner = User.objects.get(username="manager")
customer = CustomerFactory(name="{NAME}", business_id="", owner=owner)
segment_set(customer=customer, segment=segment("C"), user=None)
print(customer.pk)
"""
MOVE = """
from accounts.models import User
from customers.models import Customer
from segmentation.membership.models import Membership
from segmentation.membership.services.proposals import proposal_approve, proposal_make
from segmentation.membership.tests.factories import segment
customer = Customer.objects.get(pk={pk})
leaver = Membership.objects.present().filter(segment=segment("A")).order_by("-customer").first().customer
by = {{name: User.objects.get(username=name) for name in ("keymanager", "management")}}
about = dict(text="Puitesopimus on tehty.", leaver=leaver, leaver_segment=segment("B"))
proposal = proposal_make(customer=customer, segment=segment("A"), user=by["keymanager"], **about)
proposal_approve(proposal=proposal, user=by["management"])
"""
#: Leaves the model as the other tests know it.
PUT_BACK = """
from careplans.caremodels.models import ModelVersion
from careplans.plans.models import PlanApproval
from careplans.plans.services.stays import stays_refresh
first, *others = ModelVersion.objects.filter(model__code="a").order_by("number")
PlanApproval.objects.filter(model_version__in=others).delete()
for version in others:
    version.delete()
ModelVersion.objects.filter(pk=first.pk).update(status="approved", valid_to=None)
stays_refresh()
"""
TOMORROW = dt.date.today() + dt.timedelta(days=1)


@pytest.fixture
def model_as_before(site: Site) -> Iterator[None]:
    yield
    site.manage("shell", "-c", PUT_BACK)


def in_dialog(page: Page, link: str, button: str, **values: str) -> None:
    page.locator("main").get_by_role("link", name=link, exact=True).first.click()
    dialog = page.locator("#dialog")
    for name, value in values.items():
        dialog.locator(f"[name={name}]").fill(value)
        dialog.locator(f"[name={name}]").blur()
    dialog.get_by_role("button", name=button, exact=True).click()


def agree(page: Page, version: str) -> None:
    """Give an opinion as a member of the account team."""
    page.goto(version)
    page.locator("main").get_by_role("link", name="Anna kantasi", exact=True).click()
    page.locator("#dialog").get_by_label("puoltaa").check()
    page.locator("#dialog").get_by_role("button", name="Tallenna", exact=True).click()
    expect(page.locator("main")).to_contain_text("Asiakkuustiimin kannat")
    expect(page.locator("#dialog")).to_be_hidden()


def new_version_of_key_customers(page: Page, member: Page) -> str:
    """Draft the next version of the model of key customers and send it by the account team to management."""
    page.goto("/care-models/")
    page.locator("main").get_by_role("link", name="Avainasiakkaiden hoitomalli").first.click()
    in_dialog(
        page, "Uusi versio", "Tee luonnos", justification="Viikoittainen yhteys on pitänyt avainasiakkaat tyytyväisinä."
    )
    page.wait_for_url(re.compile(r"/care-models/versions/\d+/$"))
    version = page.url
    in_dialog(page, "Lähetä asiakkuustiimille", "Lähetä")
    expect(page.locator("main .page-head .st")).to_have_text("asiakkuustiimillä")
    agree(member, version)
    in_dialog(page, "Käyty läpi: lähetä johdolle", "Lähetä", comment="Toteutuu nykyisellä väellä.")
    expect(page.locator("main .page-head .st")).to_have_text("odottaa johdon hyväksyntää")
    return version


def approved(page: Page, version: str) -> None:
    """See the hours that the version takes, by person and week and in the dialog, and approve it."""
    page.goto(version)
    page.locator("main").get_by_role("link", name="Työmäärä").first.click()
    expect(page.locator("main table").first).to_contain_text("%")
    page.goto(version)
    page.locator("main").get_by_role("link", name="Hyväksy", exact=True).first.click()
    expect(page.locator("#dialog")).to_contain_text("Tällä versiolla hoitomallien työhön kuluu")
    page.goto(version)
    in_dialog(page, "Hyväksy", "Hyväksy", valid_from=f"{TOMORROW:%d.%m.%Y}")
    expect(page.locator("main .page-head .st")).to_have_text("hyväksytty")


@pytest.mark.usefixtures("model_as_before")
def test_a_key_customer_gets_the_weekly_contacts_of_its_model_after_approval(visit: Visit, site: Site) -> None:
    pk = site.manage("shell", "-v0", "-c", CUSTOMER).split()[-1]
    version = new_version_of_key_customers(visit("keymanager"), visit("manager"))
    management = visit("management")
    approved(management, version)
    site.manage("shell", "-c", MOVE.format(pk=pk))
    site.manage("refresh_care_plans", "--today", TOMORROW.isoformat())

    page = visit("manager")
    page.goto(f"/customers/{pk}/care-plan/")
    expect(page.locator("main")).not_to_contain_text("joka viikko")  # management has not approved the plan
    management.goto("/care-plans/approvals/")
    row = management.locator("#list tbody tr").filter(has_text=NAME.split()[1])
    row.get_by_role("link", name="Hyväksy").click()
    management.locator("#dialog").get_by_role("button", name="Hyväksy", exact=True).click()
    expect(row).to_have_count(0)
    site.manage("refresh_care_plans", "--today", TOMORROW.isoformat())

    page.goto(f"/customers/{pk}/care-plan/")
    expect(page.locator("main")).to_contain_text("joka viikko")
    page.goto(f"/activities/?when=&customer={pk}&from_plans=true")
    expect(page.locator("#list tbody")).to_contain_text("Yhteydenotto")
    pdf = page.request.get(f"/customers/{pk}/care-plan/content/pdf/")
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")
    assert pdf.body().startswith(b"%PDF")
