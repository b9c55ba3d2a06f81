"""An order is delivered in part, handed over to invoicing and fetched as Finvoice."""

import io
import re
import zipfile
from collections.abc import Callable

from playwright.sync_api import Page, expect

from offers.orders.tests.finvoice_rules import breaches
from tests.browser.site import Site

Visit = Callable[..., Page]

ORDER = """
from decimal import Decimal
from accounts.models import User
from customers.models import Address, Customer
from offers.products.lines import LineData
from offers.offers.models import OfferType, SellerDetails
from offers.orders.models import Order
from offers.orders.services.orders import order_create
ours = {"name": "Omnia", "business_id": "0210307-7", "vat_number": "FI02103077", "street": "Kirkkokatu 16 A",
        "postal_code": "02770", "city": "Espoo", "iban": "FI2112345600000785", "bic": "NDEAFIHH"}
SellerDetails.objects.update_or_create(pk=1, defaults=ours)
customer = Customer.objects.filter(state="active").first()
place = {"street": "Testikatu 1", "postal_code": "02100", "city": "Espoo"}
Address.objects.update_or_create(customer=customer, kind="billing", defaults=place)
user = User.objects.get(username="assistant")
order = Order(title="Selainkokeen koulutus", customer=customer, owner=user, type=OfferType.objects.first())
line = LineData(name="Lähipäivä", quantity=Decimal(3), unit_price=Decimal(1000), vat_rate=Decimal("25.5"))
print("order=%d" % order_create(order=order, user=user, lines=[line]).pk)
"""


def test_an_order_is_delivered_in_part_and_fetched_as_finvoice(visit: Visit, site: Site) -> None:
    made = re.search(r"order=(\d+)", site.manage("shell", "-v0", "-c", ORDER))
    assert made
    page = visit("assistant")
    page.goto(f"/orders/{made[1]}/")
    page.locator("form:has(input[name=status][value=in_delivery]) button").click()
    page.locator("a[href$='/deliver/']").click()
    page.locator("#dialog input[name^=line_]").fill("2")
    page.locator("#dialog button[type=submit]").first.click()
    expect(page.locator("#deliveries")).to_contain_text("2 × Lähipäivä")

    page.goto("/invoicing/?q=Selainkokeen")
    page.locator("[data-check-customer]").check()
    expect(page.locator("[data-checked-lines]")).to_contain_text("1")
    page.locator("[data-to-invoice] button[type=submit]").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"2\s510,00"))
    page.locator("button[name=confirm]").click()
    page.wait_for_url(re.compile(r"/invoicing/batches/\d+/$"))

    with page.expect_download() as coming:
        page.locator("a[href$='/finvoice/']").first.click()
    with zipfile.ZipFile(io.BytesIO(coming.value.path().read_bytes())) as archive:
        assert [breaches(archive.read(name)) for name in archive.namelist()] == [[]]
    page.goto(f"/orders/{made[1]}/")
    expect(page.locator("table.offer-lines")).to_contain_text("Lähipäivä")
    expect(page.locator("main")).to_contain_text("LA20")


def test_the_hand_over_works_without_javascript(visit: Visit, site: Site) -> None:
    made = re.search(r"order=(\d+)", site.manage("shell", "-v0", "-c", ORDER))
    assert made
    page = visit("assistant", javascript=False, size="narrow")
    page.goto(f"/orders/{made[1]}/")
    page.locator("form:has(input[name=status][value=in_delivery]) button").click()
    page.goto(f"/orders/{made[1]}/deliver/")
    page.locator("main .form-foot button[type=submit]").click()
    page.goto("/invoicing/?q=Selainkokeen")
    page.locator("input[name=line]").last.check()
    page.locator("[data-to-invoice] button[type=submit]").click()
    page.locator("button[name=confirm]").click()
    page.wait_for_url(re.compile(r"/invoicing/batches/\d+/$"))
