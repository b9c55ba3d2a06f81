"""Groupings of the list of customers, and by the customer's segment for lists of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.grouping import Changes, Grouping, rows_of
from customers.enums import BranchPurpose
from customers.models import ClassificationNode, Municipality


class TopGrouping(Grouping):
    """Groups by the top class; a filter by classes below it stays in the addresses of the rows."""

    def changes(self, key: Any, now: Mapping[str, Any]) -> Changes:
        below = [node for node in now.get(self.param) or () if node.depth > 1]
        if key is None or not below:
            return super().changes(key, now)
        top = ClassificationNode.objects.get(pk=key)
        chosen = [node for node in now[self.param] if node.path.startswith(top.path)]
        return {self.param: [str(node.pk) for node in chosen]}


def by_segment(customer: str = "") -> Grouping:
    """Return groups by the top class of the segment; its filter has the classes below too.

    ``customer`` is the path to the customer, with ``__`` at its end.
    """
    path = f"{customer}classifications__node__"
    top = ClassificationNode.objects.filter(path=Left(OuterRef(f"{path}path"), ClassificationNode.steplen))
    return TopGrouping(
        "segment",
        _("Segment"),
        Subquery(top.values("pk")[:1]),
        "segment",
        rows_of(ClassificationNode.objects.all),
        empty="no_segment",
        empty_text=_("No segment"),
        where=Q(**{f"{path}branch__purpose": BranchPurpose.SEGMENT}),
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
