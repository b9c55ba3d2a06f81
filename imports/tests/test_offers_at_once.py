"""Concurrent imports of offers on separate connections import nothing twice."""

from __future__ import annotations

import io

import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory
from imports.services import assignment_execute, rows_assign, run_now
from imports.tests.helpers import make_mapping
from imports.tests.test_offers import CONFIG, HEADER, make_world, take
from offers.offers.models import Offer, OutsideNumber
from offers.orders.models import Order
from offers.orders.services.orders import offer_accept
from tests.security.test_two_connections import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROWS = [f"{number};meri;Acme;Päivä;won;100;01-02-17;03-04-17" for number in range(300)]


@pytest.fixture(autouse=True)
def world() -> None:
    make_world()


def test_two_runs_of_one_file_bring_each_offer_once():
    mapping = make_mapping(CONFIG, "offers")
    content = (HEADER + "\n".join(ROWS)).encode()

    def go() -> dict[str, int]:
        file = io.BytesIO(content)
        return run_now(kind="offers", file=file, name="rows.csv", owner=None, mapping=mapping).counts

    found = at_once(go, go)
    assert sorted((counts["created"], counts["unchanged"]) for counts in found) == [(0, 300), (300, 0)]
    assert (OutsideNumber.objects.count(), Order.objects.count()) == (300, 300)
    numbers = sorted(Offer.objects.values_list("number", flat=True))
    assert numbers == [f"TA2017-{number:04d}" for number in range(1, 301)]


def test_two_who_give_the_same_rows_at_once_take_them_in_once():
    run = take(*(row.replace("Acme", "") for row in ROWS))
    user = UserFactory(grants=["imports.run_imports"])
    ids = list(run.rows.values_list("pk", flat=True))

    def give(customer) -> int:
        try:
            assignment = rows_assign(run=run, customer=customer, user=user, ids=ids)
        except BusinessRuleError:
            return 0
        return assignment_execute(assignment, lambda done, total: None).taken_in

    customers = [CustomerFactory(), CustomerFactory()]
    taken = at_once(*(lambda customer=customer: give(customer) for customer in customers))
    assert sum(taken) == Order.objects.count() == OutsideNumber.objects.count() == 300
    run.refresh_from_db()
    assert (run.created, run.held) == (300, 0)


def test_accepted_by_hand_while_the_file_says_won_is_one_order():
    take("1;meri;Acme;Päivä;open;;01-02-17;")
    offer, user = Offer.objects.get(), UserFactory()

    def accept() -> None:
        try:
            offer_accept(offer=offer, user=user, confirm=["expired", "unsent"], reason="By phone")
        except BusinessRuleError as error:
            assert error.code == "already_accepted"  # noqa: PT017 - the file was quicker

    at_once(accept, lambda: take("1;meri;Acme;Päivä;won;100;01-02-17;03-04-17"))
    assert Order.objects.filter(offer=offer).count() == 1
    connection.close()
