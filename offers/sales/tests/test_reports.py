"""Sales reports: figures calculated by hand, visibility of people's figures, files, and the API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import ActivityFactory
from customers.enums import BranchPurpose
from customers.models import ClassificationNode
from customers.tests.factories import CustomerFactory
from offers.offers.models import OfferActivity, OfferStatusChange
from offers.offers.services.status import offer_lose, offer_set_status
from offers.offers.tests.factories import LostReasonFactory, OfferFactory, OfferTypeFactory
from offers.orders.services.orders import offer_accept
from offers.orders.tests.factories import OrderFactory
from offers.products.enums import LineKind
from offers.products.tests.factories import ProductFactory, line, product_group
from offers.sales.enums import TargetKind
from offers.sales.forms import ReportForm, default_period
from offers.sales.models import SalesTarget
from offers.sales.reports import REPORTS
from offers.sales.selectors.buyers import groups_by_segment
from offers.sales.selectors.reports import ReportQuery, euro_targets, months, percent

pytestmark = pytest.mark.django_db
YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def manager():
    return UserFactory(role="management")


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def tables(name, reader, period=YEAR, **narrowed):
    """The rows of a report's tables by the table's name; a row by its first cell."""
    query = ReportQuery(reader=reader, first=period[0], last=period[1], **narrowed)
    by_name = {}
    for table in REPORTS[name].make(query):
        names = [column.name for column in table.columns]
        by_name[table.name] = {str(line[0]): dict(zip(names[1:], line[1:], strict=True)) for line in table.lines}
    return by_name


def make_offer(net="1000", day="2026-03-10", **fields):
    return OfferFactory(estimate=Decimal(net), date=dt.date.fromisoformat(day), **fields)


def decided(status, net="1000", day="2026-03-10", **fields):
    at = timezone.make_aware(dt.datetime.fromisoformat(f"{day} 12:00"))
    return make_offer(net, fields.pop("dated", day), status=status, decided_at=at, **fields)


def order(net="1000", day="2026-03-10", **fields):
    return OrderFactory(estimate=Decimal(net), date=dt.date.fromisoformat(day), **fields)


def euros(table, row, name="net"):
    return table[row][name]


# Open offers


def test_open_offers_stand_by_their_days_at_their_stage(manager):
    now = timezone.now()
    for days, status in ((7, "open"), (8, "open"), (8, "sent"), (91, "sent")):
        make_offer("100", status=status, probability=10, status_since=now - dt.timedelta(days=days))
    report = tables("open", manager)["open"]
    assert {name: (row["prepared"], row["sent"]) for name, row in report.items()} == {
        "0–7 days": (1, 0), "8–14 days": (1, 1), "15–30 days": (0, 0), "31–60 days": (0, 0), "61–90 days": (0, 0),
        "91 days or more": (0, 1), "Total": (2, 2),
    }  # fmt: skip
    assert (report["8–14 days"]["value"], report["8–14 days"]["weighted"]) == (Decimal(200), Decimal(20))


def test_open_offers_tell_what_is_to_be_mended(manager):
    offer = make_offer(type=OfferTypeFactory(open_days=3), status_since=timezone.now() - dt.timedelta(days=4))
    make_offer(day="2025-01-01")  # expired
    OfferActivity.objects.create(
        offer=offer, activity=ActivityFactory(customer=offer.customer, status=ActivityStatus.IN_PROGRESS)
    )
    whole = tables("open", manager)["open"]["Total"]
    assert (whole["stuck"], whole["expired"], whole["stepless"]) == (1, 2 if offer.is_expired else 1, 1)


def test_an_accepted_offer_leaves_the_report_of_open_offers(manager):
    offer = make_offer()
    assert tables("open", manager)["open"]["Total"]["prepared"] == 1
    offer_accept(offer=offer, user=manager)
    assert tables("open", manager)["open"]["Total"]["prepared"] == 0


# Totals


def test_totals_by_type_tell_what_became_of_the_offers_of_the_period(manager):
    type = OfferTypeFactory(name_en="Training")
    decided("order", "300", type=type, dated="2026-01-01")
    decided("lost", "100", type=type, dated="2026-12-31")
    decided("lost", "50", type=type)
    make_offer("7", type=type)
    make_offer("999", "2025-12-31", type=type)
    make_offer("999", "2027-01-01", type=type)
    report = tables("types", manager)["types"]
    assert report["Training"] == report["Total"] == {
        "offered": 4, "offered_net": 457, "open": 1, "open_net": 7, "won": 1, "won_net": 300, "lost": 2,
        "lost_net": 150, "hit_rate": Decimal("33.3"),
    }  # fmt: skip


def test_totals_by_person_stand_against_the_euro_targets(manager):
    seller = UserFactory(role="account_manager", first_name="Mari", last_name="Salo")
    SalesTarget.objects.create(user=seller, year=2026, kind=TargetKind.EUROS, amount=4000)
    make_offer("10", owner=seller)
    order("1000", owner=seller)
    order("500", "2025-12-31", owner=seller)
    order("800", owner=seller, status="cancelled")
    row = tables("people", manager)["people"]["Mari Salo"]
    assert (row["offered"], row["ordered_net"], row["target"], row["reached"]) == (1, 1000, 4000, Decimal("25.0"))


def test_a_person_with_nothing_but_a_target_is_told_too(manager):
    seller = UserFactory(role="account_manager", first_name="Mari", last_name="Salo")
    SalesTarget.objects.create(user=seller, year=2026, kind=TargetKind.EUROS, amount=4000)
    assert tables("people", manager)["people"]["Mari Salo"]["reached"] == Decimal(0)


def targets(seller, first, last):
    query = ReportQuery(reader=seller, first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))
    return euro_targets(query, [seller.pk]).get(seller.pk)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-01", "2026-12-31", 36500),
        ("2026-01-01", "2026-03-31", 9000),  # the quarter has its own
        ("2026-03-31", "2026-04-01", 200),  # a ninetieth of it and a day of the year
        ("2026-04-01", "2026-04-30", 3000),
        ("2025-12-01", "2026-12-31", 36500),
        ("2027-01-01", "2027-12-31", 0),
    ],
)
def test_a_target_of_a_period_is_the_years_the_quarters_or_a_part_by_days(user, first, last, expected):
    for quarter, amount in ((0, 36500), (1, 9000)):
        SalesTarget.objects.create(user=user, year=2026, quarter=quarter, kind=TargetKind.EUROS, amount=amount)
    assert (targets(user, first, last) or 0) == expected


def test_quarters_without_a_year_are_added_up(user):
    for quarter in (1, 2, 3, 4):
        SalesTarget.objects.create(user=user, year=2026, quarter=quarter, kind=TargetKind.EUROS, amount=quarter)
    assert targets(user, "2026-01-01", "2026-12-31") == 10


# The people of the figures


def people_shown(reader):
    return set(tables("people", reader)["people"]) - {"Everyone together"}


def test_everybody_sees_own_figures_and_those_of_all_together(user):
    make_offer(owner=user)
    make_offer(owner=UserFactory())
    assert people_shown(user) == {str(user)}
    assert tables("people", user)["people"]["Everyone together"]["offered"] == 2


def test_a_team_leader_and_a_manager_see_their_people(user):
    member, staff, other = UserFactory(), UserFactory(manager=user), UserFactory()
    TeamFactory(leader=user, members=[member])
    for person in (member, staff, other):
        make_offer(owner=person)
    assert people_shown(user) == {str(member), str(staff)}


def test_who_sees_managements_figures_sees_everybody(manager):
    people = {str(make_offer(owner=UserFactory()).owner) for _number in range(3)}
    assert people_shown(manager) == people


def test_nobody_asks_for_a_person_or_team_whose_figures_are_not_theirs(user):
    stranger, team = UserFactory(), TeamFactory(members=[user])
    for field, value in (("owner", stranger.pk), ("team", team.pk)):
        form = ReportForm({field: value}, user=user)
        assert form.query() is None
        assert list(form.errors) == [field]
        answer = signed_in(user).get(f"/api/v1/offers/reports/types/?{field}={value}")
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert ReportForm({"owner": user.pk}, user=user).query().owner == user


def test_reports_are_narrowed_by_person_team_type_and_product_group(manager):
    seller = UserFactory()
    group = product_group("Leadership")
    product = ProductFactory(group=group)
    own = OfferFactory(
        owner=seller, date=dt.date(2026, 5, 5),
        lines=[line(kind=LineKind.PRODUCT, product_id=product.pk), line(kind=LineKind.PRODUCT, product_id=product.pk)],
    )  # fmt: skip
    make_offer()
    for narrowed in (
        {"owner": seller}, {"team": TeamFactory(members=[seller])}, {"type": own.type}, {"group": group},
    ):  # fmt: skip
        assert tables("types", manager, **narrowed)["types"]["Total"]["offered"] == 1, narrowed


# Hit rate


def test_hit_rate_is_won_of_decided_by_number_and_by_value(manager):
    decided("order", "900", "2026-01-31")
    decided("lost", "100", "2026-01-01")
    decided("lost", "100", "2026-02-01")
    make_offer()
    report = tables("hit-rate", manager, (dt.date(2026, 1, 1), dt.date(2026, 3, 31)))["months"]
    assert list(report) == ["January 2026", "February 2026", "March 2026", "Total"]
    assert (report["January 2026"]["hit_rate"], report["January 2026"]["hit_rate_net"]) == (50, 90)
    assert (report["February 2026"]["hit_rate"], report["March 2026"]["hit_rate"]) == (0, None)
    assert (report["Total"]["hit_rate"], report["Total"]["hit_rate_net"]) == (Decimal("33.3"), Decimal("81.8"))


@pytest.mark.parametrize(("at", "month"), [("2026-01-31 21:59", "January 2026"), ("2026-01-31 22:00", "February 2026")])
def test_a_decision_belongs_to_the_month_of_our_own_clock(manager, at, month):
    moment = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
    make_offer(status="order", decided_at=moment)
    report = tables("hit-rate", manager)["months"]
    assert [name for name, row in report.items() if row["won"]] == [month, "Total"]


def test_months_run_over_years():
    assert months(dt.date(2025, 12, 31), dt.date(2026, 2, 1)) == [
        dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)
    ]  # fmt: skip


def test_a_share_of_nothing_is_none():
    assert (percent(1, 3), percent(0, 5), percent(0, 0)) == (Decimal("33.3"), Decimal("0.0"), None)


# Time to decision


def test_time_to_decision_is_from_the_first_sending_or_the_date(manager):
    type = OfferTypeFactory(name_en="Training")
    for days, status in ((0, "order"), (10, "lost"), (20, "order")):
        decided(status, day=f"2026-03-{1 + days:02d}", dated="2026-03-01", type=type)
    resent = decided("order", day="2026-03-31", dated="2026-01-01", type=type)
    for day in ("2026-03-01", "2026-03-20"):
        at = timezone.make_aware(dt.datetime.fromisoformat(f"{day} 08:00"))
        OfferStatusChange.objects.create(offer=resent, from_status="open", to_status="sent", at=at)
    report = tables("decision-time", manager)
    # 0, 10, 20 and 30 days: half within 15, nine of ten within 27
    assert report["types"]["Training"] == {"count": 4, "median": Decimal(15), "ninety": Decimal(27)}
    assert report["outcomes"]["Lost"] == {"count": 1, "median": Decimal(10), "ninety": Decimal(10)}


def test_the_services_write_what_the_time_to_decision_reads(manager):
    with time_machine.travel("2026-03-01 09:00 +0200", tick=False) as clock:
        offer = make_offer(day="2026-02-01")
        offer_set_status(offer=offer, status="sent", user=manager)
        clock.move_to("2026-03-08 09:00 +0200")
        offer_lose(offer=offer, user=manager, reason=LostReasonFactory())
    assert tables("decision-time", manager)["outcomes"]["Total"]["median"] == 7


# Buyers


def test_recurring_buyers_have_two_orders_or_more_in_the_period(manager):
    names = {"once": [100], "twice": [200, 300], "often": [1] * 6}
    for name, sums in names.items():
        customer = CustomerFactory(name=name)
        for number, net in enumerate(sums, 1):
            order(net, f"2026-0{number}-05", customer=customer)
        order(50, "2025-06-01", customer=customer)
        order(50, customer=customer, status="cancelled")
    report = tables("recurring", manager)
    assert list(report["buyers"]) == ["twice", "often"]
    assert report["buyers"]["twice"] == {
        "orders": 2, "net": 500, "first": dt.date(2026, 1, 5), "last": dt.date(2026, 2, 5)
    }  # fmt: skip
    times = {name: (row["customers"], row["orders"], row["net"]) for name, row in report["times"].items()}
    assert times == {
        "One": (1, 1, 100), "Two": (1, 2, 500), "3–5": (0, 0, 0), "More than five": (1, 6, 6), "Total": (3, 9, 606)
    }  # fmt: skip


def test_rule_2_a_passive_buyer_counts_but_is_not_named(user):
    customer = CustomerFactory(name="Piilosana", passive=True)
    order(customer=customer)
    order(customer=customer)
    report = tables("recurring", user)
    assert report["buyers"] == {}
    assert report["times"]["Two"]["customers"] == 1


# Reasons


def test_lost_offers_are_told_by_reason_and_competitor(manager):
    price, other = LostReasonFactory(name_en="Price"), LostReasonFactory(name_en="Timing")
    decided("order", "500")
    decided("lost", "100", lost_reason=price, competitor="Acme")
    decided("lost", "200", lost_reason=price, competitor="ACME")
    decided("lost", "50", lost_reason=other)
    report = tables("reasons", manager)
    shares = {name: (row["count"], row["share"], row["net"]) for name, row in report["reasons"].items()}
    assert shares == {
        "Won": (1, 25, 500), "Lost: Price": (2, 50, 300), "Lost: Timing": (1, 25, 50), "Total": (4, None, 850)
    }  # fmt: skip
    assert [(row["count"], row["net"]) for row in report["competitors"].values()] == [(2, 300), (1, 50)]
    assert list(report["competitors"])[1] == "no competitor known"


# Product groups and segments


@pytest.mark.usefixtures("defaults")
def test_orders_are_told_by_the_top_product_group_and_the_segment(manager):
    segments = {node.code: node for node in ClassificationNode.objects.filter(branch__purpose=BranchPurpose.SEGMENT)}
    above = product_group("Above", code="above")
    below = product_group("Below", code="below", parent=above)
    in_group, without = ProductFactory(group=below), ProductFactory()
    lines = [
        line(kind=LineKind.HEADING),
        line(kind=LineKind.PRODUCT, product_id=in_group.pk, unit_price=100),
        line(kind=LineKind.PRODUCT, product_id=without.pk, unit_price=20),
        line(unit_price=3),
    ]
    OrderFactory(lines=lines, date=dt.date(2026, 2, 2), customer=CustomerFactory(segment=segments["A"]))
    OrderFactory(lines=lines, date=dt.date(2026, 2, 2))
    order("0.50")
    order("7", "2025-02-02")
    report = tables("segments", manager)["segments"]
    sums = {name: (row["segment_A"], row["segment_none"], row["total"]) for name, row in report.items()}
    assert sums == {
        "Above": (100, 100, 200), "Products without a group": (20, 20, 40), "Tailored": (3, 3, 6),
        "Orders without lines": (0, Decimal("0.50"), Decimal("0.50")),
        "Total": (123, Decimal("123.50"), Decimal("246.50")),
    }  # fmt: skip


@pytest.mark.usefixtures("defaults")
def test_the_matrix_of_one_group_has_the_lines_of_that_group_only(manager):
    group = product_group("Above", code="above")
    product = ProductFactory(group=group)
    lines = [line(kind=LineKind.PRODUCT, product_id=product.pk, unit_price=100), line(unit_price=3)]
    OrderFactory(lines=lines, date=dt.date(2026, 2, 2))
    query = ReportQuery(reader=manager, first=YEAR[0], last=YEAR[1], group=group)
    assert [sum(row[1]) for row in groups_by_segment(query).rows] == [100]


# Periods


def test_without_a_period_it_is_the_twelve_months_that_end_today(user):
    with time_machine.travel("2026-11-26 12:00 +0200"):
        query = ReportForm(user=user).query()
    assert (query.first, query.last) == (dt.date(2025, 12, 1), dt.date(2026, 11, 26))


def test_a_first_day_alone_goes_on_until_today_and_a_last_day_alone_is_of_a_year(user):
    with time_machine.travel("2026-11-26 12:00 +0200"):
        first = ReportForm({"first": "1.1.2020"}, user=user).query()
        last = ReportForm({"last": "31.12.2017"}, user=user).query()
    assert (first.first, first.last) == (dt.date(2020, 1, 1), dt.date(2026, 11, 26))
    assert (last.first, last.last) == (dt.date(2017, 1, 1), dt.date(2017, 12, 31))
    assert default_period(dt.date(2024, 2, 29))["first"] == dt.date(2023, 3, 1)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"first": "2.1.2026", "last": "1.1.2026"}, "last"),
        ({"first": "0001-01-01"}, "first"),
        ({"last": "9999-12-31"}, "last"),
        ({"first": "tomorrow"}, "first"),
        ({"type": "x"}, "type"),
        ({"group": "9" * 40}, "group"),
    ],
)
def test_a_period_that_cannot_be_is_told_at_its_field(user, data, field):
    form = ReportForm(data, user=user)
    assert form.query() is None
    assert list(form.errors) == [field]
    assert signed_in(user).get("/offers/reports/types/", data).status_code == 200


# Pages, files, endpoints


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_has_nothing_is_drawn(user, name):
    assert signed_in(user).get(f"/offers/reports/{name}/").status_code == 200


def sell(count):
    for _number in range(count):
        customer = CustomerFactory()
        decided("order", customer=customer)
        decided("lost", competitor=f"Competitor {count}")
        make_offer(owner=UserFactory())
        order(customer=customer)
        order(customer=customer)


QUERIES = {
    "open": 18, "types": 19, "people": 21, "hit-rate": 20, "decision-time": 21, "recurring": 20, "reasons": 21,
    "segments": 21,
}  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), QUERIES.items())
def test_a_report_costs_the_same_whatever_it_is_about(manager, django_assert_num_queries, name, queries, rows):
    sell(rows)
    client = signed_in(manager)
    address = f"/offers/reports/{name}/?first=1.1.2026&last=31.12.2026"
    client.get(address)
    with django_assert_num_queries(queries):
        assert client.get(address).status_code == 200


def test_an_unknown_report_is_not_there(user):
    client = signed_in(user)
    for url in ("/offers/reports/x/", "/api/v1/offers/reports/x/", "/offers/reports/types/?export=csv&table=x"):
        assert client.get(url).status_code == 404, url
    assert client.get("/offers/reports/types/?export=pdf&table=types").status_code == 400


def test_a_table_is_taken_out_as_a_file_without_formulas(manager):
    decided("lost", "1234.50", competitor='=cmd|"/c calc"!A0')
    address = "/offers/reports/reasons/?first=1.1.2026&last=31.12.2026&table=competitors&export="
    text = b"".join(signed_in(manager).get(f"{address}csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0] == "Competitor;Offers;Value"
    assert """"'=cmd|""/c calc""!A0";1;1234.50""" in text
    book = openpyxl.load_workbook(BytesIO(b"".join(signed_in(manager).get(f"{address}xlsx").streaming_content)))
    assert [[cell.value for cell in row] for row in book.active][1] == ['\'=cmd|"/c calc"!A0', 1, 1234.5]


def test_a_long_table_is_cut_on_the_screen_and_whole_in_its_file(manager, monkeypatch):
    monkeypatch.setattr("offers.sales.reports.tables.SHOWN", 1)
    monkeypatch.setattr("offers.sales.views.reports.SHOWN", 1)
    sell(3)
    client = signed_in(manager)
    address = "/offers/reports/recurring/?first=1.1.2026&last=31.12.2026"
    assert "The first 1 of 3 rows." in client.get(address).text
    file = client.get(f"{address}&table=buyers&export=csv")
    assert b"".join(file.streaming_content).count(b"\n") == 4


def test_the_endpoint_gives_the_tables_of_the_page(manager):
    decided("order", "300", type=OfferTypeFactory(name_en="Training"))
    answer = signed_in(manager).get("/api/v1/offers/reports/types/?first=2026-01-01&last=2026-12-31").json()
    assert (answer["first"], answer["last"]) == ("2026-01-01", "2026-12-31")
    [table] = answer["tables"]
    assert table["rows"][0]["type"] == "Training"
    assert (table["total"]["won"], table["total"]["won_net"]) == (1, 300.0)


def test_buyers_of_the_page_lead_to_their_customers(manager):
    sell(1)
    text = signed_in(manager).get("/offers/reports/recurring/?first=1.1.2026&last=31.12.2026").text
    assert '<th scope="row"><a href="/customers/' in text


def test_a_chart_has_the_figures_of_its_table(manager):
    decided("order", "300", type=OfferTypeFactory(name_en="Training"))
    [shown] = signed_in(manager).get("/offers/reports/types/?first=1.1.2026&last=31.12.2026").context["tables"]
    chart = shown["table"].chart
    assert (chart.categories, [series.values for series in chart.series]) == (["Training"], [[300.0], [0.0], [0.0]])
