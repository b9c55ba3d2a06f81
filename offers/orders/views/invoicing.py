"""The hand-over to invoicing: orders to invoice, preview, invoice batches and files; billing details."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import localize_input
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from core import clock
from core.actions import Action
from core.exceptions import BusinessRuleError
from core.filters import FilterSet
from core.list_views import FilteredListView
from core.permissions import allowed
from core.services import versioned_save
from core.views import ObjectFormView, ReturnMixin, ServiceFormView, VisibleObjectMixin, redirect
from customers.models import Customer
from offers.orders.filters import BatchFilter, ToInvoiceFilter
from offers.orders.forms import BillingForm, HandOverForm, TakeBackForm
from offers.orders.invoice_files import batch_csv, batch_zip, invoice_xml
from offers.orders.invoices import billing_of, missing_of_seller, seller_details
from offers.orders.models import BillingDetails, Invoice, InvoiceBatch, Order
from offers.orders.selectors import group_by_customer, orders_to_invoice
from offers.orders.services.invoicing import (
    MAX_LINES_AT_ONCE,
    batch_fetch,
    batch_make,
    batch_take_back,
    check_day,
    drafts_make,
)
from offers.orders.tables import BATCH_TABLE, TO_INVOICE_TABLE
from offers.orders.to_invoice import lines_to_invoice, sum_to_invoice
from offers.products.money import ZERO


class InvoicingView(FilteredListView):
    """List orders in delivery that have something to invoice, by customer, the oldest first."""

    model = Order
    filterset_class = ToInvoiceFilter
    table = TO_INVOICE_TABLE
    title = gettext_lazy("Invoicing")
    template_name = "orders/invoicing/page.html"
    permission_required = "orders.view_invoicing"
    main_filters = ("customer", "owner")
    secondary_actions = (Action(gettext_lazy("Batches"), "orders:batches", icon="history"),)
    empty = {
        "title": gettext_lazy("Nothing is waiting to be invoiced."),
        "text": gettext_lazy("An order in delivery is listed here when part of it has been delivered."),
    }
    empty_step = Action(gettext_lazy("Orders in delivery"), "orders:list", query="tab=running&status=in_delivery")

    def get_queryset(self) -> QuerySet[Any]:
        return orders_to_invoice(self.user).select_related("customer", "owner")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filterset = kwargs["filterset"]
        context = super().get_context_data(**kwargs)
        groups = group_by_customer([row.object for row in context["table"].rows])
        user = self.user
        return context | {
            "groups": groups,
            "sums_url": self.list_url(sums="1") if groups else "",
            "to_invoice": sum_to_invoice(filterset.qs) if groups and self.request.GET.get("sums") else None,
            **seller_context(),
            "may_hand_over": allowed(user, "orders.hand_over"),
            "may_bill": allowed(user, "orders.edit_billing"),
            "may_set": allowed(user, "offers.edit_settings"),
        }

    def _foot(self, filterset: FilterSet) -> HttpResponse:
        """Return the sum of all that match, which comes by its own request."""
        context = {"to_invoice": sum_to_invoice(filterset.qs)}
        status = 200 if filterset.is_valid() else 400
        return TemplateResponse(self.request, "orders/invoicing/sum.html", context, status=status)


def seller_context() -> dict[str, Any]:
    """Return our missing details for invoices, and whether they block the hand-over."""
    missing = missing_of_seller(seller_details())
    return {"missing": missing, "blocks": any(item.blocks for item in missing)}


class HandOverView(ServiceFormView):
    """POST the selected lines: show the preview of the invoices or, with ``confirm``, hand them over."""

    template_name = "orders/invoicing/preview.html"
    form_class = HandOverForm
    permission_required = "orders.hand_over"
    title = gettext_lazy("Preview of the invoices")
    submit_label = gettext_lazy("Hand over to invoicing")
    success_message = gettext_lazy("The invoices were created. Download the file for the accounting system here.")
    left_out: list[Customer] = []

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self.get_cancel_url())

    def get_form(self, form_class: Any = None) -> HandOverForm:
        """Return the form; the list sends only lines and quantities, so the default invoice date is today.

        With ``all`` the lines are those of all orders that match the filters of the list (``query``).
        """
        data = self.request.POST.copy()
        if data.get("all") and "confirm" not in data:
            self._take_all(data)
        data.setdefault("day", localize_input(clock.today()))
        data.setdefault("submission_key", str(uuid.uuid4()))
        return HandOverForm(data, user=self.user)

    def _take_all(self, data: QueryDict) -> None:
        """Put all lines that match into the data, none if the list is unreadable, and keep who was left out."""
        orders = orders_to_invoice(self.user)
        filterset = ToInvoiceFilter(QueryDict(data.get("query", "")), queryset=orders, request=self.request)
        matching = filterset.qs if filterset.is_valid() or not filterset.is_bound else orders.none()
        lines, blocked = lines_to_invoice(matching, MAX_LINES_AT_ONCE)
        data.setlist("line", [str(line.pk) for line in lines])
        for line in lines:
            data[f"line_{line.pk}"] = localize_input(line.to_invoice)
        self.left_out = blocked

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
        return reverse("orders:invoicing")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drafts = kwargs["form"].drafts()
        sums = [draft.totals for draft, _rows in drafts]
        return super().get_context_data(
            drafts=drafts,
            left_out=self.left_out,
            net=sum((total.net for total in sums), ZERO),
            vat=sum((total.vat for total in sums), ZERO),
            gross=sum((total.gross for total in sums), ZERO),
            may_set=allowed(self.user, "offers.edit_settings"),
            **seller_context(),
            **kwargs,
        )

    def perform(self, form: HandOverForm) -> InvoiceBatch:
        return batch_make(order_lines=form.quantities, user=self.user, day=form.cleaned_data["day"])


class BillingView(ReturnMixin, ObjectFormView):
    """Change the billing details of a customer."""

    model = Customer
    form_class = BillingForm
    permission_required = "orders.edit_billing"
    title = gettext_lazy("Billing details")
    success_message = gettext_lazy("The billing details were saved.")
    undoable = True

    @cached_property
    def billing(self) -> BillingDetails:
        return billing_of(self.object)

    def get_permission_object(self) -> Any:
        """Return the billing details, which have the customer that the rule checks."""
        return self.billing

    def get_form_kwargs(self) -> dict[str, Any]:
        is_new = self.billing._state.adding
        return super().get_form_kwargs() | {"instance": BillingDetails() if is_new else self.billing}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.object), **kwargs)

    def get_success_url(self) -> str:
        """Return to the page that linked here, else the customer's."""
        return self.get_cancel_url()

    def perform(self, form: BillingForm) -> BillingDetails:
        form.instance.customer = self.object
        return versioned_save(form.instance)


