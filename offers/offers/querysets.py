from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from core import clock
from core.fields import Fold
from offers.offers.enums import UNDECIDED

if TYPE_CHECKING:
    from offers.offers.models import Offer  # noqa: F401 (named in quotes)

    pass


def visible_customers(user: Any) -> models.Q | None:
    """Return the condition on rows with a customer that hides the work of inactive customers from ``user``.

    None: nothing is visible.
    """
    if not user.is_authenticated or not user.is_active:
        return None
    return models.Q() if user.has_perm("customers.manage_passive") else models.Q(customer__state="active")


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user: Any) -> OfferQuerySet:
        """Return all offers but those of inactive customers (domain.md §6)."""
        visible = visible_customers(user)
        return self.none() if visible is None else self.filter(visible)

    def undecided(self) -> OfferQuerySet:
        """Return open offers: those that the customer has not decided yet."""
        return self.filter(status__in=UNDECIDED)

    def expired(self) -> OfferQuerySet:
        return self.undecided().filter(valid_until__lt=clock.today())

    def without_next_step(self) -> OfferQuerySet:
        """Return undecided offers without an open activity."""
        open_steps = self.model._default_manager.filter(
            pk=models.OuterRef("pk"), offer_activities__activity__status__in=["open", "in_progress"]
        )
        return self.undecided().filter(~models.Exists(open_steps))

    def search(self, text: str) -> OfferQuerySet:
        """Return offers with a number beginning with ``text``, or all its words in the title or customer's name."""
        text = text.strip()
        condition = models.Q()
        for word in text.split()[:8]:
            folded = Fold(models.Value(word))
            condition &= models.Q(title_folded__contains=folded) | models.Q(
                customer__summary__search_text__contains=folded
            )
        return self.filter(condition | models.Q(number__istartswith=text)) if text else self
