"""Forms of orders, deliveries, the hand-over to invoicing and billing details, and of accepting an offer."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.dates import DayField
from core.forms import DecimalField, IntegerField, OnceFormMixin, VersionedFormMixin
from core.numbers import parse_id
from core.problems import Problem
from core.status import SHORTEST_REASON
from offers.offers.forms.offers import OfCustomerForm, OfOfferForm, PersonSelect, text_area
from offers.offers.models import OfferType
from offers.orders.invoices import Draft, DraftLine, check_billing, drafts_of
from offers.orders.lines import order_lines_of, shown_quantity, with_refs
from offers.orders.models import BillingDetails, Order, OrderLine
from offers.orders.selectors import chosen_lines
from offers.orders.services.invoicing import MAX_LINES_AT_ONCE
from offers.orders.services.orders import to_confirm
from offers.products.enums import LineKind
from offers.products.forms.lines import LineRows
from offers.products.lines import LineData
from offers.products.money import MAX_NET


class AcceptForm(OfOfferForm):
    """Acceptance that the customer gave by phone, by e-mail or on paper."""

    actor = forms.CharField(max_length=200, label=_("Accepted by"), help_text=_("The person's name."))
    comment = text_area(required=False, label=_("How and on what terms"))
    confirm = forms.MultipleChoiceField(
        label=_("Accept anyway?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Select each point to confirm it."),
    )
    reason = text_area(min_length=SHORTEST_REASON, label=_("Reason"), help_text=_("Kept in the offer's history."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["actor"].initial = str(self.offer.contact or "")
        needed = to_confirm(self.offer) if self.offer.is_undecided else []
        cast("forms.MultipleChoiceField", self.fields["confirm"]).choices = [
            (point.value, capfirst(point.label)) for point in needed
        ]
        if not needed:
            del self.fields["confirm"], self.fields["reason"]


FORM_ONLY_FIELDS = ("submission_key", "version", "customer_search")


class OrderFields(OfCustomerForm):
    """The fields of an order and its lines (``rows``), shared by adding and changing."""

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
        max_value=MAX_NET,
        max_digits=14,
        decimal_places=2,
        help_text=_("Excluding VAT. Used only if there are no lines."),
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = self._field("type")
        types.queryset = OfferType.objects.filter(retired_at__isnull=True) | OfferType.objects.filter(
            pk=self.instance.type_id
        )
        for name in ("owner", "trainer"):
            people = self._field(name)
            chosen = User.objects.filter(pk=getattr(self.instance, f"{name}_id"))
            people.queryset = User.objects.filter(is_active=True) | chosen
            people.widget.offered = User.objects.active().order_by("sort_key")
        lines = order_lines_of(self.instance) if self.instance.pk else []
        data = self.data if self.is_bound else None
        self.rows = LineRows(data, lines=lines, refs=[line.pk for line in lines], day=self.instance.date)

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.main_names]

    def delivery_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.delivery_names]

    def place_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.place_names]

    def is_valid(self) -> bool:
        """Check the lines with the form, so that all messages show at once."""
        return all([super().is_valid(), self.rows.is_valid()])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = data.get("delivery_start"), data.get("delivery_end")
        if start and end and end < start:
            self.add_error("delivery_end", gettext("The delivery ends before it starts."))
        return data

    def other_problems(self) -> Iterable[Problem]:
        return self.rows.problems()

    def more_content(self) -> dict[str, list[str]]:
        return self.rows.content()

    def stay(self, do: str) -> None:
        """Apply a button of the lines without validating what has been typed so far."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        self.look_up_customer()
        self.rows.apply(do)

    @property
    def lines(self) -> list[LineData]:
        return [*with_refs(self.rows.lines, self.rows.refs)]

    def changes(self) -> dict[str, Any]:
        """Return the validated fields for the services."""
        return {name: value for name, value in self.cleaned_data.items() if name not in FORM_ONLY_FIELDS}


class OrderForm(OnceFormMixin, OrderFields):
    """A new order without an offer."""

    def order(self) -> Order:
        """Return the new order, not saved yet."""
        return Order(**self.changes())


class OrderChangeForm(VersionedFormMixin, OrderFields):
    """Changes to an unfinished order."""


class OfOrderForm(VersionedFormMixin, forms.ModelForm):
    """A form about an order that leaves writing to the service."""

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()


class ReasonForm(OfOrderForm):
    reason = forms.CharField(
        label=_("Reason"), min_length=SHORTEST_REASON, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeliverForm(OnceFormMixin):
    """The quantity delivered of each line on a day; the initial value is the quantity that is left."""

    day = DayField(label=_("Delivered on"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, lines: list[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = [line for line in lines if line.kind != LineKind.HEADING and line.to_deliver]
        self.fields["day"].initial = clock.today()
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = DecimalField(
                label=line.name,
                initial=shown_quantity(line.to_deliver),
                required=False,
                min_value=0,
                max_digits=10,
                decimal_places=2,
            )

    def line_fields(self) -> list[tuple[OrderLine, forms.BoundField]]:
        return [(line, self[f"line_{line.pk}"]) for line in self.lines]

    @property
    def quantities(self) -> dict[int, Decimal]:
        """Return the typed quantities by line id, without empty fields and zeros."""
        typed = {line.pk: self.cleaned_data.get(f"line_{line.pk}") for line in self.lines}
        return {pk: quantity for pk, quantity in typed.items() if quantity}


class HandOverForm(OnceFormMixin):
    """The selected lines (``line``) with their quantities (``line_<id>``) and the invoice date."""

    day = DayField(label=_("Invoice date"))

    def __init__(self, data: Any, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["day"].initial = clock.today()
        ids = [pk for pk in map(parse_id, data.getlist("line")) if pk] if data is not None else []
        self.line_ids = list(dict.fromkeys(ids))[: MAX_LINES_AT_ONCE + 1]
        self.lines = chosen_lines(user, self.line_ids)
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = DecimalField(label=line.name, max_digits=10, decimal_places=2)

    @property
    def quantities(self) -> dict[int, Decimal]:
        """Return the readable quantities by line id; removed lines are included for the service to refuse."""
        removed = set(self.line_ids) - {line.pk for line in self.lines}
        read = {line.pk: self.cleaned_data.get(f"line_{line.pk}") for line in self.lines}
        return {pk: value for pk, value in read.items() if value is not None} | dict.fromkeys(removed, Decimal(1))

    def drafts(self) -> list[tuple[Draft, list[tuple[OrderLine, forms.BoundField, DraftLine]]]]:
        """Return the orders with their lines, fields and sums, as far as the quantities can be read."""
        read = self.quantities if hasattr(self, "cleaned_data") else {}
        drafts = drafts_of(self.lines, {line.pk: read.get(line.pk, Decimal(0)) for line in self.lines})
        return [(draft, [(one.line, self[f"line_{one.line.pk}"], one) for one in draft.lines]) for draft in drafts]


class TakeBackForm(OnceFormMixin):
    reason = forms.CharField(
        label=_("Reason"), min_length=SHORTEST_REASON, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class BillingForm(VersionedFormMixin, forms.ModelForm):
    """The billing details of a customer."""

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
