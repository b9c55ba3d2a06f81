"""What is busier than the demo data: a customer of 5,000 activities and a month of 400 in one calendar."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from accounts.models import User
from activities.models import Activity, Participation
from activities.services import contact_dates_refresh
from customers.models import Customer

CUSTOMER = "Nokian Konepaja Oy"
ON_TIMELINE, IN_MONTH = 5_000, 400
BATCH = 1_000
HOUR = dt.timedelta(hours=1)


def make_busy(user: User) -> None:
    """Add what is missing; a database that has it already is left alone."""
    customer = Customer.objects.get(name=CUSTOMER)
    missing = ON_TIMELINE - customer.activities.count()
    first = timezone.now() - dt.timedelta(days=3 * 365)
    _copy(user, customer, [first + 5 * number * HOUR for number in range(missing)])
    start, end = month()
    there = Participation.objects.filter(user=user, start_at__gte=start, start_at__lt=end).count()
    step = (end - start) / IN_MONTH
    _copy(user, customer, [start + number * step for number in range(IN_MONTH - there)])
    contact_dates_refresh([customer.pk])


def month() -> tuple[dt.datetime, dt.datetime]:
    """Return the start of this month and that of the next one."""
    start = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + dt.timedelta(days=32)).replace(day=1)


def _copy(user: User, customer: Customer, starts: list[dt.datetime]) -> None:
    """Log the customer's own activities again at other times, with ``user`` taking part."""
    models = list(customer.activities.filter(series=None).order_by("pk")[:100])
    copies = [_again(models[number % len(models)], start) for number, start in enumerate(starts)]
    for first in range(0, len(copies), BATCH):
        made = Activity.objects.bulk_create(copies[first : first + BATCH])
        Participation.objects.bulk_create(Participation(activity=row, user=user) for row in made)


def _again(model: Activity, start: dt.datetime) -> Activity:
    status = "open" if start > timezone.now() else "done"
    return Activity(
        type_id=model.type_id, customer_id=model.customer_id, title=model.title, goal=model.goal, memo=model.memo,
        start=start, end=start + HOUR, status=status, hours=1 if status == "done" else None,
        closed_at=start + HOUR if status == "done" else None, is_demo=True,
    )  # fmt: skip
