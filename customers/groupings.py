"""Groupings of the list of customers, and by the customer's segment for lists of others."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.grouping import Grouping, rows_of
from customers.models import Municipality
from segmentation.schemes.models import Segment


def by_segment(customer: str = "") -> Grouping:
    """Return groups by the segment; ``customer`` is the path to the customer, with ``__`` at its end."""
    return Grouping(
        "segment",
        _("Segment"),
        f"{customer}summary__segment",
        "segment",
        rows_of(Segment.objects.all),
        empty="no_segment",
        empty_text=_("No segment"),
    )


def by_user(path: str, param: str, label: Any, **more: Any) -> Grouping:
    """Return groups by the users at ``path``."""
    return Grouping("owner", label, path, param, rows_of(User.objects.all), **more)


CUSTOMER_GROUPS = (
    by_user("summary__owner", "owner", _("Owner"), empty="no_owner", empty_text=_("No owner")),
    by_segment(),
    Grouping(
        "city",
        _("Municipality"),
        "municipality",
        "municipality",
        rows_of(Municipality.objects.all),
        empty="no_municipality",
        empty_text=_("No municipality"),
    ),
)
