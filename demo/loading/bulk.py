"""A bulk operation that the demo's key account manager has done some days ago, for its pages to have something."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from core import clock
from core.bulk.enums import BulkState, BulkStatus
from core.bulk.models import BulkRow, BulkRun
from customers.models import ClassificationNode, Customer

ROWS, LEFT_OUT, UNCHANGED = 40, 3, 5


def bulk_run_load(username: str) -> None:
    """Add a finished run of a demo user about the first customers; its time for undo has passed."""
    user = User.objects.filter(is_demo=True, username=username).first()
    node = ClassificationNode.objects.filter(branch__purpose="group").first()
    customers = list(Customer.objects.filter(is_demo=True).order_by("pk")[:ROWS])
    if user is None or node is None or len(customers) < ROWS:
        return
    at = clock.now() - dt.timedelta(days=3)
    run = BulkRun.objects.create(
        operation="customers.class",
        title=f"Lisää luokka ”{node.name_fi}”",
        titles={"fi": f"Lisää luokka ”{node.name_fi}”", "en": f"Add the class “{node.name_en}”"},
        user=user,
        state=BulkState.DONE,
        path="/customers/",
        params={"how": "add", "node": node.pk},
        total=ROWS,
        changed=ROWS - LEFT_OUT - UNCHANGED,
        unchanged=UNCHANGED,
        refused=LEFT_OUT,
        created_at=at,
        finished_at=at + dt.timedelta(seconds=2),
    )
    outcomes = [(BulkStatus.REFUSED, "forbidden")] * LEFT_OUT + [(BulkStatus.UNCHANGED, "has")] * UNCHANGED
    outcomes += [(BulkStatus.CHANGED, "")] * run.changed
    BulkRow.objects.bulk_create(
        BulkRow(run=run, target_id=customer.pk, label=customer.name, status=status, reason=reason)
        for customer, (status, reason) in zip(customers, outcomes, strict=True)
    )
