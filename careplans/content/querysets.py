"""Reads of needs and personal links: everyone sees those of the customers that they see; needs without any too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef

from careplans.content.enums import NeedStatus
from careplans.plans.querysets import OfCustomers
from careplans.plans.selectors import customers_to_plan_for
from customers.models import Position

if TYPE_CHECKING:
    from careplans.content.models import EditionLink, Need  # noqa: F401


class NeedQuerySet(models.QuerySet["Need"]):
    def visible_to(self, user: Any) -> NeedQuerySet:
        """Return the needs of customers that the user sees; who manages inactive customers sees all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("customers.manage_passive"):
            return self
        shown: Any = self.model._meta.get_field("customers").related_model
        return self.filter(Exists(shown.objects.filter(need=OuterRef("pk"), customer__state="active")))

    def editable_by(self, user: Any) -> NeedQuerySet:
        """Return the needs for which the user passes the rule ``carecontent.edit_need``."""
        held: Any = self.model._meta.get_field("customers").related_model
        held = held.objects.filter(need=OuterRef("pk"), customer__in=customers_to_plan_for(user))
        return self.visible_to(user).kept().filter(Exists(held))

    def kept(self) -> NeedQuerySet:
        """Return the open and the declined ones."""
        return self.filter(status__in=[NeedStatus.OPEN, NeedStatus.DECLINED])


class LinkQuerySet(OfCustomers["EditionLink"]):
    def with_standing(self) -> Any:
        """Return links with whether their contact is at the customer today (``is_of_contact``)."""
        held = Position.objects.current().filter(customer=OuterRef("customer"), contact=OuterRef("contact"))
        return self.annotate(is_of_contact=Exists(held))
