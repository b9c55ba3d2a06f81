"""Bulk operations on orders: change the status as the table of transitions allows it, export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.bulk.export import ExportOperation
from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Applied, BulkForm, Finding, Operation, outside
from core.exceptions import BusinessRuleError
from core.status import SHORTEST_REASON
from core.undo.parts import Part, Undoing
from core.undo.plan import Plan
from customers.enums import CustomerState
from offers.offers.bulk import numbered_title
from offers.orders.enums import ORDER_TRANSITIONS, OrderStatus
from offers.orders.models import Order, OrderLine, OrderStatusChange
from offers.orders.services.status import NEED_REASON, order_set_status, order_sums_refresh
from offers.products.enums import LineKind

#: An invoiced order returns to delivery only when its batch is taken back.
ONLY_BY_BATCH = (OrderStatus.INVOICED, OrderStatus.IN_DELIVERY)


class StatusForm(BulkForm):
    status = forms.ChoiceField(label=gettext_lazy("New status"), choices=OrderStatus.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Required for cancelling and for returning to waiting."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("status") in NEED_REASON and len(data.get("reason", "").strip()) < SHORTEST_REASON:
            self.add_error("reason", _("Explain the reason."))
        return data


class OrderOperation(Operation):
    place, model, list_url_name = "orders", Order, "orders:list"

    def name_sql(self) -> Any:
        return numbered_title()


def movable_by(user: Any) -> Q:
    """Return the orders that the user may move (``orders.move_order``)."""
    if user.has_perm("offers.change_any_offer") or user.has_perm("orders.manage_orders"):
        return Q()
    return Q(owner=user) if user.has_perm("offers.write_offers") else Q(pk__in=[])


class StatusOperation(OrderOperation):
    name, icon, order = "orders.status", "checks", 10
    label = gettext_lazy("Change status")
    permission = "orders.add_order"
    form_class = StatusForm
    batch = 200  # each order is moved by the service of one
    undoing = Undoing(Order, [Part(OrderLine, Order, "order_id")], by_column=True)
    changes = ((Order, "id"),)
    reasons: ClassVar[dict[str, Any]] = {
        "is": gettext_lazy("Has this status already"),
        "status_not_allowed": gettext_lazy("This status cannot follow the present one"),
        "order_delivered": gettext_lazy("Part of it has been delivered"),
        "order_invoiced": gettext_lazy("Part of it has been invoiced"),
        "not_all_invoiced": gettext_lazy("Not everything has been invoiced yet"),
        "customer_passive": gettext_lazy("The customer is inactive"),
    }

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Orders to the status “%(status)s”") % {"status": OrderStatus(content["status"]).label}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        status = OrderStatus(content["status"])
        yield Finding("is", rows.filter(status=status), is_unchanged=True)
        yield Finding(FORBIDDEN, outside(rows, Order.objects.filter(movable_by(user))))
        before = [old for old, new in ORDER_TRANSITIONS.items() if status in new and (old, status) != ONLY_BY_BATCH]
        yield Finding("status_not_allowed", rows.exclude(status__in=before))
        yield from self._lines(status, rows)

    def _lines(self, status: OrderStatus, rows: Any) -> Iterator[Finding]:
        """Yield the orders of which the lines do not allow the status: see ``order_set_status``."""
        if status == OrderStatus.WAITING:
            returning = rows.filter(status=OrderStatus.CANCELLED)
            yield Finding("customer_passive", returning.filter(customer__state=CustomerState.PASSIVE))
            yield Finding("order_delivered", _with_line(rows.exclude(pk__in=returning), delivered__gt=0))
        elif status == OrderStatus.CANCELLED:
            yield Finding("order_invoiced", _with_line(rows, invoiced__gt=0))
        elif status == OrderStatus.INVOICED:
            priced = OrderLine.objects.exclude(kind=LineKind.HEADING).filter(net__gt=0, invoiced__lt=F("quantity"))
            yield Finding("not_all_invoiced", rows.filter(pk__in=priced.values("order")))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        status, reason, refused = OrderStatus(content["status"]), content["reason"], {}
        for order in Order.objects.filter(pk__in=ids).order_by("pk"):
            try:
                order_set_status(order=order, status=status, user=run.user, reason=reason)
            except BusinessRuleError as error:
                refused[order.pk] = error.code
        return Applied(changed=[pk for pk in ids if pk not in refused], refused=refused)

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        """Yield the orders that have gone on since: what was delivered keeps its order in delivery."""
        if run.params.get("status") == OrderStatus.IN_DELIVERY:
            yield Finding("order_delivered", _with_line(rows, delivered__gt=0))

    def take_back(self, plan: Plan) -> None:
        super().take_back(plan)
        moved = [item for item in plan.done if item.model is Order and item.before]
        at = clock.now()
        OrderStatusChange.objects.bulk_create(
            OrderStatusChange(
                order_id=item.pk, from_status=item.last.content["status"], to_status=item.before.content["status"],
                reason=_("Undone"), user_id=plan.user_id, at=at,
            )
            for item in moved
            if item.before
        )  # fmt: skip
        order_sums_refresh({item.last.content["customer_id"] for item in moved})


def _with_line(rows: Any, **of: Any) -> Any:
    return rows.filter(pk__in=OrderLine.objects.filter(**of).values("order"))


class ExportOrders(OrderOperation, ExportOperation):
    name, permission = "orders.export", "orders.view_order"
