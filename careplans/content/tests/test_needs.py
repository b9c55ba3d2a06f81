"""The register of development needs: shared, joined, declined with the reason, found again, turned into work."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from careplans.content.forms import JoinForm
from careplans.content.models import Need, NeedCustomer
from careplans.content.services.needs import (
    need_add,
    need_change,
    need_decline,
    need_join,
    need_reopen,
    need_share,
    need_to_lead,
    need_to_offer,
    need_unshare,
)
from careplans.plans.tests.world import refused
from core import clock
from customers.tests.factories import CustomerFactory, ResponsibilityFactory
from offers.offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(customer: Any, owner: Any) -> Need:
    return need_add(need=Need(name="Kertakirjautuminen", is_budgeted=False), customer=customer, user=owner)


def names(need: Need) -> set[str]:
    return {str(row.customer) for row in need.customers.select_related("customer")}


def test_a_need_is_shared_by_customers(need, customer):
    other = CustomerFactory(name="Tampereen Telakka Oy")
    need_share(need=need, customer=other)
    assert names(need) == {str(customer), str(other)}
    with refused("has_it", "customer"):
        need_share(need=need, customer=other)


def test_the_last_customer_stays(need):
    with refused("last_customer"):
        need_unshare(row=need.customers.get())


def test_a_declined_need_is_kept_with_the_reason_and_taken_up_again(need, owner):
    declined = need_decline(need=need, user=owner, reason="No budget this year.")
    assert (declined.status, declined.reason) == ("declined", "No budget this year.")
    assert need_reopen(need=declined, user=owner, reason="The platform changes.").status == "open"
    steps = list(need.status_changes.order_by("at", "pk").values_list("to_status", "reason"))
    assert steps == [("open", ""), ("declined", "No budget this year."), ("open", "The platform changes.")]


def test_a_need_is_declined_with_a_reason_only(need, owner):
    with refused("reason_required", "reason"):
        need_decline(need=need, user=owner, reason=" ")


def test_joined_needs_are_one_with_all_customers(need, customer, owner):
    other = CustomerFactory(name="Tampereen Telakka Oy")
    second = need_add(need=Need(name="SSO"), customer=other, user=owner)
    need_share(need=second, customer=customer)
    need_join(need=second, into=need, user=owner)
    second.refresh_from_db()
    assert (names(need), second.status, second.joined_to) == ({str(customer), str(other)}, "joined", need)
    with refused("need_closed"):
        need_change(need=second)


def test_a_need_is_not_joined_to_itself(need, owner):
    with refused("same_need", "into"):
        need_join(need=need, into=need, user=owner)


def test_a_need_becomes_a_lead(need, customer, owner):
    lead = need_to_lead(need=need, customer=customer, user=owner)
    need.refresh_from_db()
    assert (lead.title, lead.customer, need.status, need.lead) == ("Kertakirjautuminen", customer, "lead", lead)
    with refused("status_not_allowed"):
        need_to_lead(need=need, customer=customer, user=owner)


def test_a_need_becomes_an_offer_of_its_customer_only(need, customer, owner):
    with refused("not_its_customer", "offer"):
        need_to_offer(need=need, offer=OfferFactory(), user=owner)
    offer = OfferFactory(customer=customer)
    assert need_to_offer(need=need, offer=offer, user=owner).offer == offer


def test_a_need_is_not_noticed_in_the_future(customer, owner):
    tomorrow = clock.today().replace(year=clock.today().year + 1)
    with refused("future_day", "noticed_on"):
        need_add(need=Need(name="SSO"), customer=customer, user=owner, noticed_on=tomorrow)


# Pages


def test_the_owner_adds_a_need_and_a_colleague_does_not(client, customer, owner, colleague):
    address = reverse("carecontent:need_add", args=[customer.pk])
    data = {"name": "Oman verkkotunnuksen asetukset", "is_budgeted": "False", "fits_environment": "True"}
    client.force_login(colleague)
    assert client.post(address, data).status_code == 403
    client.force_login(owner)
    assert client.post(address, data).status_code == 302
    need = Need.objects.get()
    assert (need.is_budgeted, need.fits_environment) == (False, True)


def test_the_list_finds_declined_needs_by_a_word(client, need, reader, owner):
    need_decline(need=need, user=owner, reason="No budget this year.")
    client.force_login(reader)
    page = client.get(reverse("carecontent:needs") + "?q=kertakirj&status=declined").content.decode()
    assert "Kertakirjautuminen" in page
    assert "Nokian Konepaja" in page


def test_the_page_of_a_need_offers_its_steps_to_who_may_take_them(client, need, owner, reader):
    address = reverse("carecontent:need_decline", args=[need.pk])
    for user, is_offered in ((reader, False), (owner, True)):
        client.force_login(user)
        assert (address in client.get(need.get_absolute_url()).content.decode()) == is_offered
    client.post(address, {"reason": "No budget this year."})
    need.refresh_from_db()
    assert need.status == "declined"


def test_the_list_asks_as_much_for_many_as_for_few(client, need, customer, reader, owner):
    client.force_login(reader)
    client.get(reverse("carecontent:needs"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("carecontent:needs"))
    for number in range(3):
        other = need_add(need=Need(name=f"Tarve {number}"), customer=customer, user=owner)
        need_share(need=other, customer=CustomerFactory())
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("carecontent:needs"))
    assert len(few) == len(many)


def test_a_need_of_inactive_customers_is_hidden(need, customer, reader):
    type(customer).objects.filter(pk=customer.pk).update(state="passive", passive_since=clock.today())
    assert not Need.objects.visible_to(reader).exists()
    assert NeedCustomer.objects.count() == 1


# API


def test_the_api_adds_shares_and_declines(customer, owner, colleague):
    api, other = APIClient(), CustomerFactory()
    api.force_authenticate(owner)
    added = api.post("/api/v1/needs/", {"name": "Mobiilipäätteet", "customer": customer.pk}, format="json")
    assert added.status_code == 201
    address = f"/api/v1/needs/{added.json()['id']}/"
    assert api.post(f"{address}share/", {"customer": other.pk}, format="json").status_code == 403
    ResponsibilityFactory(customer=other, user=owner)
    shared = api.post(f"{address}share/", {"customer": other.pk}, format="json")
    assert {row["customer"] for row in shared.json()["customers"]} == {customer.pk, other.pk}
    api.force_authenticate(colleague)
    assert api.post(f"{address}decline/", {"reason": "No budget."}, format="json").status_code == 403
    api.force_authenticate(owner)
    assert api.post(f"{address}decline/", {"reason": "No budget."}, format="json").json()["status"] == "declined"


@pytest.fixture
def api(owner: Any) -> APIClient:
    program = APIClient()
    program.force_authenticate(owner)
    return program


def step(api: APIClient, need: Need, name: str, **body: Any) -> Any:
    return api.post(f"/api/v1/needs/{need.pk}/{name}/", body, format="json")


def test_the_api_joins_needs(api, need, customer, owner):
    other = need_add(need=Need(name="SSO"), customer=customer, user=owner)
    assert step(api, need, "join", into=other.pk).json()["id"] == other.pk
    assert step(api, need, "join", into=other.pk).status_code == 403  # it is closed
    need.refresh_from_db()
    assert (need.status, need.joined_to) == ("joined", other)


def test_a_need_is_not_joined_to_one_of_other_owners_customers(api, need, owner, colleague):
    others = need_add(need=Need(name="SSO"), customer=CustomerFactory(), user=colleague)
    assert step(api, need, "join", into=others.pk).status_code == 403
    assert JoinForm(need=need, user=owner).fields["into"].queryset.count() == 0
    ResponsibilityFactory(customer=others.customers.get().customer, user=owner)
    assert list(JoinForm(need=need, user=owner).fields["into"].queryset) == [others]


def test_the_page_shares_a_need_with_customers_of_which_one_may_change_the_plan(client, need, owner):
    other, address = CustomerFactory(), reverse("carecontent:need_share", args=[need.pk])
    client.force_login(owner)
    assert client.post(address, {"customer": other.pk}).context["form"].errors["customer"]
    ResponsibilityFactory(customer=other, user=owner)
    client.post(address, {"customer": other.pk})
    assert need.customers.count() == 2


def test_the_api_makes_a_lead_of_one_of_the_customers(api, need, customer):
    refusal = step(api, need, "lead", customer=CustomerFactory().pk)
    assert (refusal.status_code, refusal.json()["error"]["code"]) == (409, "not_its_customer")
    answer = step(api, need, "lead", customer=customer.pk)
    assert (answer.status_code, answer.json()["status"]) == (200, "lead")
    assert answer.json()["lead"]


def test_the_api_notes_an_open_offer_to_one_of_the_customers(api, need, customer):
    assert step(api, need, "offer", offer=OfferFactory().pk).status_code == 409
    offer = OfferFactory(customer=customer)
    assert step(api, need, "offer", offer=offer.pk).json()["offer"] == offer.pk


def test_the_api_takes_a_customer_off_a_need_with_the_right_to_change_it(api, need, customer, owner):
    other = CustomerFactory()
    need_share(need=need, customer=other)
    assert step(api, need, "unshare", customer=other.pk).status_code == 403
    ResponsibilityFactory(customer=other, user=owner)
    assert step(api, need, "unshare", customer=other.pk, version=9).status_code == 409
    assert [row["customer"] for row in step(api, need, "unshare", customer=other.pk).json()["customers"]] == [
        customer.pk
    ]
    again = step(api, need, "unshare", customer=other.pk)
    assert (again.status_code, type(again.json()["error"]["fields"]["customer"])) == (400, list)


def test_a_customer_more_or_less_changes_the_version_of_the_need(api, need, customer, owner):
    first, other = need.version, CustomerFactory()
    ResponsibilityFactory(customer=other, user=owner)
    shared = step(api, need, "share", customer=other.pk, version=first)
    assert (shared.status_code, shared.json()["version"]) == (200, first + 1)
    assert step(api, need, "unshare", customer=other.pk).json()["version"] == first + 2


def test_of_two_editors_of_a_need_the_second_notices_that_its_customers_have_changed(api, need, owner):
    seen, third = need.version, ResponsibilityFactory(user=owner).customer
    need_share(need=need, customer=CustomerFactory())
    late = step(api, need, "share", customer=third.pk, version=seen)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "stale_version")
    address, tag = f"/api/v1/needs/{need.pk}/", f'"{seen}"'
    assert api.patch(address, {"impact": "All"}, format="json", HTTP_IF_MATCH=tag).status_code == 412
    assert need.customers.count() == 2


def test_a_need_that_gets_the_customers_of_another_one_has_changed(need, owner):
    other = need_add(need=Need(name="SSO"), customer=CustomerFactory(), user=owner)
    before = need.version
    assert need_join(need=other, into=need, user=owner).version == before + 1
