"""Adding orders without an offer, changing orders, and their documents."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.document_views import DocumentAddView, DocumentRemoveView
from core.numbers import parse_id
from core.views import ObjectFormView, ServiceFormView, redirect
from customers.models import Customer
from offers.offers.selectors import owner_for
from offers.offers.views.editor import LinesFormMixin
from offers.orders.enums import UNFINISHED_ORDERS
from offers.orders.forms import OrderChangeForm, OrderForm
from offers.orders.models import Order
from offers.orders.services.orders import order_change, order_create
from offers.orders.views.orders import OrderDocuments, OrderMixin


class OrderCreateView(LinesFormMixin, ServiceFormView):
    """Add an order; ``?customer=`` preselects its customer."""

    template_name = "orders/orders/form.html"
    form_class = OrderForm
    permission_required = "orders.add_order"
    title = gettext_lazy("New order")
    submit_label = gettext_lazy("Save order")
    success_message = gettext_lazy("The order was saved.")

    @cached_property
    def customer(self) -> Customer | None:
        pk = parse_id(self.request.GET.get("customer"))
        return Customer.objects.visible_to(self.user).filter(pk=pk).first() if pk else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_initial(self) -> dict[str, Any]:
        customer = {"customer": self.customer.pk} if self.customer else {}
        return customer | {"owner": owner_for(self.user, self.customer).pk, "date": clock.today()}

    def get_cancel_url(self) -> str:
        return reverse("orders:list")

    def perform(self, form: OrderForm) -> Order:
        return order_create(order=form.order(), user=self.user, lines=form.lines)


class OrderChangeView(LinesFormMixin, OrderMixin, ObjectFormView):
    """Change an unfinished order. If it has been finished in the meantime, the form shows the reason and the input."""

    template_name = "orders/orders/form.html"
    form_class = OrderChangeForm
    permission_required = "orders.move_order"
    success_message = gettext_lazy("Saved.")

    @property
    def title(self) -> str:
        return _("Change order %(number)s") % {"number": self.object.number}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.status not in UNFINISHED_ORDERS:
            messages.error(request, _("This order is finished and can no longer be changed."))
            return redirect(request, self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def perform(self, form: OrderChangeForm) -> Order:
        return order_change(order=self.object, user=self.user, changes=form.changes(), lines=form.lines)


class OrderDocumentAddView(OrderDocuments, DocumentAddView):
    pass


class OrderDocumentRemoveView(OrderDocuments, DocumentRemoveView):
    pass
