"""What follows in customers from changes of users."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import User
from customers.models import Responsibility
from customers.services.summaries import summaries_refresh


@receiver(post_save, sender=User, dispatch_uid="customers_owner_active")
def refresh_owned(sender: Any, instance: User, created: bool, **_kwargs: Any) -> None:
    """Bring the owner in the summaries up to date: a deactivated user is none (``summaries_refresh``)."""
    if created:
        return
    owned = Responsibility.objects.current().filter(user=instance, role="owner")
    stale = (
        owned.exclude(customer__summary__owner=instance)
        if instance.is_active
        else owned.filter(customer__summary__owner=instance)
    )
    if ids := list(stale.values_list("customer", flat=True)):
        summaries_refresh(ids)
