"""What the editor of lines asks for: the row that a product brings."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from crm import clock
from crm.dates import DayField
from crm.numbers import parse_id
from crm.permissions import PermissionMixin
from offers.forms.lines import LineRows
from offers.models import Product


class LineNewView(PermissionMixin, View):
    """The row that ``?product=`` brings on ``?day=`` in ``?language=``; without a product an empty one."""

    permission_required = "offers.view_product"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET
        rows = LineRows(language=query.get("language", "fi"), day=_day(query.get("day", "")), spare=0)
        row = rows.models[0]
        if "product" in query:
            products = Product.objects.visible_to(self.user).in_use().with_prices()
            row = rows.product_row(get_object_or_404(products, pk=parse_id(query["product"])))
        return render(request, "offers/lines/row.html", {"rows": rows, "row": row})


def _day(text: str) -> dt.date:
    """The offer's day; today while it cannot be read."""
    try:
        return DayField(required=False).clean(text.replace("\x00", "")) or clock.today()
    except ValidationError:
        return clock.today()
