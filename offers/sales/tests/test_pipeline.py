"""The pipeline: stages with their sums, forecast, warnings, filters, and the permitted moves."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type
from core.permissions import allowed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.filters import OpenOfferFilter
from offers.offers.models import Offer, OfferActivity
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.orders.services.orders import offer_accept
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import ProductFactory, line, product_group
from offers.sales.board import cards_of, warnings_of
from offers.sales.filters import PipelineLeadFilter
from offers.sales.selectors.pipeline import (
    CARDS,
    LEAD,
    Sums,
    board,
    board_leads,
    board_offers,
    forecast,
    leads_to_close,
    offers_to_move,
    pipeline_offers,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 16)


@pytest.fixture
def today():
    with time_machine.travel(dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC), tick=False):
        yield TODAY


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make_offer(net="1000", **fields):
    return OfferFactory(estimate=Decimal(net), **fields)


def make_lead(user=None, **fields):
    given = {"title": "Needs training", "customer": CustomerFactory(), **fields}
    return activity_log(user=user or UserFactory(role="account_manager"), type=activity_type("lead"), **given)


def columns(user, **query):
    offers = OpenOfferFilter(query, queryset=board_offers(user), request=asked_by(user)).qs
    leads = PipelineLeadFilter(query, queryset=board_leads(user), request=asked_by(user)).qs
    return {column.name: column for column in board(offers, leads)}


def asked_by(user):
    return type("Request", (), {"user": user, "path": "/pipeline/"})


def numbers(user, **query):
    """What is on the board, by column."""
    return {name: column.sums.count for name, column in columns(user, **query).items() if column.sums.count}


def days_ago(days):
    return timezone.now() - dt.timedelta(days=days)


# Sums and weighted values


def test_an_offer_counts_by_its_own_probability_or_the_usual_one_of_its_stage(user):
    type = OfferTypeFactory(open_probability=20, sent_probability=60)
    make_offer("1000", type=type, probability=75)
    make_offer("500.01", type=type)
    make_offer("200", type=type, status="sent")
    by_stage = columns(user)
    assert by_stage["open"].sums == Sums(2, Decimal("1500.01"), Decimal("850.00"))
    assert by_stage["sent"].sums == Sums(1, Decimal("200.00"), Decimal("120.00"))


def test_a_probability_of_nothing_is_not_the_usual_one(user):
    make_offer("1000", probability=0)
    assert columns(user)["open"].sums.weighted == 0


def test_a_weighted_value_is_the_same_on_the_page_and_in_the_database(user):
    make_offer("333.33", probability=33)
    offer = pipeline_offers(user).get()
    assert offer.weighted == (offer.net * offer.likely / 100).quantize(Decimal("0.01")) == Decimal("110.00")


def test_sums_are_of_all_rows_and_not_of_the_cards_shown(user):
    OfferFactory.create_batch(CARDS + 3, estimate=Decimal(10), customer=CustomerFactory(), owner=user)
    column = columns(user)["open"]
    assert (len(column.rows), column.sums.count, column.sums.net) == (CARDS, CARDS + 3, 10 * (CARDS + 3))


def test_leads_count_with_their_estimate(user):
    make_lead(details={"value": Decimal(300)})
    make_lead()
    assert columns(user)[LEAD].sums == Sums(2, Decimal(300), Decimal(0))


def test_decided_offers_stay_on_the_board_for_thirty_days(user):
    for days in (29, 31):
        make_offer(status="order", decided_at=days_ago(days))
        make_offer(status="lost", decided_at=days_ago(days))
    assert numbers(user) == {"order": 1, "lost": 1}


def test_an_accepted_offer_leaves_the_open_ones_by_itself(user):
    offer = make_offer()
    offer_accept(offer=offer, user=user)
    assert numbers(user) == {"order": 1}
    assert not pipeline_offers(user).exists()


def test_a_lead_leaves_its_column_when_it_is_closed_has_an_offer_or_its_customer_rests(user):
    closed, offered, resting, _left = make_lead(), make_lead(), make_lead(), make_lead()
    Lead.objects.filter(pk=closed.pk).update(state=LeadState.CLOSED)
    OfferFactory(came_from=offered, customer=offered.customer)
    Customer.objects.filter(pk=resting.customer_id).update(
        state="passive", passive_reason="closed", passive_since=timezone.localdate()
    )
    assert numbers(user)[LEAD] == 1


def test_offers_of_passive_customers_rest_whoever_looks():
    make_offer(customer=CustomerFactory(passive=True))
    assert numbers(UserFactory(role="administrator")) == {}


# Forecast


def rows_of(user):
    return {(row.kind, row.month): row.sums for row in forecast(pipeline_offers(user)).rows if row.sums.count}


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (TODAY - dt.timedelta(days=1), ("overdue", None)),
        (TODAY, ("month", dt.date(2026, 11, 1))),
        (dt.date(2026, 11, 30), ("month", dt.date(2026, 11, 1))),
        (dt.date(2026, 12, 1), ("month", dt.date(2026, 12, 1))),
        (dt.date(2027, 10, 31), ("month", dt.date(2027, 10, 1))),
        (dt.date(2027, 11, 1), ("later", None)),
        (None, ("no_date", None)),
    ],
)
def test_the_forecast_puts_an_offer_into_the_month_of_its_decision(today, user, day, key):
    make_offer("1000", expected_close=day, probability=40)
    assert rows_of(user) == {key: Sums(1, Decimal(1000), Decimal(400))}


def test_the_forecast_tells_empty_months_and_adds_up(today, user):
    make_offer("100", expected_close=dt.date(2026, 12, 5), probability=50)
    make_offer("200", expected_close=dt.date(2026, 12, 31), probability=100)
    make_offer("400", expected_close=TODAY, status="sent", probability=10)
    result = forecast(pipeline_offers(user))
    assert len(result.rows) == 12
    assert result.rows[1].sums == Sums(2, Decimal(300), Decimal(250))
    assert result.total == Sums(3, Decimal(700), Decimal(290))


def test_what_is_decided_is_not_forecast(user):
    make_offer(status="lost", expected_close=timezone.localdate())
    assert forecast(pipeline_offers(user)).total == Sums()


# What needs attention


def faults(offer, user):
    return [str(fault) for fault in warnings_of(board_offers(user).get(pk=offer.pk))]


def with_next_step(offer, status=ActivityStatus.OPEN):
    step = ActivityFactory(customer=offer.customer, status=status)
    OfferActivity.objects.create(offer=offer, activity=step)
    return offer


def test_an_offer_in_order_has_nothing_to_mend(user):
    assert faults(with_next_step(make_offer()), user) == []


@pytest.mark.parametrize(("days", "is_stuck"), [(14, False), (15, True)])
def test_an_offer_stands_too_long_beyond_the_limit_of_its_type(user, days, is_stuck):
    offer = with_next_step(make_offer(type=OfferTypeFactory(open_days=14), status_since=days_ago(days)))
    assert faults(offer, user) == (["over 14 days at this stage"] if is_stuck else [])
    assert numbers(user, warning="stuck") == ({"open": 1} if is_stuck else {})
    assert offer.is_stuck is is_stuck


def test_a_sent_offer_has_the_limit_of_its_own_stage(user):
    type = OfferTypeFactory(open_days=1, sent_days=30)
    make_offer(type=type, status="sent", status_since=days_ago(30))
    make_offer(type=type, status="sent", status_since=days_ago(31))
    assert numbers(user, warning="stuck") == {"sent": 1}


@pytest.mark.parametrize(("days", "is_expired"), [(0, False), (-1, True)])
def test_an_offer_is_expired_from_the_day_after_its_last_one(user, days, is_expired):
    today = timezone.localdate()
    offer = with_next_step(make_offer(date=today - dt.timedelta(days=9), valid_until=today + dt.timedelta(days=days)))
    assert faults(offer, user) == (["expired"] if is_expired else [])
    assert numbers(user, warning="expired") == ({"open": 1} if is_expired else {})


def test_an_expected_day_that_has_passed_is_told(user):
    offer = with_next_step(make_offer(expected_close=timezone.localdate() - dt.timedelta(days=1)))
    assert faults(offer, user) == ["the expected close date has passed"]
    assert numbers(user, warning="overdue") == {"open": 1}


def test_a_done_activity_is_no_next_step(user):
    offer = with_next_step(make_offer(), status=ActivityStatus.DONE)
    assert faults(offer, user) == ["no next step"]
    assert numbers(user, warning="no_step") == {"open": 1}


def test_nothing_is_to_be_mended_about_decided_offers(user):
    offer = make_offer(status="lost", status_since=days_ago(20), expected_close=dt.date(2020, 1, 1))
    assert faults(offer, user) == []


# Filters


def test_the_board_is_narrowed_by_account_manager_team_and_type(user):
    team = TeamFactory(members=[user])
    own, _other = make_offer(owner=user), make_offer()
    assert numbers(user, owner=user.pk) == numbers(user, team=team.pk) == numbers(user, mine="true") == {"open": 1}
    assert numbers(user, type=own.type_id) == {"open": 1}


def test_a_product_group_includes_the_groups_below_it(user):
    above = product_group("Above")
    below = product_group("Below", parent=above)
    product = ProductFactory(group=below)
    OfferFactory(lines=[line(kind="product", product_id=product.pk), line(kind="product", product_id=product.pk)])
    make_offer()
    assert numbers(user, group=above.pk) == {"open": 1}
    assert numbers(user, group=product_group("Other").pk) == {}


def test_a_period_includes_both_of_its_days_and_leaves_leads_out(user):
    make_lead()
    for day in (1, 10, 20, 30):
        make_offer(expected_close=dt.date(2027, 1, day))
    assert numbers(user, expected_from="10.1.2027", expected_to="20.1.2027") == {"open": 2}


def test_leads_are_narrowed_by_who_has_taken_them_up(user):
    mine = make_lead()
    Lead.objects.filter(pk=mine.pk).update(state=LeadState.CLAIMED, taken_by=user)
    offered, _other = make_lead(details={"offered_to": user}), make_lead()
    assert numbers(user, owner=user.pk) == {LEAD: 1}
    assert numbers(user, mine="true") == {LEAD: 2}
    assert offered.lead.state == LeadState.UNASSIGNED


def test_a_filter_that_cannot_be_read_gives_nothing(user):
    make_offer()
    make_lead()
    assert numbers(user, owner="x") == {}


# Cards and moves


def moves(user, offer):
    for column in columns(user).values():
        for card in cards_of(column, user):
            if card.pk == offer.pk:
                return [move.to for move in card.moves]
    return None


@pytest.mark.parametrize("status", OfferStatus)
def test_a_card_offers_the_moves_that_the_table_of_statuses_allows(user, status):
    offer = make_offer(owner=user, status=status)
    assert moves(user, offer) == list(OFFER_TRANSITIONS[status])


def test_a_card_that_is_not_ones_own_cannot_be_moved(user):
    assert moves(user, make_offer()) == []


def test_an_offer_of_a_customer_that_one_is_responsible_for_can_be_moved(user):
    assert moves(user, make_offer(customer=CustomerFactory(owner=user))) != []


@pytest.mark.parametrize("role", ["account_manager", "read_only", "management", "administrator", "sales_assistant"])
def test_cards_can_be_moved_as_the_rule_says_of_each(role):
    user = UserFactory(role=role)
    offers = [
        make_offer(),
        make_offer(owner=user),
        make_offer(customer=CustomerFactory(owner=user)),
        make_offer(owner=user, customer=CustomerFactory(passive=True)),
    ]
    assert offers_to_move(user, offers) == {offer.pk for offer in offers if allowed(user, "offers.decide_offer", offer)}


@pytest.mark.parametrize("role", ["account_manager", "read_only", "management"])
def test_leads_can_be_closed_as_the_rule_says_of_each(role):
    user = UserFactory(role=role)
    logger = user if role != "read_only" else UserFactory(role="account_manager")
    taking_part = make_lead()
    taking_part.users.add(user)
    leads = [make_lead(), make_lead(logger), taking_part]
    assert leads_to_close(user, leads) == {lead.pk for lead in leads if allowed(user, "leads.handle_lead", lead)}


def move(user, kind, obj, to, **headers):
    return signed_in(user).get(
        f"/pipeline/{kind}s/{obj.pk}/move/", {"to": to, "next": "/pipeline/?q=a"}, headers=headers
    )


@pytest.mark.parametrize(
    ("to", "page"), [("sent", "send"), ("order", "accept"), ("lost", "lose")], ids=["sent", "order", "lost"]
)
def test_a_move_goes_on_to_the_page_of_its_button(user, to, page):
    offer = make_offer(owner=user)
    answer = move(user, "offer", offer, to)
    assert (answer.status_code, answer.url) == (302, f"/offers/{offer.pk}/{page}/?next=%2Fpipeline%2F%3Fq%3Da")


def test_the_letter_that_sends_an_offer_is_a_page_of_its_own(user):
    offer = make_offer(owner=user)
    answer = move(user, "offer", offer, "sent", hx_request="true")
    assert (answer.status_code, answer.headers["HX-Redirect"][: -len("?next=%2Fpipeline%2F%3Fq%3Da")]) == (
        204,
        f"/offers/{offer.pk}/send/",
    )


@pytest.mark.parametrize(("status", "to"), [("open", "lost"), ("open", "order"), ("sent", "open"), ("lost", "open")])
def test_a_dropped_card_opens_its_form_in_the_dialog(user, status, to):
    offer = make_offer(owner=user, status=status)
    client = signed_in(user)
    dialog = {"HX-Request": "true", "HX-Target": "dialog"}
    answer = client.get(f"/pipeline/offers/{offer.pk}/move/?to={to}", headers=dialog, follow=True)
    assert answer.status_code == 200
    assert "<form" in answer.text
    assert "<html" not in answer.text


def test_what_is_on_the_funders_form_is_marked_as_sent(user):
    offer = make_offer(owner=user, type=OfferTypeFactory(is_funder_form=True))
    assert move(user, "offer", offer, "sent").url.startswith(f"/offers/{offer.pk}/mark-sent/")


def test_a_sent_offer_goes_back_into_preparation_with_a_reason(user):
    offer = make_offer(owner=user, status="sent")
    assert move(user, "offer", offer, "open").url.startswith(f"/offers/{offer.pk}/reopen/")


@pytest.mark.parametrize("to", [*OfferStatus, LEAD, "", "nonsense"])
@pytest.mark.parametrize("status", OfferStatus)
def test_a_move_that_the_table_refuses_is_told_in_a_sentence(user, status, to):
    offer = make_offer(owner=user, status=status)
    answer = move(user, "offer", offer, to, hx_request="true")
    if to in OFFER_TRANSITIONS[status]:
        assert answer.status_code == (204 if to == "sent" else 302)
    else:
        events = json.loads(answer.headers["HX-Trigger"])
        assert Offer.objects.get().status == status
        assert events["toast"]["text"].startswith("An offer")
        assert "board:refused" in events


def test_without_javascript_a_refused_move_is_told_on_the_board(user):
    offer = make_offer(owner=user, status="order")
    client = signed_in(user)
    answer = client.get(f"/pipeline/offers/{offer.pk}/move/?to=lost", follow=True)
    assert "An offer with the status “order” cannot become “lost”." in answer.text


def test_nobody_moves_a_colleagues_offer(user):
    assert move(user, "offer", make_offer(), "lost").status_code == 403


def test_a_lead_becomes_an_offer_by_the_form_of_a_new_one(user):
    lead = make_lead()
    assert move(user, "lead", lead, "open").url.startswith(f"/offers/new/?activity={lead.pk}")


def test_a_lead_is_closed_with_its_reason(user):
    lead = make_lead(user)
    assert move(user, "lead", lead, "lost").url.startswith(f"/activities/{lead.pk}/lead/close/")


@pytest.mark.parametrize("to", ["sent", "order"])
def test_a_lead_needs_an_offer_before_it_is_sent_or_ordered(user, to):
    answer = move(user, "lead", make_lead(user), to, hx_request="true")
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Make an offer from the lead first."


def test_who_writes_no_offers_makes_none_of_a_lead():
    assert move(UserFactory(role="customer_adviser"), "lead", make_lead(), "open").status_code == 403


def test_a_move_leads_to_no_other_site(user):
    offer = make_offer(owner=user)
    answer = signed_in(user).get(f"/pipeline/offers/{offer.pk}/move/?to=lost&next=//evil.example/")
    assert answer.url == f"/offers/{offer.pk}/lose/?next=%2Fpipeline%2F"


# Pages


def pages_of_cards(client, name):
    """Read a column to its end by its button."""
    url, titles = f"/pipeline/?column={name}", []
    while url:
        answer = client.get(url, headers={"HX-Request": "true"})
        [shown] = answer.context["columns"]
        titles.append([card.pk for card in shown["cards"]])
        url = shown["more_url"]
    return titles


def test_a_long_column_is_read_on_by_key_each_card_once(user):
    customer = CustomerFactory()
    for days in range(2 * CARDS + 1):
        make_offer(customer=customer, owner=user, status_since=days_ago(days % 7))
    titles = pages_of_cards(signed_in(user), "open")
    assert [len(page) for page in titles] == [CARDS, CARDS, 1]
    ages = [Offer.objects.get(pk=pk).status_since for page in titles for pk in page]
    assert ages == sorted(ages)
    assert len({pk for page in titles for pk in page}) == 2 * CARDS + 1


def test_without_javascript_show_more_leads_to_the_column_alone(user):
    OfferFactory.create_batch(CARDS + 1, customer=CustomerFactory(), owner=user)
    client = signed_in(user)
    whole = client.get("/pipeline/")
    [more] = [shown["more_url"] for shown in whole.context["columns"] if shown["more_url"]]
    answer = client.get(more)
    assert len(answer.context["columns"]) == 1
    assert "Whole board" in answer.text


def test_filters_go_along_from_board_to_table_and_forecast(user):
    text = signed_in(user).get("/pipeline/?mine=true&column=open").text
    assert 'href="/pipeline/table/?mine=true"' in text
    assert 'href="/pipeline/forecast/?mine=true"' in text


def make_rows(count):
    for number in range(count):
        kinds = {"order": "decided_at", "lost": "decided_at"}
        for status in OfferStatus:
            offer = make_offer(status=status, **({kinds[status]: timezone.now()} if status in kinds else {}))
            with_next_step(offer)
        make_lead(title=f"Lead {number}")


@pytest.mark.parametrize(
    ("url", "queries"), [("/pipeline/", 32), ("/pipeline/table/", 18), ("/pipeline/forecast/", 15)]
)
@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_costs_the_same_whatever_is_on_it(user, django_assert_num_queries, url, queries, rows):
    make_rows(rows)
    client = signed_in(user)
    client.get(url)
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


def test_the_table_shows_and_exports_the_same_offers(user):
    shown = make_offer("1234.50", title="=HYPERLINK(1)", probability=50, owner=user)
    make_offer(title="Not mine")
    client = signed_in(user)
    assert shown.number in client.get("/pipeline/table/?mine=true").text
    answer = client.get("/pipeline/table/?mine=true&export=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.count("\n") == 2
    assert "'=HYPERLINK(1)" in text
    assert ";1234.50;50;617.25;" in text


@pytest.mark.parametrize("sort", ["since", "net", "expected_close", "valid_until"])
def test_the_table_is_sorted_by_what_an_index_serves(user, sort):
    first = make_offer(
        "1",
        status_since=days_ago(9),
        expected_close=dt.date(2026, 1, 1),
        valid_until=dt.date(2026, 1, 2),
        date=dt.date(2026, 1, 1),
    )
    last = make_offer("2", expected_close=dt.date(2027, 1, 1), valid_until=dt.date(2027, 1, 2))
    rows = signed_in(user).get(f"/pipeline/table/?sort={sort}").context["table"].rows
    assert [row.object for row in rows] == [first, last]


def test_the_forecast_has_a_chart_of_the_figures_of_its_table(user):
    make_offer("1000", expected_close=timezone.localdate(), probability=10)
    answer = signed_in(user).get("/pipeline/forecast/")
    chart = answer.context["chart"]
    assert [series.values[0] for series in chart.series] == [100.0, 1000.0]
    assert "1,000\N{NO-BREAK SPACE}€" in answer.text


def test_an_empty_pipeline_says_what_to_do(user):
    assert "Nothing here." in signed_in(user).get("/pipeline/").text
    assert "No open offers here." in signed_in(user).get("/pipeline/table/").text


def test_the_endpoints_give_the_figures_of_the_pages(user):
    make_offer("1000", expected_close=timezone.localdate(), probability=10, owner=user)
    make_offer("5", owner=UserFactory())
    OrderFactory()
    client = signed_in(user)
    stages = {stage["name"]: stage["sums"] for stage in client.get("/api/v1/pipeline/?mine=true").json()["stages"]}
    assert stages["open"] == {"count": 1, "net": "1000.00", "weighted": "100.00"}
    assert client.get("/api/v1/pipeline/forecast/?mine=true").json()["total"] == stages["open"]
    assert client.get("/api/v1/pipeline/?owner=x").status_code == 400


def test_a_lead_without_a_customer_has_a_card(user):
    lead = ActivityFactory(type=activity_type("lead"), customer=None, status=ActivityStatus.OPEN)
    Lead.objects.create(activity=lead)
    assert moves(user, lead) == ["open"]
