"""The forms of leads: what a lead tells, taking it up, returning, closing, becoming a customer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from activities.forms.feedback import PersonField
from activities.models import Lead, LeadSource
from crm.dates import DayField
from crm.forms import DecimalField


class LeadDetailsForm(forms.ModelForm):
    """What a lead tells besides the common fields of activities."""

    source = forms.ModelChoiceField(
        LeadSource.objects.filter(retired_at__isnull=True), label=_("Source"), required=False
    )
    value = DecimalField(
        label=_("Estimated value"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=_("Euros without VAT."),
    )
    take_by = DayField(label=_("To be taken up by"), required=False)
    offered_to = PersonField(label=_("Who takes it up"), required=False, help_text=_("Empty: whoever is first."))

    class Meta:
        model = Lead
        fields = ("source", "need", "value", "take_by", "offered_to")
