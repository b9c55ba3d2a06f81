"""Finvoice 3.0: the order of elements, lengths and forms of values, and VAT that the buyer pays (reverse charge)."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from offers.offers.models import SellerDetails
from offers.orders.invoice_files import invoice_xml, token
from offers.orders.models import InvoiceLine
from offers.orders.services.invoicing import batch_make
from offers.orders.tests.billing import billable, hand_over, seller, waiting
from offers.orders.tests.finvoice_order import ORDER
from offers.orders.tests.finvoice_rules import CHILD, STRUCTURE, breaches
from offers.products.effective_dated import Dated
from offers.products.models import VatClass
from offers.products.services import vat_class_save
from offers.products.tests.factories import ProductFactory, VatClassFactory, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    seller()
    return UserFactory(role="sales_assistant")


def document_of(batch):
    return invoice_xml(batch.invoices.select_related("batch").get())


def of_class(vat_class, price=100, **fields):
    product = ProductFactory(vat_class=vat_class, code=fields.pop("code", "K-9"))
    return line("Scrap", kind="product", product_id=product.pk, unit_price=price, **{"vat_rate": 0} | fields)


def reverse_charge():
    return VatClassFactory(name_fi="Käännetty", is_reverse_charge=True, rates={"2020-01-01": 0})


@pytest.mark.parametrize("parent", sorted(ORDER))
def test_our_elements_are_in_the_order_of_the_published_schema(parent):
    ours = [match["name"] for match in CHILD.finditer(STRUCTURE[parent])]
    published = ORDER[parent].split()
    assert set(ours) <= set(published)
    assert ours == [name for name in published if name in ours]


def test_every_element_with_children_is_in_the_published_order():
    with_children = {name for name in STRUCTURE if STRUCTURE[name]}
    assert with_children == set(ORDER)


@pytest.mark.parametrize(
    ("reference", "written"),
    [("PO 77", "PO-77"), ("4711", "4711"), ("a/b (c)", "a-b-c"), ("", ""), ("Työ:1.2", "Työ:1.2"), ("ªF:", "F:")],
)
def test_the_payers_reference_is_a_token(user, reference, written):
    document = document_of(hand_over(waiting(buyer_reference=reference or "4711"), user=user))
    assert breaches(document) == []
    root = ElementTree.fromstring(document)
    assert root.findtext("InvoiceDetails/BuyerReferenceIdentifier") == (reference or "4711")
    assert token(reference, 35) == written


@given(st.text(max_size=60))
def test_a_token_has_no_space_and_at_most_its_length(text):
    assert not set(token(text, 35)) & set(" \t\n/()\"'<>&")
    assert len(token(text, 35)) <= 35


def test_long_values_are_kept_up_to_the_length_of_the_schema(user):
    code = "K" * 60
    product = ProductFactory(code=code)
    order = waiting([line(kind="product", product_id=product.pk, name="Course")])
    document = document_of(hand_over(order, user=user))
    assert breaches(document) == []
    assert ElementTree.fromstring(document).findtext("InvoiceRow/ArticleIdentifier") == code


def test_vat_that_the_buyer_pays_is_marked_apart_from_what_is_exempt(user):
    exempt = VatClassFactory(name_fi="Veroton koulutus", rates={"2020-01-01": 0})
    lines = [of_class(reverse_charge(), 300), of_class(exempt, 50, code="K-10"), line("Course", unit_price=100)]
    document = document_of(hand_over(waiting(lines, customer=billable(business_id="0112038-9")), user=user))
    assert breaches(document) == []
    root = ElementTree.fromstring(document)
    names = ("VatBaseAmount", "VatRatePercent", "VatCode", "VatRateAmount", "VatFreeText", "VatExemptionReasonCode")
    parts = [tuple(part.findtext(name) for name in names) for part in root.iter("VatSpecificationDetails")]
    assert parts == [
        ("100,00", "25,5", "S", "25,50", None, None),
        ("50,00", "0", "E", "0,00", "Veroton koulutus", None),
        ("300,00", "0", "AE", "0,00", "Käännetty verovelvollisuus / Reverse charge", "VATEX-EU-AE"),
    ]
    assert [row.findtext("RowVatCode") for row in root.iter("InvoiceRow")] == ["AE", "E", "S"]
    assert root.findtext("BuyerPartyDetails/BuyerOrganisationTaxCode") == "FI01120389"
    assert root.findtext("SellerPartyDetails/SellerOrganisationTaxCode") == "FI02103077"


def test_the_rules_find_reverse_charge_that_is_marked_wrong(user):
    order = waiting([of_class(reverse_charge())], customer=billable(business_id="0112038-9"))
    document = document_of(hand_over(order, user=user)).decode()
    assert breaches(document.encode()) == []
    for old, new in (
        ("Käännetty verovelvollisuus / Reverse charge", "Muu syy"),
        ("<RowVatCode>AE<", "<RowVatCode>E<"),
        ("<BuyerOrganisationTaxCode>FI01120389</BuyerOrganisationTaxCode>", ""),
        ("VATEX-EU-AE", "AE"),
    ):
        assert old in document
        assert breaches(document.replace(old, new).encode()), old


@pytest.mark.parametrize("lacks", ["buyer", "seller"])
def test_reverse_charge_needs_both_vat_numbers(user, lacks):
    order = waiting(
        [of_class(reverse_charge())], customer=billable(business_id="" if lacks == "buyer" else "0112038-9")
    )
    if lacks == "seller":
        SellerDetails.objects.update(vat_number="")
    with pytest.raises(BusinessRuleError) as error:
        hand_over(order, user=user)
    assert error.value.code == ("customer_incomplete" if lacks == "buyer" else "seller_incomplete")


def test_a_rate_typed_on_the_line_is_not_reverse_charge(user):
    order = waiting([of_class(reverse_charge(), vat_rate="25.5")])
    hand_over(order, user=user)
    assert InvoiceLine.objects.get().vat_code == "S"


def test_lines_of_earlier_releases_have_their_category_by_rate(user):
    hand_over(waiting([line("Course"), line("Education", vat_rate=0)]), user=user)
    InvoiceLine.objects.update(vat_code="")
    assert [row.vat_category for row in InvoiceLine.objects.order_by("position")] == ["S", "E"]


def test_a_class_of_reverse_charge_has_no_vat():
    row = VatClass(code="reverse", name_fi="Käännetty", name_en="Reverse", is_reverse_charge=True)
    day = timezone.localdate()
    with pytest.raises(BusinessRuleError) as error:
        vat_class_save(vat_class=row, rates=[Dated(day, Decimal(24))])
    assert (error.value.code, error.value.field) == ("rate_not_zero", "is_reverse_charge")
    assert vat_class_save(vat_class=row, rates=[Dated(day, Decimal(0))]).pk


def test_reverse_charge_is_set_on_the_settings_page_and_read_by_the_api():
    admin, client, api = UserFactory(role="administrator"), Client(), APIClient()
    client.force_login(admin)
    api.force_authenticate(admin)
    vat_class = VatClassFactory(code="reverse", name_en="Own", rates={"2020-01-01": 0})
    url = reverse("offers:setting_change_vat-classes", args=[vat_class.pk])
    assert "is_reverse_charge" in client.get(url).context["form"].fields
    vat_class.is_reverse_charge = True
    vat_class.save()
    assert "reverse charge" in client.get(reverse("offers:settings")).content.decode()
    rows = api.get("/api/v1/vat-classes/").json()
    rows = rows["results"] if isinstance(rows, dict) else rows
    assert {row["code"]: row["is_reverse_charge"] for row in rows}["reverse"] is True


def test_the_api_tells_the_category_of_each_invoiced_line(user):
    order = waiting([of_class(reverse_charge())], customer=billable(business_id="0112038-9"))
    rest = {row.pk: row.to_invoice for row in order.lines.all()}
    batch = batch_make(order_lines=rest, user=user, day=timezone.localdate())
    api = APIClient()
    api.force_authenticate(user)
    [invoice] = api.get(f"/api/v1/invoice-batches/{batch.pk}/").json()["invoices"]
    assert [row["vat_code"] for row in invoice["lines"]] == ["AE"]
    assert invoice["vat_rates"] == [{"rate": "0.00", "net": "100.00", "vat": "0.00"}]
