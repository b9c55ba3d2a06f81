"""A run at the moment of an edit sees the edit: it overwrites nothing of it."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.log.services.activities import activity_change
from careplans.clock.generation import work_refresh
from careplans.clock.models import InternalAction, InternalWork
from careplans.clock.tests.world import event
from tests.security.test_two_connections import at_once

BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def wait_for_blocked() -> None:
    """Wait until another connection waits for this one, five seconds at most."""
    until = time.monotonic() + 5
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(BLOCKED)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)


@pytest.mark.usefixtures("may")
@pytest.mark.django_db(transaction=True)
def test_an_edit_made_at_the_moment_of_a_run_stays():
    owner = UserFactory(role="account_manager")
    row = event(person=owner, responsible=())
    act = Activity.objects.get(internal_work__state="open")
    InternalAction.objects.filter(pk=row.pk).update(name_fi="Toinen nimi", name_en="Another name")
    edited = threading.Event()

    def edit() -> None:
        with transaction.atomic():
            activity_change(activity=act, user=owner, changes={"title": "What we agreed on"})
            edited.set()
            wait_for_blocked()

    def refresh() -> None:
        edited.wait(timeout=10)
        work_refresh()

    at_once(edit, refresh)
    act = Activity.objects.get(pk=act.pk)
    work = InternalWork.objects.get(activity=act)
    assert (act.title, act.version) == ("What we agreed on", 2)
    assert work.written_version == 1
