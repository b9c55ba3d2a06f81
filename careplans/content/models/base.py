"""What the rows of a customer's plan have in common."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.addresses import row_url
from core.models import VersionedModel
from customers.models import Customer


def of_customer(related_name: str) -> Any:
    return models.ForeignKey(
        Customer, models.CASCADE, related_name=related_name, db_index=False, verbose_name=_("customer")
    )


class OfPlan(VersionedModel):
    """A row of a customer's plan, which has a ``customer``."""

    customer_id: int

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return row_url("carecontent:tab", self.customer_id)
