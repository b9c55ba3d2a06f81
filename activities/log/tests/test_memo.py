"""Memos are rich text: cleaned when stored and shown, plain without JavaScript, with colleagues mentioned in them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(username="writer", role="account_manager")


@pytest.fixture
def matti():
    return UserFactory(username="matti.virtanen", first_name="Matti", last_name="Virtanen", role="account_manager")


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


def form_of(activity, **changes):
    start = timezone.localtime(activity.start)
    return {
        "title": activity.title,
        "customer": activity.customer_id or "",
        "start": f"{start:%d/%m/%Y %H:%M}",
        "participants": [user.pk for user in activity.users.all()],
        "channel": activity.channel,
        "version": activity.version,
    } | changes


def save(client, activity, **changes):
    url = reverse("activities:change", args=[activity.pk])
    response = client.post(url, form_of(activity, **changes))
    activity.refresh_from_db()
    return response


def test_html_of_the_editor_is_stored_cleaned(client, user):
    activity = ActivityFactory(participants=[user])
    written = '<div onclick="x()">Agreed <strong>twice</strong><script>alert(1)</script><img src=x></div>'
    assert save(client, activity, memo=written, **{"memo-format": "html"}).status_code == 302
    assert activity.memo == "<div>Agreed <strong>twice</strong></div>"


def test_text_without_javascript_becomes_rich_text_and_its_tags_are_text(client, user):
    activity = ActivityFactory(participants=[user])
    save(client, activity, memo="First <b>\r\n\r\n- one\r\n- two")
    assert activity.memo == "<p>First &lt;b&gt;</p><ul><li>one</li><li>two</li></ul>"


def test_unchanged_text_keeps_its_formatting(client, user):
    stored = "<p>Agreed <strong>twice</strong></p><ul><li>one</li></ul>"
    activity = ActivityFactory(participants=[user], memo=stored)
    page = client.get(reverse("activities:change", args=[activity.pk])).text
    assert "Agreed twice\n- one</textarea>" in page
    save(client, activity, title="New title", memo="Agreed twice\r\n- one", **{"memo-stored": stored})
    assert (activity.title, activity.memo) == ("New title", stored)


def test_a_refused_form_gives_back_what_was_written(client, user):
    activity = ActivityFactory(participants=[user])
    response = save(client, activity, title="", memo="<p>Agreed <em>so</em></p>", **{"memo-format": "html"})
    assert response.status_code == 422
    assert "&lt;p&gt;Agreed &lt;em&gt;so&lt;/em&gt;&lt;/p&gt;" in response.text


@pytest.mark.parametrize(
    ("memo", "message"),
    [
        ("<p>" + "x" * 20_001 + "</p>", "20008 characters with its formatting, at most 20000"),
        ("<p>" + "x" * 300_000 + "</p>", "at most 20000"),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_a_memo_too_long_or_broken_is_refused_with_the_reason(memo, message, client, user):
    activity = ActivityFactory(participants=[user], memo="<p>kept</p>")
    response = save(client, activity, memo=memo, **{"memo-format": "html"})
    assert response.status_code == 422
    assert message in response.text
    assert activity.memo == "<p>kept</p>"


def test_a_memo_is_shown_formatted_and_harmless(client, user):
    activity = ActivityFactory(participants=[user])
    Activity.objects.filter(pk=activity.pk).update(memo="<p>Agreed <b>so</b><script>alert(1)</script></p>")
    text = client.get(activity.get_absolute_url()).text
    assert "<p>Agreed <b>so</b></p>" in text
    assert "alert(1)" not in text


def test_a_mentioned_colleague_is_a_link(client, user, matti):
    activity = ActivityFactory(participants=[user], memo="<p>Ask @matti.virtanen. Not @nobody or a@matti.virtanen</p>")
    text = client.get(activity.get_absolute_url()).text
    assert f'Ask <a href="/users/{matti.pk}/" title="Matti Virtanen">@matti.virtanen</a>. Not @nobody or a@' in text


def test_a_mention_inside_a_link_makes_no_link_in_a_link(client, user, matti):
    activity = ActivityFactory(
        participants=[user], memo='<p><a href="https://x.fi/@matti.virtanen">@matti.virtanen</a></p>'
    )
    assert f"/users/{matti.pk}/" not in client.get(activity.get_absolute_url()).text


def told(user):
    return [(row.kind, row.text) for row in Notification.objects.filter(user=user)]


def log(user, memo="", **kwargs):
    kind = activity_type("call")
    return activity_log(user=user, type=kind, title="Price", customer=CustomerFactory(), memo=memo, **kwargs)


def test_a_mentioned_colleague_is_told_once(user, matti):
    activity = log(user, "<p>@matti.virtanen and @Matti.Virtanen, @writer</p>")
    assert told(matti) == [("mention", f"{user} mentioned you: Price")]
    assert told(user) == []
    assert Notification.objects.get().url == activity.get_absolute_url()


def test_a_change_tells_only_those_newly_mentioned(user, matti):
    other = UserFactory(username="other")
    activity = log(user, "<p>@matti.virtanen</p>")
    activity_change(activity=activity, user=user, changes={"memo": "<p>@matti.virtanen @other</p>"})
    assert (len(told(matti)), len(told(other))) == (1, 1)


def test_a_report_at_closing_tells_the_mentioned(user, matti):
    activity = log(user, status=ActivityStatus.OPEN)
    activity_set_status(activity=activity, status=ActivityStatus.DONE, user=user, memo="<p>@matti.virtanen</p>")
    assert [kind for kind, _text in told(matti)] == ["mention"]


def test_who_has_left_is_not_told(user, matti):
    matti.is_active = False
    matti.save()
    log(user, "<p>@matti.virtanen</p>")
    assert told(matti) == []


def test_who_is_given_something_to_do_is_told(user, matti):
    log(user, participants=[matti], start=timezone.now() + dt.timedelta(days=1))
    assert told(matti) == [("follow_up_given", f"{user} assigned an activity to you: Price")]


def test_who_is_taken_along_is_told_when_it_is_still_to_do(user, matti):
    log(user, participants=[user, matti], start=timezone.now() + dt.timedelta(days=1))
    log(user, participants=[user, matti])
    assert told(matti) == [("participant_added", f"{user} added you to an activity: Price")]


def test_who_was_a_participant_already_is_not_told_again(user, matti):
    activity = log(user, participants=[user, matti], start=timezone.now() + dt.timedelta(days=1))
    activity_change(activity=activity, user=user, changes={"title": "Other", "participants": [user, matti]})
    assert len(told(matti)) == 1


def test_colleagues_are_offered_by_any_part_of_their_name(client, matti):
    UserFactory(username="matti.gone", first_name="Matti", is_active=False)
    rows = client.get(reverse("accounts:options"), {"q": "virt"}).json()["results"]
    assert rows == [{"id": matti.pk, "username": "matti.virtanen", "text": "Matti Virtanen", "detail": ""}]
    assert [row["username"] for row in client.get(reverse("accounts:options"), {"q": "matti"}).json()["results"]] == [
        "matti.virtanen"
    ]


def test_the_history_tells_the_text_of_a_memo_without_its_tags(client, user):
    activity = ActivityFactory(created_by=user, memo="<p>Ensin</p>")
    activity_change(activity=activity, user=user, changes={"memo": "<p>Sitten <strong>muuta</strong></p>"})

    page = client.get(reverse("activities:history", args=[activity.pk])).text

    assert "Sitten muuta" in page
    assert "&lt;p&gt;" not in page
