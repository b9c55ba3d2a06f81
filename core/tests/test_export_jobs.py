"""An export that runs as a job checks what the list's page checks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from accounts.views.users import UserListView
from core.exceptions import BusinessRuleError
from core.export_jobs import export
from core.models import Job

pytestmark = pytest.mark.django_db


def run(owner, path):
    job = Job.objects.create(kind="export", owner=owner, params={"path": path, "query": "", "kind": "csv"})
    return export(job, lambda done, total=None: None)


def test_it_writes_what_the_owner_sees():
    user = UserFactory(role="read_only", last_name="Reader")
    with run(user, reverse("accounts:list")).file as file:
        assert b"Reader" in file.read()


def test_a_list_that_the_owner_may_not_have_is_not_exported():
    user, path = UserFactory(role="read_only"), reverse("imports:list")
    client = Client()
    client.force_login(user)
    assert client.get(path).status_code == 403
    with pytest.raises(BusinessRuleError, match="no longer have access to this list"):
        run(user, path)


def test_nor_does_a_deactivated_owner_get_anything():
    with pytest.raises(BusinessRuleError, match="no longer have access to this list"):
        run(UserFactory(role="administrator", is_active=False), reverse("accounts:list"))


@pytest.mark.parametrize("refusal", [PermissionDenied, Http404])
def test_what_a_list_checks_besides_its_rule_holds_for_the_job_too(refusal, monkeypatch):
    def refuse(view):
        raise refusal

    monkeypatch.setattr(UserListView, "check_permissions", refuse)
    with pytest.raises(BusinessRuleError, match="no longer have access to this list"):
        run(UserFactory(role="administrator"), reverse("accounts:list"))


@pytest.mark.parametrize("path", ["/no/such/address/", "/imports/0/", "/users/profile/"])
def test_an_address_without_the_list_is_refused_and_no_error_of_the_program(path):
    with pytest.raises(BusinessRuleError, match="no longer have access to this list"):
        run(UserFactory(role="administrator"), path)


@pytest.mark.parametrize("refusal", [PermissionDenied, Http404])
def test_so_is_a_list_that_does_not_open(refusal, monkeypatch):
    def refuse(view, request, *args, **kwargs):
        raise refusal

    monkeypatch.setattr(UserListView, "setup", refuse)
    with pytest.raises(BusinessRuleError, match="no longer have access to this list"):
        run(UserFactory(role="administrator"), reverse("accounts:list"))


def test_times_are_those_of_the_owner():
    user = UserFactory(role="administrator", time_zone="America/New_York")
    UserFactory(last_login=dt.datetime(2026, 1, 15, 2, 30, tzinfo=dt.UTC))
    with run(user, reverse("accounts:list")).file as file:
        assert b"2026-01-14 21:30" in file.read()
