"""What a load balancer and the supervisor ask."""

from __future__ import annotations

import pytest
from django import db
from django.conf import settings
from django.db import OperationalError
from django.db.migrations import executor

from core import health


def test_healthz_needs_no_database(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readyz_is_ok_when_all_is_in_order(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "migrations": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_readyz_tells_of_a_silent_broker(client, monkeypatch):
    monkeypatch.setattr(settings, "REDIS_URL", "unix:///nowhere/valkey.sock?db=0")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["broker"], answer.json()["database"]) == (503, "unreachable", "ok")


@pytest.mark.django_db
def test_readyz_tells_of_migrations_to_run(client, monkeypatch):
    monkeypatch.setattr(executor.MigrationExecutor, "migration_plan", lambda self, targets: [("x", False)])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "pending")


def test_readyz_tells_of_a_silent_database(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(db.connection, "cursor", fail)
    monkeypatch.setattr(health, "MigrationExecutor", fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"], answer.json()["migrations"]) == (
        503,
        "unreachable",
        "unknown",
    )
