"""The hand-over to invoicing: rule 5, quantities, missing data, taking back; the files of a batch."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.enums import AddressKind
from customers.models import Address
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.models import SellerDetails
from offers.orders.enums import OrderStatus
from offers.orders.invoice_files import batch_csv, batch_zip, invoice_xml
from offers.orders.invoices import missing_of_customer, missing_of_seller, prefetch_invoicing, reference_number
from offers.orders.models import BillingDetails, Invoice, InvoiceBatch, InvoiceLine, Order, OrderLine
from offers.orders.services.invoicing import batch_fetch, batch_make, batch_take_back
from offers.orders.services.status import order_set_status
from offers.orders.tests.billing import address, billable, hand_over, seller, waiting
from offers.orders.tests.factories import OrderFactory
from offers.orders.tests.finvoice_rules import breaches
from offers.products.tests.factories import ProductFactory, VatClassFactory, line

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def user():
    seller()
    return UserFactory(role="sales_assistant")


def refused(code, action, **kwargs):
    with pytest.raises(BusinessRuleError) as error:
        action(**kwargs)
    assert error.value.code == code
    assert not InvoiceBatch.objects.exists()
    return error.value


def make(user, quantities, day=TODAY):
    return batch_make(order_lines=quantities, user=user, day=day)


def one_line(order, quantity):
    return {order.lines.get().pk: Decimal(quantity)}


# Making


def test_everything_is_invoiced_and_the_order_is_invoiced_by_itself(user):
    order = waiting([line("Course", quantity=3), line("Book", vat_rate=14), line("Part", kind="heading")])
    batch = hand_over(order, user=user)
    invoice = batch.invoices.get()
    assert (batch.number, invoice.number) == (f"ER{TODAY.year}-0001", f"LA{TODAY.year}-0001")
    assert (invoice.net, invoice.vat, invoice.due) == (Decimal(400), Decimal("90.50"), TODAY + dt.timedelta(days=14))
    assert (batch.count, batch.net, batch.vat) == (1, invoice.net, invoice.vat)
    assert [(line.name, line.quantity, line.net) for line in invoice.lines.all()] == [
        ("Course", 3, 300),
        ("Book", 1, 100),
    ]
    order.refresh_from_db()
    assert order.status == OrderStatus.INVOICED
    assert order.status_changes.first().reason.endswith(f"{batch.number}.")


def test_a_part_is_invoiced_and_the_rest_later(user):
    order = waiting()
    make(user, one_line(order, 1))
    assert Order.objects.get().status == OrderStatus.IN_DELIVERY
    make(user, one_line(order, 2))
    assert Order.objects.get().status == OrderStatus.INVOICED
    assert [line.quantity for line in InvoiceLine.objects.order_by("pk")] == [1, 2]
    assert order.lines.get().invoiced == 3


def test_each_order_has_its_invoice_and_numbers_follow_without_gaps(user):
    batch = hand_over(waiting(), waiting(), waiting(), user=user)
    assert [invoice.number[-4:] for invoice in batch.invoices.all()] == ["0001", "0002", "0003"]
    assert hand_over(waiting(), user=user).invoices.get().number.endswith("0004")


@pytest.mark.parametrize("status", [status for status in OrderStatus if status != OrderStatus.IN_DELIVERY])
def test_rule_5_only_an_order_in_delivery_is_invoiced(user, status):
    order = waiting()
    Order.objects.update(status=status)
    error = refused("order_not_in_delivery", make, user=user, quantities=one_line(order, 1))
    assert error.field == f"line_{order.lines.get().pk}"
    assert order.lines.get().invoiced == 0


@pytest.mark.parametrize(
    ("code", "quantity"),
    [("more_than_delivered", "3.01"), ("quantity_not_allowed", "0"), ("quantity_not_allowed", "-1"),
     ("quantity_not_allowed", "0.005"), ("quantity_not_allowed", "Infinity")],
)  # fmt: skip
def test_never_more_than_was_delivered(user, code, quantity):
    order = waiting()
    refused(code, make, user=user, quantities=one_line(order, quantity))
    assert order.lines.get().invoiced == 0


def test_what_has_been_invoiced_is_not_invoiced_again(user):
    order = waiting([line(quantity=3), line("Other")])
    make(user, {order.lines.order_by("position").first().pk: Decimal(2)})
    with pytest.raises(BusinessRuleError) as error:
        make(user, {order.lines.order_by("position").first().pk: Decimal(2)})
    assert error.value.code == "more_than_delivered"
    assert InvoiceLine.objects.count() == 1


def test_one_line_that_cannot_be_stops_all_of_them(user):
    good, bad = waiting(), waiting()
    bad.lines.update(delivered=1)
    quantities = one_line(good, 3) | one_line(bad, 2)
    refused("more_than_delivered", make, user=user, quantities=quantities)
    assert good.lines.get().invoiced == 0
    assert hand_over(good, user=user).number.endswith("-0001")


def test_lines_that_are_not_there_or_not_seen_are_refused(user):
    hidden = waiting(customer=billable(passive=True))
    for quantities in ({99_999: Decimal(1)}, one_line(hidden, 1)):
        refused("line_unknown", make, user=user, quantities=quantities)
    refused("nothing_chosen", make, user=user, quantities={})


@pytest.mark.parametrize("days", [-100, 40])
def test_an_invoice_is_dated_near_today(user, days):
    order = waiting()
    day = TODAY + dt.timedelta(days=days)
    assert refused("day_not_allowed", make, user=user, quantities=one_line(order, 1), day=day).field == "day"


def test_nothing_is_invoiced_that_costs_nothing(user):
    order = waiting([line(discount=100)])
    refused("nothing_to_pay", make, user=user, quantities=one_line(order, 1))


# What is missing


@pytest.mark.parametrize("name", ["name", "business_id", "street", "iban", "bic"])
def test_nothing_is_handed_over_without_our_own_data(user, name):
    order = waiting()
    SellerDetails.objects.update(**{name: ""})
    assert str(refused("seller_incomplete", make, user=user, quantities=one_line(order, 1)))


def test_an_account_number_with_a_wrong_check_digit_is_no_account():
    seller(iban="FI2112345600000786")
    assert [missing.text for missing in missing_of_seller(SellerDetails.objects.get())] == ["our bank account (IBAN)"]


def test_a_customer_without_an_address_is_not_invoiced(user):
    order = waiting(customer=CustomerFactory(name="Osoitteeton Oy"))
    error = refused("customer_incomplete", make, user=user, quantities=one_line(order, 1))
    assert "Osoitteeton Oy" in str(error)
    assert order.lines.get().invoiced == 0


def test_what_a_customers_invoices_lack_is_told():
    order = OrderFactory(customer=CustomerFactory(business_id=""))
    prefetch_invoicing([order])
    assert [(missing.text, missing.blocks) for missing in missing_of_customer(order.customer)] == [
        ("the customer's address", True),
        ("the customer's business ID", False),
        ("no e-invoice address: sent on paper", False),
    ]
    whole = OrderFactory(customer=billable())
    prefetch_invoicing([whole])
    assert missing_of_customer(whole.customer) == []


def test_the_address_for_invoices_goes_before_the_others(user):
    order = waiting()
    address(order.customer, AddressKind.VISITING, street="Käyntikatu 1")
    address(order.customer, AddressKind.BILLING, street="PL 10")
    assert hand_over(order, user=user).invoices.get().buyer["street"] == "PL 10"


# Taking back


def test_a_batch_is_taken_back_and_its_quantities_are_invoiced_anew(user):
    order = waiting()
    batch = hand_over(order, user=user)
    taken_back = batch_take_back(batch=batch, user=user, reason="Wrong date")
    assert (taken_back.taken_back_by, taken_back.taken_back_reason) == (user, "Wrong date")
    assert Order.objects.get().status == OrderStatus.IN_DELIVERY
    assert order.lines.get().invoiced == 0
    assert hand_over(order, user=user).invoices.get().number.endswith("0002")


def test_taken_back_twice_gives_back_once(user):
    order = waiting()
    make(user, one_line(order, 1))
    batch = make(user, one_line(order, 1))
    for _time in range(2):
        batch_take_back(batch=batch, user=user, reason="Wrong date")
    assert order.lines.get().invoiced == 1


def test_a_batch_whose_files_have_been_fetched_is_not_taken_back(user):
    order = waiting()
    batch = hand_over(order, user=user)
    first = batch_fetch(batch=batch).fetched_at
    assert batch_fetch(batch=batch).fetched_at == first
    with pytest.raises(BusinessRuleError) as error:
        batch_take_back(batch=batch, user=user, reason="Wrong date")
    assert error.value.code == "batch_fetched"
    assert order.lines.get().invoiced == 3


def test_a_batch_of_a_closed_order_is_not_taken_back(user):
    batch = hand_over(waiting(), user=user)
    order_set_status(order=Order.objects.get(), status=OrderStatus.CLOSED, user=user)
    with pytest.raises(BusinessRuleError) as error:
        batch_take_back(batch=batch, user=user, reason="Wrong date")
    assert error.value.code == "order_closed"


def test_taking_back_needs_a_reason_and_ends_the_files(user):
    batch = hand_over(waiting(), user=user)
    with pytest.raises(BusinessRuleError) as error:
        batch_take_back(batch=batch, user=user, reason=" ")
    assert error.value.code == "reason_required"
    batch_take_back(batch=batch, user=user, reason="Wrong date")
    with pytest.raises(BusinessRuleError) as error:
        batch_fetch(batch=batch)
    assert error.value.code == "batch_taken_back"


# Reference numbers


@pytest.mark.parametrize(
    ("number", "reference"),
    [("LA2026-0001", "202600015"), ("LA2026-0123", "202601234"), ("LA1", "13"), ("LA61", "612")],
)
def test_a_reference_number_ends_with_its_check_digit(number, reference):
    result = reference_number(number)
    digits = [int(digit) for digit in reversed(result)]
    weighed = sum(digit * (7, 3, 1)[place % 3] for place, digit in enumerate(digits[1:]))
    assert (weighed + digits[0]) % 10 == 0
    assert result[:-1] == reference[:-1]


# Files


def xml_of(batch):
    return invoice_xml(batch.invoices.select_related("batch").first())


def test_an_invoice_holds_the_rules_of_finvoice(user):
    product = ProductFactory(
        code="K-100", vat_class=VatClassFactory(name_fi="Veroton koulutus", rates={"2020-01-01": 0})
    )
    lines = [
        line("Course", quantity="2.5", unit_price="99.99", discount="12.5", unit_id=product.unit_id),
        line("Education", kind="product", product_id=product.pk, vat_rate=0, unit_price="1000.01"),
        line("Book", quantity=3, unit_price="33.33", vat_rate=14),
        line("Present", unit_price=0),
    ]
    order = waiting(lines, buyer_reference="PO 77")
    order.contact = ContactFactory(customer=order.customer)
    order.save()
    document = xml_of(hand_over(order, user=user))
    assert breaches(document) == []
    root = ElementTree.fromstring(document)
    values = {name: root.findtext(name) for name in (
        "MessageTransmissionDetails/MessageReceiverDetails/ToIdentifier", "InvoiceDetails/BuyerReferenceIdentifier",
        "BuyerPartyDetails/BuyerOrganisationName", "EpiDetails/EpiPartyDetails/EpiBeneficiaryPartyDetails/EpiAccountID",
    )}  # fmt: skip
    assert list(values.values()) == ["003712345671", "PO 77", order.customer.name, "FI2112345600000785"]
    free = [part for part in root.iter("VatSpecificationDetails") if part.findtext("VatCode") == "E"]
    assert [part.findtext("VatFreeText") for part in free] == ["Veroton koulutus"]


def test_the_rules_find_what_is_wrong(user):
    document = xml_of(hand_over(waiting(), user=user)).decode()
    for old, new in (
        ("<InvoiceNumber>", "<Unknown/><InvoiceNumber>"),
        ("<BuyerTownName>Nokia</BuyerTownName>", ""),
        ("<BuyerTownName>Nokia<", f"<BuyerTownName>{'N' * 36}<"),
        (' Format="CCYYMMDD">', ">"),
        ("300,00</RowVatExcludedAmount>", "300,01</RowVatExcludedAmount>"),
        ("376,50</EpiInstructedAmount>", "376.50</EpiInstructedAmount>"),
        ("376,50</EpiInstructedAmount>", "376,51</EpiInstructedAmount>"),
        ("<VatCode>S<", "<VatCode>E<"),
    ):
        assert old in document
        assert breaches(document.replace(old, new).encode()), old


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    # At least one letter: names of characters that nobody sees are no names.
    written=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=199).map("A".__add__),
    numbers=st.lists(
        st.tuples(
            st.decimals(min_value="0.01", max_value=1000, places=2), st.decimals(min_value=0, max_value=9999, places=2),
            st.decimals(min_value=0, max_value="99.99", places=2), st.sampled_from(["0", "10", "13.5", "14", "25.5"]),
        ), min_size=1, max_size=5,
    ),
)  # fmt: skip
def test_whatever_is_written_and_counted_it_is_a_finvoice(user, written, numbers):
    lines = [
        line(written, quantity=quantity, unit_price=price, discount=discount, vat_rate=rate)
        for quantity, price, discount, rate in [*numbers, (Decimal(1), Decimal(1), Decimal(0), "25.5")]
    ]
    customer = CustomerFactory(name=written[:200])
    address(customer, street=written, city=written[:80], postal_code=written[:12], country=written[:60])
    BillingDetails.objects.create(customer=customer, reference=written[:35])
    order = waiting(lines, customer=customer, title=written[:200])
    seller(name=written, street=written, city=written[:80], postal_code=written[:12])
    document = xml_of(hand_over(order, user=user))
    assert breaches(document) == []


def test_hostile_texts_stay_texts(user):
    order = waiting(
        [line("</InvoiceRow><x>&\x01\x0b\ufffe", unit_price=100)], title="<!DOCTYPE x [<!ENTITY y 'z'>]>&y;"
    )
    document = xml_of(hand_over(order, user=user))
    assert breaches(document) == []
    row = ElementTree.fromstring(document).find("InvoiceRow")
    assert row.findtext("ArticleName") == "</InvoiceRow><x>&"


def test_a_customer_without_an_e_invoice_address_is_printed(user):
    order = waiting()
    BillingDetails.objects.all().delete()
    root = ElementTree.fromstring(xml_of(hand_over(order, user=user)))
    receiver = root.find("MessageTransmissionDetails/MessageReceiverDetails")
    assert [part.text for part in receiver] == ["TULOSTUS", "003721291126"]


def test_files_are_the_same_byte_for_byte_whatever_changes_later(user):
    order = waiting()
    batch = hand_over(order, waiting(), user=user)
    before = (batch_csv(batch), batch_zip(batch), xml_of(batch))
    order.customer.name = "Toinen Oy"
    order.customer.save()
    Order.objects.update(title="Other", buyer_reference="X")
    OrderLine.objects.update(name="Other", unit_price=1)
    Address.objects.update(street="Muu katu 1")
    BillingDetails.objects.update(einvoice_address="X", reference="Y")
    seller(name="Other", iban="X", payment_days=90)
    again = InvoiceBatch.objects.get()
    assert (batch_csv(again), batch_zip(again), xml_of(again)) == before


def test_the_zip_has_each_invoice_in_its_own_file(user):
    batch = hand_over(waiting(), waiting(), user=user)
    with zipfile.ZipFile(io.BytesIO(batch_zip(batch))) as archive:
        names = archive.namelist()
        assert all(breaches(archive.read(name)) == [] for name in names)
    assert names == [f"{number}.xml" for number in Invoice.objects.order_by("number").values_list("number", flat=True)]


def test_the_csv_is_for_finnish_excel_and_runs_no_formula(user):
    order = waiting([line('=HYPERLINK("x")', quantity="2.5"), line("Book; second")])
    content = batch_csv(hand_over(order, user=user)).decode("utf-8-sig")
    assert batch_csv(InvoiceBatch.objects.get()).startswith(b"\xef\xbb\xbf")
    rows = content.splitlines()
    assert len(rows) == 3
    assert rows[0].startswith("Erä;Laskun numero;")
    assert "'=HYPERLINK" in rows[1]
    assert ";2,50;" in rows[1]
    assert '"Book; second"' in rows[2]


@pytest.mark.parametrize("count", [1, 3])
def test_a_hand_over_costs_the_same_for_any_number_of_lines(user, count, django_assert_num_queries):
    order = waiting([line(f"Course {number}") for number in range(count)])
    with django_assert_num_queries(45):
        hand_over(order, user=user)


@pytest.mark.parametrize("count", [1, 3])
def test_files_cost_the_same_for_any_number_of_invoices(user, count, django_assert_num_queries):
    batch = hand_over(*(waiting() for _number in range(count)), user=user)
    with django_assert_num_queries(4):
        batch_csv(batch)
        batch_zip(batch)
