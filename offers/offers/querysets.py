from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from core import clock
from customers.querysets import active_for_each
from customers.search import FEW, WordInRows, read, rows_with
from offers.offers.enums import UNDECIDED

if TYPE_CHECKING:
    from offers.offers.models import Offer  # noqa: F401 (named in quotes)


def visible_customers(user: Any) -> models.Q | None:
    """Return the condition on rows with a customer that hides the work of inactive customers from ``user``.

    None: nothing is visible.
    """
    if not user.is_authenticated or not user.is_active:
        return None
    return models.Q() if user.has_perm("customers.manage_passive") else active_for_each()


def search_numbered(rows: Any, text: str, *, brief: bool = False) -> Any:
    """Return the ``rows`` with a number that begins with ``text``, or all its words in the title or customer's name.

    Queries the database: up to ``FEW`` hits are read here, once; for more, reading along the list soon fills a page.
    """
    words = read(text).folded.split()[:8]
    if not words:
        return rows
    in_titles = {word: models.Q(title_folded__contains=word) for word in words}
    in_rows = [WordInRows.of(rows, [word], in_title, brief=brief) for word, in_title in in_titles.items()]
    in_texts, is_known = rows_with(in_rows, brief=brief)
    found = rows.filter(in_texts | models.Q(number__startswith=text.strip().upper()))
    if not is_known:
        return found
    ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return rows.filter(pk__any_of=ids) if len(ids) <= FEW else found


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user: Any) -> OfferQuerySet:
        """Return all offers but those of inactive customers (domain.md §6)."""
        visible = visible_customers(user)
        return self.none() if visible is None else self.filter(visible)

    def all_visible_to(self, user: Any) -> OfferQuerySet:
        """Return what ``visible_to`` returns, for sums of most of them: all customers are read once, not one by one."""
        if visible_customers(user) is None or user.has_perm("customers.manage_passive"):
            return self.visible_to(user)
        return self.exclude(customer__state="passive")

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

    def search(self, text: str, *, brief: bool = False) -> OfferQuerySet:
        """Return offers with a number beginning with ``text``, or all its words in the title or customer's name."""
        found: OfferQuerySet = search_numbered(self, text, brief=brief)
        return found
