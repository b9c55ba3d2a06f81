"""Bulk operations on products: retire, restore, move to a group, export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core import clock
from core.bulk.export import ExportOperation
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Finding, Operation
from core.undo.parts import Undoing
from offers.products.forms.products import GroupChoiceField
from offers.products.models import Product, ProductGroup


class ProductOperation(Operation):
    place, model, list_url_name = "products", Product, "products:list"
    permission = "products.edit_product"
    undoing = Undoing(Product, by_column=True)
    changes = ((Product, "id"),)

    def write(self, ids: Sequence[int], **values: Any) -> Applied:
        """Write the same values to a batch of locked products, each as its next version."""
        products = Product.objects.filter(pk__in=ids)
        products.update(version=F("version") + 1, updated_at=clock.now(), **values)
        return Applied(changed=ids)


class RetireOperation(ProductOperation):
    name, icon, order = "products.retire", "archive", 20
    label = pgettext_lazy("bulk operation", "Retire")
    reasons: ClassVar[dict[str, Any]] = {"retired": gettext_lazy("Has been retired already")}

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Retire products")

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        return [_("They can no longer be added to new lines."), _("Existing offers and orders keep them.")]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("retired", rows.filter(retired_at__isnull=False), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        return self.write(ids, retired_at=clock.now())


class RestoreOperation(ProductOperation):
    name, icon, order = "products.restore", "arrow-back-up", 21
    label = pgettext_lazy("bulk operation", "Restore")
    reasons: ClassVar[dict[str, Any]] = {"in_use": gettext_lazy("Is in use already")}

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Restore products")

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("in_use", rows.filter(retired_at__isnull=True), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        return self.write(ids, retired_at=None)


class GroupForm(BulkForm):
    group = GroupChoiceField(label=gettext_lazy("Product group"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["group"]
        field.queryset = ProductGroup.objects.in_use()


class GroupOperation(ProductOperation):
    name, icon, order = "products.group", "sitemap", 10
    label = gettext_lazy("Move to a group")
    form_class = GroupForm
    reasons: ClassVar[dict[str, Any]] = {"has": gettext_lazy("Is in this group already")}

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Products to the group “%(group)s”") % {"group": content["group"]}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("has", rows.filter(group=content["group"]), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        return self.write(ids, group=content["group"])


class ExportProducts(ExportOperation):
    name, place, model = "products.export", "products", Product
    list_url_name, permission = "products:list", "products.view_product"
