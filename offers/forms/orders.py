"""The forms by which orders are written, moved on and delivered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crm import clock
from crm.dates import DayField
from crm.forms import DecimalField, IntegerField, OnceFormMixin, VersionedFormMixin
from crm.status import SHORTEST_REASON
from offers.enums import LineKind
from offers.forms.customer import OfCustomerForm
from offers.forms.lines import LineRows
from offers.forms.offers import PersonSelect
from offers.lines import LineData
from offers.models import OfferType, Order, OrderLine
from offers.money import MOST_NET
from offers.order_lines import order_lines_of, shown_quantity, with_refs

TECHNICAL = ("submission_key", "version", "customer_search")


class OrderFields(OfCustomerForm):
    """What adding and changing an order share: its data and its lines (``rows``)."""

    owner = PersonSelect(label=_("Account manager"))
    trainer = PersonSelect(label=_("Responsible for the delivery"), required=False)
    date = DayField(label=_("Ordered"))
    delivery_start = DayField(label=_("Delivery begins"), required=False)
    delivery_end = DayField(label=_("Delivery ends"), required=False)
    participants = IntegerField(label=_("Participants"), required=False, min_value=0, max_value=100_000)
    estimate = DecimalField(
        label=_("Value, €"),
        required=False,
        min_value=0,
        max_value=MOST_NET,
        max_digits=14,
        decimal_places=2,
        help_text=_("Without VAT, while there are no lines."),
    )

    class Meta:
        model = Order
        fields = (
            "type", "title", "customer", "contact", "owner", "date", "delivery_start", "delivery_end", "participants",
            "place", "trainer", "buyer_reference", "estimate", "notes",
        )  # fmt: skip
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    main_names = ("title", "type", "owner", "estimate")
    delivery_names = ("date", "delivery_start", "delivery_end", "participants")
    place_names = ("place", "trainer", "buyer_reference")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.prepare_customer()
        types = self._field("type")
        types.queryset = OfferType.objects.filter(retired_at__isnull=True) | OfferType.objects.filter(
            pk=self.instance.type_id
        )
        for name in ("owner", "trainer"):
            people = self._field(name)
            chosen = User.objects.filter(pk=getattr(self.instance, f"{name}_id"))
            people.queryset = User.objects.filter(is_active=True) | chosen
            people.widget.offered = User.objects.active().order_by("sort_key")
        self.rows = self._line_rows()

    def _line_rows(self) -> LineRows:
        kept = order_lines_of(self.instance) if self.instance.pk else []
        data = self.data if self.is_bound else None
        return LineRows(data, lines=kept, refs=[line.pk for line in kept], day=self.instance.date)

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.main_names]

    def delivery_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.delivery_names]

    def place_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.place_names]

    def is_valid(self) -> bool:
        """The lines are checked with the form, so that all messages show at once."""
        return all([super().is_valid(), self.rows.is_valid()])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = data.get("delivery_start"), data.get("delivery_end")
        if start and end and end < start:
            self.add_error("delivery_end", gettext("The delivery would end before it begins."))
        return data

    def stay(self, do: str) -> None:
        """Do what a button of the lines says, without finding fault with what has been typed so far."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        self.rows.apply(do)

    @property
    def lines(self) -> list[LineData]:
        return [*with_refs(self.rows.lines, self.rows.refs)]

    def changes(self) -> dict[str, Any]:
        """The content for the services."""
        return {name: value for name, value in self.cleaned_data.items() if name not in TECHNICAL}


class OrderForm(OnceFormMixin, OrderFields):
    """An order that came without an offer."""

    def order(self) -> Order:
        """The order that the form tells, not saved yet."""
        return Order(**self.changes())


class OrderChangeForm(VersionedFormMixin, OrderFields):
    """Changing an unfinished order."""


class OfOrderForm(VersionedFormMixin, forms.ModelForm):
    """A form about an order that writes none of its own fields: the service does."""

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()


class ReasonForm(OfOrderForm):
    reason = forms.CharField(
        label=_("Reason"), min_length=SHORTEST_REASON, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeliverForm(OnceFormMixin):
    """What was delivered on a day: a quantity for each line of which something is left, filled in with what is left."""

    day = DayField(label=_("Delivered on"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, lines: list[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.kind != LineKind.HEADING and line.to_deliver]
        self.fields["day"].initial = clock.today()
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = _quantity(line.name, line.to_deliver)

    def line_fields(self) -> list[tuple[OrderLine, forms.BoundField]]:
        return [(line, self[f"line_{line.pk}"]) for line in self.lines]

    @property
    def quantities(self) -> dict[int, Decimal]:
        """What was typed, by line; an empty field or a nought is nothing."""
        found = {line.pk: self.cleaned_data.get(f"line_{line.pk}") for line in self.lines}
        return {pk: quantity for pk, quantity in found.items() if quantity}


def _quantity(label: str, left: Decimal) -> DecimalField:
    """How much there is at most, the service says."""
    return DecimalField(
        label=label, initial=shown_quantity(left), required=False, min_value=0, max_digits=10, decimal_places=2
    )
