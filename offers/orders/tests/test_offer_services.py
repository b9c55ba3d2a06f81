"""The services of offers: numbers, sums, statuses, acceptance, the summaries of customers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from core.exceptions import BusinessRuleError, StaleVersionError
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory, PositionFactory
from offers.offers.content import offer_lines_of
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus, SeriesKind
from offers.offers.models import Offer, OfferLine, OfferVersion
from offers.offers.services.offers import offer_activity_link, offer_change, offer_copy, offer_create
from offers.offers.services.settings import number_take, numbers_take
from offers.offers.services.status import OFFER_STATUS, offer_lose, offer_reopen, offer_set_status
from offers.offers.tasks import refresh_offer_sums
from offers.offers.tests.factories import LostReasonFactory, OfferFactory, OfferTypeFactory
from offers.orders.enums import OrderStatus
from offers.orders.lines import order_lines_of
from offers.orders.models import Order
from offers.orders.services.orders import offer_accept
from offers.orders.tasks import refresh_order_sums
from offers.orders.tests.factories import OrderFactory
from offers.products.enums import LineKind
from offers.products.tests.factories import ProductFactory, line

pytestmark = pytest.mark.django_db


def new_offer(**fields: Any) -> Offer:
    """An offer as a form hands it over."""
    given = {"title": "Valmennus", "date": timezone.localdate()} | fields
    given.setdefault("type", OfferTypeFactory())
    given.setdefault("customer", CustomerFactory())
    given.setdefault("owner", UserFactory())
    return Offer(**given)


def refused(code: str, action: Any, **arguments: Any) -> BusinessRuleError:
    with pytest.raises(BusinessRuleError) as caught, transaction.atomic():
        action(**arguments)
    assert caught.value.code == code
    return caught.value


# Numbers


def test_numbers_of_a_year_begin_from_one_and_follow_each_other():
    taken = [number_take(kind=SeriesKind.OFFER, year=2026), *numbers_take(kind=SeriesKind.OFFER, year=2026, count=2)]
    assert taken == ["TA2026-0001", "TA2026-0002", "TA2026-0003"]
    assert number_take(kind=SeriesKind.OFFER, year=2027) == "TA2027-0001"
    assert number_take(kind=SeriesKind.ORDER, year=2026) == "TI2026-0001"


def test_a_refused_offer_leaves_no_gap_in_the_numbers():
    refused(
        "contact_required", offer_create, offer=new_offer(type=OfferTypeFactory(needs_contact=True)), user=UserFactory()
    )
    offer = offer_create(offer=new_offer(), user=UserFactory())
    assert offer.number == f"TA{timezone.localdate().year}-0001"


# Adding


def test_an_offer_has_the_sums_of_its_lines_by_vat_rate():
    lines = [
        line("A", quantity=3, unit_price="33.33"),
        line("B", quantity="1.5", unit_price="10.01", discount=10, vat_rate=14),
        line("Osa 2", kind=LineKind.HEADING),
    ]
    offer = offer_create(offer=new_offer(), user=UserFactory(), lines=lines)
    assert (offer.net, offer.vat) == (Decimal("113.50"), Decimal("27.39"))
    assert list(OfferLine.objects.filter(offer=offer).values_list("net", flat=True)) == [
        Decimal("99.99"), Decimal("13.51"), Decimal("0.00"),
    ]  # fmt: skip


def test_an_offer_without_lines_is_worth_its_estimate():
    assert offer_create(offer=new_offer(estimate=Decimal(5_000)), user=UserFactory()).net == 5_000


def test_an_offer_is_valid_as_long_as_its_type_says():
    offer = offer_create(offer=new_offer(type=OfferTypeFactory(valid_days=14)), user=UserFactory())
    assert offer.valid_until == offer.date + dt.timedelta(days=14)


def test_the_activity_that_an_offer_came_from_is_linked_to_it():
    activity = ActivityFactory()
    offer = offer_create(offer=new_offer(customer=activity.customer, came_from=activity), user=UserFactory())
    assert [link.activity for link in offer.offer_activities.all()] == [activity]


def test_nothing_is_offered_to_a_passive_customer():
    refused(
        "customer_passive", offer_create, offer=new_offer(customer=CustomerFactory(passive=True)), user=UserFactory()
    )
    assert not Offer.objects.exists()


def test_an_offer_goes_to_a_contact_of_its_customer():
    stranger = PositionFactory().contact
    error = refused("contact_not_of_customer", offer_create, offer=new_offer(contact=stranger), user=UserFactory())
    assert error.field == "contact"


def test_what_the_type_asks_for_is_required():
    refused(
        "contact_required", offer_create, offer=new_offer(type=OfferTypeFactory(needs_contact=True)), user=UserFactory()
    )
    needs_close = OfferTypeFactory(needs_expected_close=True)
    refused("expected_close_required", offer_create, offer=new_offer(type=needs_close), user=UserFactory())


def test_an_offer_on_the_funders_form_has_no_lines():
    offer = new_offer(type=OfferTypeFactory(is_funder_form=True))
    refused("lines_not_allowed", offer_create, offer=offer, user=UserFactory(), lines=[line()])


@pytest.mark.parametrize(
    ("field", "value"),
    [("quantity", -1), ("quantity", 0), ("quantity", 10**7), ("unit_price", -5), ("unit_price", 10**8),
     ("discount", 101), ("discount", -1), ("vat_rate", 101)],
)  # fmt: skip
def test_an_absurd_number_on_a_line_is_refused_with_its_line_and_field(field, value):
    lines = [line("Hyvä"), line("Huono", **{field: value})]
    error = refused("line_not_allowed", offer_create, offer=new_offer(), user=UserFactory(), lines=lines)
    assert "2" in str(error)
    assert str(OfferLine._meta.get_field(field).verbose_name) in str(error)
    assert not Offer.objects.exists()


def test_five_hundred_lines_are_taken_and_one_more_is_refused():
    offer = offer_create(offer=new_offer(), user=UserFactory(), lines=[line(str(n)) for n in range(500)])
    assert (offer.lines.count(), offer.net) == (500, 50_000)
    refused("too_many_lines", offer_create, offer=new_offer(), user=UserFactory(), lines=[line()] * 501)


def test_a_retired_product_is_not_offered_anew_but_stays_where_it_was():
    product = ProductFactory()
    with_it = line(kind=LineKind.PRODUCT, product_id=product.pk)
    offer = offer_create(offer=new_offer(), user=UserFactory(), lines=[with_it])
    product.retired_at = timezone.now()
    product.save()
    refused("product_retired", offer_create, offer=new_offer(), user=UserFactory(), lines=[with_it])
    changed = offer_change(offer=offer, user=UserFactory(), changes={}, lines=[with_it, line("Lisä")])
    assert changed.lines.count() == 2


# Changing


def test_a_change_of_content_asks_approvals_again_and_other_changes_do_not():
    offer = OfferFactory(lines=[line()])
    offer = offer_change(offer=offer, user=UserFactory(), changes={"internal_notes": "Soita ensin", "probability": 80})
    assert offer.content_version == 1
    offer = offer_change(offer=offer, user=UserFactory(), changes={}, lines=[line(unit_price=90)])
    assert offer.content_version == 2
    assert offer_change(offer=offer, user=UserFactory(), changes={}, lines=offer_lines_of(offer)).content_version == 2


def test_a_sent_offer_whose_content_changes_is_being_prepared_again():
    offer = OfferFactory(status=OfferStatus.SENT, lines=[line()])
    assert offer_change(offer=offer, user=UserFactory(), changes={"probability": 70}).status == OfferStatus.SENT
    offer = offer_change(offer=offer, user=UserFactory(), changes={"terms": "30 pv netto"})
    assert offer.status == OfferStatus.OPEN
    assert offer.status_changes.get().from_status == OfferStatus.SENT


def test_preparing_a_changed_offer_again_is_a_change_of_status_like_any_other(monkeypatch):
    offer = OfferFactory(status=OfferStatus.SENT, lines=[line()])
    refreshed: list[set[int]] = []
    monkeypatch.setattr("offers.offers.services.status.offer_sums_refresh", lambda ids: refreshed.append(set(ids)))
    changed = offer_change(offer=offer, user=UserFactory(), changes={"terms": "30 pv netto"}, version=offer.version)
    assert (changed.version, changed.content_version) == (offer.version + 1, offer.content_version + 1)
    assert changed.status_changes.get().at == changed.status_since
    assert refreshed == [{offer.customer_id}]


def test_preparing_a_changed_offer_again_asks_the_table(monkeypatch):
    monkeypatch.setitem(OFFER_TRANSITIONS, OfferStatus.SENT, (OfferStatus.ORDER, OfferStatus.LOST))
    offer = OfferFactory(status=OfferStatus.SENT, lines=[line()])
    refused("status_not_allowed", offer_change, offer=offer, user=UserFactory(), changes={"terms": "30 pv netto"})
    offer.refresh_from_db()
    assert (offer.status, offer.terms) == (OfferStatus.SENT, "")


def test_a_stale_change_is_refused_and_writes_nothing():
    offer = OfferFactory(lines=[line()])
    offer_change(offer=offer, user=UserFactory(), changes={"title": "Ensin"}, version=1)
    with pytest.raises(StaleVersionError), transaction.atomic():
        offer_change(offer=offer, user=UserFactory(), changes={"title": "Sitten"}, lines=[line("Uusi")], version=1)
    offer.refresh_from_db()
    assert (offer.title, offer.lines.get().name) == ("Ensin", "Valmennuspäivä")


@pytest.mark.parametrize("status", [OfferStatus.ORDER, OfferStatus.LOST])
def test_a_decided_offer_is_not_changed(status):
    refused(
        "offer_decided", offer_change, offer=OfferFactory(status=status), user=UserFactory(), changes={"title": "X"}
    )


def test_who_has_left_stays_owner_but_becomes_none():
    former = UserFactory(is_active=False)
    offer = OfferFactory(owner=former)
    assert offer_change(offer=offer, user=UserFactory(), changes={"title": "Uusi"}).owner == former
    refused("user_inactive", offer_change, offer=OfferFactory(), user=UserFactory(), changes={"owner": former})


# Copying


def test_a_copy_brings_the_prices_of_today_and_leaves_the_earlier_offer_alone():
    product = ProductFactory(prices={"2020-01-01": 100, "2025-01-01": 120})
    old = OfferFactory(
        date=dt.date(2024, 5, 2),
        lines=[line(kind=LineKind.PRODUCT, product_id=product.pk, unit_price=100), line("Räätälöity", unit_price=55)],
    )
    copy = offer_copy(offer=old, user=UserFactory())
    assert [line.unit_price for line in offer_lines_of(copy)] == [120, 55]
    assert [line.unit_price for line in offer_lines_of(old)] == [100, 55]
    assert (copy.copied_from, copy.date, copy.status) == (old, timezone.localdate(), OfferStatus.OPEN)


def test_a_copy_to_another_customer_is_the_copiers_own_and_has_no_contact():
    position = PositionFactory()
    old = OfferFactory(customer=position.customer, contact=position.contact)
    user, other = UserFactory(), CustomerFactory()
    copy = offer_copy(offer=old, user=user, customer=other)
    assert (copy.customer, copy.contact, copy.owner) == (other, None, user)


def test_a_product_retired_meanwhile_is_a_tailored_line_in_a_copy():
    product = ProductFactory(retired_at=timezone.now())
    old = OfferFactory(lines=[line(kind=LineKind.PRODUCT, product_id=product.pk)])
    [copied] = offer_lines_of(offer_copy(offer=old, user=UserFactory()))
    assert (copied.kind, copied.product_id, copied.unit_price) == (LineKind.FREE, None, 100)


# Statuses


@pytest.mark.parametrize("to_status", list(OfferStatus))
@pytest.mark.parametrize("from_status", list(OfferStatus))
def test_every_pair_of_statuses_follows_the_table(from_status, to_status):
    offer = OfferFactory(status=from_status)
    offer.lost_reason = LostReasonFactory()
    if to_status in OFFER_TRANSITIONS[from_status]:
        written = OFFER_STATUS.write(offer, to_status, user=None)
        assert written.status == to_status
        change = written.status_changes.get()
        assert (change.from_status, change.to_status) == (from_status, to_status)
    else:
        refused("status_not_allowed", OFFER_STATUS.write, row=offer, status=to_status, user=None)
        offer.refresh_from_db()
        assert offer.status == from_status


def test_an_order_is_not_made_by_setting_the_status():
    offer = OfferFactory(status=OfferStatus.SENT)
    refused("status_not_allowed", offer_set_status, offer=offer, status=OfferStatus.ORDER, user=UserFactory())
    assert not Order.objects.exists()


def test_losing_needs_a_reason_and_keeps_the_competitor():
    offer = OfferFactory(status=OfferStatus.SENT)
    refused("lost_reason_required", offer_lose, offer=offer, user=UserFactory(), reason=None)
    retired = LostReasonFactory(retired_at=timezone.now())
    refused("lost_reason_required", offer_lose, offer=offer, user=UserFactory(), reason=retired)
    lost = offer_lose(offer=offer, user=UserFactory(), reason=LostReasonFactory(), competitor=" Kilpa  Oy ")
    assert (lost.status, lost.competitor, lost.decided_at is not None) == (OfferStatus.LOST, "Kilpa Oy", True)


def test_a_lost_offer_is_opened_again_with_a_reason():
    offer = OfferFactory(status=OfferStatus.LOST)
    refused("reason_required", offer_reopen, offer=offer, user=UserFactory(), reason=" ")
    opened = offer_reopen(offer=offer, user=UserFactory(), reason="Asiakas palasi asiaan")
    assert (opened.status, opened.lost_reason, opened.decided_at) == (OfferStatus.OPEN, None, None)


# Acceptance (rule 4)


def test_accepting_makes_one_order_with_the_offers_lines_and_the_offer_becomes_order():
    offer = OfferFactory(status=OfferStatus.SENT, lines=[line("A", unit_price=500), line("B", unit_price=250)])
    order = offer_accept(offer=offer, user=UserFactory(), comment="Puhelimessa")
    offer.refresh_from_db()
    assert (offer.status, order.status, order.offer, order.net) == (OfferStatus.ORDER, OrderStatus.WAITING, offer, 750)
    assert [line.name for line in order_lines_of(order)] == ["A", "B"]
    assert not Offer.objects.undecided().exists()
    refused("already_accepted", offer_accept, offer=offer, user=UserFactory())
    assert Order.objects.count() == 1


def test_an_order_has_the_vat_rates_that_were_sent_though_the_law_has_changed():
    offer = OfferFactory(status=OfferStatus.SENT, lines=[line(vat_rate=24)])
    content = {"lines": [line.as_json() | {"unit": "", "net": "100.00"} for line in offer_lines_of(offer)]}
    version = OfferVersion.objects.create(offer=offer, number=1, content_version=1, content=content)
    offer_change(offer=offer, user=UserFactory(), changes={}, lines=[line(vat_rate="25.5")])
    assert offer_accept(offer=offer, user=None, offer_version=version, actor="Maija Mallikas").vat == Decimal("24.00")


def test_an_expired_version_is_not_accepted_by_link():
    offer = OfferFactory(status=OfferStatus.SENT)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    version = OfferVersion.objects.create(offer=offer, number=1, content_version=1, valid_until=yesterday)
    refused("offer_expired", offer_accept, offer=offer, user=None, offer_version=version, actor="Maija")


def test_a_lost_offer_and_one_of_a_passive_customer_are_not_accepted():
    refused("offer_lost", offer_accept, offer=OfferFactory(status=OfferStatus.LOST), user=UserFactory())
    offer = OfferFactory(customer=CustomerFactory(passive=True), status=OfferStatus.SENT)
    refused("customer_passive", offer_accept, offer=offer, user=UserFactory())


def test_an_offer_that_waits_for_approval_is_not_accepted_before_it_is_sent():
    offer = OfferFactory(type=OfferTypeFactory(price_limit=1_000), lines=[line(unit_price=5_000)])
    refused("approval_missing", offer_accept, offer=offer, user=UserFactory())
    offer.status = OfferStatus.SENT
    offer.save()
    assert offer_accept(offer=offer, user=UserFactory()).net == 5_000


def test_the_account_manager_is_told_that_an_offer_has_become_an_order():
    offer = OfferFactory(status=OfferStatus.SENT)
    order = offer_accept(offer=offer, user=UserFactory())
    [notification] = offer.owner.notifications.filter(kind="order_made")
    assert notification.url == order.get_absolute_url()
    own = OfferFactory(status=OfferStatus.SENT)
    offer_accept(offer=own, user=own.owner)
    assert not own.owner.notifications.filter(kind="order_made").exists()


# The read model


def test_the_customer_knows_its_open_offers_and_what_it_has_ordered_in_twelve_months():
    customer, today = CustomerFactory(), timezone.localdate()
    OfferFactory(customer=customer, lines=[line(unit_price=300)])
    won = OfferFactory(customer=customer, status=OfferStatus.SENT, lines=[line(unit_price=700)])
    OrderFactory(customer=customer, date=today - dt.timedelta(days=500), lines=[line(unit_price=50)])
    OrderFactory(customer=customer, status=OrderStatus.CANCELLED, lines=[line(unit_price=9_000)])
    offer_accept(offer=won, user=UserFactory())
    customer.summary.refresh_from_db()
    summary = customer.summary
    assert (summary.open_offers, summary.open_offers_net, summary.ordered_12_months) == (1, 300, 700)
    assert (summary.first_order_on, summary.last_order_on) == (today - dt.timedelta(days=500), today)


def test_an_order_drops_out_of_the_twelve_months_by_the_nightly_refresh():
    order = OrderFactory(lines=[line(unit_price=80)])
    with time_machine.travel(timezone.now() + dt.timedelta(days=400)):
        refresh_order_sums()
    order.customer.summary.refresh_from_db()
    assert order.customer.summary.ordered_12_months == 0


def test_open_offers_are_computed_again_by_the_nightly_refresh():
    offer = OfferFactory(lines=[line(unit_price=80)])
    summary = offer.customer.summary
    CustomerSummary.objects.filter(pk=summary.pk).update(open_offers=7, open_offers_net=0, ordered_12_months=5)
    refresh_offer_sums()
    summary.refresh_from_db()
    assert (summary.open_offers, summary.open_offers_net, summary.ordered_12_months) == (1, 80, 5)  # orders have theirs


def test_an_activity_of_another_customer_is_not_linked():
    offer, other = OfferFactory(), ActivityFactory()
    refused("activity_of_other_customer", offer_activity_link, offer=offer, activity=other, user=None)
    own = ActivityFactory(customer=offer.customer)
    offer_activity_link(offer=offer, activity=own, user=None)
    offer_activity_link(offer=offer, activity=own, user=None)
    assert offer.offer_activities.count() == 1
