"""Alerts from care plans: each kind with exactly its rows, on the page, the panel and in the weekly summary."""

from __future__ import annotations

import datetime as dt
from functools import partial
from importlib import import_module

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from accounts.models import Notification, SystemMail
from accounts.notifications import choices_set
from accounts.system_mail import system_mail_deliver
from careplans.caremodels.models import ModelVersion
from careplans.following.alerts import ALERTS, by_person, never_done
from careplans.following.models import CareOccurrence, CareStatus
from careplans.following.tests.world import primary_model, refresh
from careplans.plans.enums import ApprovalStatus
from careplans.plans.evaluations import care_refresh
from careplans.plans.models import ModelStay, PlanApproval, PlanUpdate
from careplans.plans.tests.world import action, approval_model, day, log, member, under, version_of
from careplans.work.models import Absence, AbsenceKind
from careplans.work.services.summaries import week_tell
from core import clock
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from tests.security.test_two_connections import at_once

pytestmark = pytest.mark.django_db
MONDAY = day("2026-05-18")


@pytest.fixture
def version(may):
    found = version_of(primary_model(), since="2024-01-01")
    action(found, types=["call"])
    return found


def cared(version, user, since="2026-01-01"):
    """Return a customer of an owner under a monthly contact."""
    customer = CustomerFactory(owner=user)
    under(version, since, customer)
    refresh(customer)
    return Customer.objects.get(pk=customer.pk)


def listed(client, user, alert):
    """Return the ids that the list of an alert shows a user."""
    client.force_login(user)
    answer = client.get(alert.url())
    assert answer.status_code == 200
    return sorted(row.pk for row in answer.context["view"].get_filterset().qs)


def found(kind, user):
    return sorted(ALERTS[kind].of(user).values_list("pk", flat=True))


def test_contact_that_is_overdue_is_an_alert(version, owner, colleague, client):
    customer = cared(version, owner)
    assert found("overdue", owner) == [customer.pk] == listed(client, owner, ALERTS["overdue"])
    assert found("overdue", colleague) == []
    log(customer, "2026-05-10", user=owner)
    refresh(customer)
    assert found("overdue", owner) == []


def test_an_action_that_is_missed_three_times_in_a_row_is_not_heeded(version, owner, client):
    customer = cared(version, owner)
    [newest] = found("unheeded", owner)
    assert str(CareOccurrence.objects.get(pk=newest).last) == "2026-04-30"
    assert listed(client, owner, ALERTS["unheeded"]) == [newest]
    log(customer, "2026-03-10", user=owner)
    refresh(customer)
    assert found("unheeded", owner) == []


def test_what_is_not_asked_for_any_more_alerts_nobody(version, owner, keeper):
    customer = cared(version, owner)
    assert found("unheeded", owner)
    assert never_done(keeper)
    ModelStay.objects.filter(customer=customer).update(last=day("2026-05-10"))
    ModelVersion.objects.filter(pk=version.pk).update(valid_to=day("2026-05-10"))
    care_refresh([customer.pk], today=day("2026-05-15"))
    assert found("unheeded", owner) == []
    assert never_done(keeper) == []


def test_two_misses_are_no_alert_yet(version, owner):
    cared(version, owner, since="2026-03-01")
    assert found("unheeded", owner) == []


def test_what_was_not_heeded_years_ago_is_no_alert(version, owner):
    customer = cared(version, owner)
    CareOccurrence.objects.filter(customer=customer, is_unheeded=True).update(last=day("2023-05-14"))
    assert found("unheeded", owner) == []


def test_unheeded_actions_are_found_by_their_index_alone(version, owner):
    cared(version, owner)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = CareOccurrence.objects.unheeded().filter(user=owner).order_by("last", "pk").explain()
    assert "care_occurrence_unheeded" in plan or "care_occurrence_all_unheeded" in plan


def test_the_migration_marks_what_evaluations_mark(version, owner):
    cared(version, owner)
    cared(version, owner, since="2026-03-01")
    before = found("unheeded", owner)
    CareOccurrence.objects.update(is_unheeded=False)
    with connection.cursor() as cursor:
        cursor.execute(import_module("careplans.following.migrations.0006_unheeded_rows").MARK)
    assert found("unheeded", owner) == before != []


@pytest.fixture
def approval(may):
    found = version_of(approval_model(), since="2024-01-01")
    action(found, types=["call"])
    return found


def test_a_key_customer_without_an_approved_plan_is_an_alert(approval, owner, director, client):
    customer = cared(approval, owner)
    assert found("unaccepted", owner) == [customer.pk] == listed(client, owner, ALERTS["unaccepted"])
    row = PlanApproval.objects.get(customer=customer)
    row.status, row.decided_on, row.decided_by = ApprovalStatus.APPROVED, day("2026-05-01"), director
    row.save()
    assert found("unaccepted", owner) == []


def test_an_approval_of_an_earlier_time_in_the_segment_does_not_count(approval, owner):
    customer = cared(approval, owner, since="2026-02-01")
    PlanApproval.objects.filter(customer=customer).update(status="approved", decided_on=day("2026-01-31"))
    assert found("unaccepted", owner) == [customer.pk]


def test_a_key_customer_without_any_model_has_no_approved_plan(owner, may, client):
    model = approval_model()
    customer = CustomerFactory(owner=owner)
    model.retired_at = clock.now()
    model.save()
    member(customer, model.segment, "2026-02-01")
    assert found("unaccepted", owner) == [customer.pk] == listed(client, owner, ALERTS["unaccepted"])
    counts = client.get("/care-plans/", {"counts": "unaccepted"}).json()["counts"]
    assert counts == {"true": 1}
    rows = client.get("/api/v1/care-plans/", {"unaccepted": "true"}).json()["results"]
    assert [row["id"] for row in rows] == [customer.pk]


