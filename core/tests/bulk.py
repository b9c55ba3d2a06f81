"""Bulk operations in the tests of every app: choose, preview, start and run at once, undo."""

from __future__ import annotations

import re
from typing import Any

import pghistory
from django.urls import reverse

from core.bulk.models import BulkRun
from core.bulk.operations import operation_of
from core.bulk.services import ids_in, run_choose, run_preview, run_start, undo_start
from core.jobs import job_run


def draft(user: Any, name: str, targets: Any, /, **params: Any) -> BulkRun:
    """Return a previewed run."""
    operation = operation_of(name)
    rows = ids_in(operation, user, [target.pk for target in targets])
    return run_preview(run=run_choose(operation=operation, user=user, rows=rows), params=params)


def bulk(user: Any, name: str, targets: Any, /, **params: Any) -> BulkRun:
    """Return a run that has been done."""
    return finished(run_start(run=draft(user, name, targets, **params)))


def undo(run: BulkRun) -> BulkRun:
    return finished(undo_start(run=run))


def chosen_from(client: Any, address: str, name: str) -> list[set[int]]:
    """Return what an operation is about when it is chosen on a list: for all rows that are ticked, and for all."""
    path, _mark, query = address.partition("?")
    text = client.get(address).content.decode()
    url = reverse("core:bulk_choose", args=[name])
    assert url in text, f"{address} does not offer {name}"
    found = []
    for how in ({"ids": re.findall(r'name="ids" value="(\d+)"', text)}, {"all": "1"}):
        client.post(url, {**how, "list": path, "query": query})
        found.append(set(BulkRun.objects.latest("pk").rows.values_list("target_id", flat=True)))
    return found


def finished(run: BulkRun) -> BulkRun:
    job_run(str(run.job_id))
    return BulkRun.objects.select_related("job", "user").get(pk=run.pk)


def by(user: Any) -> Any:
    """Let what is written be this user's doing, as in a request: all of a test is one transaction, which remembers."""
    return pghistory.context(user=user.pk)


def outcome(run: BulkRun, target: Any) -> tuple[str, str]:
    """Return status and reason of a row."""
    return run.rows.values_list("status", "reason").get(target_id=target.pk)


def undo_of(run: BulkRun, target: Any) -> tuple[str, list[str]]:
    """Return what an undo did to a row, and the codes of its reasons."""
    undo, reasons = run.rows.values_list("undo", "undo_reasons").get(target_id=target.pk)
    return undo, [reason["code"] for reason in reasons]
