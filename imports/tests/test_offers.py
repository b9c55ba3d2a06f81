"""Offers of other systems: what rows mean, what holds them, what moves them on, and held rows given to a customer."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory
from imports.models import ImportRun
from imports.services import assignment_execute, rows_assign
from imports.tests.helpers import codes, counts, row, run_import
from offers.offers.models import Offer, OutsideNumber
from offers.offers.services.status import offer_lose
from offers.offers.tests.factories import LostReasonFactory, OfferTypeFactory
from offers.orders.models import Order
from offers.orders.services.orders import offer_accept, to_confirm
from offers.products.tests.factories import ProductFactory, VatClassFactory

pytestmark = [pytest.mark.django_db]
CONFIG = {
    "columns": [
        {"column": "id", "field": "offer_number", "system": "Old"},
        {"column": "who", "field": "account_manager"},
        {"column": "customer", "field": "customer"},
        {"column": "product", "field": "product"},
        {"column": "stage", "field": "stage"},
        {"column": "value", "field": "value"},
        {"column": "began", "field": "began"},
        {"column": "decided", "field": "decided"},
    ],
    "defaults": {"offer_type": "service"},
}
HEADER = "id;who;customer;product;stage;value;began;decided\n"
WON = "1;meri;Acme;Päivä;won;100;01-02-17;03-04-17\n"


@pytest.fixture(autouse=True)
def world(defaults) -> None:
    make_world()


def make_world() -> None:
    """Add the customers, people and products of the rows."""
    UserFactory(username="meri", first_name="Maija", last_name="Meri")
    CustomerFactory(name="Acme")
    OfferTypeFactory(code="service")
    ProductFactory(code="P-1", name_fi="Päivä", name_en="Day", vat_class=VatClassFactory(rates={"2013-01-01": 24}))


def take(*lines: str, **options) -> ImportRun:
    return run_import(HEADER + "".join(f"{line.strip()}\n" for line in lines), "offers", config=CONFIG, **options)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("1;meri;;Päivä;won;100;;", "no_customer"),
        ("1;meri;Nobody;Päivä;won;100;;", "unknown_customer"),
        ("1;nobody;Acme;Päivä;won;100;;", "unknown_user"),
        ("1;meri;Acme;Yö;won;100;;", "unknown_product"),
    ],
)
def test_row_that_names_nobody_or_nothing_known_is_held_with_that_reason(line, code):
    run = take(line)
    assert (counts(run), codes(run, 2)) == ((0, 0, 0, 1, 0), [code])
    assert not Offer.objects.exists()


def test_all_reasons_of_a_held_row_are_told_at_once():
    assert codes(take("1;nobody;;Yö;won;100;;"), 2) == ["no_customer", "unknown_user", "unknown_product"]


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (";meri;Acme;Päivä;won;100;;", "required", "offer_number"),
        ("1;;Acme;Päivä;won;100;;", "required", "account_manager"),
        ("1;meri;Acme;Päivä;;100;;", "required", "stage"),
        ("1;meri;Acme;Päivä;maybe;100;;", "choice", "stage"),
        ("1;meri;Acme;Päivä;won;lots;;", "number", "value"),
        ("1;meri;Acme;Päivä;won;-5;;", "range", "value"),
        ("1;meri;Acme;Päivä;won;9999999999999;;", "range", "value"),
        ("1;meri;Acme;Päivä;won;100;99-99-17;", "date", "began"),
        ("1;meri;Acme;Päivä;won;100;03-04-17;01-02-17", "dates_reversed", "decided"),
    ],
)
def test_row_that_is_wrong_in_itself_is_refused_at_its_field(line, code, field):
    run = take(line)
    assert counts(run) == (0, 0, 0, 0, 1)
    assert [(problem["code"], problem["field"]) for problem in row(run, 2).problems] == [(code, field)]
    assert not OutsideNumber.objects.exists()


def test_same_number_twice_in_a_file_is_held_the_second_time():
    run = take(WON, WON.replace("100", "200"))
    assert (counts(run), codes(run, 3)) == ((1, 0, 0, 1, 0), ["same_as"])
    assert Order.objects.get().net == 100


def test_passive_customer_gets_no_offer():
    CustomerFactory(name="Gone", passive=True)
    assert codes(take("1;meri;Gone;Päivä;won;100;;"), 2) == ["passive"]


def test_won_without_a_value_is_taken_in_and_told():
    run = take("1;meri;Acme;Päivä;won;;;")
    assert (counts(run), codes(run, 2)) == ((1, 0, 0, 0, 0), ["no_value"])


def test_offer_on_the_funders_form_has_its_value_and_no_lines():
    OfferTypeFactory(code="funder", is_funder_form=True)
    config = CONFIG | {"defaults": {"offer_type": "funder"}}
    run_import(HEADER + WON, "offers", config=config)
    order = Order.objects.select_related("offer").get()
    assert (order.net, order.estimate, order.lines.count(), order.offer.lines.count()) == (100, 100, 0, 0)


def test_lead_goes_to_the_one_who_has_it():
    run = take("1;meri;Acme;Päivä;lead;;01-02-17;")
    activity = Activity.objects.select_related("lead__taken_by", "type").get()
    assert (activity.type.code, activity.lead.state, activity.status) == ("lead", "taken", "in_progress")
    assert (activity.lead.taken_by.username, activity.lead.need) == ("meri", "Day")
    assert [user.username for user in activity.users.all()] == ["meri"]
    assert row(run, 2).target_url == activity.get_absolute_url()
    assert activity.customer.summary.open_activities == 1


def test_stages_of_a_newer_file_move_on_what_an_earlier_one_brought():
    take("1;meri;Acme;Päivä;lead;;01-02-17;")
    run = take("1;meri;Acme;Päivä;open;;01-02-17;")
    offer = Offer.objects.get()
    assert (counts(run), row(run, 2).changed, row(run, 2).target_id) == ((0, 1, 0, 0, 0), ["stage"], offer.pk)
    assert (offer.status, offer.came_from.lead.state, offer.came_from.status) == ("open", "offer", "done")
    run = take(WON)
    offer.refresh_from_db()
    assert (counts(run), offer.status, offer.order.net, offer.order.vat) == ((0, 1, 0, 0, 0), "order", 100, 24)
    assert [(line.unit_price, line.invoiced) for line in offer.order.lines.all()] == [(100, 1)]
    assert counts(take(WON)) == (0, 0, 1, 0, 0)
    assert OutsideNumber.objects.count() == 1


def test_older_file_moves_nothing_back():
    take(WON)
    assert counts(take("1;meri;Acme;Päivä;open;;01-02-17;")) == (0, 0, 1, 0, 0)
    assert Offer.objects.get().status == "order"


def test_what_was_decided_otherwise_here_is_held():
    take("1;meri;Acme;Päivä;open;;01-02-17;")
    offer_lose(offer=Offer.objects.get(), user=UserFactory(), reason=LostReasonFactory())
    assert codes(take(WON), 2) == ["other_stage"]
    assert not Order.objects.exists()


def test_accepted_here_and_won_in_the_file_is_one_order():
    take("1;meri;Acme;Päivä;open;;01-02-17;")
    offer = Offer.objects.get()
    confirm = to_confirm(offer)  # old and never sent from here
    offer_accept(offer=offer, user=UserFactory(), confirm=confirm, reason="By phone")
    assert counts(take(WON)) == (0, 0, 1, 0, 0)
    assert Order.objects.count() == 1


def test_offer_whose_sum_was_made_here_is_not_won_for_another():
    take("1;meri;Acme;Päivä;open;70;01-02-17;")
    assert codes(take(WON), 2) == ["other_sum"]
    assert Offer.objects.get().status == "open"


def test_lost_one_keeps_its_own_reason_and_one_that_is_none_is_told():
    reason = LostReasonFactory(code="dear")
    config = CONFIG | {"columns": [*CONFIG["columns"], {"column": "why", "field": "lost_reason"}]}
    lines = "1;meri;Acme;Päivä;lost;0;;;dear\n2;meri;Acme;Päivä;lost;0;;;moon\n"
    run = run_import(HEADER.strip() + ";why\n" + lines, "offers", config=config)
    assert list(Offer.objects.order_by("pk").values_list("lost_reason__code", flat=True)) == [reason.code, "not_known"]
    assert codes(run, 3) == ["unknown_lost_reason"]


def test_mapping_without_a_stage_is_told():
    columns = [column for column in CONFIG["columns"] if column["field"] != "stage"]
    with pytest.raises(BusinessRuleError, match="stage"):
        run_import(HEADER + WON, "offers", config={"columns": columns})


def test_sums_tell_what_was_taken_in_held_and_refused_by_stage():
    run = take(WON, "2;meri;;Päivä;won;50;;", "3;;Acme;Päivä;lost;7;;", "4;meri;Acme;Päivä;maybe;9;;")
    nothing = {"rows": 0, "value": "0.00"}
    lost = {"rows": 1, "value": "7.00"}
    assert run.sums == [
        {
            "stage": "won",
            "taken_in": {"rows": 1, "value": "100.00"},
            "held": {"rows": 1, "value": "50.00"},
            "refused": nothing,
        },
        {"stage": "lost", "taken_in": nothing, "held": nothing, "refused": lost},
        {"stage": "", "taken_in": nothing, "held": nothing, "refused": {"rows": 1, "value": "9.00"}},
    ]


# Rows assigned to a customer


def give(run: ImportRun, customer, user=None, ids=None):
    user = user or UserFactory(grants=["imports.run_imports"])
    ids = list(run.rows.values_list("pk", flat=True)) if ids is None else ids
    assignment = rows_assign(run=run, customer=customer, user=user, ids=ids)
    return assignment_execute(assignment, lambda done, total: None)


def test_held_rows_given_to_a_customer_are_taken_in_and_who_did_it_is_kept():
    user, run = UserFactory(grants=["imports.run_imports"]), take(WON, "2;meri;;Päivä;won;50;01-02-17;03-04-17")
    customer = CustomerFactory(name="Other")
    assignment = give(run, customer, user)
    assert (assignment.chosen, assignment.taken_in, assignment.user, assignment.customer) == (1, 1, user, customer)
    run.refresh_from_db()
    assert (counts(run), row(run, 3).problems, row(run, 3).assignment) == ((2, 0, 0, 0, 0), [], assignment)
    offer = OutsideNumber.objects.get(number="2").offer
    assert (offer.customer, offer.order.net, offer.created_by) == (customer, 50, user)
    assert customer.summary.first_order_on.isoformat() == "2017-04-03"
    assert run.sums[0]["taken_in"] == {"rows": 2, "value": "150.00"}


def test_same_file_again_finds_given_rows_as_they_are():
    lines = (WON, "2;meri;;Päivä;won;50;01-02-17;03-04-17")
    give(take(*lines), CustomerFactory())
    assert counts(take(*lines)) == (0, 0, 2, 0, 0)
    assert Order.objects.count() == 2


def test_rows_given_twice_are_taken_in_once():
    run = take("2;meri;;Päivä;won;50;;")
    ids = list(run.rows.values_list("pk", flat=True))
    give(run, CustomerFactory(), ids=ids)
    with pytest.raises(BusinessRuleError) as error:
        give(run, CustomerFactory(), ids=ids)
    assert (error.value.code, Order.objects.count()) == ("nothing_held", 1)


def test_row_that_lacks_something_else_too_stays_held_and_can_be_given_again():
    run = take("2;meri;;Yö;won;50;;")
    assignment = give(run, CustomerFactory())
    assert (assignment.taken_in, codes(run, 2), row(run, 2).assignment) == (0, ["unknown_product"], None)
    ProductFactory(name_fi="Yö")
    assert give(run, CustomerFactory()).taken_in == 1


def test_rows_held_in_two_imports_are_taken_in_once():
    first, second = take("2;meri;;Päivä;won;50;;"), take("2;meri;;Päivä;won;50;;")
    give(first, CustomerFactory())
    give(second, CustomerFactory())
    assert (Order.objects.count(), row(second, 2).fate) == (1, "unchanged")


def test_nothing_is_given_to_a_passive_customer():
    run = take("2;meri;;Päivä;won;50;;")
    with pytest.raises(BusinessRuleError) as error:
        give(run, CustomerFactory(passive=True))
    assert (error.value.code, row(run, 2).fate) == ("customer_passive", "held")


def test_rows_of_a_check_cannot_be_given():
    run = take("2;meri;;Päivä;won;50;;", dry_run=True)
    with pytest.raises(BusinessRuleError) as error:
        give(run, CustomerFactory())
    assert error.value.code == "transition"


def test_rows_of_customers_cannot_be_given():
    CustomerFactory(name="Gone", passive=True)
    run = run_import("nimi\nGone\n")
    with pytest.raises(BusinessRuleError) as error:
        give(run, CustomerFactory())
    assert error.value.code == "transition"


def test_who_may_not_import_gives_nothing():
    run = take("2;meri;;Päivä;won;50;;")
    with pytest.raises(BusinessRuleError) as error:
        give(run, CustomerFactory(), UserFactory(role="account_manager"))
    assert (error.value.code, Offer.objects.count()) == ("forbidden", 0)
