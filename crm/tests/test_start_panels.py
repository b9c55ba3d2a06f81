"""The panels of the start page and the menu: every figure opens exactly the rows that it counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.models import Participation
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from core import clock, registry
from core.enums import JobState
from core.models import Job
from core.start_panels import Content
from customers.models import Customer, CustomerSummary
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import line
from segmentation.membership.tests.factories import segment
from segmentation.schemes.models import Segment

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)  # a Wednesday
DAY = dt.timedelta(days=1)
#: What each panel counts in ``world``: its total, figures and folded lines, in order.
COUNTS = {
    "start_open": [4, 1, 1],
    "start_waiting": [2],
    "start_contact_overdue": [2],
    "start_care_week": [0, 0, 0],
    "start_care_alerts": [2, 0, 0],
    "start_faults": [2, 8, 2, 4],
    "start_leads": [1],
    "start_unassigned": [2],
    "start_feedback": [2],
    "start_queue": [3, 2, 1],
    "start_late_feedback": [1],
    "start_offers": [3],
    "start_to_invoice": [1],
    "start_jobs": [1, 1],
    "start_usage": [2, 1, 1, 1],
}


@pytest.fixture
def now() -> Iterator[dt.datetime]:
    cache.clear()
    with clock.frozen(NOON):
        yield NOON


@pytest.fixture
def world(now: dt.datetime) -> User:
    """Return an administrator who is an account manager too, among rows of his own and others'."""
    user = UserFactory(role=["administrator", "account_manager"], last_login=now)
    other = UserFactory(role="account_manager", last_login=now - 40 * DAY)
    passive = CustomerFactory(passive=True)
    customer = CustomerFactory(owner=user, segment=segment("A"))
    _activities(user, other, customer, passive, now)
    _waiting(user, other, now)
    _leads(user, customer, passive)
    _feedback(user, other, customer, passive, now)
    _offers(user, other, customer)
    Job.objects.create(kind="export", owner=other, state=JobState.RUNNING)
    Job.objects.create(kind="export", owner=other, state=JobState.FAILED)
    CustomerFactory.create_batch(2)
    User.objects.exclude(pk__in=[user.pk, other.pk]).update(is_active=False)
    User.objects.filter(pk=UserFactory().pk).update(password="!")  # invited
    return user


def _activities(user: User, other: User, customer: Customer, passive: Customer, now: dt.datetime) -> None:
    plain = {"status": ActivityStatus.OPEN, "participants": [user], "customer": customer}
    for start in (now - dt.timedelta(hours=1), now - 2 * DAY, now - 20 * DAY, now - 50 * DAY, now + 2 * DAY):
        ActivityFactory(**plain, start=start)
    ActivityFactory(**{**plain, "status": ActivityStatus.DONE}, start=now - DAY)
    ActivityFactory(**{**plain, "participants": [other]}, start=now - DAY)
    ActivityFactory(**{**plain, "customer": passive}, start=now - DAY)


def _waiting(user: User, other: User, now: dt.datetime) -> None:
    """Two of the user's customers wait; others were contacted, are planned, are others' or have no such segment."""
    for owner, code, last, coming in (
        (user, "B", now - 61 * DAY, None),
        (user, "A", None, None),
        (user, "B", now - 59 * DAY, None),
        (user, "B", now - 61 * DAY, now + DAY),
        (other, "A", None, None),
    ):
        made = CustomerFactory(owner=owner, segment=segment(code))
        CustomerSummary.objects.filter(pk=made.pk).update(last_contact_at=last, next_contact_at=coming)


def _leads(user: User, customer: Customer, passive: Customer) -> None:
    kind = activity_type("lead")
    for offered, owner in ((user, customer), (None, customer), (user, passive)):
        lead = activity_log(user=UserFactory(), type=kind, title="Needs training", customer=customer)
        Lead.objects.filter(pk=lead.pk).update(offered_to=offered)
        type(lead).objects.filter(pk=lead.pk).update(customer=owner)


