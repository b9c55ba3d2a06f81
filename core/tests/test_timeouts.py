"""A statement that takes longer than a web request may: what is answered, and what is left in the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team
from accounts.tests.factories import UserFactory
from core.api.views import ActionsViewSet
from core.permissions import SIGNED_IN, public
from core.timeouts import unlimited
from crm import urls, web

pytestmark = pytest.mark.django_db


def sleep() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        Team.objects.create(name="Half done")
        cursor.execute("SELECT pg_sleep(10)")


@public
def slow_page(_request: HttpRequest) -> HttpResponse:
    sleep()
    return HttpResponse("late")


class SlowViewSet(ActionsViewSet):
    rule_permissions = {"list": SIGNED_IN}

    def list(self, _request: Request) -> Response:
        sleep()
        return Response("late")


urlpatterns = [
    path("slow/", slow_page),
    path("api/v1/slow/", SlowViewSet.as_view({"get": "list"})),
    *urls.urlpatterns,
]


@pytest.fixture
def visitor(settings: Any) -> Client:
    """Return a signed-in client of a process with statements of 50 ms at most."""
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=True)
    client.force_login(UserFactory(language="en"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
    return client


def test_a_page_that_takes_too_long_says_so_and_leads_back_without_the_filters(visitor):
    answer = visitor.get("/slow/?q=wide")
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "took too long" in page
    assert 'href="/slow/"' in page
    assert not Team.objects.exists()


def test_it_says_so_in_the_language_of_the_user(visitor, client):
    client.force_login(UserFactory(language="fi"))
    assert "Tämä kesti liian kauan" in client.get("/slow/").content.decode()


def test_what_was_sent_leads_nowhere_but_home_and_leaves_nothing(visitor):
    answer = visitor.post("/slow/?next=1")
    assert answer.status_code == 503
    assert 'href="/slow/"' not in answer.content.decode()
    assert not Team.objects.exists()


def test_the_api_says_so_with_a_code(visitor):
    answer = visitor.get("/api/v1/slow/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too_long")
    assert not Team.objects.exists()


def test_other_errors_of_the_database_stay_errors(visitor, monkeypatch):
    monkeypatch.setattr(f"{__name__}.sleep", lambda: Team.objects.get(nothing=1))
    with pytest.raises(Exception, match="nothing"):
        visitor.get("/slow/")


def test_a_web_process_limits_its_statements_and_others_do_not(monkeypatch, settings):
    settings.STATEMENT_TIMEOUT_SECONDS = 7
    assert limit_of_a_new_connection() == "0"
    monkeypatch.setattr(web, "create_server", lambda *_arguments, **_settings: Idle())
    try:
        web.serve(None)
        assert limit_of_a_new_connection() == "7s"
    finally:
        connection_created.disconnect(dispatch_uid="statement_timeout")


class Idle:
    """A server that serves nobody."""

    def run(self) -> None:
        pass


def limit_of_a_new_connection() -> str:
    new = connection.copy()
    try:
        with new.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])
    finally:
        new.close()


def test_rare_long_work_has_no_limit_until_its_transaction_ends(visitor):
    with unlimited(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.1)")
