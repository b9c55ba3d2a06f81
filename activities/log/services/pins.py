"""Pin an activity to the top of its customer's timeline, and take it off."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.models import Activity, PinnedActivity
from core import clock
from core.exceptions import BusinessRuleError


@transaction.atomic
def activity_pin(*, activity: Activity, user: User) -> PinnedActivity:
    """Pin the activity instead of what was pinned before.

    Raises :class:`BusinessRuleError`: ``customer_required``, ``customer_passive``.
    """
    if activity.customer is None:
        raise BusinessRuleError("customer_required", _("Only an activity of a customer can be pinned."))
    validators.check_customer(activity.type, activity.customer)
    values = {"activity": activity, "pinned_by": user, "pinned_at": clock.now()}
    PinnedActivity.objects.filter(activity=activity).exclude(customer=activity.customer).delete()
    pin, _is_new = PinnedActivity.objects.update_or_create(customer=activity.customer, defaults=values)
    return pin


def activity_unpin(*, activity: Activity) -> bool:
    """Take the activity off the top; return whether it was there."""
    return bool(PinnedActivity.objects.filter(activity=activity).delete()[0])
