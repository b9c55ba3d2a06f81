"""The pages: clocks with their tables and PDF, the register of internal events, their times; the API."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import TeamFactory
from activities.log.models import ActivityType
from careplans.caremodels.tests.factories import ModelVersionFactory
from careplans.clock.models import InternalAction, InternalWork
from careplans.clock.services.internal import internal_save
from careplans.clock.tests.world import event
from careplans.following.tests.world import owned, primary_model, refresh
from careplans.plans.tests.world import action, at, day, kind, log, under, version_of
from core import clock

pytestmark = pytest.mark.usefixtures("may")
NAMED = {"frequency": "named", "count": None}


@pytest.fixture
def customer(may, owner) -> Any:
    version = version_of(primary_model())
    action(version, "talk", months=[2, 4, 9], place="Online", name_en="Talk about the year", **NAMED)
    found = owned(under(version), owner)
    log(found, "2026-02-10", user=owner)
    refresh(found)
    return found


def page(client: Any, user: Any, url: str) -> str:
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


# Clocks


def test_the_clock_of_all_draws_the_wheel_with_its_tables(customer, client, owner):
    text = page(client, owner, "/care/annual-clock/")
    assert '<svg class="clock"' in text
    for word in ("Talk about the year", "February, April, September", "Online", "Annual clock"):
        assert word in text
    heads = [text.index(f'<th scope="col">{word}</th>') for word in ("What", "Who", "Recipient", "When", "Where")]
    assert heads == sorted(heads)
    assert "<style" not in text
    assert ' style="' not in text


def test_months_are_folded_on_a_phone_but_the_present_one(customer, client, owner):
    months = page(client, owner, "/care/annual-clock/?year=2026").split('class="cardx clock-months"')[1]
    assert months.count("<li data-folds") == 12
    assert months.count('<li data-folds="open"><h3>May') == 1
    assert 'data-folds="open"' not in page(client, owner, "/care/annual-clock/?year=2025")


def test_the_care_plan_has_the_clock_of_the_customer_as_a_part(customer, client, owner):
    assert f"/customers/{customer.pk}/care-plan/clock/" in page(client, owner, f"/customers/{customer.pk}/care-plan/")
    text = page(client, owner, f"/customers/{customer.pk}/care-plan/clock/?year=2026")
    assert f"/customers/{customer.pk}/care-plan/actions/talk/month/?year=2026" in text
    assert "?year=2025" in text


def test_a_reader_sees_it_and_moves_nothing(customer, client, reader):
    text = page(client, reader, f"/customers/{customer.pk}/care-plan/clock/")
    assert "data-move" not in text
    assert "You may not change the care plan of this customer." in text
    assert client.post(f"/customers/{customer.pk}/care-plan/actions/talk/month/", {}).status_code == 403


def test_the_page_of_a_model_has_its_wheel(client, keeper):
    draft = ModelVersionFactory()
    action(draft, "fair", months=[3], activity_type=kind("call"), **NAMED)
    url = f"/care-models/versions/{draft.pk}/clock/"
    assert f"{url}wheel/" in page(client, keeper, f"/care-models/versions/{draft.pk}/")
    assert '<svg class="clock"' in page(client, keeper, f"{url}wheel/")
    assert 'data-from="3"' in page(client, keeper, url)


def test_a_team_or_year_that_cannot_be_is_refused(client, owner):
    client.force_login(owner)
    for query in ("year=1999", "year=x", "team=0", "other=1"):
        assert client.get(f"/care/annual-clock/?{query}").status_code == 400, query


@pytest.mark.parametrize(("year", "shown", "hidden"), [(2000, 2001, 1999), (2031, 2030, 2032)])
def test_no_arrow_leads_beyond_the_years_of_which_there_are_clocks(year, shown, hidden, client, owner):
    text = page(client, owner, f"/care/annual-clock/?year={year}")
    assert f'href="?year={shown}"' in text
    assert f'href="?year={hidden}"' not in text


def test_the_clock_is_printed_as_pdf(customer, client, owner):
    client.force_login(owner)
    for url in ("/care/annual-clock/", f"/customers/{customer.pk}/care-plan/clock/"):
        answer = client.get(f"{url}?export=pdf")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")


# Internal events

FORM = {
    "code": "forum", "name_fi": "Foorumi", "name_en": "Forum", "frequency": "named", "months": ["3", "9"],
    "unit": "day", "first": "15.5.2026", "order": "10", "is_mandatory": "on", "responsible_1": "group:management",
}  # fmt: skip


def test_who_keeps_events_adds_changes_and_retires_one(client, keeper):
    client.force_login(keeper)
    meeting = ActivityType.objects.get(code="internal_meeting").pk
    answer = client.post("/care/internal-events/new/", {**FORM, "activity_type": meeting})
    assert answer.status_code == 302, answer.context["form"].errors
    row = InternalAction.objects.get(code="forum")
    assert (row.months, [one.key for one in row.responsible.all()]) == ([3, 9], ["group:management"])
    changed = {**FORM, "activity_type": meeting, "place": "Hall", "version": row.version}
    assert client.post(f"/care/internal-events/{row.pk}/edit/", changed).status_code == 302
    row.refresh_from_db()
    assert (row.place, row.code, str(row.first)) == ("Hall", "forum", "2026-05-15")
    answer = client.post(f"/care/internal-events/{row.pk}/retire/", {"reason": "No more."}, follow=True)
    assert "No more." in answer.content.decode()
    client.post(f"/care/internal-events/{row.pk}/restore/")
    assert InternalAction.objects.get(code="forum").last is None
    assert "Hall" in client.get(f"/care/internal-events/{row.pk}/history/").content.decode()


@pytest.mark.parametrize("many", [1, 3])
def test_the_history_goes_on_from_the_times_before(many, client, keeper, django_assert_num_queries):
    row = event(place="Hall")
    for number in range(many):
        with clock.frozen(at(f"2026-05-{16 + number}")):
            row.count += 1
            row = internal_save(action=row, responsible=["group:management"])
    client.force_login(keeper)
    with django_assert_num_queries(QUERIES_OF_HISTORY):
        found = client.get(f"/care/internal-events/{row.pk}/history/")
    whats = [entry.what for entry in found.context["entries"]]
    assert whats.count("internal event: added") == many + 1
    assert whats.count("internal event: changed") >= many


QUERIES_OF_HISTORY = 11


def test_the_day_of_an_event_that_was_held_is_read_from_the_address(client, owner):
    client.force_login(owner)
    url = f"/care/internal-events/{event().pk}/done/"
    for asked in ("2026-05-04", "2026-5-4"):
        assert str(client.get(url, {"day": asked}).context["form"]["day"].value()) == "2026-05-04"
    for asked in ("29.11.2026", "x"):
        assert client.get(url, {"day": asked}).status_code == 400


def test_others_see_events_and_change_none(client, owner):
    row = event()
    text = page(client, owner, "/care/internal-events/")
    assert "Event review" in text
    assert "/edit/" not in text
    assert client.get(f"/care/internal-events/{row.pk}/edit/").status_code == 403


def test_a_wrong_form_says_so_at_its_field(client, keeper):
    client.force_login(keeper)
    meeting = ActivityType.objects.get(code="internal_meeting").pk
    wrong = {**FORM, "activity_type": meeting, "responsible_1": ""}
    answer = client.post("/care/internal-events/new/", wrong)
    assert answer.status_code == 422
    assert "Choose who is responsible." in answer.content.decode()
    assert not InternalAction.objects.filter(code="forum").exists()


def test_the_times_of_events_are_filtered_and_entered_as_done(client, owner):
    row = event(frequency="months", count=3)
    url = f"/care/internal-events/{row.pk}/done/"
    client.force_login(owner)
    answer = client.post(url, {"day": "10.4.2026"}, follow=True)
    assert "The event was entered as done." in answer.content.decode()
    work = InternalWork.objects.get(state="done")
    assert f"/care/internal-events/work/{work.pk}/remove/" in answer.content.decode()
    assert work.activity.get_absolute_url() in page(client, owner, "/care/internal-events/times/?month=6")
    assert "No times here." in page(client, owner, "/care/internal-events/times/?month=2")
    client.post(f"/care/internal-events/work/{work.pk}/remove/")
    assert not InternalWork.objects.filter(state="done").exists()


def test_work_on_the_list_of_a_team_is_claimed_from_the_page(client, owner, colleague):
    team = TeamFactory(members=[owner, colleague])
    event(responsible=[f"team:{team.pk}"])
    work = InternalWork.objects.get(state="open")
    claim = f"/care/internal-events/work/{work.pk}/claim/"
    assert claim in page(client, owner, "/care/internal-events/times/")
    client.post(claim)
    work.refresh_from_db()
    assert work.person == owner


def test_the_default_set_is_added_from_the_page(client, keeper):
    client.force_login(keeper)
    answer = client.post("/care/annual-clock/sets/add/", {"name": "omn-rhythm"}, follow=True)
    assert "16 were added." in answer.content.decode()
    assert client.post("/care/annual-clock/sets/add/", {"name": "omn-rhythm"}).status_code == 422


@pytest.mark.parametrize("many", [1, 3])
def test_the_times_cost_the_same_for_any_number_of_events(many, client, owner, django_assert_num_queries):
    for number in range(many):
        event(f"event{number}", person=owner, responsible=())
    from careplans.clock.listed import events_of

    with django_assert_num_queries(QUERIES_OF_TIMES):
        events_of(owner, 2026)


QUERIES_OF_TIMES = 10


# The API


def test_the_api_has_the_clock_of_all_a_customer_and_a_team(customer, client, owner):
    client.force_login(owner)
    for query in ("", f"?customer={customer.pk}"):
        found = client.get(f"/api/v1/annual-clock/{query}").json()
        [row] = [row for row in found["actions"] if row["code"] == "talk"]
        assert (row["when"], row["where"], row["shape"]) == ("February, April, September", "Online", "months")
        marks = {mark["month"]: (mark["done"], mark["missed"], mark["coming"]) for mark in row["marks"]}
        assert marks == {2: (1, 0, 0), 4: (0, 1, 0), 9: (0, 0, 1)}
    team = TeamFactory()
    assert client.get(f"/api/v1/annual-clock/?team={team.pk}&year=2027").json()["actions"] == []


@pytest.mark.parametrize("query", ["customer=1&team=1", "year=1", "other=1", "customer=x"])
def test_the_api_refuses_what_it_does_not_know(query, client, owner):
    client.force_login(owner)
    assert client.get(f"/api/v1/annual-clock/?{query}").status_code == 400


def test_the_api_keeps_internal_events(client, keeper, owner):
    client.force_login(keeper)
    meeting = ActivityType.objects.get(code="internal_meeting").pk
    content = {
        "code": "forum", "name_fi": "Foorumi", "name_en": "Forum", "frequency": "named", "months": [9],
        "responsible": ["group:management"], "activity_type": meeting, "first": "2026-05-15",
    }  # fmt: skip
    send = {"content_type": "application/json"}
    made = client.post("/api/v1/internal-events/", content, **send)
    assert made.status_code == 201, made.json()
    url = f"/api/v1/internal-events/{made.json()['id']}/"
    assert client.patch(url, {"months": [9, 13], "version": 1}, **send).status_code == 400
    assert client.patch(url, {"code": "other"}, **send).status_code == 400
    assert client.patch(url, {"months": [10], "version": 1}, **send).json()["months"] == [10]
    assert client.patch(url, {"months": [11], "version": 1}, **send).status_code == 409
    times = client.get("/api/v1/internal-occurrences/?code=forum").json()
    assert [(one["due"], one["state"]) for one in times] == [("2026-10-31", "coming")]
    assert client.post(f"{url}retire/", {}, **send).status_code == 400
    assert client.post(f"{url}retire/", {"reason": "No more."}, **send).json()["ended_reason"] == "No more."
    assert client.post(f"{url}restore/", {}, **send).json()["last"] is None
    client.force_login(owner)
    assert client.post(f"{url}retire/", {"reason": "No more."}, **send).status_code == 403
    assert str(day("2026-05-15")) == client.get(url).json()["first"]
