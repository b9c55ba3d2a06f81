"""A search finds the same activities whichever way is the faster one: by ids, by a rare word, along the list."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log import querysets
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.registrations import find_activities
from activities.log.tests.factories import ActivityFactory
from activities.mail.enums import Direction, MessageState
from activities.mail.models import EmailMessage, EmailThread
from core.paging import keyset_page
from customers import search
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

WORDS = ("tarjous", "nokia", "kalibrointi")
TEXTS = [*WORDS, "tarjous nokia", "nokia kalibrointi", "kalibrointi tarjous nokia", "tarjous puuttuva"]


@pytest.fixture
def activities():
    """Activities with each word in the title, the memo, the customer's name, an e-mail or nowhere; begun and ahead."""
    now, places = timezone.now(), ("title", "memo", "customer", "")
    for number, (first, second) in enumerate(product(places, places)):
        at = {
            place: " ".join(word for word, own in zip(WORDS, (first, second), strict=False) if own == place)
            for place in places
        }
        start = now + dt.timedelta(days=number * 7 % 16 - 8, hours=1)
        status = ActivityStatus.OPEN if start > now and number % 2 else ActivityStatus.DONE
        ActivityFactory(
            title=f"Asia {at['title']}", memo=f"<p>{at['memo']}</p>", start=start, status=status,
            customer=CustomerFactory(name=f"Yritys {at['customer']} {number}"),
        )  # fmt: skip
    for activity in Activity.objects.order_by("start")[::3]:
        EmailMessage.objects.create(
            activity=activity, thread=EmailThread.objects.create(), direction=Direction.IN, state=MessageState.FILED,
            message_id=f"{activity.pk}@x", body="<p>kalibrointi</p>",
        )  # fmt: skip


LIMITS = [(search, "FEW"), (search, "AT_CUSTOMERS"), (search, "VERY_MANY"), (querysets, "MANY"), (querysets, "FEW")]


def found(text):
    """Return the hits in the order of the list, read page by page."""
    rows, token = [], ""
    while True:
        page = keyset_page(Activity.objects.search(text), "-start", size=2, after=token)
        rows, token = [*rows, *page.rows], page.next
        if not token:
            return [activity.pk for activity in rows]


def expected(text):
    """Return the hits by plain comparison of the texts, in the order of the list."""
    hits = []
    for activity in Activity.objects.order_by("-start", "-pk"):
        mails = EmailMessage.objects.filter(activity=activity).values_list("body", flat=True)
        texts = " ".join([activity.title, activity.memo, activity.customer.name, *mails])
        hits += [activity.pk] if all(word in texts for word in text.split()) else []
    return hits


def test_every_way_finds_the_same_in_the_same_order(activities, monkeypatch):
    hits = {text: expected(text) for text in TEXTS}
    assert [bool(hits[text]) for text in TEXTS] == [True] * 6 + [False]
    for limits in [[], *([limit] for limit in LIMITS), LIMITS]:
        with monkeypatch.context() as patch:
            for module, name in limits:
                patch.setattr(module, name, 1)
            assert {text: found(text) for text in TEXTS} == hits, limits


@pytest.mark.parametrize("text", ["nokia", "tarjous nokia"])
def test_nothing_is_found_in_nothing(text, activities):
    assert not Activity.objects.none().search(text)


def test_what_is_done_ahead_is_found_among_very_many(activities, monkeypatch):
    for module, name in [(search, "VERY_MANY"), (querysets, "MANY")]:
        monkeypatch.setattr(module, name, 0)
    ahead = Activity.objects.filter(start__gt=timezone.now(), status=ActivityStatus.DONE, title__contains="tarjous")
    assert ahead
    assert {activity.pk for activity in ahead} <= set(found("tarjous"))


def test_the_palette_follows_customers_only_where_the_text_fits_a_few(activities, monkeypatch):
    user = UserFactory(role="read_only")
    every = {hit.url for hit in find_activities(user, "nokia", 50)}
    monkeypatch.setattr(search, "BRIEF", 1)
    own = Activity.objects.exclude(customer__name__contains="nokia").filter(pk__in=found("nokia"))
    assert {hit.url for hit in find_activities(user, "nokia", 50)} == {row.get_absolute_url() for row in own} < every


def test_the_palette_shows_the_newest_that_has_begun_then_what_comes_next(activities):
    hits = [hit.url for hit in find_activities(UserFactory(role="read_only"), "nokia", 50)]
    rows, now = [Activity.objects.get(pk=pk) for pk in found("nokia")], timezone.now()
    begun, ahead = [row for row in rows if row.start <= now], [row for row in rows if row.start > now]
    assert hits == [row.get_absolute_url() for row in [*begun, *reversed(ahead)]]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("S:t Michel", ["Memo", "Käynti: S:t Michel"]), ("C/O", ["Posti c/o"]), ("koski&lehto", ["Koski & Lehto"]),
        ("memossa s:t", ["Memo"]),
        ("aallon-hitsaus", ["Aallon hitsaus"]), ("A/B", []),
    ],
)  # fmt: skip
def test_signs_inside_words_are_meant_or_separate_them(monkeypatch, text, titles):
    for title in [
        "Käynti: S:t Michel",
        "Sopimus Teatteri Michel",
        "Posti c/o",
        "Co-op",
        "Koski & Lehto",
        "Aallon hitsaus",
    ]:
        ActivityFactory(title=title, customer=None)
    ActivityFactory(title="Memo", memo="<p>Memossa S:t Michel</p>", customer=None)
    ActivityFactory(title="Muu", memo="<p>Memossa Saarisen talo</p>", customer=None)
    for limits in [[], *([limit] for limit in LIMITS)]:
        with monkeypatch.context() as patch:
            for module, name in limits:
                patch.setattr(module, name, 1)
            assert [Activity.objects.get(pk=pk).title for pk in found(text)] == titles, limits
