"""Approvals: the steps that an offer needs, their order, who may give them, and how they end."""

from __future__ import annotations

from decimal import Decimal
from threading import Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory
from offers.offers.enums import ApprovalState, ApprovalStep, OfferStatus
from offers.offers.models import Approval, Offer
from offers.offers.selectors import step_states, steps_needed, waiting_for
from offers.offers.services.approvals import approval_decide, approvals_ask, check_approved
from offers.offers.services.offers import offer_change
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db

CONTENT, PRICE, SIGNATURE = ApprovalStep
APPROVED, REJECTED = ApprovalState.APPROVED, ApprovalState.REJECTED


@pytest.fixture
def writer():
    return UserFactory(username="writer", role="account_manager")


@pytest.fixture
def manager():
    return UserFactory(username="manager", role="management")


def offer_of(writer, price=20_000, **limits):
    """An offer of one line; its type wants content from 0, price from 10,000 and signature from 50,000 euros."""
    usual = {"content_limit": 0, "price_limit": 10_000, "discount_limit": 10, "signature_limit": 50_000}
    type_ = OfferTypeFactory(**{**usual, **limits})
    return OfferFactory(owner=writer, type=type_, lines=[line(unit_price=price)])


def asked(writer, **kwargs):
    offer = offer_of(writer, **kwargs)
    return offer, approvals_ask(offer=offer, user=writer)


def decide(approval, user, state=APPROVED, comment="Hyvä"):
    return approval_decide(approval=approval, user=user, state=state, comment=comment)


def refused(code, function, *args, **kwargs):
    with pytest.raises(BusinessRuleError) as error:
        function(*args, **kwargs)
    assert error.value.code == code


def told(kind):
    return set(Notification.objects.filter(kind=kind).values_list("user__username", flat=True))


@pytest.mark.parametrize(
    ("price", "discount", "limits", "steps"),
    [
        (0, 0, {}, [CONTENT]),
        (9_999, 0, {}, [CONTENT]),
        (10_000, 0, {}, [CONTENT, PRICE]),
        (1_000, 10, {}, [CONTENT]),
        (1_000, "10.01", {}, [CONTENT, PRICE]),
        (50_000, 0, {}, [CONTENT, PRICE, SIGNATURE]),
        (49_999, 0, {"content_limit": None}, [PRICE]),
        (90_000, 90, {"content_limit": None, "price_limit": None, "discount_limit": None, "signature_limit": None}, []),
        (90_000, 0, {"content_limit": None, "price_limit": None}, [SIGNATURE]),
    ],
)  # fmt: skip
def test_the_limits_of_the_type_say_which_steps_are_needed(price, discount, limits, steps):
    usual = {"content_limit": 0, "price_limit": 10_000, "discount_limit": 10, "signature_limit": 50_000}
    discounted = Decimal(price) / (1 - Decimal(str(discount)) / 100) if discount else price
    offer = OfferFactory(
        type=OfferTypeFactory(**{**usual, **limits}), lines=[line(unit_price=discounted, discount=discount)]
    )
    assert steps_needed(offer) == steps


def test_an_estimate_reaches_the_limits_too():
    assert steps_needed(OfferFactory(type=OfferTypeFactory(price_limit=10_000), estimate=Decimal(10_000))) == [PRICE]


def test_asking_tells_those_who_may_give_the_first_step(writer, manager):
    UserFactory(username="product", role="product_manager")
    UserFactory(username="reader", role="read_only")
    UserFactory(username="gone", role="management", is_active=False)
    _offer, approvals = asked(writer)
    assert [approval.step for approval in approvals] == [CONTENT, PRICE]
    assert told("approval_asked") == {"manager", "product"}


def test_the_asker_and_the_writer_are_not_told_of_their_own(manager):
    asked(manager)
    assert told("approval_asked") == set()


def test_each_step_tells_the_next_ones_and_the_last_one_the_writer(writer, manager):
    UserFactory(username="director", grants=["offers.approve_price"])
    offer, (content, price) = asked(writer)
    Notification.objects.all().delete()
    decide(content, UserFactory(grants=["offers.approve_content"]))
    assert told("approval_asked") == {"director", "manager"}
    refused("approval_missing", check_approved, offer)
    decide(price, manager)
    assert told("offer_approved") == {"writer"}
    check_approved(offer)


def test_an_offer_that_needs_no_approval_may_be_sent_at_once(writer):
    offer = OfferFactory(owner=writer)
    check_approved(offer)
    refused("approval_not_needed", approvals_ask, offer=offer, user=writer)


def test_what_waits_is_not_asked_again(writer):
    offer, _approvals = asked(writer)
    refused("approval_asked", approvals_ask, offer=offer, user=writer)
    assert Approval.objects.count() == 2


