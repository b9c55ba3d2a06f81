from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from treebeard.mp_tree import MP_NodeManager, MP_NodeQuerySet

from crm import clock
from crm.fields import Fold
from offers.enums import UNDECIDED, OrderStatus

if TYPE_CHECKING:
    from offers.models import InvoiceBatch, Offer, Order, OrderLine, Product  # noqa: F401 - named in base classes


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, user: Any) -> ProductQuerySet:
        """Everyone who has signed in sees the register, retired products included."""
        return self if user.is_authenticated and user.is_active else self.none()

    def in_use(self) -> ProductQuerySet:
        return self.filter(retired_at__isnull=True)

    def with_prices(self) -> ProductQuerySet:
        """With what an offer needs: prices, VAT rates, unit, content owners."""
        owners = self.model.owners.rel.related_model._default_manager.select_related("user").order_by("pk")
        return self.select_related("unit", "group", "vat_class").prefetch_related(
            "prices", "vat_class__rates", models.Prefetch("owners", owners)
        )

    def search(self, text: str) -> ProductQuerySet:
        """Those whose code or names hold every word of ``text``."""
        found = self
        for word in text.split()[:8]:
            found = found.filter(search_text__contains=Fold(models.Value(word)))
        return found


class ProductGroupQuerySet(MP_NodeQuerySet):
    def visible_to(self, user: Any) -> ProductGroupQuerySet:
        return self if user.is_authenticated and user.is_active else self.none()

    def in_use(self) -> ProductGroupQuerySet:
        return self.filter(retired_at__isnull=True)  # type: ignore[no-any-return]

    def in_subtree(self, group: Any) -> ProductGroupQuerySet:
        """The group itself and all below it."""
        return self.filter(path__startswith=group.path)  # type: ignore[no-any-return]


class ProductGroupManager(MP_NodeManager.from_queryset(ProductGroupQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProductGroupQuerySet:
        return ProductGroupQuerySet(self.model, using=self._db).order_by("path")  # type: ignore[no-any-return]


def visible_customers(user: Any) -> models.Q | None:
    """What narrows rows of customers to those that the user sees: everything but the work of passive customers.

    None: nothing at all is visible.
    """
    if not user.is_authenticated or not user.is_active:
        return None
    return models.Q() if user.has_perm("customers.manage_passive") else models.Q(customer__state="active")


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user: Any) -> OfferQuerySet:
        """All users open all offers (domain.md §6), but for those of passive customers."""
        visible = visible_customers(user)
        return self.none() if visible is None else self.filter(visible)

    def undecided(self) -> OfferQuerySet:
        """Open offers: the customer has not decided yet."""
        return self.filter(status__in=UNDECIDED)

    def expired(self) -> OfferQuerySet:
        return self.undecided().filter(valid_until__lt=clock.today())

    def without_next_step(self) -> OfferQuerySet:
        """Open offers of which nothing that is still to be done hangs on."""
        open_steps = self.model._default_manager.filter(
            pk=models.OuterRef("pk"), offer_activities__activity__status__in=["open", "in_progress"]
        )
        return self.undecided().filter(~models.Exists(open_steps))

    def search(self, text: str) -> OfferQuerySet:
        """Those whose number begins with ``text`` or whose title or customer's name holds every word of it."""
        text = text.strip()
        found = models.Q()
        for word in text.split()[:8]:
            folded = Fold(models.Value(word))
            found &= models.Q(title_folded__contains=folded) | models.Q(customer__summary__search_text__contains=folded)
        return self.filter(found | models.Q(number__istartswith=text)) if text else self


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> OrderQuerySet:
        visible = visible_customers(user)
        return self.none() if visible is None else self.filter(visible)

    def not_cancelled(self) -> OrderQuerySet:
        return self.exclude(status=OrderStatus.CANCELLED)

    def search(self, text: str) -> OrderQuerySet:
        text = text.strip()
        found = models.Q()
        for word in text.split()[:8]:
            folded = Fold(models.Value(word))
            found &= models.Q(title_folded__contains=folded) | models.Q(customer__summary__search_text__contains=folded)
        return self.filter(found | models.Q(number__istartswith=text)) if text else self


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def to_invoice(self) -> OrderLineQuerySet:
        """What may be invoiced now: delivered and not yet invoiced, of orders in delivery (rule 5)."""
        return self.filter(order__status=OrderStatus.IN_DELIVERY, delivered__gt=models.F("invoiced"))


class InvoiceBatchQuerySet(models.QuerySet["InvoiceBatch"]):
    def visible_to(self, user: Any) -> InvoiceBatchQuerySet:
        may = user.is_authenticated and user.is_active
        grants = ("offers.invoice_orders", "offers.manage_orders", "accounts.view_reports")
        return self if may and any(map(user.has_perm, grants)) else self.none()
