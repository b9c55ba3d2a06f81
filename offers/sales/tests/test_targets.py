"""Targets: the counting of actuals, permissions, pages and API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory, role
from activities.log.enums import ActivityChannel, ActivityStatus
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory
from offers.orders.enums import OrderStatus
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import line
from offers.sales.enums import TargetKind
from offers.sales.models import SalesTarget
from offers.sales.selectors.targets import Period, actuals, progress_of, team_progress
from offers.sales.services import targets_set

pytestmark = pytest.mark.django_db

YEAR = Period(2026)
EUROS, NEW, REPEATS, MEETINGS = (
    TargetKind.EUROS,
    TargetKind.NEW_CUSTOMERS,
    TargetKind.REPEAT_PURCHASES,
    TargetKind.MEETINGS,
)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def order(owner, day, net=100, **fields):
    return OrderFactory(owner=owner, date=dt.date.fromisoformat(day), lines=[line(unit_price=net)], **fields)


def test_quarters_begin_and_end_with_their_months():
    assert [(Period(2026, q).first, Period(2026, q).last) for q in (0, 1, 4)] == [
        (dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        (dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        (dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
    ]


def test_euros_are_the_orders_of_the_period_and_cancelled_ones_do_not_count():
    me = UserFactory()
    order(me, "2026-01-01", 100)
    order(me, "2026-12-31", 50)
    order(me, "2025-12-31", 9_000)
    order(me, "2027-01-01", 9_000)
    order(me, "2026-06-01", 9_000, status=OrderStatus.CANCELLED)
    order(UserFactory(), "2026-06-01", 9_000)
    assert actuals([me.pk], YEAR)[me.pk][EUROS] == 150


def test_a_first_order_makes_a_new_customer_and_later_ones_are_repeats():
    me, customer = UserFactory(), CustomerFactory()
    order(me, "2026-02-01", customer=customer)
    order(me, "2026-02-01", customer=customer)
    order(me, "2026-09-01", customer=customer)
    old = CustomerFactory()
    order(UserFactory(), "2024-01-01", customer=old)
    order(me, "2026-03-01", customer=old)
    figures = actuals([me.pk], YEAR)[me.pk]
    assert (figures[NEW], figures[REPEATS]) == (1, 3)


def test_an_order_cancelled_before_makes_nobody_an_old_customer():
    me, customer = UserFactory(), CustomerFactory()
    order(me, "2025-02-01", customer=customer, status=OrderStatus.CANCELLED)
    order(me, "2026-02-01", customer=customer)
    assert actuals([me.pk], YEAR)[me.pk][NEW] == 1


def test_meetings_are_done_contacts_face_to_face_or_by_video_of_each_participant():
    me, colleague = UserFactory(), UserFactory()
    at = timezone.make_aware(dt.datetime(2026, 5, 5, 9))
    visit = activity_type("visit")

    def activity(**fields):
        given = {"type": visit, "start": at, "channel": ActivityChannel.MEETING, "participants": [me]} | fields
        return ActivityFactory(**given)

    activity(participants=[me, colleague])
    activity(channel=ActivityChannel.VIDEO)
    activity(channel=ActivityChannel.PHONE)
    activity(status=ActivityStatus.OPEN)
    activity(customer=None)
    activity(start=at - dt.timedelta(days=365))
    activity(type=activity_type("planning"))
    figures = actuals([me.pk, colleague.pk], YEAR)
    assert (figures[me.pk][MEETINGS], figures[colleague.pk][MEETINGS]) == (2, 1)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Helsinki", "Asia/Tokyo"])
def test_a_meeting_near_midnight_is_of_the_organisations_year_whoever_reads(zone):
    me = UserFactory()
    met = {
        "type": activity_type("visit"), "status": ActivityStatus.DONE, "channel": ActivityChannel.MEETING,
        "customer": CustomerFactory(), "participants": [me],
    }  # fmt: skip
    for moment in ("2025-12-31T21:30Z", "2025-12-31T22:30Z"):  # 23:30 and 0:30 here
        ActivityFactory(**met, start=dt.datetime.fromisoformat(moment))
    with timezone.override(zone):
        assert actuals([me.pk], YEAR)[me.pk][MEETINGS] == 1


def test_a_team_counts_a_meeting_of_two_members_once():
    first, second = UserFactory(), UserFactory()
    team = TeamFactory(members=[first, second])
    at = timezone.make_aware(dt.datetime(2026, 5, 5, 9))
    ActivityFactory(
        type=activity_type("visit"), start=at, channel=ActivityChannel.MEETING, participants=[first, second]
    )
    order(first, "2026-02-01", 70)
    order(second, "2026-02-01", 30)
    rows = {progress.kind: progress.actual for progress in team_progress(team, YEAR)}
    assert (rows[MEETINGS], rows[EUROS], rows[NEW]) == (1, 100, 2)


def test_a_year_without_a_target_of_its_own_has_the_sum_of_its_quarters():
    me = UserFactory()
    targets_set(owner=me, year=2026, amounts={(EUROS, 1): Decimal(100), (EUROS, 2): Decimal(150)})
    [progress_of_euros] = [progress for progress in progress_of([me], YEAR)[0].rows if progress.kind == EUROS]
    assert progress_of_euros.target == 250
    targets_set(owner=me, year=2026, amounts={(EUROS, 0): Decimal(500)})
    [progress_of_euros] = [progress for progress in progress_of([me], YEAR)[0].rows if progress.kind == EUROS]
    assert progress_of_euros.target == 500


def test_progress_tells_what_is_reached_and_what_is_behind_time():
    me = UserFactory()
    order(me, "2020-02-01", 100)
    targets_set(owner=me, year=2020, amounts={(EUROS, 0): Decimal(100), (NEW, 0): Decimal(5)})
    states = {progress.kind: progress.state for progress in progress_of([me], Period(2020))[0].rows}
    assert (states[EUROS], states[NEW], states[MEETINGS]) == ("reached", "behind", "")


def test_an_emptied_target_is_taken_away_and_others_stay():
    me = UserFactory()
    targets_set(owner=me, year=2026, amounts={(EUROS, 0): Decimal(100), (NEW, 0): Decimal(5)})
    targets_set(owner=me, year=2026, amounts={(EUROS, 0): None})
    assert [target.kind for target in SalesTarget.objects.filter(user=me)] == [NEW]


def test_a_negative_target_is_refused():
    with pytest.raises(BusinessRuleError) as caught:
        targets_set(owner=UserFactory(), year=2026, amounts={(EUROS, 0): Decimal(-1)})
    assert caught.value.code == "amount_not_allowed"
    assert not SalesTarget.objects.exists()


def test_progress_costs_the_same_for_one_person_and_for_three(django_assert_num_queries):
    people = UserFactory.create_batch(3)
    for person in people:
        order(person, "2026-02-01")
    for some in (people[:1], people):
        with django_assert_num_queries(3):
            progress_of(some, YEAR)


@pytest.fixture
def seller():
    user = UserFactory()
    group = role("account_manager")
    group.permissions.add(Permission.objects.get(codename="write_offers"))
    user.groups.add(group)
    return user


def test_one_sees_ones_own_targets_and_not_those_of_colleagues(seller):
    colleague = UserFactory(last_name="Salainen")
    targets_set(owner=seller, year=timezone.localdate().year, amounts={(EUROS, 0): Decimal(4_321)})
    targets_set(owner=colleague, year=timezone.localdate().year, amounts={(EUROS, 0): Decimal(8_765)})
    page = signed_in(seller).get("/targets/").content.decode()
    assert "4,321" in page
    assert "Salainen" not in page


def test_rows_without_a_target_are_hidden_until_they_are_asked_for(seller):
    team = TeamFactory(name="Team without", members=[seller])
    client = signed_in(seller)
    text = client.get("/targets/").text
    assert team.name not in text
    assert "No targets have been set for this period." in text
    shown = client.get("/targets/?all=on").text
    assert team.name in shown
    assert "No targets have been set" not in shown


def test_the_figures_of_a_year_before_end_on_the_same_day():
    with clock.frozen(dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)):
        assert (Period(2026).former.first, Period(2026).former.end) == (dt.date(2025, 1, 1), dt.date(2025, 3, 10))
        assert Period(2025).former.end == dt.date(2024, 12, 31)
    with clock.frozen(dt.datetime(2028, 2, 29, 12, tzinfo=dt.UTC)):
        assert Period(2028).former.end == dt.date(2027, 2, 28)


def test_the_page_compares_with_a_year_before_and_leads_to_the_orders(seller):
    SalesTarget.objects.create(user=seller, year=2026, quarter=0, kind=TargetKind.EUROS, amount=1_000)
    with clock.frozen(dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)):
        order(seller, "2025-06-01", 300)
        order(seller, "2025-08-01", 500)
        page = signed_in(seller).get("/targets/?year=2026")
    [one] = page.context["people"]
    euros = next(row for row in one.rows if row.is_euros)
    assert euros.before == 300
    assert f"owner={seller.pk}" in euros.url
    assert 'class="mark"' in page.text  # where one should be by today


def test_what_is_expected_by_today_is_rounded_and_not_cut(seller):
    with clock.frozen(dt.datetime(2026, 11, 29, 10, tzinfo=dt.UTC)):
        targets_set(owner=seller, year=2026, amounts={(MEETINGS, 0): Decimal(777)})
        page = signed_in(seller).get("/targets/own/", headers={"HX-Request": "true", "Accept-Language": "en"}).text
    assert "expected by today 709" in " ".join(page.split())


def test_a_manager_sees_and_sets_the_targets_of_staff(seller):
    manager = UserFactory()
    seller.manager = manager
    seller.save()
    client = signed_in(manager)
    assert str(seller) in client.get("/targets/?all=on").content.decode()
    answer = client.post(f"/targets/people/{seller.pk}/?year=2026", {"euros_0": "260 000", "euros_1": "60 000"})
    assert answer.status_code == 302
    assert SalesTarget.objects.get(user=seller, quarter=0).amount == 260_000


def test_one_does_not_set_ones_own_targets(seller):
    answer = signed_in(seller).post(f"/targets/people/{seller.pk}/?year=2026", {"euros_0": "1"})
    assert answer.status_code == 403
    assert not SalesTarget.objects.exists()


def test_a_wrong_amount_is_told_at_its_field_and_nothing_is_written(seller):
    manager = UserFactory()
    seller.manager = manager
    seller.save()
    answer = signed_in(manager).post(
        f"/targets/people/{seller.pk}/?year=2026", {"euros_0": "paljon", "meetings_0": "5"}
    )
    assert answer.status_code == 422
    assert "euros_0" in answer.context["form"].errors
    assert not SalesTarget.objects.exists()


def test_the_panel_of_the_start_page_shows_own_progress(seller):
    today = timezone.localdate()
    targets_set(owner=seller, year=today.year, amounts={(EUROS, 0): Decimal(1_000)})
    OrderFactory(owner=seller, date=today, lines=[line(unit_price=250)])
    page = signed_in(seller).get("/targets/own/", headers={"HX-Request": "true"}).content.decode()
    assert "25 %" in page
    assert "<html" not in page
    assert "/targets/own/" in signed_in(seller).get("/start/").content.decode()


def test_figures_of_a_team_are_its_members_to_see(seller):
    team = TeamFactory(members=[seller])
    assert signed_in(seller).get(f"/targets/teams/{team.pk}/panel/").status_code == 200
    assert signed_in(UserFactory()).get(f"/targets/teams/{team.pk}/panel/").status_code == 403


def test_the_api_sets_and_tells_targets_by_the_same_rules(seller):
    manager = UserFactory()
    seller.manager = manager
    seller.save()
    content = {"user": seller.pk, "year": 2026, "amounts": [{"kind": "euros", "quarter": 0, "amount": "1000"}]}
    client = signed_in(manager)
    answer = client.post("/api/v1/sales-targets/assign/", content, content_type="application/json")
    assert answer.status_code == 200, answer.content
    order(seller, "2026-02-01", 400)
    rows = client.get("/api/v1/sales-targets/progress/?year=2026").json()
    [own] = [row for row in rows if row["user"] == seller.pk]
    [euros] = [row for row in own["rows"] if row["kind"] == "euros"]
    assert (euros["actual"], euros["target"], euros["percent"]) == ("400.00", "1000.00", 40)
    refused = signed_in(seller).post("/api/v1/sales-targets/assign/", content, content_type="application/json")
    assert refused.status_code == 403
    assert signed_in(UserFactory()).get("/api/v1/sales-targets/").json()["results"] == []
