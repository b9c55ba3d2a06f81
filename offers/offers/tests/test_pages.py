"""Offers in the browser's terms: the list, the page, offers of activities, activities of offers."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type
from core.tests.bulk import bulk, outcome, undo
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.offers.tests.pages import content, row, text, url
from offers.products.enums import LineKind
from offers.products.models import ProductGroup
from offers.products.tests.factories import ProductFactory, line, product_group

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


# The list


@pytest.mark.parametrize(
    ("tab", "shown"),
    [
        ("mine", {"Oma"}),
        ("open", {"Oma", "Toisen"}),
        ("decided", {"Voitettu", "Hävitty"}),
        ("all", {"Oma", "Toisen", "Voitettu", "Hävitty"}),
    ],
)
def test_the_tabs_show_own_open_decided_and_all_offers(page, owner, tab, shown):
    OfferFactory(title="Oma", owner=owner, status=OfferStatus.SENT)
    OfferFactory(title="Toisen")
    OfferFactory(title="Voitettu", owner=owner, status=OfferStatus.ORDER)
    OfferFactory(title="Hävitty", owner=owner, status=OfferStatus.LOST)
    body = text(page.get(url("list", tab=tab)))
    assert {title for title in ("Oma", "Toisen", "Voitettu", "Hävitty") if f">{title}<" in body} == shown


def test_who_writes_no_offers_sees_the_open_ones_first(reader):
    OfferFactory(title="Toisen")
    assert ">Toisen<" in text(reader.get(url("list")))


@pytest.fixture
def two(owner):
    """Two offers that differ in everything; the first is what each question asks for."""
    group = product_group("Johtaminen")
    product = ProductFactory(group=product_group("Esimiestyö", parent=group))
    TeamFactory(name="Myynti", members=[owner])
    first = OfferFactory(
        title="Esimiesvalmennus", owner=owner, status=OfferStatus.SENT, date=dt.date(2026, 3, 2),
        valid_until=dt.date(2026, 3, 9), expected_close=dt.date(2026, 4, 1),
        customer=CustomerFactory(name="Ylöjärven Saha"),
        lines=[line(kind=LineKind.PRODUCT, product_id=product.pk, unit_price=5000)],
    )  # fmt: skip
    second = OfferFactory(
        title="Ensiapukurssi", date=dt.date(2025, 1, 2), valid_until=TODAY + dt.timedelta(days=5), lines=[line()]
    )
    second.offer_activities.create(activity=ActivityFactory(status="open", customer=second.customer))
    return first, second


@pytest.mark.parametrize(
    "query",
    [
        {"q": "esimies"},
        {"q": "saha ylojarv"},
        {"mine": "true"},
        {"owner": lambda first: first.owner_id},
        {"team": lambda first: first.owner.teams.get().pk},
        {"status": "sent"},
        {"type": lambda first: first.type_id},
        {"customer": lambda first: first.customer_id},
        {"group": lambda first: ProductGroup.objects.get(name_fi="Johtaminen").pk},
        {"warning": "expired"},
        {"warning": "no_step"},
        {"date_from": "1.3.2026"},
        {"value_from": "1000"},
        {"expected_from": "1.4.2026", "expected_to": "1.4.2026"},
    ],
)
def test_offers_are_narrowed_by_what_is_asked(page, two, query):
    filters = {name: value(two[0]) if callable(value) else value for name, value in query.items()}
    body = text(page.get(url("list", tab="all", **filters)))
    assert [title for title in ("Esimiesvalmennus", "Ensiapukurssi") if f">{title}<" in body] == ["Esimiesvalmennus"]


def test_an_offer_that_stands_too_long_is_found_and_marked(page):
    kind = OfferTypeFactory(open_days=10)
    OfferFactory(title="Juuri tehty", type=kind)
    OfferFactory(title="Seisoo", type=kind, status_since=timezone.now() - dt.timedelta(days=11))
    OfferFactory(title="Vielä ajoissa", type=kind, status_since=timezone.now() - dt.timedelta(days=10))
    body = text(page.get(url("list", tab="open", warning="stuck")))
    assert [title for title in ("Juuri tehty", "Seisoo", "Vielä ajoissa") if f">{title}<" in body] == ["Seisoo"]


@pytest.mark.parametrize("query", ["owner=x", "type=999999", "date_from=x", "value_from=x", "group=x", "warning=x"])
def test_a_filter_that_cannot_be_read_shows_nothing_and_says_so(page, query):
    OfferFactory(title="Esimiesvalmennus")
    response = page.get(f"{url('list')}?tab=all&{query}")
    assert response.status_code == 400
    assert ">Esimiesvalmennus<" not in text(response)
    assert "alert-danger" in text(response)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_offers(page, owner, count, django_assert_max_num_queries):
    for _n in range(count):
        OfferFactory(owner=owner, lines=[line()], contact=ContactFactory())
    with django_assert_max_num_queries(24):
        page.get(url("list"))


def test_the_list_is_exported_as_filtered(page, two):
    response = page.get(url("list", tab="all", q="esimies", export="csv"))
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert "Esimiesvalmennus" in body.decode("utf-8-sig")
    assert "Ensiapukurssi" not in body.decode("utf-8-sig")


def test_an_empty_list_says_what_to_do(page):
    assert "Make an offer from a lead" in text(page.get(url("list", tab="all")))


def test_selected_offers_are_given_to_another_account_manager_and_back(page, owner):
    mine, foreign, decided = OfferFactory(owner=owner), OfferFactory(), OfferFactory(owner=owner, status="lost")
    other = UserFactory()
    assert reverse("core:bulk_choose", args=["offers.owner"]) in text(page.get(url("list")))
    run = bulk(owner, "offers.owner", [mine, foreign, decided], owner=other.pk)
    assert [outcome(run, row) for row in (mine, foreign, decided)] == [
        ("changed", ""), ("refused", "forbidden"), ("refused", "decided"),
    ]  # fmt: skip
    mine.refresh_from_db()
    assert mine.owner == other
    undo(run)
    mine.refresh_from_db()
    assert mine.owner == owner


# The page


@pytest.mark.parametrize("name", ["detail", "activities", "documents", "history"])
def test_everyone_opens_an_offer_and_strangers_sign_in(reader, client, name):
    offer = OfferFactory(title="Esimiesvalmennus", lines=[line()])
    assert "Esimiesvalmennus" in text(reader.get(url(name, offer)))
    assert client.get(url(name, offer)).status_code == 302


def test_an_offer_of_a_passive_customer_does_not_exist(page):
    offer = OfferFactory(customer=CustomerFactory(passive=True))
    assert page.get(url("detail", offer)).status_code == 404


def test_the_overview_shows_lines_and_sums_by_vat_rate(page):
    offer = OfferFactory(
        lines=[
            line("Valmennus", kind=LineKind.HEADING, unit_price=0),
            line("Päivä", quantity=2, unit_price=1000, discount=10),
            line("Kirja", unit_price="50.50", vat_rate=14),
        ]
    )
    shown = text(page.get(url("detail", offer)))
    assert "line-heading" in shown
    for sum_ in ("1,800.00", "459.00", "50.50", "7.07", "€2,316.57", "1,850.50"):
        assert sum_.replace("€", "") in shown


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_lines(page, count, django_assert_max_num_queries):
    offer = OfferFactory(lines=[line(f"Rivi {n}") for n in range(count)])
    with django_assert_max_num_queries(24):
        page.get(url("detail", offer))


def test_the_buttons_are_those_that_the_status_allows(page, owner):
    for status, names in (
        (OfferStatus.OPEN, ["accept", "lose"]),
        (OfferStatus.SENT, ["accept", "reopen", "lose"]),
        (OfferStatus.LOST, ["reopen"]),
        (OfferStatus.ORDER, []),
    ):
        offer = OfferFactory(owner=owner, status=status)
        shown = text(page.get(url("detail", offer)))
        assert [name for name in ("accept", "reopen", "lose") if url(name, offer) in shown] == names, status


def test_who_may_not_change_it_sees_no_buttons(reader, colleague):
    offer = OfferFactory()
    for client in (reader, colleague):
        shown = text(client.get(url("detail", offer)))
        assert url("lose", offer) not in shown
        assert url("edit", offer) not in shown


def test_an_expired_offer_is_marked(page):
    offer = OfferFactory(date=dt.date(2026, 1, 2), valid_until=dt.date(2026, 1, 9))
    assert "expired" in text(page.get(url("detail", offer)))


def test_the_history_tells_changes_and_why_the_status_changed(page, owner):
    offer = OfferFactory(owner=owner, customer=CustomerFactory(), status=OfferStatus.SENT)
    page.post(url("reopen", offer), {"reason": "Asiakas pyysi muutoksia"})
    changes = {"title": "Uusi nimi", "type": offer.type_id, "version": 2}
    page.post(url("edit", offer), content(offer.customer, owner, row(1, name="Päivä", unit_price="10"), **changes))
    shown = text(page.get(url("history", offer)))
    assert "Asiakas pyysi muutoksia" in shown
    assert "Uusi nimi" in shown
    assert "Päivä" in shown


# From a lead or an activity


def test_an_offer_is_made_of_a_lead_and_the_lead_shows_it(page, owner, kind, customer):
    contact = ContactFactory(customer=customer)
    lead = activity_log(
        user=owner, type=activity_type("lead"), title="Tarvitsee esimieskoulutusta", customer=customer,
        contacts=[contact], details={"value": Decimal(8000)},
    )  # fmt: skip
    address = url("create", type="service", activity=lead.pk)
    initial = page.get(address).context["form"].initial
    assert (initial["title"], initial["customer"], initial["contact"]) == (lead.title, customer.pk, contact.pk)
    assert initial["estimate"] == Decimal(8000)
    page.post(address, content(customer, owner, row(1, name="Päivä"), contact=contact.pk))
    offer = Offer.objects.get()
    assert offer.came_from == lead
    lead.lead.refresh_from_db()
    assert (lead.lead.state, lead.lead.taken_by) == ("offer", owner)
    assert offer.number in text(page.get(url("activity_offers", lead)))
    assert lead.title in text(page.get(url("activities", offer)))
    assert lead.title in text(page.get(url("detail", offer)))


def test_the_panel_of_an_activity_offers_to_make_one(page, reader):
    activity = ActivityFactory()
    assert f"?activity={activity.pk}" in text(page.get(url("activity_offers", activity)))
    assert reader.get(url("activity_offers", activity)).status_code == 403
    OfferFactory(customer=activity.customer, came_from=activity)
    activity.offer_activities.create(offer=Offer.objects.get())
    shown = reader.get(url("activity_offers", activity))
    assert Offer.objects.get().number in text(shown)
    assert "?activity=" not in text(shown)


def test_an_offer_is_not_made_of_an_activity_that_one_does_not_see(page, kind):
    hidden = ActivityFactory(customer=CustomerFactory(passive=True), title="Piilo")
    assert "Piilo" not in text(page.get(url("create", type="service", activity=hidden.pk)))


# Activities of an offer


def test_the_next_step_is_added_in_one_line(page, owner):
    contact = ContactFactory()
    offer = OfferFactory(owner=owner, contact=contact)
    activity_type("call")
    day = (TODAY + dt.timedelta(days=3)).isoformat()
    key = str(uuid.uuid4())
    sent = {"follow-count": "1", "follow-0-title": "Soita päätöksestä", "follow-0-due": day, "submission_key": key}
    for _n in range(2):
        page.post(url("next_step_add", offer), {**sent, "follow-0-type": activity_type("call").pk})
    step = Activity.objects.get()
    assert (step.customer, step.status, list(step.contacts.all())) == (offer.customer, "open", [contact])
    assert offer.offer_activities.get().activity == step
    assert "Soita päätöksestä" in text(page.get(url("activities", offer)))


def test_a_next_step_without_a_day_is_told(page, owner):
    offer = OfferFactory(owner=owner)
    activity_type("call")
    sent = {
        "follow-count": "1",
        "follow-0-title": "Soita",
        "follow-0-due": "",
        "follow-0-type": activity_type("call").pk,
    }
    assert "Enter the due date." in text(page.post(url("next_step_add", offer), sent, follow=True))
    assert not Activity.objects.exists()


def test_an_activity_of_the_customer_is_linked_and_the_link_removed(page, owner):
    offer = OfferFactory(owner=owner)
    mine, foreign = ActivityFactory(customer=offer.customer), ActivityFactory()
    assert page.post(url("activity_link", offer), {"activity": foreign.pk}).status_code == 422
    assert page.post(url("activity_link", offer), {"activity": mine.pk}).status_code == 302
    assert offer.offer_activities.get().activity == mine
    assert page.post(url("activity_unlink", offer, mine)).status_code == 302
    assert not offer.offer_activities.exists()
    assert page.post(url("activity_unlink", offer, foreign)).status_code == 404


def test_the_top_search_finds_offers_by_number_title_and_customer(page, customer):
    offer = OfferFactory(title="Esimiesvalmennus", customer=customer)
    for words in (offer.number, "esimies", "nokian kone"):
        assert offer.get_absolute_url() in text(page.get("/search/", {"q": words}))
