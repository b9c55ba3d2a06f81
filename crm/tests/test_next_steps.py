"""Places that have nothing to show say the next step, with a link, to those who may take it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.tests.factories import TeamFactory, UserFactory
from core import clock

pytestmark = pytest.mark.django_db

#: The page, the link of its next step, who sees it and who does not (None: all who see the page may take it).
STEPS = {
    "hours of the start page": ("/start/hours/", "/hours/", "account_manager", "read_only"),
    "coming week": ("/start/week/", "/activities/new/", "account_manager", "read_only"),
    "own offers": ("/start/offers/", "/offers/new/", "account_manager", "read_only"),
    "own feedback": ("/start/feedback/", "/activities/new/?type=feedback", "account_manager", "read_only"),
    "unassigned leads": ("/start/leads/unassigned/", "/activities/new/?type=lead", "account_manager", "read_only"),
    "inbox": ("/start/inbox/", "/mail/compose/", "account_manager", None),
    "approvals": ("/start/approvals/", "/offers/?tab=open", "management", None),
    "orders to invoice": ("/start/invoicing/", "/orders/?tab=running&amp;status=in_delivery", "sales_assistant", None),
    "key customers": ("/start/key-customers/", "/customers/?no_segment=true", "administrator", "read_only"),
    "imports": ("/imports/start/", "/imports/new/", "administrator", None),
    "list of imports": ("/imports/", "/imports/new/", "administrator", None),
    "invoicing": ("/invoicing/", "/orders/?tab=running&amp;status=in_delivery", "sales_assistant", None),
    "invoice batches": ("/invoicing/batches/", "/invoicing/", "sales_assistant", None),
    "jobs": ("/jobs/", "/imports/", "administrator", None),
    "stale activities": ("/activities/stale/", "/activities/mine/", "read_only", None),
    "board": ("/pipeline/?tab=everyone", "/activities/new/?type=lead", "account_manager", "read_only"),
    "targets": ("/targets/?all=on&year=2026&quarter=0", "", "account_manager", None),
    "team week": ("/team-week/", "/users/teams/add/", "administrator", "read_only"),
    "e-mail templates": ("/mail/templates/", "/mail/templates/new/", "account_manager", None),
    "reports": ("/offers/reports/types/", "?first=", "management", None),
}


def page_of(role, url, **fields):
    cache.clear()
    client = Client()
    client.force_login(UserFactory(role=role, **fields), backend="django.contrib.auth.backends.ModelBackend")
    with clock.frozen(dt.datetime(2026, 11, 18, 10, tzinfo=dt.UTC)):  # no public holiday is near
        response = client.get(url)
    assert response.status_code == 200, url
    return response.text


def leads(text, url):
    """Whether a link of an empty place, not one of the page's head, leads to ``url``."""
    places = [text[text.index("empty-box") :]] if "empty-box" in text else []
    links = re.findall(r'<a class="next-step" href="[^"]*"', text)
    links += re.findall(r'<a class="btn btn-primary" href="[^"]*"', "".join(places))
    return any(f'href="{url}' in link for link in links)


@pytest.mark.parametrize("place", [name for name, step in STEPS.items() if step[1]])
def test_an_empty_place_says_the_next_step_to_who_may_take_it(place):
    url, link, able, unable = STEPS[place]
    assert leads(page_of(able, url), link)
    if unable:
        assert not leads(page_of(unable, url), link)


def test_a_team_without_members_leads_to_its_form():
    team = TeamFactory()
    url = f"/team-week/?team={team.pk}"
    assert f"/users/teams/{team.pk}/change/" in page_of("administrator", url)
    assert f"/users/teams/{team.pk}/change/" not in page_of("read_only", url)


def test_who_leads_nobody_is_led_to_the_teams_only_as_their_keeper():
    assert leads(page_of(None, "/start/team/", grants=["accounts.manage_users"]), "/users/teams/")
    assert not leads(page_of("account_manager", "/start/team/"), "/users/teams/")