def _feedback(user: User, other: User, customer: Customer, passive: Customer, now: dt.datetime) -> None:
    for responsible, due, of in (
        (user, now - DAY, customer),
        (user, now + DAY, customer),
        (other, now + dt.timedelta(hours=2), customer),
        (user, now - DAY, passive),
    ):
        heard = activity_log(
            user=other, type=activity_type("feedback"), title="Late", customer=customer, keywords=[keyword("positive")]
        )
        Feedback.objects.filter(pk=heard.pk).update(responsible=responsible, answer_due=due)
        type(heard).objects.filter(pk=heard.pk).update(customer=of)


def _offers(user: User, other: User, customer: Customer) -> None:
    today = clock.today()
    plain = {"owner": user, "customer": customer, "date": today - 9 * DAY, "status_since": NOON}
    OfferFactory(**plain, valid_until=today - DAY)
    OfferFactory(**plain, valid_until=today + 7 * DAY)
    OfferFactory(**plain, expected_close=today - DAY)
    OfferFactory(**plain, valid_until=today + 8 * DAY)
    OfferFactory(**{**plain, "owner": other}, valid_until=today - DAY)
    OfferFactory(**plain, valid_until=today - DAY, status="lost")
    OrderFactory(customer=customer, lines=[line()], delivered=True, status="in_delivery")
    OrderFactory(customer=customer, lines=[line()], status="in_delivery")


def request_of(user: User, url: str) -> HttpRequest:
    request = RequestFactory().get(url)
    request.user = user
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


def content_of(user: User, name: str) -> Content:
    url = reverse(registry.panels.get("start", name).url_name)  # type: ignore[union-attr]
    view = resolve(url).func.view_class()
    view.setup(request_of(user, url))
    content: Content = view.get_content()
    return content


def listed(user: User, url: str) -> set[int]:
    """Return the ids of the rows of the list at ``url``."""
    match = resolve(urlsplit(url).path)
    view = match.func.view_class()
    view.setup(request_of(user, url), *match.args, **match.kwargs)
    if not hasattr(view, "get_filterset"):
        return {row.pk for row in view.get_context_data()["approvals"]}
    filterset = view.get_filterset()
    view.check_parameters(filterset)
    assert filterset.is_valid(), filterset.error_text()
    return set(filterset.qs.order_by().values_list("pk", flat=True))


def counted(rows: Any) -> set[int]:
    field = "activity" if rows.model is Participation else "pk"
    return set(rows.order_by().values_list(field, flat=True))


@pytest.mark.parametrize("name", COUNTS)
def test_each_figure_of_a_panel_opens_the_rows_that_it_counts(world: User, name: str) -> None:
    content = content_of(world, name)
    figures = [*([content.total] if content.total else []), *content.figures, *content.folded]
    assert [len(counted(figure.rows)) for figure in figures] == COUNTS[name]
    for figure in figures:
        assert listed(world, figure.url) == counted(figure.rows), figure.label


COUNTERS = (
    *("activities", "feedback", "inbox", "invoicing", "leads", "offer_approvals", "offers", "segment_proposals"),
    *("segment_work", "care_approvals", "care_exceptions", "care_own_actions", "scorecards"),
)


@pytest.mark.parametrize("name", COUNTERS)
def test_each_counter_of_the_menu_opens_the_rows_that_it_counts(world: User, name: str) -> None:
    item = registry.nav.get("main", name)
    assert item
    assert item.count
    rows = item.count(world)
    assert listed(world, item.count_url) == counted(rows)
    assert item.count_label
    if name in ("activities", "feedback", "leads", "offers", "invoicing"):
        assert rows.exists()


def test_the_tested_counters_are_all_that_the_menu_has() -> None:
    names = {item.name for item in registry.nav.of("main") if item.count}
    assert names == set(COUNTERS)


def test_nothing_is_late_by_more_than_a_month_in_the_rows_of_my_work(world: User, client: Client) -> None:
    client.force_login(world)
    text = client.get("/start/open/").content.decode()
    assert text.count('id="mine-') == 2
    assert "1 overdue by a week to a month" in text
    assert "1 overdue by more than a month: go through them" in text


