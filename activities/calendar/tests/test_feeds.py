"""Feeds, invitations and imported calendars: strict RFC 5545 out, defensive reading in."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.calendar.models import CalendarFeed
from activities.calendar.services.feeds import feed_content, feed_create
from activities.calendar.tests.files_of_calendars import (
    HELSINKI,
    attachment,
    client_of,
    invited,
    parsed,
    tomorrow,
)
from activities.log.services.activities import activity_change, uid_of
from activities.log.tests.factories import ActivityFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def feed_url(user):
    _feed, secret = feed_create(user=user, name="Phone")
    return reverse("calendar:feed_file", args=[secret])


# Feeds


def test_a_feed_has_the_users_own_activities_and_is_strict(owner, meeting):
    ActivityFactory()
    response = Client().get(feed_url(owner))
    assert (response.status_code, response["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    calendar = parsed(response.content)
    [event] = calendar.walk("VEVENT")
    assert event["UID"] == uid_of(meeting)
    assert event["SUMMARY"].startswith("Meeting: Offer; with, commas")
    assert event["DTSTART"].dt.astimezone(HELSINKI) == meeting.start
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Helsinki"]


def test_rule_19_a_feed_tells_the_goal_and_never_the_memo(owner, meeting):
    content = Client().get(feed_url(owner)).content.decode()
    assert "Agree on the price" in content
    assert "Secret memo" not in content


def test_rule_2_work_of_a_passive_customer_is_not_in_the_feed(owner):
    ActivityFactory(customer=CustomerFactory(passive=True), title="Hidden", participants=[owner])
    assert b"Hidden" not in feed_content(owner)[0]


@pytest.mark.parametrize("number", [1, 3])
def test_a_feed_costs_the_same_queries_for_one_and_many(owner, number, django_assert_num_queries):
    for _ in range(number):
        ActivityFactory(participants=[owner])
    with django_assert_num_queries(2):  # two say what the user may see
        feed_content(owner)


def test_an_hour_that_is_twice_lasts_an_hour(owner):
    start = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # 3:30 in summer time; an hour later it is 3:30 again
    ActivityFactory(participants=[owner], start=start, end=start + dt.timedelta(hours=1))
    event = parsed(feed_content(owner)[0]).walk("VEVENT")[0]
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(hours=1)


def test_what_has_not_changed_is_not_sent_again(owner, meeting):
    url = feed_url(owner)
    first = Client().get(url)
    again = Client().get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    activity_change(activity=meeting, user=owner, changes={"title": "New"})
    assert Client().get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert "private" in first["Cache-Control"]


@pytest.mark.parametrize("state", ["unknown", "revoked", "inactive"])
def test_an_address_that_is_not_good_any_more_is_not_found(owner, state):
    url = feed_url(owner)
    if state == "unknown":
        url = url.replace(".ics", "x.ics")
    elif state == "revoked":
        CalendarFeed.objects.all().delete()
    else:
        owner.is_active = False
        owner.save()
    assert Client().get(url).status_code == 404


def test_guessing_addresses_is_stopped(owner, monkeypatch):
    monkeypatch.setattr("activities.calendar.views.files.is_too_often", lambda *args, **kwargs: True)
    assert Client().get(feed_url(owner)).status_code == 429


def test_only_a_hash_of_the_address_is_kept_and_it_is_shown_once(owner):
    client, url = client_of(owner), reverse("calendar:feed_add")
    form = {"name": "Phone", "submission_key": "5f1d7f6e-2d2b-4a67-a53e-0a1f4f1b2c3d"}
    shown = client.post(url, form).content.decode()
    assert "/calendar/feed/" in shown
    assert client.post(url, form).status_code == 302
    feed = CalendarFeed.objects.get()
    assert feed.digest not in shown


def test_a_feed_is_revoked_by_its_owner_only(owner):
    feed, _secret = feed_create(user=owner)
    url = reverse("calendar:feed_revoke", args=[feed.pk])
    assert client_of(UserFactory(role="account_manager")).post(url).status_code == 404
    assert "no longer receive your activities" in client_of(owner).get(url).content.decode()
    assert client_of(owner).post(url).status_code == 302
    assert not CalendarFeed.objects.exists()


def khal(tmp_path: Path, *arguments: str) -> str:
    """Run the command-line calendar khal with a separate calendar."""
    (tmp_path / "calendars" / "own").mkdir(parents=True, exist_ok=True)
    config = tmp_path / "config"
    config.write_text(
        f"[calendars]\n[[own]]\npath = {tmp_path}/calendars/own\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n"
        "longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        "local_timezone = Europe/Helsinki\ndefault_timezone = Europe/Helsinki\n"
        f"[sqlite]\npath = {tmp_path}/khal.db\n"
    )
    program = shutil.which("khal", path=str(Path(sys.executable).parent)) or "khal"
    done = subprocess.run(
        [program, "-c", str(config), *arguments], capture_output=True, text=True, check=False, timeout=60,
        env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "XDG_CONFIG_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_khal_imports_the_feed_and_lists_it(owner, meeting, tmp_path):
    file = tmp_path / "feed.ics"
    file.write_bytes(feed_content(owner)[0])
    khal(tmp_path, "import", "--batch", str(file))
    listed = khal(tmp_path, "list", f"{tomorrow():%Y-%m-%d}", "1d")
    assert "09:00-10:00" in listed
    assert "Offer; with, commas" in listed


def test_khal_imports_an_invitation(owner, meeting, tmp_path):
    contact = invited(meeting, owner)
    file = tmp_path / "invite.ics"
    file.write_text(attachment(contact))
    khal(tmp_path, "import", "--batch", str(file))
    assert "09:00-10:00" in khal(tmp_path, "list", f"{tomorrow():%Y-%m-%d}", "1d")
