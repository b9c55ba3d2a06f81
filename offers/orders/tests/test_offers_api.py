"""Offers through the API: the same rules and services as the pages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from customers.models import Customer
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.models import LostReason, Offer, OfferLine, OfferType
from offers.offers.services.approvals import approvals_ask
from offers.offers.tests.factories import LostReasonFactory, OfferFactory, OfferTypeFactory
from offers.orders.models import Order
from offers.products.models import Unit, VatClass
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory, line

pytestmark = pytest.mark.django_db

OFFERS = "/api/v1/offers/"


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without units, VAT classes, offer types and lost reasons."""
    without(Unit, VatClass, OfferType, LostReason)


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


def api_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def api(owner):
    return api_of(owner)


@pytest.fixture
def kind():
    return OfferTypeFactory(code="service")


def at(offer, action=""):
    return f"{OFFERS}{offer.pk}/{action + '/' if action else ''}"


def error(response):
    return response.json()["error"]


def test_an_offer_is_added_with_its_lines_and_comes_back_whole(api, owner, kind):
    product = ProductFactory(
        name_fi="Valmennus",
        prices={"2020-01-01": 700},
        owner=owner,
        vat_class=VatClassFactory(rates={"2020-01-01": 24}),
    )
    unit = UnitFactory(code="day")
    lines = [
        {"kind": "heading", "name": "Osa 1"},
        {"product": product.pk, "quantity": "2", "discount": "10"},
        {
            "name": "Työpaja",
            "quantity": "1.5",
            "unit": "day",
            "unit_price": "100",
            "vat_rate": "14",
            "details": "Puoli",
        },
    ]
    sent = {"type": "service", "title": "Esimiesvalmennus", "customer": CustomerFactory().pk, "lines": lines}
    response = api.post(OFFERS, sent, format="json")
    assert response.status_code == 201, response.json()
    body = response.json()
    assert [(line["kind"], line["name"], line["net"]) for line in body["lines"]] == [
        ("heading", "Osa 1", "0.00"), ("product", "Valmennus", "1260.00"), ("free", "Työpaja", "150.00"),
    ]  # fmt: skip
    assert (body["net"], body["vat"], body["owner"], body["status"]) == ("1410.00", "323.40", owner.pk, "open")
    bought = OfferLine.objects.get(product=product)
    assert (bought.vat_rate, bought.content_owner, bought.unit) == (Decimal(24), owner, product.unit)
    assert OfferLine.objects.get(name="Työpaja").unit == unit


@pytest.mark.parametrize(
    ("lines", "code", "status"),
    [
        ([{"name": "Päivä", "quantity": "-1"}], "invalid", 400),
        ([{"name": "Päivä", "quantity": "1000000.01"}], "invalid", 400),
        ([{"name": "Päivä", "discount": "100.01"}], "invalid", 400),
        ([{"name": "Päivä", "unit_price": "-0.01"}], "invalid", 400),
        ([{"unit_price": "10"}], "invalid", 400),
        ([{"product": 999_999}], "invalid", 400),
        ("lines", "invalid", 400),
        ([{"name": "Päivä"}] * 501, "too_many_lines", 409),
        ([{"name": "Päivä", "quantity": "1000000", "unit_price": "10000"}], "sum_too_large", 409),
    ],
)
def test_lines_that_cannot_be_right_are_refused(api, kind, lines, code, status):
    sent = {"type": "service", "title": "Valmennus", "customer": CustomerFactory().pk, "lines": lines}
    response = api.post(OFFERS, sent, format="json")
    assert (response.status_code, error(response)["code"]) == (status, code)
    assert not Offer.objects.exists()


def test_a_retired_product_is_refused(api, kind):
    product = ProductFactory(retired_at=timezone.now())
    sent = {"type": "service", "title": "x", "customer": CustomerFactory().pk, "lines": [{"product": product.pk}]}
    assert error(api.post(OFFERS, sent, format="json"))["code"] == "product_retired"


def test_a_passive_customer_does_not_exist_and_takes_no_offer(api, kind):
    passive = CustomerFactory(passive=True)
    sent = {"type": "service", "title": "Valmennus", "customer": passive.pk}
    assert api.post(OFFERS, sent, format="json").status_code == 400
    admin = api_of(UserFactory(role="administrator"))
    assert error(admin.post(OFFERS, sent, format="json"))["code"] == "customer_passive"


