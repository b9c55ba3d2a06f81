"""Actions of offers and orders: accepting an offer, changing an order's status, recording deliveries."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from core import clock
from core.exceptions import BusinessRuleError
from core.notices import said
from core.numbers import parse_id
from core.parameters import OneOfField, TextField
from core.views import ActionView, ObjectFormView, redirect
from offers.offers.views.actions import OfferStepView
from offers.orders.enums import OrderStatus
from offers.orders.forms import AcceptForm, DeliverForm, ReasonForm
from offers.orders.lines import shown_quantity
from offers.orders.models import Delivery, Order
from offers.orders.services.deliveries import deliver_all, deliveries_add, delivery_remove
from offers.orders.services.orders import offer_accept
from offers.orders.services.status import NEED_REASON, order_set_status, order_step_undo
from offers.orders.views.orders import OrderMixin


class AcceptView(OfferStepView):
    """Accept an offer on behalf of a customer who accepted by phone, by e-mail or on paper; make the order."""

    form_class = AcceptForm
    title = gettext_lazy("The customer accepted")
    submit_label = gettext_lazy("Make the order")
    success_message = gettext_lazy("The offer was accepted and became this order.")

    def get_success_url(self) -> str:
        return str(self.done.get_absolute_url())

    def perform(self, form: AcceptForm) -> Order:
        return offer_accept(offer=self.object, user=self.user, **form.cleaned_data)


class OrderStatusView(OrderMixin, View):
    """POST ``status``, a button of the order's page. Statuses that need a reason have a form."""

    permission_required = "orders.move_order"
    parameters = {"status": OneOfField(*OrderStatus.values)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        status = request.POST.get("status", request.GET.get("status", ""))
        if status not in OrderStatus.values or status in NEED_REASON:
            raise Http404
        had_lines = self.object.lines.exists()
        try:
            order = order_set_status(order=self.object, status=OrderStatus(status), user=self.user)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        else:
            text = _("The order is now: %(status)s.") % {"status": order.get_status_display()}
            said(request, text, undo=step_undo_url(order) if had_lines else "")  # its value became a line
        return redirect(request, self.object.get_absolute_url())


def step_undo_url(order: Order) -> str:
    """Return the address that a POST undoes the order's last change of status at."""
    last = order.status_changes.first()
    return reverse("orders:step_undo", args=[order.pk], query={"change": last.pk if last else ""})


class OrderStepUndoView(OrderMixin, View):
    """POST: undo the user's own recent change of status, if the order has taken no other step since."""

    permission_required = "orders.move_order"
    parameters = {"change": TextField()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        change = parse_id(request.GET.get("change"))
        try:
            order = order_step_undo(order=self.object, user=self.user, change=change)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        else:
            text = _("Undone. The order is again: %(status)s.") % {"status": order.get_status_display()}
            messages.success(request, text)
        return redirect(request, self.object.get_absolute_url())


class OrderReasonView(OrderMixin, ObjectFormView):
    """A change of status with a reason."""

    form_class = ReasonForm
    permission_required = "orders.move_order"
    status: OrderStatus

    def get_undo_url(self) -> str:
        return step_undo_url(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=f"{self.object} · {self.object.customer}", **kwargs)

    def perform(self, form: ReasonForm) -> Order:
        return order_set_status(
            order=self.object, status=self.status, user=self.user, reason=form.cleaned_data["reason"]
        )


class OrderCancelView(OrderReasonView):
    status = OrderStatus.CANCELLED
    title = gettext_lazy("Cancel the order")
    submit_label = gettext_lazy("Cancel the order")
    success_message = gettext_lazy("The order was cancelled.")
    danger = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(danger=True, **kwargs)


class OrderWaitView(OrderReasonView):
    status = OrderStatus.WAITING
    title = gettext_lazy("Back to waiting")
    submit_label = gettext_lazy("Back to waiting")
    success_message = gettext_lazy("The order is waiting again.")


class DeliverView(OrderMixin, ObjectFormView):
    """Record a delivery by line; the initial quantities are those that are left."""

    removed_by = "orders:delivery_remove"
    undo_below = True
    template_name = "orders/orders/deliver.html"
    form_class = DeliverForm
    permission_required = "orders.move_order"
    title = gettext_lazy("Record a delivery")
    submit_label = gettext_lazy("Record the delivery")
    success_message = gettext_lazy("The delivery was recorded.")

    def get_form_kwargs(self) -> dict[str, Any]:
        lines = list(self.object.lines.select_related("unit"))
        return super().get_form_kwargs() | {"lines": lines}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=f"{self.object} · {self.object.customer}", **kwargs)

    def get_undo_row(self) -> Delivery | None:
        return self.deliveries[0] if len(self.deliveries) == 1 else None  # each is taken back by itself

    def perform(self, form: DeliverForm) -> Order:
        day, note = form.cleaned_data["day"], form.cleaned_data["note"]
        about = {"order": self.object, "quantities": form.quantities, "user": self.user}
        self.deliveries = deliveries_add(**about, day=day, note=note)
        order: Order = self.object
        return order


class DeliverAllView(OrderMixin, ActionView):
    permission_required = "orders.move_order"
    question = gettext_lazy("Has everything been delivered?")
    submit_label = gettext_lazy("Everything was delivered")
    success_message = gettext_lazy("The delivery was recorded.")

    def get_effects(self) -> list[Any]:
        return [_("The remaining quantity of every line is recorded as delivered today and can be invoiced.")]

    def perform(self) -> None:
        deliver_all(order=self.object, day=clock.today(), user=self.user)


class DeliveryRemoveView(OrderMixin, ActionView):
    """Take back a delivery of the order; its id is the URL's ``delivery``."""

    permission_required = "orders.move_order"
    submit_label = gettext_lazy("Take back")
    success_message = gettext_lazy("The delivery was taken back.")
    danger = True

    @cached_property
    def delivery(self) -> Delivery:
        deliveries = Delivery.objects.filter(line__order=self.object).select_related("line__order")
        return get_object_or_404(deliveries, pk=self.kwargs["delivery"])

    @property
    def question(self) -> str:
        delivery = {"quantity": shown_quantity(self.delivery.quantity), "line": self.delivery.line.name}
        return _("Take back the delivery of %(quantity)s × %(line)s?") % delivery

    def perform(self) -> None:
        delivery_remove(delivery=self.delivery, user=self.user)
