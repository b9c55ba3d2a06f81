"""The panel of the start page about orders that can be invoiced."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from core.start_panels import SHOWN, Content, Figure, Line, StartPanelView
from offers.orders.selectors import orders_to_invoice


class ToInvoicePanel(StartPanelView):
    """Orders in delivery of which something can be invoiced now, the oldest first."""

    panel = "start_to_invoice"
    permission_required = "orders.view_invoicing"

    def get_content(self) -> Content:
        url = reverse("orders:invoicing")
        oldest = orders_to_invoice(self.user).select_related("customer").order_by("status_since", "pk")[:SHOWN]
        lines = [
            Line(str(order), order.get_absolute_url(), detail=str(order.customer), at=order.status_since)
            for order in oldest
        ]
        total = Figure("", orders_to_invoice(self.user), url)
        step = self.step(_("Orders in delivery"), "orders:list", query="tab=running&status=in_delivery")
        return Content(total=total, url=url, lines=lines, empty=_("Nothing is waiting to be invoiced."), next_step=step)
