"""The nightly word about customers that nobody owns."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse

from accounts.models import Notification, User
from accounts.notifications import notify
from core import clock
from customers.selectors.people import ownerless

KIND = "customers_ownerless"
ONE_NIGHT = dt.timedelta(hours=12)
MANAGERS = ("key_account_manager", "administrator")


@transaction.atomic
def ownerless_report() -> int:
    """Notify the key account managers (without any, the administrators) if customers have no active owner.

    Each is notified once a night. Return how many customers there are.
    """
    count = ownerless().count()
    if not count:
        return 0
    told = Notification.objects.filter(kind=KIND, created_at__gt=clock.now() - ONE_NIGHT).values("user")
    groups = (User.objects.active().filter(groups__name=name) for name in MANAGERS)
    managers = next((users for users in groups if users.exists()), User.objects.none())
    url = reverse("customers:list", query={"no_owner": "true"})
    notify(users=list(managers.exclude(pk__in=told)), kind=KIND, url=url, count=count)
    return count
