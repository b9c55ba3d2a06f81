"""Setting the targets of people and teams."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team, User
from core.exceptions import BusinessRuleError
from offers.products.money import MAX_NET
from offers.sales.enums import TargetKind
from offers.sales.models import SalesTarget


@transaction.atomic
def targets_set(
    *, owner: User | Team, year: int, amounts: Mapping[tuple[TargetKind, int], Decimal | None]
) -> list[SalesTarget]:
    """Set the targets of a person or a team by kind and quarter (0: the year); None removes a target.

    Targets that are not in ``amounts`` stay, and unchanged rows are not written. Raises
    :class:`BusinessRuleError`: ``amount_not_allowed``, ``quarter_unknown``.
    """
    key = {"user": owner} if isinstance(owner, User) else {"team": owner}
    type(owner)._default_manager.select_for_update().get(pk=owner.pk)
    targets = SalesTarget.objects.filter(**key, year=year)
    present = {(TargetKind(target.kind), target.quarter): target for target in targets}
    for (kind, quarter), amount in amounts.items():
        _check_amount(kind, quarter, amount)
        target = present.get((kind, quarter))
        if amount is None:
            if target:
                target.delete()
        elif target is None:
            SalesTarget.objects.create(**key, year=year, quarter=quarter, kind=kind, amount=amount)
        elif target.amount != amount:
            target.amount = amount
            target.save(update_fields=["amount"])
    return list(targets.order_by("kind", "quarter"))


def _check_amount(kind: TargetKind, quarter: int, amount: Decimal | None) -> None:
    if quarter not in range(5):
        raise BusinessRuleError("quarter_unknown", _("A year has four quarters."), field="quarter")
    if amount is not None and not 0 <= amount <= MAX_NET:
        field = f"{kind.value}_{quarter}"
        raise BusinessRuleError("amount_not_allowed", _("Enter an amount that is not negative."), field=field)
