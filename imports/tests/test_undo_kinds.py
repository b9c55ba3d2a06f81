"""Undo of imports of contacts, users, products, and offers with their leads and orders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import GroupMembership, Team, TeamMembership, User
from accounts.tests.factories import TeamFactory, UserFactory
from activities.leads.models import Lead
from activities.log.models import Activity, Participation
from activities.log.models import StatusChange as ActivityStatusChange
from activities.log.tests.factories import ActivityFactory
from customers.models import Consent, Contact, ContactPoint, Customer, Position
from customers.tests.factories import CustomerFactory
from imports.enums import RunState
from imports.tests.helpers import counts, row, run_import
from imports.tests.test_offers import HEADER as OFFER_HEADER
from imports.tests.test_offers import WON, make_world
from imports.tests.test_offers import take as take_offers
from imports.tests.undoing import administrator, by, outcome, undo
from imports.undo import execution
from imports.undo.kinds import undoing_of
from imports.undo.services import undo_check
from offers.offers.models import Offer, OfferActivity, OfferLine, OfferStatusChange, OutsideNumber
from offers.offers.services.status import offer_lose
from offers.offers.tests.factories import LostReasonFactory
from offers.orders.models import Order, OrderLine, OrderStatusChange
from offers.products.models import Product, ProductGroup, ProductPrice, Unit, VatClass
from offers.products.tests.factories import ProductFactory, UnitFactory, VatClassFactory

pytestmark = pytest.mark.django_db


def contents(*models) -> dict[str, list]:
    """What the tables hold, without versions and times of change."""
    found = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    for rows in found.values():
        for values in rows:
            values.pop("version", None), values.pop("updated_at", None)
    return found


def test_every_kind_names_its_tables_with_a_history():
    for kind in ("customers", "contacts", "users", "products", "offers"):
        assert all(hasattr(model, "pgh_event_model") for model in undoing_of(kind).models)


# Contacts

CONTACTS = "asiakas;etunimi;sukunimi;sähköposti;puhelin;tehtävä\n"


def contacts(*lines: str):
    return run_import(CONTACTS + "".join(f"{line}\n" for line in lines), "contacts")


def test_a_new_contact_goes_with_its_position_and_addresses():
    CustomerFactory(name="Acme")
    run = undo(contacts("Acme;Matti;Virtanen;matti@acme.fi;0401234567;Johtaja"))
    assert contents(Contact, ContactPoint, Position) == {"Contact": [], "ContactPoint": [], "Position": []}
    assert run.state == RunState.UNDONE


def test_a_known_contact_gets_its_title_back_and_loses_what_was_added():
    CustomerFactory(name="Acme")
    contacts("Acme;Matti;Virtanen;matti@acme.fi;;Johtaja")
    before = contents(Contact, ContactPoint, Position)
    run = contacts("Acme;Matti;Virtanen;matti@acme.fi;0401234567;Päällikkö")
    assert (counts(run), Position.objects.get().title) == ((0, 1, 0, 0, 0), "Päällikkö")
    assert undo(run).state == RunState.UNDONE
    assert contents(Contact, ContactPoint, Position) == before
    assert Position.objects.get().title == "Johtaja"
    assert [point.value for point in ContactPoint.objects.all()] == ["matti@acme.fi"]


def test_a_contact_with_a_consent_or_another_employer_stays():
    CustomerFactory(name="Acme")
    run = contacts("Acme;Matti;Virtanen;;;", "Acme;Liisa;Laine;;;", "Acme;Eino;Elo;;;")
    with by(UserFactory()):
        Consent.objects.create(contact=Contact.objects.get(last_name="Virtanen"), channel="email", is_given=True)
        liisa = Contact.objects.get(last_name="Laine")
        Position.objects.create(contact=liisa, customer=CustomerFactory(), start=dt.date(2026, 1, 1))
    run = undo(run)
    assert [outcome(run, number) for number in (2, 3, 4)] == [
        ("kept", ["in_use"]),
        ("kept", ["in_use"]),
        ("undone", []),
    ]


def test_customers_of_an_import_go_after_its_contacts():
    customers = run_import("nimi\nAcme\n")
    people = contacts("Acme;Matti;Virtanen;;;")
    customers = undo(customers)
    assert (outcome(customers, 2), customers.state) == (("kept", ["in_use"]), RunState.DONE)
    assert row(customers, 2).undo_reasons == ["Something else refers to it now: position (1)."]
    undo(people)
    assert undo(customers).state == RunState.UNDONE
    assert not Customer.objects.exists()


# Users


def users(*lines: str):
    text = "tunnus;nimi;titteli;esihenkilö;tiimi\n" + "".join(f"{line}\n" for line in lines)
    return run_import(text, "users")


def test_a_new_user_goes_with_the_memberships_and_the_manager_link():
    TeamFactory(name="Itä")
    pomo = UserFactory(username="pomo", first_name="Pomo", last_name="Mies")
    run = users("aino;Aino Mäkelä;Myyjä;pomo;Itä", "uusi;Uusi Pomo;;pomo;", "eino;Eino Elo;;uusi;")
    assert User.objects.get(username="aino").manager == pomo
    assert undo(run).state == RunState.UNDONE
    assert not User.objects.filter(username__in=["aino", "uusi", "eino"]).exists()
    assert not TeamMembership.objects.exists()


def test_a_known_user_gets_title_manager_and_teams_back():
    old = UserFactory(username="old", first_name="Old", last_name="Boss")
    UserFactory(username="new", first_name="New", last_name="Boss")
    user = UserFactory(username="aino", first_name="Aino", last_name="Mäkelä", title="Myyjä", manager=old)
    TeamFactory(name="Itä")
    memberships = list(GroupMembership.objects.filter(user=user).values())
    run = users("aino;Aino Mäkelä;Johtaja;new;Itä")
    user.refresh_from_db()
    assert (user.title, user.manager.username, user.memberships.count()) == ("Johtaja", "new", 1)
    assert undo(run).state == RunState.UNDONE
    user.refresh_from_db()
    assert (user.title, user.manager, user.memberships.count()) == ("Myyjä", old, 0)
    assert list(GroupMembership.objects.filter(user=user).values()) == memberships


def test_users_who_signed_in_or_have_work_stay():
    run = users("aino;Aino Mäkelä;;;", "eino;Eino Elo;;;", "liisa;Liisa Laine;;;")
    with by(UserFactory()):
        User.objects.filter(username="aino").update(last_login=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
        CustomerFactory(owner=User.objects.get(username="eino"))
    run = undo(run)
    assert [outcome(run, number) for number in (2, 3, 4)] == [
        ("kept", ["signed_in"]),
        ("kept", ["in_use"]),
        ("undone", []),
    ]


def test_managers_and_teams_that_were_added_are_removed_with_the_last_user():
    run = users("aino;Aino Mäkelä;;Pomo Mies;Uusi tiimi", "eino;Eino Elo;;Liisa Laine;Toinen")
    with by(UserFactory()):
        CustomerFactory(owner=User.objects.get(first_name="Liisa"))
    assert undo(run).state == RunState.UNDONE
    assert not User.objects.filter(first_name__in=["Aino", "Eino", "Pomo"]).exists()
    assert User.objects.get(first_name="Liisa").memberships.get().team.name == "Toinen"
    assert not Team.objects.filter(name="Uusi tiimi").exists()


# Products

PRODUCTS = "Tuotekoodi;Tuote;Yksikkö;ALV-luokka;Hinta;Hinta alkaen\n"


def products(*lines: str):
    return run_import(PRODUCTS + "".join(f"{line}\n" for line in lines), "products")


@pytest.fixture
def register(without) -> None:
    without(ProductGroup, Unit, VatClass)
    UnitFactory(code="day", name_fi="pv", name_en="day")
    VatClassFactory(code="general", name_fi="Yleinen", name_en="General")


def test_a_new_product_goes_with_its_price(register):
    run = undo(products("K-1;Päivä;pv;general;1200,50;1.1.2026"))
    assert (run.state, Product.objects.count(), ProductPrice.objects.count()) == (RunState.UNDONE, 0, 0)


def test_a_known_product_gets_its_name_and_prices_back(register):
    products("K-1;Päivä;pv;general;100;1.1.2026")
    before = contents(Product, ProductPrice)
    run = products("K-1;Uusi nimi;pv;general;120;1.1.2026")
    assert (Product.objects.get().name_fi, ProductPrice.objects.get().price) == ("Uusi nimi", Decimal(120))
    assert undo(run).state == RunState.UNDONE
    assert contents(Product, ProductPrice) == before
    assert ProductPrice.objects.get().price == Decimal(100)


def test_a_group_that_was_added_is_removed_with_the_last_product_unless_it_is_used(register):
    text = PRODUCTS.strip() + ";Tuoteryhmä\n"
    lines = "K-1;A;pv;general;;;Uusi\nK-2;B;pv;general;;;Uusi\nK-3;C;pv;general;;;Käytetty\n"
    run = run_import(text + lines, "products")
    with by(UserFactory()):
        ProductFactory(group=ProductGroup.objects.get(name_fi="Käytetty"))
    run = undo(run, ids=[row(run, 2).pk])
    assert set(ProductGroup.objects.values_list("name_fi", flat=True)) == {"Uusi", "Käytetty"}
    assert undo(run).state == RunState.UNDONE
    assert list(ProductGroup.objects.values_list("name_fi", flat=True)) == ["Käytetty"]


def test_a_product_of_an_offer_stays(defaults):
    make_world()
    Product.objects.filter(code="P-1").delete()
    unit = Unit.objects.first()
    run = products(f"K-1;Päivä;{unit.code};{VatClass.objects.first().code};100;1.1.2016")
    with by(UserFactory()):
        ProductFactory(name_fi="Muu")
    take_offers("1;meri;Acme;Päivä;open;100;01-02-17;")
    run = undo(run)
    assert (outcome(run, 2), Product.objects.filter(code="K-1").exists()) == (("kept", ["in_use"]), True)


# Offers, leads and orders

SALES = (Offer, OfferLine, OfferStatusChange, OfferActivity, OutsideNumber, Order, OrderLine, OrderStatusChange)
LEADS = (Activity, Lead, Participation, ActivityStatusChange)
LEAD = "1;meri;Acme;Päivä;lead;50;01-02-17;"
OPEN = "1;meri;Acme;Päivä;open;100;01-02-17;"


@pytest.fixture
def sales(defaults) -> None:
    make_world()


def figures() -> tuple:
    summary = Customer.objects.get(name="Acme").summary
    return summary.open_offers, summary.open_offers_net, summary.first_order_on, summary.open_activities


def test_new_offers_orders_and_leads_go_with_all_that_is_theirs(sales):
    run = take_offers(WON, OPEN.replace("1;", "2;", 1), LEAD.replace("1;", "3;", 1))
    assert figures() == (1, Decimal(100), dt.date(2017, 4, 3), 1)
    run = undo(run)
    assert (run.state, run.undone) == (RunState.UNDONE, 3)
    assert contents(*SALES, *LEADS) == {model.__name__: [] for model in (*SALES, *LEADS)}
    assert figures() == (0, Decimal(0), None, 0)


def test_an_open_offer_that_was_won_is_open_again(sales):
    take_offers(OPEN)
    before = contents(*SALES)
    run = take_offers(WON)
    assert (Offer.objects.get().status, Order.objects.count()) == ("order", 1)
    assert undo(run).state == RunState.UNDONE
    assert contents(*SALES) == before
    assert (Offer.objects.get().status, figures()) == ("open", (1, Decimal(100), None, 0))


def test_changes_of_status_are_taken_back_by_as_many_statements_for_many_offers(sales):
    """The statements of the undo that touch changes of status do not grow with the offers that it reopens."""
    counted = {}
    for size in (1, 3):
        numbers = [str(size * 10 + number) for number in range(size)]
        take_offers(*(OPEN.replace("1;", f"{number};", 1) for number in numbers))
        before = contents(OfferStatusChange)
        run = take_offers(*(WON.replace("1;", f"{number};", 1) for number in numbers))
        with CaptureQueriesContext(connection) as queries:
            assert undo(run).state == RunState.UNDONE
        assert contents(OfferStatusChange) == before
        removals = [query["sql"] for query in queries if "DELETE" in query["sql"]]
        counted[size] = [sql for sql in removals if "statuschange" in sql]
    assert len(counted[1]) == len(counted[3]) > 0


def test_an_offer_frees_no_lead_that_an_activity_of_the_same_number_keeps(sales):
    """A check holds the targets of each kind apart: numbers of offers are no numbers of activities."""
    run = take_offers(OPEN, LEAD.replace("1;", "2;", 1))
    with by(UserFactory()):
        ActivityFactory(pk=Offer.objects.get().pk, follows=Lead.objects.get().activity)
    undo_check(run=run, user=administrator())
    assert (outcome(run, 2)[0], outcome(run, 3)) == ("can", ("kept", ["in_use"]))


def test_a_lead_that_became_an_offer_is_a_lead_again(sales):
    take_offers(LEAD)
    before = contents(*SALES, *LEADS)
    run = take_offers(WON)
    assert (Lead.objects.get().state, Activity.objects.get().status) == ("offer", "done")
    assert undo(run).state == RunState.UNDONE
    assert contents(*SALES, *LEADS) == before
    assert (Lead.objects.get().state, Activity.objects.get().status) == ("taken", "in_progress")
    assert figures() == (0, Decimal(0), None, 1)
    assert OutsideNumber.objects.get().lead == Activity.objects.get()


def test_an_offer_that_was_decided_or_sent_since_stays(sales):
    run = take_offers(OPEN, OPEN.replace("1;", "2;", 1), OPEN.replace("1;", "3;", 1))
    first, second, _third = Offer.objects.order_by("pk")
    with by(UserFactory()):
        offer_lose(offer=first, user=UserFactory(), reason=LostReasonFactory())
        second.versions.create(number=1, content_version=1)
    run = undo(run)
    assert [outcome(run, number) for number in (2, 3, 4)] == [
        ("kept", ["changed_since"]),
        ("kept", ["in_use"]),
        ("undone", []),
    ]
    assert row(run, 3).undo_reasons == ["Something else refers to it now: version of an offer (1)."]
    assert Offer.objects.count() == 2


def test_an_order_that_was_invoiced_in_part_keeps_its_row(sales):
    run = take_offers(WON)
    with by(UserFactory()):
        OrderLine.objects.update(invoiced=0)
    run = undo(run)
    assert (outcome(run, 2), Order.objects.count(), Offer.objects.count()) == (("kept", ["changed_since"]), 1, 1)


def test_rows_in_small_batches_end_the_same(sales, monkeypatch):
    monkeypatch.setattr(execution, "BATCH", 1)
    run = undo(take_offers(*(OPEN.replace("1;", f"{number};", 1) for number in range(1, 4))))
    assert (run.state, run.undone, Offer.objects.count()) == (RunState.UNDONE, 3, 0)


def test_rows_assigned_to_a_customer_are_undone_too(sales):
    from imports.tests.test_offers import give

    run = take_offers("2;meri;;Päivä;won;50;01-02-17;03-04-17")
    give(run, Customer.objects.get(name="Acme"))
    run.refresh_from_db()
    assert (counts(run), OFFER_HEADER[:2]) == ((1, 0, 0, 0, 0), "id")
    assert undo(run).state == RunState.UNDONE
    assert not Order.objects.exists()
