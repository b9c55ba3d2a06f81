"""Batches of invoices: the list, one with its invoices, its files, taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from crm.exceptions import BusinessRuleError
from crm.permissions import allowed
from crm.views import FilteredListView, ObjectFormView, VisibleObjectMixin, redirect
from offers.filters_orders import BatchFilter
from offers.finvoice import batch_zip, invoice_xml
from offers.forms.invoicing import TakeBackForm
from offers.invoice_csv import batch_csv
from offers.models import Invoice, InvoiceBatch, Order
from offers.services.invoicing import batch_fetch, batch_take_back
from offers.tables_orders import BATCH_TABLE

XML, ZIP, CSV = "application/xml", "application/zip", "text/csv; charset=utf-8"


class BatchListView(FilteredListView):
    model = InvoiceBatch
    filterset_class = BatchFilter
    table = BATCH_TABLE
    title = gettext_lazy("Batches of invoices")
    permission_required = "offers.view_invoicing"
    empty = {
        "title": gettext_lazy("No batches here."),
        "text": gettext_lazy("A batch is made when orders are handed over to invoicing."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("created_by")


class BatchMixin(VisibleObjectMixin):
    model = InvoiceBatch
    permission_required = "offers.view_invoicing"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("created_by", "taken_back_by")


class BatchView(BatchMixin, TemplateView):
    template_name = "offers/invoicing/batch.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        batch, user = self.object, self.user
        seen = Prefetch("order", Order.objects.visible_to(user))
        return super().get_context_data(
            title=_("Batch %(number)s") % {"number": batch.number},
            batch=batch,
            invoices=batch.invoices.prefetch_related("lines", seen),
            may_fetch=allowed(user, "offers.hand_over") and not batch.taken_back_at,
            may_take_back=allowed(user, "offers.hand_over") and not batch.taken_back_at and not batch.fetched_at,
            **kwargs,
        )


class BatchFileView(BatchMixin, View):
    """A file of a batch as a download: the same bytes each time. From the first on the batch is not taken back."""

    permission_required = "offers.hand_over"

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
    """All invoices in Finvoice form, each in its own file of a ZIP."""

    def file(self) -> tuple[str, str, bytes]:
        return f"{self.object.number}.zip", ZIP, batch_zip(self.object)


class InvoiceFinvoiceView(BatchFileView):
    """One invoice of the batch in Finvoice form."""

    def file(self) -> tuple[str, str, bytes]:
        invoices = Invoice.objects.filter(batch=self.object).select_related("batch")
        invoice = get_object_or_404(invoices, pk=self.kwargs["invoice"])
        return f"{invoice.number}.xml", XML, invoice_xml(invoice)


class BatchTakeBackView(BatchMixin, ObjectFormView):
    """Undo a hand-over whose files nobody has fetched."""

    form_class = TakeBackForm
    permission_required = "offers.hand_over"
    title = gettext_lazy("Take the batch back")
    submit_label = gettext_lazy("Take back")
    success_message = gettext_lazy("The batch was taken back: its orders may be invoiced again.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = _("The invoices of %(batch)s become void and their numbers are not given again.")
        return super().get_context_data(intro=text % {"batch": self.object}, danger=True, **kwargs)

    def perform(self, form: TakeBackForm) -> InvoiceBatch:
        return batch_take_back(batch=self.object, user=self.user, reason=form.cleaned_data["reason"])
