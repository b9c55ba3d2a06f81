"""Giving many offers to another account manager at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from crm.exceptions import BusinessRuleError
from crm.permissions import allowed
from offers.models import Offer
from offers.services.offers import offer_change


@dataclass(frozen=True)
class OffersGiven:
    """How many offers were given, and how many were left: not the user's to change, or decided."""

    given: int
    left: int


@transaction.atomic
def offers_give(*, offer_ids: Iterable[int], owner: User, user: User) -> OffersGiven:
    """Make ``owner`` the account manager of those of the undecided offers that ``user`` may change.

    Raises :class:`BusinessRuleError`: ``user_inactive``.
    """
    wanted = set(offer_ids)
    given = 0
    offers = Offer.objects.visible_to(user).filter(pk__in=wanted).select_related("customer", "type").order_by("pk")
    for offer in offers:
        if not allowed(user, "offers.edit_offer", offer):
            continue
        try:
            with transaction.atomic():
                given += offer_change(offer=offer, user=user, changes={"owner": owner}).owner_id == owner.pk
        except BusinessRuleError as error:
            if error.code == "user_inactive":
                raise
    return OffersGiven(given, len(wanted) - given)