def test_steps_are_approved_in_their_order(writer, manager):
    _offer, (_content, price) = asked(writer)
    refused("approval_order", decide, price, manager)
    assert set(Approval.objects.values_list("state", flat=True)) == {"waiting"}


def test_nobody_approves_what_he_or_she_has_written_or_asked(writer, manager):
    offer, (content, _price) = asked(manager)
    refused("approval_own", decide, content, manager)
    other = UserFactory(role="management")
    offer_change(offer=offer, user=manager, changes={"owner": other})
    refused("approval_own", decide, content, manager)
    refused("approval_own", decide, content, other)


def test_an_approval_is_given_once(writer, manager):
    _offer, (content, _price) = asked(writer)
    decide(content, manager)
    with pytest.raises(BusinessRuleError, match=str(manager)) as error:
        decide(content, UserFactory(role="management"))
    assert error.value.code == "approval_decided"


def test_sending_back_needs_words_and_tells_the_writer(writer, manager):
    _offer, (content, _price) = asked(writer)
    refused("comment_required", decide, content, manager, REJECTED, " ")
    decide(content, manager, REJECTED, "Tarkenna sisältö")
    assert told("offer_sent_back") == {"writer"}
    content.refresh_from_db()
    assert (content.state, content.decided_by, content.comment) == (REJECTED, manager, "Tarkenna sisältö")


def test_what_was_sent_back_can_be_asked_again_and_what_was_approved_stays(writer, manager):
    offer, (content, price) = asked(writer)
    decide(content, manager)
    decide(price, manager, REJECTED, "Liian halpa")
    assert [approval.step for approval in approvals_ask(offer=offer, user=writer)] == [PRICE]
    content.refresh_from_db()
    price.refresh_from_db()
    assert (content.state, price.state, price.decided_by) == (APPROVED, "waiting", None)


def test_a_change_of_the_content_needs_new_approvals(writer, manager):
    offer, (content, _price) = asked(writer)
    decide(content, manager)
    changed = offer_change(offer=offer, user=writer, changes={}, lines=[line(unit_price=30_000)])
    refused("approval_outdated", decide, Approval.objects.get(step=PRICE), manager)
    refused("approval_missing", check_approved, changed)
    assert [state.approval for state in step_states(changed)] == [None, None]
    assert len(approvals_ask(offer=changed, user=writer)) == 2


def test_a_change_that_the_customer_does_not_see_keeps_the_approvals(writer, manager):
    offer, approvals = asked(writer)
    for approval in approvals:
        decide(approval, manager)
    check_approved(offer_change(offer=offer, user=writer, changes={"internal_notes": "Soita maanantaina"}))


@pytest.mark.parametrize("status", [OfferStatus.ORDER, OfferStatus.LOST])
def test_a_decided_offer_is_not_approved(writer, manager, status):
    offer, (content, _price) = asked(writer)
    Offer.objects.filter(pk=offer.pk).update(status="open" if status == "lost" else status)
    if status == OfferStatus.LOST:
        from offers.offers.services.status import offer_lose
        from offers.offers.tests.factories import LostReasonFactory

        offer_lose(offer=offer, user=writer, reason=LostReasonFactory())
    refused("offer_decided", decide, content, manager)
    refused("offer_decided", approvals_ask, offer=offer, user=writer)


def test_an_offer_to_a_customer_that_became_passive_is_not_approved(writer, manager):
    offer, (content, _price) = asked(writer)
    type(offer.customer).objects.update(state="passive", passive_reason="bankruptcy", passive_since="2026-01-01")
    refused("customer_passive", decide, content, manager)


def test_the_queue_has_what_one_may_approve_now(writer, manager):
    offer, (content, price) = asked(writer)
    own, _approvals = asked(manager)
    product = UserFactory(role="product_manager")
    assert set(waiting_for(manager)) == {content}
    assert set(waiting_for(product)) == {content, own.approvals.get(step=CONTENT)}
    decide(content, product)
    assert set(waiting_for(manager)) == {price}
    assert not waiting_for(writer).exists()
    offer_change(offer=offer, user=writer, changes={"title": "Toinen"})
    assert not waiting_for(manager).exists()


# Pages


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"offers:{name}", args=[getattr(arg, "pk", arg) for arg in args])


def text(response):
    return response.content.decode()


