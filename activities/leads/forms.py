"""Forms of leads: their details, and assigning, returning, closing and converting them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from activities.leads.models import Lead, LeadCloseReason, LeadSource
from activities.leads.selectors import CONTACTS_OFFERED, mutual_contacts
from activities.log.forms.parts import OfActivityForm, PersonField
from activities.log.models import Activity, ActivityType
from activities.log.plugs import detail_codes
from core.dates import DayField
from core.forms import DecimalField
from core.status import SHORTEST_REASON


class LeadDetailsForm(forms.ModelForm):
    """The fields of a lead besides those of every activity."""

    source = forms.ModelChoiceField(LeadSource.objects.none(), label=_("Source"), required=False)
    value = DecimalField(
        label=_("Estimated value"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=_("Euros without VAT."),
    )
    take_by = DayField(label=_("Claim by"), required=False)
    offered_to = PersonField(
        label=_("Offered to"), required=False, help_text=_("Leave empty to let any account manager claim it.")
    )

    class Meta:
        model = Lead
        fields = ("source", "need", "value", "take_by", "offered_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_use = LeadSource.objects.filter(retired_at__isnull=True)
        sources: Any = self.fields["source"]
        sources.queryset = in_use | LeadSource.objects.filter(pk=self.instance.source_id)


def _reason_field(**kwargs: Any) -> forms.CharField:
    return forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class AssignForm(OfActivityForm):
    taker = PersonField(label=_("Assign to"))


class ReturnForm(OfActivityForm):
    reason = _reason_field(label=_("Reason"), min_length=SHORTEST_REASON)


class CloseForm(OfActivityForm):
    close_reason = forms.ModelChoiceField(LeadCloseReason.objects.filter(retired_at__isnull=True), label=_("Reason"))
    reason = _reason_field(label=_("Explanation"), required=False)


class ToCustomerForm(OfActivityForm):
    """The first mutual contact: one that has been logged, or a new one."""

    contact = forms.ModelChoiceField(
        Activity.objects.none(),
        label=_("First mutual contact"),
        required=False,
        empty_label=_("another contact, entered below"),
    )
    type = forms.ModelChoiceField(
        ActivityType.objects.filter(retired_at__isnull=True, is_contact=True, needs_goal=False, needs_contact=False),
        label=_("Type"),
        required=False,
    )
    title = forms.CharField(label=_("What it was about"), max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types: Any = self.fields["type"]
        types.queryset = types.queryset.exclude(details__in=detail_codes(lambda details: not details.recurs))
        contacts: Any = self.fields["contact"]
        contacts.queryset = mutual_contacts(user, self.instance)
        contacts.widget.choices = [("", contacts.empty_label), *_contact_labels(contacts.queryset)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "contact" in data and not data["contact"]:
            for name in ("type", "title"):
                if not data.get(name):
                    self.add_error(
                        name, _("Choose the contact from the list, or enter its type and what it was about.")
                    )
        return data


def _contact_labels(contacts: Any) -> list[tuple[int, str]]:
    from django.template.defaultfilters import date
    from django.utils.timezone import localtime

    newest = contacts.select_related("type").order_by("-start", "-pk")[:CONTACTS_OFFERED]
    return [
        (contact.pk, f"{date(localtime(contact.start), 'SHORT_DATE_FORMAT')} · {contact.type} · {contact.title}")
        for contact in newest
    ]
