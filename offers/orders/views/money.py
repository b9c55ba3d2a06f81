"""The panel of a customer's money: orders of twelve months by month, the change from the year before, open offers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core import clock
from core.permissions import allowed
from core.tabs import PanelMixin
from customers.models import Customer
from customers.views.tabs import CustomerMixin
from offers.offers.models import Offer
from offers.orders.models import Order
from offers.products.money import ZERO

MONTHS, OFFERS = 12, 4
HEIGHT = 40


@dataclass(frozen=True)
class Bar:
    """The orders of a month: a bar ``height`` of :data:`HEIGHT` high, with its words."""

    label: str
    net: Decimal
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Money:
    """The orders of the last twelve months and of the twelve before, in euros without VAT, and by month."""

    net: Decimal
    before: Decimal
    bars: list[Bar]

    @property
    def change(self) -> int | None:
        """Return the change in per cent; None where nothing was ordered in the year before."""
        return round((self.net - self.before) * 100 / self.before) if self.before else None


def money_of(customer: Customer) -> Money:
    """Return the customer's orders without cancelled ones, by the months that end with this one; two queries."""
    today = clock.today()
    year_ago = clock.year_earlier(today)
    orders = Order.objects.not_cancelled().filter(customer=customer)
    first = _months_back(today, MONTHS - 1)
    by_month = orders.filter(date__gte=first, date__lte=today).annotate(month=TruncMonth("date")).values("month")
    sums = {row["month"]: row["sum"] or ZERO for row in by_month.annotate(sum=Sum("net")).order_by()}
    months = [_months_back(today, MONTHS - 1 - number) for number in range(MONTHS)]
    totals = orders.aggregate(last=_sum(year_ago, today), former=_sum(clock.year_earlier(year_ago), year_ago))
    return Money(totals["last"] or ZERO, totals["former"] or ZERO, _bars(months, sums))


def _sum(after: dt.date, last: dt.date) -> Any:
    return Sum("net", filter=Q(date__gt=after, date__lte=last))


def _months_back(day: dt.date, months: int) -> dt.date:
    number = 12 * day.year + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)


def _bars(months: list[dt.date], sums: dict[dt.date, Decimal]) -> list[Bar]:
    largest = max([*sums.values(), Decimal(1)])
    bars = []
    for number, month in enumerate(months):
        net = sums.get(month, ZERO)
        height = max(round(HEIGHT * net / largest), 2 if net > 0 else 1)
        bars.append(Bar(date_format(month, "YEAR_MONTH_FORMAT"), net, number * 20, HEIGHT - height, height))
    return bars


class MoneyPanel(PanelMixin, CustomerMixin, TemplateView):
    """The customer's money on its overview."""

    template_name = "orders/customer/money.html"
    permission_required = "orders.view_order"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.object
        offers = self._open_offers()
        may_offer = not customer.is_passive and allowed(self.user, "offers.add_offer")
        return super().get_context_data(
            title=_("Money"),
            customer=customer,
            money=money_of(customer),
            offers=list(offers.order_by("-net", "pk")[:OFFERS]),
            offer_count=customer.summary.open_offers,
            offer_net=customer.summary.open_offers_net,
            create_url=reverse("offers:create", query={"customer": customer.pk}) if may_offer else "",
            **kwargs,
        )

    def _open_offers(self) -> QuerySet[Offer]:
        offers: QuerySet[Offer] = Offer.objects.visible_to(self.user).undecided().filter(customer=self.object)
        return offers
