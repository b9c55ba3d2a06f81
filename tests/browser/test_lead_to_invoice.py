"""The whole way of one offer through the hands of all who work on it: lead, offer, approval, sending, the contact's
answer, order, delivery, invoice; and the figures that move by it."""

import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from offers.orders.tests.finvoice_rules import breaches
from tests.browser.site import Site
from tests.browser.test_offers import add_product, fill_last
from tests.browser.test_offers_sending import link_in, send

Visit = Callable[..., Page]
TITLE = "Tarvitsee esimiesten valmennuksen"
LEAD = f"""
from accounts.models import User
from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from customers.models import Address, Position
from offers.offers.models import SellerDetails
ours = {{"name": "Omnia", "business_id": "0210307-7", "vat_number": "FI02103077", "street": "Kirkkokatu 16 A",
        "postal_code": "02770", "city": "Espoo", "iban": "FI2112345600000785", "bic": "NDEAFIHH"}}
SellerDetails.objects.update_or_create(pk=1, defaults=ours)
leader, manager = User.objects.get(username="keymanager"), User.objects.get(username="manager")
at = Position.objects.current().filter(
    customer__state="active", customer__responsibilities__user=manager, contact__points__kind="email"
).first()
place = {{"street": "Testikatu 1", "postal_code": "02100", "city": "Espoo"}}
Address.objects.update_or_create(customer=at.customer, kind="billing", defaults=place)
lead = activity_log(user=leader, type=ActivityType.objects.get(code="lead"), title={TITLE!r}, customer=at.customer,
                    contacts=[at.contact], details={{}})
print(f"lead={{lead.pk}}")
"""


def euros(text: str) -> Decimal:
    """Read the first figure of a cell: ``12 345,60 € / 20 000 €``."""
    found = re.match(r"[\d\s\u00a0\u202f]+(,\d+)?", text.strip())
    assert found, text
    return Decimal(re.sub(r"[\s\u00a0\u202f]", "", found[0]).replace(",", "."))


def ordered(page: Page) -> Decimal:
    """Return the euros of the signed-in account manager on the page of targets."""
    page.goto("/targets/")
    heads = page.locator("table.t thead th").all_inner_texts()
    place = next(number for number, head in enumerate(heads) if head.lower().startswith("eurot"))
    return euros(page.locator("table.t tbody tr").last.locator("th, td").nth(place).inner_text())


def is_in_report(page: Page) -> int:
    """Return how many open offers the report has."""
    page.goto("/offers/reports/open/")
    numbers = page.locator("table.t tbody tr td:nth-child(2)").all_inner_texts()
    return sum(int(re.sub(r"\D", "", number) or 0) for number in numbers)


def write_offer(page: Page, lead: str) -> None:
    page.goto(f"/activities/{lead}/")
    page.locator(f"#panel-offers a[href$='?activity={lead}']").click()
    page.locator("#dialog a[href*='type=service_order']").click()
    add_product(page, 0)
    add_product(page, 1)
    page.locator("[name=line-do][value='add:free']").click()
    fill_last(page, name="Räätälöity valmennus", quantity="2", unit_price="6 000", discount="", vat_rate="25,5")
    page.locator(".offer-form .form-foot button[type=submit]").click()
    page.wait_for_url(re.compile(r"/offers/\d+/$"))


def approve(page: Page, path: str) -> None:
    """The director approves the content, then the price."""
    for step in range(2):
        page.goto("/offers/approvals/")
        page.locator("#list, main").first.get_by_role("link", name=TITLE).first.click()
        page.wait_for_url(f"**{path}")
        page.locator("#approvals a[href$='/approve/']").click()
        page.locator("#dialog button[type=submit]").first.click()
        expect(page.locator("#approvals .approval-steps .st.ok")).to_have_count(step + 1)


def test_a_lead_becomes_an_invoice_and_the_figures_move(visit: Visit, site: Site) -> None:
    made = re.search(r"lead=(\d+)", site.manage("shell", "-v0", "-c", LEAD))
    assert made
    manager, director = visit("manager"), visit("management")
    before, reported = ordered(manager), is_in_report(director)
    write_offer(manager, made[1])
    path = re.sub(r"^https?://[^/]+", "", manager.url)
    net = euros(manager.locator(".offer-head strong").inner_text())
    assert is_in_report(director) == reported + 1

    manager.locator("#approvals a[href$='/ask/']").click()
    manager.locator("#dialog button[type=submit]").first.click()
    expect(manager.locator("#approvals a[href$='/ask/']")).to_have_count(0)
    approve(director, path)

    send(manager, int(path.split("/")[2]), "Tarjous esimiesten valmennuksesta")
    contact = visit(javascript=False, size="narrow")
    contact.goto(link_in(site, "Tarjous esimiesten valmennuksesta"))
    contact.fill("[name=name]", "Maija Virtanen")
    contact.locator("button[value=accepted]").click()
    expect(contact.locator("[role=status]")).to_contain_text("Maija Virtanen")

    manager.goto(path)
    order = manager.locator(".offer-head a[href^='/orders/']")
    expect(order).to_have_count(1)
    assert ordered(manager) == before + net
    assert is_in_report(director) == reported

    manager.goto(path)
    order.click()
    manager.locator("form:has(input[name=status][value=in_delivery]) button").click()
    manager.locator("a[href$='/deliver/']").click()
    manager.locator("#dialog button[type=submit]").first.click()
    expect(manager.locator("#deliveries")).to_contain_text("2 × Räätälöity valmennus")

    assistant = visit("assistant")
    assistant.goto("/invoicing/?q=esimiesten+valmennuksen")
    assistant.locator("[data-check-customer]").check()
    assistant.locator("[data-to-invoice] button[type=submit]").click()
    assistant.locator("button[name=confirm]").click()
    assistant.wait_for_url(re.compile(r"/invoicing/batches/\d+/$"))
    with assistant.expect_download() as coming:
        assistant.locator("a[href$='/finvoice/']").first.click()
    with zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes())) as archive:
        [name] = archive.namelist()
        content = archive.read(name)
    assert breaches(content) == []
    assert "Räätälöity valmennus" in content.decode("iso-8859-15" if b"8859-15" in content[:100] else "utf-8")
