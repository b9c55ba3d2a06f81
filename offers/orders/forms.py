"""The form by which an offer is accepted on behalf of the customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.dates import DayField
from core.forms import DecimalField, IntegerField, OnceFormMixin, VersionedFormMixin
from core.numbers import parse_id
from core.status import SHORTEST_REASON
from offers.offers.forms.customer import OfCustomerForm
from offers.offers.forms.offers import OfOfferForm, PersonSelect, text_area
from offers.offers.models import OfferType
from offers.orders.invoices import Draft, DraftLine
from offers.orders.lines import order_lines_of, shown_quantity, with_refs
from offers.orders.models import BillingDetails, Order, OrderLine
from offers.orders.selectors import chosen_lines
from offers.orders.services.invoicing import MOST_LINES_AT_ONCE
from offers.orders.validators import check_billing
from offers.products.enums import LineKind
from offers.products.forms.lines import LineRows
from offers.products.lines import LineData
from offers.products.money import MOST_NET


class AcceptForm(OfOfferForm):
    """The customer has accepted by phone, by e-mail, on paper."""

    actor = forms.CharField(max_length=200, label=_("Accepted by"), help_text=_("The person's name."))
    comment = text_area(required=False, label=_("How and on what terms"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["actor"].initial = str(self.offer.contact or "")


TECHNICAL = ("submission_key", "version", "customer_search")


class OrderFields(OfCustomerForm):
    """What adding and changing an order share: its data and its lines (``rows``)."""

    owner = PersonSelect(label=_("Account manager"))
    trainer = PersonSelect(label=_("Responsible for the delivery"), required=False)
    date = DayField(label=_("Ordered"))
    delivery_start = DayField(label=_("Delivery starts"), required=False)
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
            self.add_error("delivery_end", gettext("The delivery ends before it starts."))
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


class HandOverForm(OnceFormMixin):
    """The ticked lines (``line``) with their quantities (``line_<id>``) and the date of the invoices."""

    day = DayField(label=_("Invoice date"))

    def __init__(self, data: Any, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["day"].initial = clock.today()
        self.asked = _ids(data.getlist("line")) if data is not None else []
        self.lines = chosen_lines(user, self.asked)
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = DecimalField(label=line.name, max_digits=10, decimal_places=2)

    @property
    def quantities(self) -> dict[int, Decimal]:
        """What could be read, by line. Lines that are not there any more are left for the service to refuse."""
        gone = set(self.asked) - {line.pk for line in self.lines}
        read = {line.pk: self.cleaned_data.get(f"line_{line.pk}") for line in self.lines}
        return {pk: value for pk, value in read.items() if value is not None} | dict.fromkeys(gone, Decimal(1))

    def drafts(self) -> list[tuple[Draft, list[tuple[OrderLine, forms.BoundField, DraftLine]]]]:
        """The orders with their lines, fields and sums as far as the quantities can be read."""
        read = self.quantities if hasattr(self, "cleaned_data") else {}
        found: dict[int, tuple[Draft, list[Any]]] = {}
        for line in self.lines:
            draft, rows = found.setdefault(line.order_id, (Draft(line.order), []))
            one = DraftLine(line, read.get(line.pk, Decimal(0)))
            draft.lines.append(one)
            rows.append((line, self[f"line_{line.pk}"], one))
        return list(found.values())


def _ids(values: list[str]) -> list[int]:
    known = [pk for pk in map(parse_id, values) if pk]
    return list(dict.fromkeys(known))[: MOST_LINES_AT_ONCE + 1]


class TakeBackForm(OnceFormMixin):
    reason = forms.CharField(
        label=_("Reason"), min_length=SHORTEST_REASON, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class BillingForm(VersionedFormMixin, forms.ModelForm):
    """Where a customer's invoices go."""

    class Meta:
        model = BillingDetails
        fields = ("einvoice_address", "einvoice_operator", "email", "reference")
        help_texts = {
            "einvoice_address": _("As in the e-invoice address directory, for example 003712345671."),
            "einvoice_operator": _("The operator's code, for example 003721291126, or the bank's BIC."),
            "email": _("Used for invoices when there is no e-invoice address."),
            "reference": _("Printed on every invoice unless the order overrides it."),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, problem in check_billing(data).items():
            self.add_error(name, problem)
        return data
