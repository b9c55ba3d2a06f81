"""The overview of a customer and a contact at a glance: money, feedback, timeline with its filters and pinned note."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from activities.feedback.models import NpsQuestion
from activities.log.enums import ActivityStatus
from activities.log.models import PinnedActivity
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from core import clock
from customers.tests.factories import ContactFactory, CustomerFactory, PositionFactory
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from offers.orders.views.money import money_of
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def user() -> User:
    return UserFactory(role="account_manager")


@pytest.fixture
def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def timeline(page: Client, customer: Any, **query: str) -> dict[str, list[str]]:
    context = page.get(reverse("activities:timeline", args=[customer.pk]), query).context
    return {name: [row.activity.title for row in context[name]] for name in ("coming", "rows")}


def test_the_timeline_is_divided_into_coming_and_past(page: Client) -> None:
    customer, now = CustomerFactory(), timezone.now()
    for days in (-2, -1, 1, 2):
        ActivityFactory(customer=customer, title=f"Day {days}", start=now + days * DAY, status=ActivityStatus.OPEN)
    assert timeline(page, customer) == {"coming": ["Day 1", "Day 2"], "rows": ["Day -1", "Day -2"]}


def test_the_timeline_is_narrowed_by_type_person_and_period(page: Client, user: User) -> None:
    customer, other = CustomerFactory(), UserFactory()
    call = ActivityFactory(customer=customer, title="Call", participants=[user])
    ActivityFactory(customer=customer, title="Memo", type=activity_type("memo"), participants=[other])
    ActivityFactory(customer=customer, title="Old", start=timezone.now() - 90 * DAY, participants=[user])
    assert timeline(page, customer, type=str(call.type_id))["rows"] == ["Call", "Old"]
    assert timeline(page, customer, person=str(other.pk))["rows"] == ["Memo"]
    assert timeline(page, customer, period="30", person=str(user.pk))["rows"] == ["Call"]
    url = reverse("activities:timeline", args=[customer.pk])
    for unreadable in ({"type": "x"}, {"person": "0"}, {"period": "7"}):
        assert page.get(url, unreadable).status_code == 400


def test_older_pages_keep_the_filters(page: Client, user: User) -> None:
    customer = CustomerFactory()
    for number in range(12):
        ActivityFactory(customer=customer, start=timezone.now() - number * DAY, participants=[user])
    ActivityFactory(customer=customer, title="Memo", start=timezone.now() - 20 * DAY, type=activity_type("memo"))
    url = reverse("activities:timeline", args=[customer.pk])
    older = page.get(url, {"type": str(activity_type("call").pk)}).context["older_url"]
    assert [row.activity.title for row in page.get(older).context["rows"]].count("Memo") == 0


def test_a_pinned_activity_is_on_top_until_it_is_taken_off(page: Client) -> None:
    customer = CustomerFactory()
    first, second = (ActivityFactory(customer=customer, title=title, memo="<p>Read this</p>") for title in ("A", "B"))
    url = reverse("activities:timeline", args=[customer.pk])
    for activity in (first, second):
        page.post(reverse("activities:pin", args=[activity.pk]), {"on": "1"})
        context = page.get(url).context
        assert context["pinned"] == activity
    assert "Read this" in page.get(url).content.decode()
    assert PinnedActivity.objects.count() == 1
    page.post(reverse("activities:pin", args=[second.pk]), {"off": "1"})
    assert page.get(url).context["pinned"] is None


def test_a_pinned_activity_that_went_to_another_customer_is_not_on_top(page: Client) -> None:
    activity = ActivityFactory()
    page.post(reverse("activities:pin", args=[activity.pk]), {"on": "1"})
    url = reverse("activities:timeline", args=[activity.customer_id])
    activity.customer = CustomerFactory()
    activity.save()
    assert page.get(url).context["pinned"] is None


def test_who_may_not_log_pins_nothing_and_an_inactive_customer_keeps_its_timeline() -> None:
    reader, manager = Client(), Client()
    reader.force_login(UserFactory(role="read_only"))
    manager.force_login(UserFactory(role="administrator"))
    activity = ActivityFactory()
    assert reader.post(reverse("activities:pin", args=[activity.pk])).status_code == 403
    type(activity.customer).objects.filter(pk=activity.customer_id).update(state="passive", passive_reason="other")
    assert manager.post(reverse("activities:pin", args=[activity.pk])).status_code == 403
    assert not PinnedActivity.objects.exists()


def test_a_contact_has_its_own_timeline(page: Client) -> None:
    contact = ContactFactory()
    ActivityFactory(title="With", contacts=[contact])
    ActivityFactory(title="Without")
    url = reverse("activities:contact_timeline", args=[contact.pk])
    assert [row.activity.title for row in page.get(url).context["rows"]] == ["With"]
    assert url in page.get(contact.get_absolute_url()).content.decode()


@pytest.mark.parametrize("name", ["activities:timeline", "orders:customer_money", "feedback:customer_glance"])
def test_the_panels_of_a_customer_that_one_does_not_see_are_not_found(page: Client, name: str) -> None:
    url = reverse(name, args=[CustomerFactory(passive=True).pk])
    assert page.get(url).status_code == 404


@pytest.mark.parametrize("name", ["activities:contact_timeline", "feedback:contact_glance"])
def test_the_panels_of_a_contact_that_one_does_not_see_are_not_found(page: Client, name: str) -> None:
    assert page.get(reverse(name, args=[ContactFactory(is_hidden=True).pk])).status_code == 404


def test_the_money_of_twelve_months_with_its_trend() -> None:
    with clock.frozen(dt.date(2026, 11, 25)):
        customer = CustomerFactory()
        for day, status in (
            (dt.date(2026, 11, 1), "in_delivery"),
            (dt.date(2025, 11, 26), "closed"),
            (dt.date(2025, 11, 25), "closed"),
            (dt.date(2026, 10, 1), "cancelled"),
        ):
            OrderFactory(customer=customer, date=day, status=status, net=100)
        money = money_of(customer)
    assert (money.net, money.before, money.change) == (200, 100, 100)
    assert len(money.bars) == 12
    assert [bar.net for bar in money.bars][-1] == 100
    assert money_of(CustomerFactory()).change is None


def test_the_panel_of_money_lists_the_largest_open_offers(page: Client) -> None:
    customer = CustomerFactory()
    OfferFactory(customer=customer, title="Open one", lines=[line()])
    OfferFactory(customer=customer, title="Lost one", status="lost")
    text = page.get(reverse("orders:customer_money", args=[customer.pk])).content.decode()
    assert "Open one" in text
    assert "Lost one" not in text


def test_the_panel_of_feedback_tells_what_waits_and_the_nps(page: Client, user: User) -> None:
    contact = PositionFactory().contact
    customer = contact.positions.first().customer
    given = {"user": user, "type": activity_type("feedback"), "customer": customer, "contacts": [contact]}
    activity_log(title="Was late", keywords=[keyword("negative")], **given)
    for number, score in enumerate((10, 3, 9)):
        NpsQuestion.objects.create(
            contact=contact, customer=customer, language="en", digest=str(number), score=score,
            answered_at=clock.now(), expires_at=clock.now(),
        )  # fmt: skip
    for name, about in (("customer_glance", customer), ("contact_glance", contact)):
        context = page.get(reverse(f"feedback:{name}", args=[about.pk])).context
        assert [activity.title for activity in context["open_feedback"]] == ["Was late"]
        assert (context["nps"].nps, context["nps"].n) == (33, 3)


def test_dangerous_actions_of_a_customer_are_in_the_menu_behind_the_dots(page: Client, user: User) -> None:
    customer = CustomerFactory(owner=user)
    context = page.get(customer.get_absolute_url()).context
    passive = reverse("customers:set_passive", args=[customer.pk])
    assert passive in [action["url"] for action in context["more_actions"]]
    assert passive not in [action["url"] for action in context["secondary_actions"]]
    stranger = page.get(CustomerFactory().get_absolute_url()).context
    assert stranger["more_actions"] == []
