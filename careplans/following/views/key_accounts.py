"""Management's page of key accounts side by side, and one page of PDF of each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from careplans.following.key_accounts import MOST, accounts_of, first_of_12, key_customers
from careplans.following.models import CareOccurrence
from careplans.following.pdf import pdf_response, strip_to_print
from careplans.following.selectors import RELATED
from core import clock
from core.permissions import PermissionMixin
from core.views import VisibleObjectMixin
from customers.models import Customer

VIEW = "carefollow.view_key_accounts"
#: Actions of which the PDF lists the next time, so that it is one page.
COMING = 15
UPRIGHT = """
@page { size: A4 portrait }
dl.facts { grid-template-columns: 36mm 1fr 36mm 1fr }
dl.goals { grid-template-columns: 36mm 1fr; margin-top: 2mm }
"""


class KeyAccountsView(PermissionMixin, TemplateView):
    permission_required = VIEW
    template_name = "carefollow/key_accounts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customers, today = list(key_customers(self.user)[: MOST + 1]), clock.today()
        return super().get_context_data(
            title=_("Key accounts"),
            accounts=accounts_of(customers[:MOST], self.user, today),
            since=first_of_12(today),
            today=today,
            is_cut=len(customers) > MOST,
            most=MOST,
            **kwargs,
        )


class KeyAccountPdfView(VisibleObjectMixin, TemplateView):
    """A key account on one page."""

    model = Customer
    permission_required = VIEW

    def get_queryset(self) -> Any:
        return key_customers(self.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        customer = self.object
        [account] = accounts_of([customer], self.user, clock.today())
        rows = CareOccurrence.objects.filter(customer=customer).to_do().select_related(*RELATED)
        following = rows.order_by("code", "due", "id").distinct("code")
        lines = sorted(following, key=lambda row: (row.due, row.pk))
        strip = strip_to_print(account.strip)
        context = {"title": str(customer), "account": account, "strip": strip, "lines": lines[:COMING]}
        context["rest"] = max(0, len(lines) - COMING)
        return pdf_response("carefollow/key_account_pdf.html", str(customer), context, styles=UPRIGHT)
