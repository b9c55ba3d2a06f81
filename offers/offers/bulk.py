"""Bulk operation: give undecided offers to another account manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.bulk import NotifyingOperation
from accounts.models import User
from core import clock
from core.bulk.export import ExportOperation
from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Applied, BulkForm, Finding, outside
from core.exceptions import BusinessRuleError
from core.undo.parts import Undoing
from customers.models import Responsibility
from offers.offers import validators
from offers.offers.enums import UNDECIDED
from offers.offers.forms.offers import PersonSelect
from offers.offers.models import Offer


def numbered_title() -> Any:
    """Return the expression of number and title."""
    return Concat(Cast("number", CharField()), Value(" "), F("title"))


class OwnerForm(BulkForm):
    owner = PersonSelect(label=gettext_lazy("New account manager"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["owner"]
        field.widget.offered = User.objects.active().order_by("sort_key")

    def clean_owner(self) -> User:
        owner: User = self.cleaned_data["owner"]
        try:
            validators.check_owner(owner)
        except BusinessRuleError as error:
            self.add_error("owner", str(error))
        return owner


class OwnerOperation(NotifyingOperation):
    name, place, icon, order = "offers.owner", "offers", "user-check", 10
    label = gettext_lazy("Change account manager")
    model = Offer
    list_url_name = "offers:list"
    permission = "offers.add_offer"
    form_class = OwnerForm
    undoing = Undoing(Offer, by_column=True)
    changes = ((Offer, "id"),)
    reasons = {
        "has": gettext_lazy("Has this account manager already"),
        "decided": gettext_lazy("Has been decided"),
        "inactive": gettext_lazy("The customer is inactive"),
    }

    def name_sql(self) -> Any:
        return numbered_title()

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Offers to %(person)s") % {"person": content["owner"]}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("decided", rows.exclude(status__in=UNDECIDED))
        yield Finding("inactive", rows.filter(customer__state="passive"))
        if not user.has_perm("offers.change_any_offer"):
            own = Responsibility.objects.current().filter(user=user).values("customer")
            mine = Offer.objects.filter(Q(owner=user) | Q(customer__in=own))
            yield Finding(FORBIDDEN, outside(rows, mine))
        yield Finding("has", rows.filter(owner=content["owner"]), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        owner, offers = content["owner"], Offer.objects.filter(pk__in=ids)
        before = dict(offers.values_list("pk", "owner"))
        offers.update(owner=owner, version=F("version") + 1, updated_at=clock.now())
        return Applied(changed=ids, people={pk: {owner.pk, old} for pk, old in before.items()})

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        """Yield the offers that have been decided since: they are not changed any more."""
        yield Finding("decided", rows.exclude(status__in=UNDECIDED))


class ExportOffers(ExportOperation):
    name, place, model = "offers.export", "offers", Offer
    list_url_name, permission = "offers:list", "offers.view_offer"

    def name_sql(self) -> Any:
        return numbered_title()