def test_a_change_replaces_the_lines_only_when_they_are_sent(api, owner):
    offer = OfferFactory(owner=owner, lines=[line("Vanha")])
    assert api.patch(at(offer), {"title": "Uusi nimi"}, format="json").json()["lines"][0]["name"] == "Vanha"
    changed = api.patch(at(offer), {"lines": [{"name": "Uusi", "unit_price": "5"}]}, format="json").json()
    assert ([line["name"] for line in changed["lines"]], changed["net"]) == (["Uusi"], "5.00")


def test_a_stale_version_is_a_conflict(api, owner):
    offer = OfferFactory(owner=owner)
    api.patch(at(offer), {"title": "Ensimmäinen", "version": 1}, format="json")
    response = api.patch(at(offer), {"title": "Toinen", "version": 1}, format="json")
    assert (response.status_code, error(response)["code"]) == (409, "stale_version")
    assert Offer.objects.get().title == "Ensimmäinen"


def test_the_status_and_the_sums_are_not_written(api, owner):
    offer = OfferFactory(owner=owner, lines=[line()])
    api.patch(at(offer), {"status": "order", "net": "1", "number": "X", "content_version": 9}, format="json")
    offer.refresh_from_db()
    assert (offer.status, offer.net, offer.number[:2]) == ("open", Decimal(100), "TA")


def test_a_decided_offer_is_not_changed(api, owner):
    offer = OfferFactory(owner=owner, status=OfferStatus.LOST)
    assert error(api.patch(at(offer), {"title": "Uusi"}, format="json"))["code"] == "offer_decided"


def test_rule_4_accepting_makes_one_order(api, owner):
    offer = OfferFactory(owner=owner, status=OfferStatus.SENT, lines=[line()])
    accepted = api.post(at(offer, "accept"), {"actor": "Liisa Laine"}, format="json").json()
    assert (accepted["status"], accepted["order"]) == ("order", Order.objects.get().pk)
    again = api.post(at(offer, "accept"), {}, format="json")
    assert (again.status_code, error(again)["code"], Order.objects.count()) == (409, "already_accepted", 1)


def test_an_offer_is_lost_and_opened_again(api, owner):
    offer = OfferFactory(owner=owner)
    LostReasonFactory(code="price")
    assert api.post(at(offer, "lose"), {}, format="json").status_code == 400
    lost = api.post(at(offer, "lose"), {"reason": "price", "competitor": "Kilpailija"}, format="json").json()
    assert (lost["status"], lost["lost_reason"], lost["competitor"]) == ("lost", "price", "Kilpailija")
    assert api.post(at(offer, "reopen"), {"reason": "Asiakas palasi"}, format="json").json()["status"] == "open"
    assert (
        error(api.post(at(offer, "reopen"), {"reason": "Toisen kerran"}, format="json"))["code"] == "status_not_allowed"
    )


def test_an_offer_is_copied(api):
    offer = OfferFactory(lines=[line("Päivä")])
    other = CustomerFactory()
    copy = api.post(at(offer, "copy"), {"customer": other.pk}, format="json")
    body = copy.json()
    assert (copy.status_code, body["customer"], body["copied_from"]) == (201, other.pk, offer.pk)
    assert [line["name"] for line in body["lines"]] == ["Päivä"]


def test_approvals_are_asked_and_decided(api, owner):
    offer = OfferFactory(owner=owner, type=OfferTypeFactory(content_limit=0, price_limit=0))
    director = api_of(UserFactory(role="management"))
    needed = {"needed": ["content", "price"], "reduction": "0.00", "reduction_limit": None}
    assert api.get(at(offer, "approvals")).json() == needed | {"approvals": []}
    content, _price = api.post(at(offer, "ask-approval"), {}, format="json").json()
    assert [approval["id"] for approval in director.get(f"{OFFERS}waiting/").json()] == [content["id"]]
    decide = at(offer, f"approvals/{content['id']}/decide")
    assert api.post(decide, {"state": "approved"}, format="json").status_code == 403
    assert director.post(decide, {"state": "waiting"}, format="json").status_code == 400
    assert director.post(decide, {"state": "approved"}, format="json").json()["state"] == "approved"
    assert error(director.post(decide, {"state": "rejected", "comment": "Ei käy"}, format="json"))["code"] == (
        "approval_decided"
    )
    assert director.post(at(OfferFactory(), f"approvals/{content['id']}/decide")).status_code == 404


