"""The sales assistant's page: what may be invoiced now, the preview of the invoices, the hand-over; billing details."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import localize_input
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from crm import clock
from crm.actions import Action
from crm.exceptions import BusinessRuleError
from crm.permissions import allowed
from crm.services import versioned_save
from crm.views import FilteredListView, ObjectFormView, ServiceFormView, own_address
from customers.models import Customer
from offers.filters_orders import ToInvoiceFilter
from offers.forms.invoicing import BillingForm, HandOverForm
from offers.invoices import billing_of, missing_of_seller, seller_details
from offers.models import BillingDetails, InvoiceBatch, Order
from offers.money import ZERO
from offers.selectors_orders import by_customer, orders_to_invoice
from offers.services.invoicing import batch_make, check_day, drafts_make
from offers.tables_orders import TO_INVOICE_TABLE


class InvoicingView(FilteredListView):
    """Orders in delivery of which something is delivered and not yet invoiced: by customer, the oldest first."""

    model = Order
    filterset_class = ToInvoiceFilter
    table = TO_INVOICE_TABLE
    title = gettext_lazy("Invoicing")
    template_name = "offers/invoicing/page.html"
    permission_required = "offers.view_invoicing"
    main_filters = ("customer", "owner")
    secondary_actions = (Action(gettext_lazy("Batches"), "offers:invoice_batches", icon="history"),)
    empty = {
        "title": gettext_lazy("Nothing waits for invoicing."),
        "text": gettext_lazy("An order in delivery comes here when something of it has been delivered."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return orders_to_invoice(self.user).select_related("customer", "owner")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        groups = by_customer([row.object for row in context["table"].rows])
        user = self.user
        return context | {
            "groups": groups,
            "net": sum((group.net for group in groups), ZERO),
            **seller_context(),
            "may_hand_over": allowed(user, "offers.hand_over"),
            "may_bill": allowed(user, "offers.edit_billing"),
            "may_set": allowed(user, "offers.edit_settings"),
        }


def seller_context() -> dict[str, Any]:
    """What is missing of our own data for invoices, and whether nothing can be handed over without it."""
    missing = missing_of_seller(seller_details())
    return {"missing": missing, "blocks": any(one.blocks for one in missing)}


class HandOverView(ServiceFormView):
    """POST the ticked lines: first the preview of the invoices, with ``confirm`` the hand-over."""

    template_name = "offers/invoicing/preview.html"
    form_class = HandOverForm
    permission_required = "offers.hand_over"
    title = gettext_lazy("Preview of the invoices")
    submit_label = gettext_lazy("Hand over to invoicing")
    success_message = gettext_lazy("The invoices were made. Fetch the file for the accounting here.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self.get_cancel_url())

    def get_form(self, form_class: Any = None) -> HandOverForm:
        """The page of orders sends ticks and quantities alone: the invoices are dated today."""
        data = self.request.POST.copy()
        data.setdefault("day", localize_input(clock.today()))
        data.setdefault("submission_key", str(uuid.uuid4()))
        return HandOverForm(data, user=self.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "confirm" in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        if form.is_valid():
            try:
                check_day(form.cleaned_data["day"])
                drafts_make(order_lines=form.quantities, user=self.user)
            except BusinessRuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
        status = 422 if form.errors else 200
        return self.render_to_response(self.get_context_data(form=form), status=status)

    def get_cancel_url(self) -> str:
        return reverse("offers:invoicing")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drafts = kwargs["form"].drafts()
        sums = [draft.totals for draft, _rows in drafts]
        return super().get_context_data(
            drafts=drafts,
            net=sum((one.net for one in sums), ZERO),
            vat=sum((one.vat for one in sums), ZERO),
            gross=sum((one.gross for one in sums), ZERO),
            may_set=allowed(self.user, "offers.edit_settings"),
            **seller_context(),
            **kwargs,
        )

    def perform(self, form: HandOverForm) -> InvoiceBatch:
        return batch_make(order_lines=form.quantities, user=self.user, day=form.cleaned_data["day"])


class BillingView(ObjectFormView):
    """Where a customer's invoices go."""

    model = Customer
    form_class = BillingForm
    permission_required = "offers.edit_billing"
    title = gettext_lazy("Billing details")
    success_message = gettext_lazy("Saved.")

    @cached_property
    def billing(self) -> BillingDetails:
        return billing_of(self.object)

    def get_permission_object(self) -> Any:
        """The rule asks about something that has a customer."""
        return self.billing

    def get_form_kwargs(self) -> dict[str, Any]:
        is_new = self.billing._state.adding
        return super().get_form_kwargs() | {"instance": BillingDetails() if is_new else self.billing}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.object), **kwargs)

    def get_success_url(self) -> str:
        """Back to where it was missing."""
        back = own_address(self.request, self.request.GET.get("next", ""))
        return back or str(self.object.get_absolute_url())

    get_cancel_url = get_success_url

    def perform(self, form: BillingForm) -> BillingDetails:
        form.instance.customer = self.object
        return versioned_save(form.instance)
