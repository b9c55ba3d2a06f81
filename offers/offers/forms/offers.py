"""Forms for writing, copying and deciding offers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from activities.log.models import Activity
from core import clock
from core.dates import DayField
from core.forms import DecimalField, DrawnSelect, IntegerField, OnceFormMixin, VersionedFormMixin
from core.problems import Problem
from core.status import SHORTEST_REASON
from customers.forms.fields import CustomerPickMixin
from customers.models import Contact
from offers.offers.content import offer_lines_of
from offers.offers.models import LostReason, Offer, OfferType
from offers.offers.selectors import competitors, linkable, texts_in
from offers.offers.validators import CUSTOMER_INACTIVE
from offers.products.forms.lines import LineRows
from offers.products.lines import LineData
from offers.products.money import MAX_NET

TEXT_ROWS = 4
LONG = {
    name: forms.Textarea(attrs={"rows": TEXT_ROWS}) for name in ("intro", "terms", "customer_notes", "internal_notes")
}


class OfCustomerForm(CustomerPickMixin, forms.ModelForm):
    """A form with ``customer`` and ``contact``."""

    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        required=False,
        label=_("Contact"),
        widget=DrawnSelect,
        error_messages={"invalid_choice": _("Choose the contact from the list.")},
    )

    contacts_name, contacts_url = "contact", "offers:contact_field"

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.prepare_customer(user, kept=self.instance.customer_id)
        self.fields["customer"].error_messages["inactive"] = CUSTOMER_INACTIVE


class PersonSelect(forms.ModelChoiceField):
    """A choice of account manager: colleagues, and the person chosen earlier."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.active(), widget=DrawnSelect(attrs={"data-searchable": ""}), **kwargs)


class TextsForm(forms.ModelForm):
    """The opening text and terms alone, for a change of the offer's language."""

    class Meta:
        model = Offer
        fields = ("intro", "terms")
        widgets = LONG


class OfferFields(OfCustomerForm):
    """Common part of the forms of an offer: its data, and its lines (``rows``) unless it is on a funder's form."""

    owner = PersonSelect(label=_("Account manager"))
    date = DayField(label=_("Date"))
    valid_until = DayField(label=_("Valid until"), required=False)
    expected_close = DayField(label=_("Expected close"), required=False)
    probability = IntegerField(
        label=_("Probability, %"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_("Leave empty to use the default of the stage."),
    )
    estimate = DecimalField(
        label=_("Estimated value, €"),
        required=False,
        min_value=0,
        max_value=MAX_NET,
        max_digits=14,
        decimal_places=2,
        help_text=_("Without VAT. Used until the offer has lines."),
    )

    class Meta:
        model = Offer
        fields = (
            "type", "title", "customer", "contact", "owner", "language", "date", "valid_until", "expected_close",
            "probability", "estimate", "intro", "terms", "customer_notes", "internal_notes",
        )  # fmt: skip
        widgets = LONG

    main_names: tuple[str, ...] = ("title", "estimate")
    people_names = ("owner", "language")
    day_names = ("date", "valid_until", "expected_close", "probability")
    text_names = ("intro", "terms")
    note_names = ("customer_notes", "internal_notes")

    def __init__(self, *args: Any, user: User, type: OfferType, **kwargs: Any) -> None:
        self.type = type
        super().__init__(*args, user=user, **kwargs)
        owners = self._field("owner")
        if self.instance.owner_id:
            owners.queryset = User.objects.filter(is_active=True) | User.objects.filter(pk=self.instance.owner_id)
        owners.widget.offered = User.objects.active().order_by("sort_key")
        self._field("language").widget.attrs |= {
            "hx-post": f"{reverse('offers:texts')}?of={type.pk}",
            "hx-target": "#offer-texts",
            "hx-swap": "outerHTML",
            "hx-trigger": "change",
        }
        self._field("contact").required = type.needs_contact
        self._field("contact").error_messages["required"] = _("Choose the contact who receives the offer.")
        self._field("expected_close").required = type.needs_expected_close
        self._field("expected_close").error_messages["required"] = _("Enter the expected close date.")
        self.rows: LineRows | None = None
        if not type.is_funder_form:
            lines = offer_lines_of(self.instance) if self.instance.pk else []
            data = self.data if self.is_bound else None
            self.rows = LineRows(data, lines=lines, language=self.instance.language, day=self.instance.date)

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.main_names if name in self.fields]

    def people_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.people_names if name in self.fields]

    def day_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.day_names]

    def text_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.text_names]

    def note_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.note_names]

    def is_valid(self) -> bool:
        """Check the lines together with the form, so that all messages show at once."""
        lines = self.rows is None or self.rows.is_valid()
        return all([super().is_valid(), lines])

    def other_problems(self) -> Iterable[Problem]:
        return self.rows.problems() if self.rows is not None else ()

    def keep_only(self) -> None:
        """Leave the lines as they are: the form is cut down to some of the offer's own fields."""
        self.rows = None

    def more_content(self) -> dict[str, list[str]]:
        return {} if self.rows is None else self.rows.content()

    def stay(self, do: str) -> None:
        """Apply a button of the lines without validating the form."""
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        self.look_up_customer()
        if self.rows is not None:
            self.rows.apply(do)

    def clean(self) -> dict[str, Any]:
        """Check the dates; replace the type's unchanged texts with those of the chosen language."""
        data = super().clean() or self.cleaned_data
        if data.get("date") and data.get("valid_until") and data["valid_until"] < data["date"]:
            self.add_error("valid_until", _("The offer cannot expire before its own date."))
        if "language" in data:
            data |= texts_in(self.type, data["language"], data.get("intro", ""), data.get("terms", ""))
        return data

    @property
    def lines(self) -> list[LineData]:
        return self.rows.lines if self.rows is not None else []

    def changes(self) -> dict[str, Any]:
        """Return the content for the services."""
        technical = ("submission_key", "version", "customer_search", "came_from")
        return {name: value for name, value in self.cleaned_data.items() if name not in technical}