XML, ZIP, CSV = "application/xml", "application/zip", "text/csv; charset=utf-8"


class BatchListView(FilteredListView):
    model = InvoiceBatch
    filterset_class = BatchFilter
    table = BATCH_TABLE
    title = gettext_lazy("Invoice batches")
    permission_required = "orders.view_invoicing"
    empty = {
        "title": gettext_lazy("No batches here."),
        "text": gettext_lazy("A batch is created when orders are handed over to invoicing."),
    }
    empty_step = Action(gettext_lazy("To invoice"), "orders:invoicing")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("created_by")


class BatchMixin(VisibleObjectMixin):
    model = InvoiceBatch
    permission_required = "orders.view_invoicing"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("created_by", "taken_back_by")


class BatchView(BatchMixin, TemplateView):
    template_name = "orders/invoicing/batch.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch, user = self.object, self.user
        visible = Prefetch("order", Order.objects.visible_to(user))
        return super().get_context_data(
            title=_("Batch %(number)s") % {"number": batch.number},
            batch=batch,
            invoices=batch.invoices.prefetch_related("lines", visible),
            may_fetch=allowed(user, "orders.hand_over") and not batch.taken_back_at,
            may_take_back=allowed(user, "orders.hand_over") and not batch.taken_back_at and not batch.fetched_at,
            **kwargs,
        )


class BatchFileView(BatchMixin, View):
    """Download a file of a batch, the same bytes each time. After the first download the batch cannot be taken back."""

    permission_required = "orders.hand_over"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name, media_type, content = self.file()
        try:
            batch_fetch(batch=self.object)
        except BusinessRuleError as error:
            messages.error(request, str(error))
            return redirect(request, self.object.get_absolute_url())
        return download(name, media_type, content)

    def file(self) -> tuple[str, str, bytes]:
        raise NotImplementedError


def download(name: str, media_type: str, content: bytes) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=media_type, headers=disposition)


class BatchCsvView(BatchFileView):
    def file(self) -> tuple[str, str, bytes]:
        return f"{self.object.number}.csv", CSV, batch_csv(self.object)


class BatchFinvoiceView(BatchFileView):
    """Download all invoices as a ZIP of Finvoice files."""

    def file(self) -> tuple[str, str, bytes]:
        return f"{self.object.number}.zip", ZIP, batch_zip(self.object)


class InvoiceFinvoiceView(BatchFileView):
    """Download one invoice of the batch as a Finvoice file."""

    def file(self) -> tuple[str, str, bytes]:
        invoices = Invoice.objects.filter(batch=self.object).select_related("batch")
        invoice = get_object_or_404(invoices, pk=self.kwargs["invoice"])
        return f"{invoice.number}.xml", XML, invoice_xml(invoice)


class BatchTakeBackView(BatchMixin, ObjectFormView):
    """Take back a batch that has not been downloaded."""

    form_class = TakeBackForm
    permission_required = "orders.hand_over"
    title = gettext_lazy("Take the batch back")
    submit_label = gettext_lazy("Take back")
    success_message = gettext_lazy("The batch was taken back. Its orders can be invoiced again.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = _("The invoices of %(batch)s become void and their numbers are not reused.")
        return super().get_context_data(intro=text % {"batch": self.object}, danger=True, **kwargs)

    def perform(self, form: TakeBackForm) -> InvoiceBatch:
        return batch_take_back(batch=self.object, user=self.user, reason=form.cleaned_data["reason"])
