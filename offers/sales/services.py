"""Setting the targets of persons and teams."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team, User
from core.exceptions import BusinessRuleError
from offers.products.money import MOST_NET
from offers.sales.enums import TargetKind
from offers.sales.models import SalesTarget


@transaction.atomic
def targets_set(
    *, of: User | Team, year: int, amounts: Mapping[tuple[TargetKind, int], Decimal | None]
) -> list[SalesTarget]:
    """Write the targets of a person or a team by kind and quarter (0: the year); None takes one away.

    Targets that ``amounts`` does not name stay. Rows that do not change are not written. Raises
    :class:`BusinessRuleError`: ``amount_not_allowed``, ``quarter_unknown``.
    """
    owner = {"user": of} if isinstance(of, User) else {"team": of}
    type(of)._default_manager.select_for_update().get(pk=of.pk)
    present = {(TargetKind(row.kind), row.quarter): row for row in SalesTarget.objects.filter(**owner, year=year)}
    for (kind, quarter), amount in amounts.items():
        _check(kind, quarter, amount)
        row = present.get((kind, quarter))
        if amount is None:
            if row:
                row.delete()
        elif row is None:
            SalesTarget.objects.create(**owner, year=year, quarter=quarter, kind=kind, amount=amount)
        elif row.amount != amount:
            row.amount = amount
            row.save(update_fields=["amount"])
    return list(SalesTarget.objects.filter(**owner, year=year).order_by("kind", "quarter"))


def _check(kind: TargetKind, quarter: int, amount: Decimal | None) -> None:
    if quarter not in range(5):
        raise BusinessRuleError("quarter_unknown", _("A year has four quarters."), field="quarter")
    if amount is not None and not 0 <= amount <= MOST_NET:
        field = f"{kind.value}_{quarter}"
        raise BusinessRuleError("amount_not_allowed", _("Give an amount that is not negative."), field=field)