class OfferForm(OnceFormMixin, OfferFields):
    """A new offer of a type. ``came_from`` is the lead or activity that led to it."""

    def __init__(self, *args: Any, came_from: Activity | None = None, **kwargs: Any) -> None:
        type: OfferType = kwargs["type"]
        self.came_from = came_from
        today = clock.today()
        until = today + dt.timedelta(days=type.valid_days)
        defaults = {"owner": kwargs["user"].pk, "date": today, "valid_until": until, "expected_close": until}
        kwargs["initial"] = defaults | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        del self.fields["type"]

    def offer(self) -> Offer:
        """Return the unsaved offer of the form."""
        return Offer(type=self.type, came_from=self.came_from, **self.changes())


class OfferChangeForm(VersionedFormMixin, OfferFields):
    """Changes to an undecided offer."""

    main_names = ("title", "type", "estimate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = OfferType.objects.filter(retired_at__isnull=True) | OfferType.objects.filter(pk=self.type.pk)
        self._field("type").queryset = types
        self._field("type").empty_label = None


class CopyForm(OnceFormMixin, OfCustomerForm):
    """The recipient of a copy of an offer; by default the same customer."""

    class Meta:
        model = Offer
        fields = ("customer", "contact")


class OfOfferForm(forms.Form):
    """A form for one step of an offer; the view passes the offer."""

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        self.offer = offer
        super().__init__(*args, **kwargs)


def text_area(**kwargs: Any) -> forms.CharField:
    return forms.CharField(max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class LoseForm(OfOfferForm):
    extra_template = "offers/offers/lose.html"
    reason = forms.ModelChoiceField(LostReason.objects.filter(retired_at__isnull=True), label=_("Lost reason"))
    competitor = forms.CharField(
        max_length=120,
        required=False,
        label=_("Competitor"),
        help_text=_("Who won the deal, if known."),
        widget=forms.TextInput(attrs={"list": "competitors", "autocomplete": "off"}),
    )
    note = text_area(required=False, label=_("Explanation"))

    @property
    def competitors(self) -> list[str]:
        return competitors()


class ReopenForm(OfOfferForm):
    reason = text_area(label=_("Reason"), min_length=3)


class LinkForm(OfOfferForm):
    """A choice of the customer's activity to link to the offer."""

    activity = forms.ModelChoiceField(Activity.objects.none(), label=_("Activity"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["activity"]
        field.queryset = linkable(user, self.offer)
        field.label_from_instance = label_of


def label_of(activity: Activity) -> str:
    day = date_format(timezone.localtime(activity.start), "SHORT_DATE_FORMAT")
    return f"{day} · {activity.type} · {activity.title}"


class ApproveForm(forms.Form):
    comment = text_area(label=_("Comment"), required=False)


class SendBackForm(forms.Form):
    comment = text_area(label=_("What needs to be changed"), min_length=SHORTEST_REASON)