def test_an_activity_is_linked(api, owner):
    offer, foreign = OfferFactory(owner=owner), ActivityFactory()
    mine = ActivityFactory(customer=offer.customer)
    assert api.post(at(offer, "link-activity"), {"activity": mine.pk}, format="json").status_code == 200
    answer = api.post(at(offer, "link-activity"), {"activity": foreign.pk}, format="json")
    assert error(answer)["code"] == "activity_of_other_customer"


def test_the_sums_follow_the_same_filters_as_the_list(api, owner):
    kind, customer = OfferTypeFactory(code="service"), CustomerFactory(name="Nokian Konepaja")
    OfferFactory(owner=owner, type=kind, customer=customer, lines=[line(unit_price=100)])
    OfferFactory(owner=owner, type=kind, customer=customer, status=OfferStatus.SENT, lines=[line(unit_price=200)])
    OfferFactory(status=OfferStatus.LOST, lines=[line(unit_price=50)])
    whole = api.get(f"{OFFERS}summary/").json()
    assert (whole["count"], whole["net"]) == (3, "350.00")
    assert {row["key"]: (row["count"], row["net"]) for row in whole["by_status"]} == {
        "open": (1, "100.00"), "sent": (1, "200.00"), "lost": (1, "50.00"),
    }  # fmt: skip
    part = api.get(f"{OFFERS}summary/", {"customer": customer.pk}).json()
    assert (part["count"], part["net"]) == (2, "300.00")
    assert part["by_customer"] == [{"key": str(customer.pk), "name": "Nokian Konepaja", "count": 2, "net": "300.00"}]
    assert [(row["name"], row["net"]) for row in part["by_owner"]] == [(str(owner), "300.00")]
    assert [(row["key"], row["net"]) for row in part["by_type"]] == [(str(kind.pk), "300.00")]
    assert api.get(f"{OFFERS}summary/", {"customer": "x"}).status_code == 400


def test_the_sums_leave_out_offers_of_inactive_customers_as_the_list_does(api):
    OfferFactory(lines=[line(unit_price=100)])
    ended = OfferFactory(lines=[line(unit_price=900)]).customer
    Customer.objects.filter(pk=ended.pk).update(state="passive")
    whole = api.get(f"{OFFERS}summary/").json()
    assert (whole["count"], whole["net"]) == (1, "100.00")
    assert len(api.get(OFFERS).json()["results"]) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_lists_and_sums_cost_the_same_for_any_number_of_offers(api, count, django_assert_num_queries):
    for _n in range(count):
        OfferFactory(lines=[line()], contact=ContactFactory())
    with django_assert_num_queries(2):
        assert len(api.get(OFFERS).json()["results"]) == count
    with django_assert_num_queries(5):
        api.get(f"{OFFERS}summary/")


def test_the_list_is_filtered_by_tab(api, owner):
    mine = OfferFactory(owner=owner)
    OfferFactory()
    assert [offer["id"] for offer in api.get(OFFERS, {"tab": "mine"}).json()["results"]] == [mine.pk]


def test_only_those_who_may_write_and_decide_do(owner, kind):
    offer = OfferFactory(owner=owner, status=OfferStatus.SENT)
    sent = {"type": "service", "title": "Valmennus", "customer": CustomerFactory().pk}
    reader, colleague = api_of(UserFactory(role="read_only")), api_of(UserFactory(role="account_manager"))
    assert reader.get(at(offer)).status_code == 200
    assert reader.post(OFFERS, sent, format="json").status_code == 403
    for client in (reader, colleague):
        assert client.patch(at(offer), {"title": "Uusi"}, format="json").status_code == 403
        for action in ("accept", "lose", "reopen", "ask-approval"):
            assert client.post(at(offer, action), {}, format="json").status_code == 403, action
    assert APIClient().get(OFFERS).status_code == 401
    hidden = OfferFactory(customer=CustomerFactory(passive=True))
    assert reader.get(at(hidden)).status_code == 404


def test_types_and_reasons_are_read(api, kind):
    LostReasonFactory(code="price")
    assert [offer_type["code"] for offer_type in api.get("/api/v1/offer-types/").json()] == ["service"]
    assert [reason["code"] for reason in api.get("/api/v1/lost-reasons/").json()] == ["price"]


def test_what_waits_is_the_same_as_in_the_queue(owner):
    offer = OfferFactory(owner=owner, type=OfferTypeFactory(content_limit=0))
    approvals_ask(offer=offer, user=owner)
    assert api_of(owner).get(f"{OFFERS}waiting/").json() == []
    assert len(api_of(UserFactory(role="product_manager")).get(f"{OFFERS}waiting/").json()) == 1
