"""Words are found in titles, goals, memos, settlements and e-mail, in any inflection."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log import querysets
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory
from activities.mail.enums import Direction, MessageState
from activities.mail.models import EmailMessage, EmailThread
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

TEXTS = {
    "title": "Tarjouksen läpikäynti",
    "goal": "Sovitaan koulutuksesta",
    "memo": "<p>Reklamaatio <strong>Äänekosken</strong> toimituksesta</p>",
    "settlement": "Hyvitys maksettu",
}


@pytest.fixture
def activity():
    ActivityFactory(title="Something else")
    return ActivityFactory(**TEXTS, customer=CustomerFactory(name="Nokian Konepaja Oy"))


@pytest.mark.parametrize(
    "text",
    [
        "tarjous",
        "läpikäynti",
        "koulutus",
        "reklamaation",
        "äänekoski",
        "AANEKOSKI",
        "hyvitykset",
        "nokia",
        "reklamaatio nokia",
    ],
)
def test_a_word_is_found_wherever_it_stands_and_however_it_is_inflected(text, activity):
    assert list(Activity.objects.search(text)) == [activity]


@pytest.mark.parametrize("text", ["strong", "reklamaatio helsinki", "maksettu x", "klamaatio"])
def test_tags_are_no_words_and_every_word_must_be_found(text, activity):
    assert not Activity.objects.search(text).exists()


def test_part_of_a_word_is_found_in_titles(activity):
    assert list(Activity.objects.search("käynti")) == [activity]


@pytest.mark.parametrize("text", ["' | !! & <-> ()", "a'b\\", ":* & |", "'", "\\", "\x00", "e-mail", "*", "()"])
def test_what_is_typed_has_no_operators(text, activity):
    assert list(Activity.objects.search(text)) is not None


def test_a_word_of_an_email_finds_its_activity():
    activity = ActivityFactory(title="Post")
    thread = EmailThread.objects.create(subject="Post")
    EmailMessage.objects.create(
        activity=activity, thread=thread, direction=Direction.IN, state=MessageState.FILED, message_id="1@x",
        subject="Post", body="<p>Lähetämme kalibrointitodistuksen</p>",
    )  # fmt: skip
    EmailMessage.objects.create(
        thread=thread, direction=Direction.IN, state=MessageState.INBOX, message_id="2@x", body="kalibrointi"
    )
    assert list(Activity.objects.search("kalibrointi")) == [activity]


def test_frequent_words_that_meet_seldom_are_found_where_they_meet(activity, monkeypatch):
    monkeypatch.setattr(querysets, "FEW", 1)
    for memo in ("reklamaatio", "reklamaatio", "hyvitys", "hyvitys"):
        ActivityFactory(memo=f"<p>{memo}</p>")
    assert list(Activity.objects.search("reklamaatio hyvitys")) == [activity]


def test_many_hits_are_all_found(monkeypatch):
    monkeypatch.setattr(querysets, "FEW", 1)
    rows = [ActivityFactory(memo="<p>reklamaatio ja hyvitys</p>") for _number in range(3)]
    assert set(Activity.objects.search("reklamaatio hyvitys")) == set(rows)


@pytest.fixture
def client(client):
    client.force_login(UserFactory(role="read_only"))
    return client


def test_the_list_shows_where_the_word_stands(client, activity):
    text = client.get(reverse("activities:list"), {"q": "äänekoski"}).text
    assert "Reklamaatio <mark>Äänekosken</mark> toimituksesta" in text


def test_no_snippet_where_the_title_shows_it_or_nothing_is_asked(client, activity):
    assert "<mark>" not in client.get(reverse("activities:list"), {"q": "tarjous"}).text
    assert "<mark>" not in client.get(reverse("activities:list")).text


def test_a_snippet_is_text(client):
    ActivityFactory(memo="<p>kalibrointi &lt;script&gt;alert(1)&lt;/script&gt;</p>")
    text = client.get(reverse("activities:list"), {"q": "kalibrointi"}).text
    assert "<mark>kalibrointi</mark> &lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("count", [1, 3])
def test_searching_costs_the_same_however_many_are_found(count, client, django_assert_num_queries):
    for _number in range(count):
        ActivityFactory(memo="<p>kalibrointi</p>")
    url = reverse("activities:list") + "?q=kalibrointi"
    client.get(url, headers={"HX-Request": "true", "HX-Target": "list"})
    with django_assert_num_queries(17):  # the ids of customers, messages and activities with the word, then the hits
        client.get(url, headers={"HX-Request": "true", "HX-Target": "list"})