def test_a_customer_without_any_model_is_in_no_list_but_that_of_plans_to_approve(owner, may, client):
    model = approval_model()
    customer = CustomerFactory(owner=owner)
    model.retired_at = clock.now()
    model.save()
    member(customer, model.segment, "2026-02-01")
    client.force_login(owner)
    assert client.get("/api/v1/care-plans/").json()["results"] == []
    assert client.get("/care/customers/", {"unaccepted": "true"}).status_code == 400
    assert client.get("/care/customers/", {"counts": "unaccepted"}).status_code == 400


def test_a_plan_is_old_a_year_after_it_was_gone_through(approval, version, owner, client):
    key, other = cared(approval, owner, since="2025-01-01"), cared(version, owner, since="2025-01-01")
    assert found("old", owner) == [key.pk] == listed(client, owner, ALERTS["old"])
    PlanUpdate.objects.create(customer=other, day=day("2025-05-14"))
    PlanUpdate.objects.create(customer=key, day=day("2025-05-15"))
    assert found("old", owner) == [other.pk]
    PlanUpdate.objects.create(customer=other, day=day("2026-05-01"))
    assert found("old", owner) == []


def test_an_action_that_nobody_completes_is_told_to_who_keeps_models(version, owner, keeper, client):
    customer = cared(version, owner)
    [row] = never_done(keeper)
    assert (row.model, row.missed) == (version.model, 4)
    client.force_login(keeper)
    assert client.get(row.url).context["view"].get_filterset().qs.count() == 4
    log(customer, "2026-05-10", user=owner)
    refresh(customer)
    assert never_done(keeper) == []


def test_the_page_shows_own_alerts_and_those_of_all_to_who_keeps_plans(version, owner, colleague, keeper, client):
    customer = cared(version, owner)
    url = reverse("carefollow:alerts")
    for user, query, sees in (
        (owner, {}, True),
        (colleague, {}, False),
        (keeper, {}, False),
        (keeper, {"all": "on"}, True),
    ):
        client.force_login(user)
        text = client.get(url, query).content.decode()
        assert (str(customer) in text) is sees, (user, query)
        assert ("nobody has completed in a year" in text) is (user == keeper)
    client.force_login(owner)
    assert "Of all" not in client.get(url, {"all": "on"}).content.decode()


def test_the_page_costs_the_same_for_any_number_of_rows(version, owner, client, django_assert_max_num_queries):
    client.force_login(owner)
    for number in (1, 3):
        for _one in range(number):
            cared(version, owner)
        with django_assert_max_num_queries(24):
            client.get(reverse("carefollow:alerts"))


def test_the_panel_counts_the_rows_of_its_lists(version, owner, client):
    cared(version, owner)
    client.force_login(owner)
    text = client.get(reverse("carefollow:start_alerts")).content.decode()
    assert "1 Actions missed again and again" in text
    assert ALERTS["unheeded"].url().replace("&", "&amp;") in text


# The weekly summary


def test_the_summary_names_the_first_rows_with_links(version, owner, settings, django_capture_on_commit_callbacks):
    names = sorted(str(cared(version, owner)) for _number in range(4))
    with django_capture_on_commit_callbacks(execute=True):
        assert week_tell(MONDAY) == 1
    told = Notification.objects.get(kind="care_week", user=owner)
    assert "Contact overdue: 4" in told.text
    system_mail_deliver(SystemMail.objects.get(user=owner).pk)
    [message] = mail.outbox
    assert f"{settings.BASE_URL}{ALERTS['overdue'].url()}" in message.body
    assert sum(name in message.body for name in names) >= 3


def test_one_mail_a_week_and_none_to_who_has_chosen_so(version, owner):
    cared(version, owner)
    choices_set(user=owner, choices={"care_week": (True, False)})
    assert (week_tell(MONDAY), week_tell(MONDAY)) == (1, 0)
    assert Notification.objects.filter(kind="care_week").count() == 1
    assert not SystemMail.objects.exists()
    assert week_tell(MONDAY + dt.timedelta(days=7)) == 1


def test_the_substitute_is_told_what_waits_for_who_is_away_all_week(version, owner, colleague):
    cared(version, owner)
    about = {"kind": AbsenceKind.objects.first(), "substitute": colleague}
    absence = Absence.objects.create(person=owner, first=MONDAY, last=MONDAY + dt.timedelta(days=4), **about)
    week_tell(MONDAY)
    told = Notification.objects.get(kind="care_week", user=colleague)
    assert told.text == f"Contact overdue ({owner}): 1"
    assert told.url == ALERTS["overdue"].url(owner=owner.pk)
    Notification.objects.all().delete()
    absence.last = MONDAY
    absence.save()
    week_tell(MONDAY + dt.timedelta(days=7))
    assert not Notification.objects.filter(user=colleague).exists()


def test_alerts_of_all_people_take_two_queries_for_each_kind(version, owner, colleague, django_assert_num_queries):
    for user in (owner, colleague, owner):
        cared(version, user)
    with django_assert_num_queries(2):
        told = by_person(ALERTS["overdue"])
    assert {person: one.count for person, one in told.items()} == {owner.pk: 2, colleague.pk: 1}


@pytest.mark.django_db(transaction=True)
def test_two_summaries_at_once_tell_each_person_once(owner):
    customer = CustomerFactory(owner=owner)
    CareStatus.objects.create(customer=customer, overdue_since=day("2026-05-01"), asks_for_contact=True)

    run = partial(week_tell, MONDAY)
    assert sorted(at_once(run, run)) == [0, 1]
    assert Notification.objects.filter(kind="care_week").count() == 1
