"""Forms of care plans: decisions about occurrences, exceptions, customers' own actions, updates, approvals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from careplans.caremodels.enums import FrequencyKind
from careplans.caremodels.forms import ActionFieldsForm, responsible_choices
from careplans.caremodels.models import SkipReason
from careplans.caremodels.models.actions import MOST_COUNT, MOST_WINDOW
from careplans.plans.models import CustomerAction, PlanException
from careplans.plans.services.exceptions import FREQUENCIES
from careplans.plans.words import months_choices
from core import clock
from core.dates import DayField
from core.fields import LineFormField
from core.forms import IntegerField, OnceFormMixin, VersionedFormMixin

SHORT = forms.Textarea({"rows": 2})


def note_field(**about: Any) -> forms.CharField:
    return forms.CharField(
        **{"label": _("Explanation"), "required": False, "max_length": 1_000, "widget": SHORT, **about}
    )


class SkipForm(OnceFormMixin, forms.Form):
    reason = forms.ModelChoiceField(
        SkipReason.objects.none(), label=_("Reason"),
        help_text=_("What is left out or postponed for an accepted reason changes the figures."),
    )  # fmt: skip
    note = note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["reason"]
        field.queryset = SkipReason.objects.filter(retired_at__isnull=True)


class PostponeForm(SkipForm):
    to = DayField(label=_("New due day"))
    field_order = ("to", "reason", "note")


class CorrectForm(OnceFormMixin, forms.Form):
    """For which occurrence something counts."""

    occurrence = forms.ChoiceField(label=_("It counts for"), required=False)
    note = note_field()

    def __init__(self, *args: Any, offered: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["occurrence"]
        field.choices = [("", gettext("It does not count for this action")), *offered]


class ExceptionForm(OnceFormMixin, forms.ModelForm):
    code = forms.ChoiceField(label=_("Care action"))
    frequency = forms.ChoiceField(
        label=_("Frequency"), required=False,
        choices=[("", "–"), *((kind.value, kind.label) for kind in map(FrequencyKind, FREQUENCIES))],
    )  # fmt: skip
    count = IntegerField(label=_("Number (n)"), required=False, min_value=1, max_value=MOST_COUNT)
    months = forms.TypedMultipleChoiceField(
        label=_("Months"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    before = IntegerField(label=_("Days before the due day"), required=False, min_value=0, max_value=MOST_WINDOW)
    after = IntegerField(label=_("Days after the due day"), required=False, min_value=0, max_value=MOST_WINDOW)
    responsible = forms.ChoiceField(
        label=_("Responsible"), required=False, widget=forms.Select({"data-searchable": ""})
    )
    first = DayField(
        label=_("First day"), help_text=_("One of the same kind that is in force then ends the day before.")
    )
    last = DayField(label=_("Last day"), help_text=_("An exception ends: then the plan is as the models say again."))
    reason = forms.CharField(label=_("Reason"), max_length=1_000, widget=SHORT)

    fieldsets = (
        ("", ("code", "kind", "first", "last", "reason")),
        (_("If the frequency is another one"), ("frequency", "count", "unit", "months", "before", "after")),
        (_("If somebody else is responsible"), ("responsible",)),
    )

    class Meta:
        model = PlanException
        fields = (
            "code", "kind", "frequency", "count", "unit", "months", "before", "after", "first", "last", "reason",
        )  # fmt: skip

    def __init__(self, *args: Any, codes: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["code"].choices = list(codes)
        fields["months"].choices = months_choices()
        fields["responsible"].choices = responsible_choices()
        self.initial["first"] = clock.today()


class OwnActionForm(VersionedFormMixin, OnceFormMixin, ActionFieldsForm):
    """An action of one customer; its code is made of its name."""

    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"), required=False, help_text=_("Empty: until it is ended."))

    fieldsets = (
        ("", ("name_fi", "name_en", "scope", "description_fi", "description_en", "first", "last")),
        *ActionFieldsForm.fieldsets[1:],
    )

    class Meta(ActionFieldsForm.Meta):
        model = CustomerAction
        fields = tuple(name for name in (*ActionFieldsForm.Meta.fields, "first", "last") if name != "code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["first"] = clock.today()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", gettext("The end is before the start."))
        return data


class UpdateForm(OnceFormMixin, forms.Form):
    day = DayField(label=_("Day"))
    accepted_by = LineFormField(
        label=_("Accepted by the customer"), required=False, max_length=200,
        help_text=_("Who accepted the plan for the customer, if somebody did."),
    )  # fmt: skip
    note = forms.CharField(label=_("Notes"), required=False, max_length=4_000, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = clock.today()


class ApproveForm(OnceFormMixin, forms.Form):
    note = note_field()


class RejectForm(OnceFormMixin, forms.Form):
    reason = note_field(label=_("Reason"), required=True)
