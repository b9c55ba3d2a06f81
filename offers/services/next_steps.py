"""The next steps of an offer: activities that are still to be done, and links to what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from activities.enums import ActivityStatus
from activities.models import Activity
from activities.services import activity_log
from activities.services.follow_ups import FollowUp, due_time, usual_type
from offers.models import Offer, OfferActivity
from offers.services.offers import offer_activity_link


@transaction.atomic
def next_steps_add(*, offer: Offer, user: User, agreed: Iterable[FollowUp]) -> list[Activity]:
    """Add an open activity with the offer's customer and contact for each thing to do, linked to the offer.

    Raises :class:`BusinessRuleError` as :func:`activity_log`: all or none are added.
    """
    added = [_log(offer, user, one) for one in agreed]
    for activity in added:
        offer_activity_link(offer=offer, activity=activity, user=user)
    return added


def _log(offer: Offer, user: User, step: FollowUp) -> Activity:
    type = step.type or usual_type(Activity(customer=offer.customer))
    return activity_log(
        user=user,
        type=type,
        title=step.title,
        goal=step.title if type.needs_goal else "",
        customer=offer.customer,
        contacts=[offer.contact] if offer.contact else [],
        start=due_time(step.due),
        status=ActivityStatus.OPEN,
        participants=[step.owner or user],
    )


@transaction.atomic
def offer_activity_unlink(*, offer: Offer, activity: Activity) -> None:
    """Let an activity belong to the offer no more; what the offer came from is remembered all the same."""
    OfferActivity.objects.filter(offer=offer, activity=activity).delete()