def test_approval_is_asked_and_given_on_the_page(writer, manager):
    offer, mine, directors = offer_of(writer), client_of(writer), client_of(manager)
    assert url("approval_ask", offer) in text(mine.get(url("approvals", offer)))
    assert mine.post(url("approval_ask", offer)).status_code == 302
    content, price = offer.approvals.order_by("pk")
    assert str(offer) in text(directors.get(url("approval_queue")))
    assert url("approve", offer, content) in text(directors.get(url("approvals", offer)))
    directors.post(url("approve", offer, content), {"comment": "Selkeä"})
    directors.post(url("send_back", offer, price), {"comment": "Hinta on liian alhainen"})
    shown = text(mine.get(url("approvals", offer)))
    for told_ in ("Selkeä", "Hinta on liian alhainen", str(manager), url("approval_ask", offer)):
        assert told_ in shown


def test_sending_back_without_words_is_told_at_the_field(writer, manager):
    offer, (content, _price) = asked(writer)
    response = client_of(manager).post(url("send_back", offer, content), {"comment": ""})
    assert (response.status_code, "comment" in response.context["form"].errors) == (422, True)
    content.refresh_from_db()
    assert content.state == "waiting"


def test_a_second_approver_is_told_who_was_first(writer, manager):
    offer, (content, _price) = asked(writer)
    decide(content, manager)
    response = client_of(UserFactory(role="management")).post(url("approve", offer, content))
    assert response.status_code == 422
    assert str(manager) in text(response)


@pytest.mark.parametrize("name", ["approve", "send_back"])
def test_only_others_with_the_right_to_the_step_decide(writer, name):
    offer, (content, price) = asked(writer)
    for user in (writer, UserFactory(role="account_manager"), UserFactory(role="read_only")):
        assert client_of(user).post(url(name, offer, content), {"comment": "Ei käy"}).status_code == 403
    product = client_of(UserFactory(role="product_manager"))
    assert product.post(url(name, offer, price), {"comment": "Ei käy"}).status_code == 403
    assert set(Approval.objects.values_list("state", flat=True)) == {"waiting"}


def test_an_approval_is_decided_at_its_own_offers_address_only(writer, manager):
    _offer, (content, _price) = asked(writer)
    other = OfferFactory()
    assert client_of(manager).post(url("approve", other, content)).status_code == 404


def test_only_who_may_change_the_offer_asks_for_approval(writer):
    offer = offer_of(writer)
    assert client_of(UserFactory(role="account_manager")).post(url("approval_ask", offer)).status_code == 403
    assert not Approval.objects.exists()


def test_the_queue_is_for_approvers_and_says_when_it_is_empty(writer, manager):
    assert client_of(writer).get(url("approval_queue")).status_code == 403
    assert "Nothing is waiting for your approval" in text(client_of(manager).get(url("approval_queue")))


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_for_any_number_of_offers(writer, manager, count, django_assert_max_num_queries):
    for _n in range(count):
        asked(writer)
    page = client_of(manager)
    with django_assert_max_num_queries(18):
        page.get(url("approval_queue"))


def test_the_navigation_tells_how_many_wait(writer, manager):
    asked(writer)
    shown = text(client_of(manager).get("/customers/"))
    assert url("approval_queue") in shown
    assert url("approval_queue") not in text(client_of(writer).get("/customers/"))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_the_same_time_one_does():
    writer, managers = UserFactory(), [UserFactory(role="management") for _n in range(2)]
    _offer, (content, _price) = asked(writer)
    codes = []

    def approve(user):
        try:
            decide(Approval.objects.get(pk=content.pk), user)
            codes.append("done")
        except BusinessRuleError as error:
            codes.append(error.code)
        finally:
            connection.close()

    threads = [Thread(target=approve, args=[user]) for user in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["approval_decided", "done"]


@pytest.mark.django_db(transaction=True)
def test_who_approves_while_another_changes_the_content_approves_nothing():
    writer, manager = UserFactory(), UserFactory(role="management")
    offer, (content, _price) = asked(writer)
    codes = []

    def change():
        offer_change(offer=Offer.objects.get(pk=offer.pk), user=writer, changes={"title": "Toinen"})
        connection.close()

    def approve():
        try:
            decide(Approval.objects.get(pk=content.pk), manager)
            codes.append("done")
        except BusinessRuleError as error:
            codes.append(error.code)
        connection.close()

    threads = [Thread(target=change), Thread(target=approve)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    offer.refresh_from_db()
    assert codes in (["done"], ["approval_outdated"])
    refused("approval_missing", check_approved, offer)  # whoever was first: the new content has not been approved


def test_an_approval_of_a_passive_customers_offer_does_not_exist(manager, writer):
    offer, (content, _price) = asked(writer)
    Offer.objects.filter(pk=offer.pk).update(customer=CustomerFactory(passive=True))
    assert client_of(manager).get(url("approve", offer, content)).status_code == 404
    assert not waiting_for(manager).exists()