def test_a_lead_of_my_work_offers_what_is_possible_and_never_done(now: dt.datetime, client: Client) -> None:
    user = UserFactory(role="key_account_manager")
    lead = activity_log(user=user, type=activity_type("lead"), title="Training", customer=CustomerFactory())
    type(lead).objects.filter(pk=lead.pk).update(start=now - DAY)
    Participation.objects.filter(activity=lead).update(due_at=now - DAY)
    client.force_login(user)
    for url in ("/start/open/", "/activities/mine/"):
        text = client.get(url).content.decode()
        assert reverse("leads:take", args=[lead.pk]) in text
        assert reverse("leads:close", args=[lead.pk]) in text
        assert reverse("activities:status", args=[lead.pk]) not in text
    client.post(reverse("leads:take", args=[lead.pk]))
    assert reverse("leads:take", args=[lead.pk]) not in client.get("/start/open/").content.decode()


def test_the_days_without_contact_are_a_setting_of_the_segment(world: User) -> None:
    admin = Client()
    admin.force_login(UserFactory(role="administrator"))
    url = reverse("schemes:segment_edit", args=[segment("B").pk])
    form = admin.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value()}
    data |= {"contact_days": "90", "minimum_days": "0"}
    assert admin.post(url, data).status_code == 302
    assert Customer.objects.waiting_for_contact(world).count() == 1
    Segment.objects.update(contact_days=None)
    assert not Customer.objects.waiting_for_contact(world).exists()


def test_key_customers_are_side_by_side_with_what_management_follows(world: User) -> None:
    grid = content_of(world, "start_key_customers").grid
    assert grid
    customer = Customer.objects.filter(summary__segment__code="A", summary__open_activities__gt=0).first()
    row = next(row for row in grid.rows if customer and row[0].text == customer.name)
    assert [cell.text for cell in row[3:5]][1].startswith("5 · ")
    assert row[6].text == 3
    assert len(listed(world, row[6].url)) == 3
    assert len(listed(world, row[4].url)) == 5


def test_the_pipeline_of_the_panel_is_that_of_the_board(world: User) -> None:
    grid = content_of(world, "start_pipeline").grid
    assert grid
    assert [row[1].text for row in grid.rows[:3]] == ["2", "5", "0"]
    client = Client()
    client.force_login(world)
    columns = client.get(grid.rows[0][1].url).context["columns"]  # of everyone, also where one has own cards
    assert [str(shown["column"].sums.count) for shown in columns[:3]] == ["2", "5", "0"]
    assert {row[1].url for row in grid.rows[:3]} == {"/pipeline/?tab=everyone"}
    month = next(row for row in grid.rows[3:] if row[1].text == "0")
    assert not listed(world, month[1].url)


@pytest.mark.parametrize(
    ("name", "limit"),
    [("start_team", "activities.log.views.start.PEOPLE"), ("start_hours", "activities.calendar.views.start.MOST")],
)
def test_a_panel_that_leaves_people_out_says_so(world: User, name: str, limit: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(limit, 100)
    cut = "Only the first 1 people by name are included."
    assert cut not in content_of(world, name).note
    monkeypatch.setattr(limit, 1)
    assert cut in content_of(world, name).note


def test_the_stages_of_the_panel_open_everyones_board_with_whole_euros(world: User, client: Client) -> None:
    OfferFactory(title="Of a colleague", lines=[line(unit_price="0.6")])
    grid = content_of(world, "start_pipeline").grid
    assert grid
    client.force_login(world)
    assert "Of a colleague" not in client.get("/pipeline/").content.decode()
    draft = grid.rows[1]
    assert [urlsplit(cell.url).query for cell in draft[:2]] == ["tab=everyone"] * 2
    assert "Of a colleague" in client.get(draft[1].url).content.decode()
    assert draft[2].text.split() == ["1", "€"]


def test_a_panel_that_fails_leaves_the_others_alone(world: User, client: Client, monkeypatch: Any) -> None:
    from customers.views.start import WaitingPanel

    def fail(self: Any) -> Content:
        raise RuntimeError

    monkeypatch.setattr(WaitingPanel, "get_content", fail)
    client.force_login(world)
    client.raise_request_exception = False
    assert client.get("/start/waiting/").status_code == 500
    assert client.get("/start/").status_code == 200
    assert client.get("/start/open/").status_code == 200


def test_a_panel_that_takes_too_long_is_cancelled(world: User, monkeypatch: Any) -> None:
    from django.db import OperationalError, connection

    from core.timeouts import limited

    with pytest.raises(OperationalError), limited(1), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
