"""Forms of the annual clock: which clock, moving to another month, internal events."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User
from activities.log.models import ActivityType
from careplans.caremodels.enums import FrequencyKind
from careplans.caremodels.forms import SHORT, ActionFieldsForm, responsible_choices
from careplans.clock.clocks import FIRST_YEAR, YEARS_AHEAD
from careplans.clock.defaults import CLOCK_SETS
from careplans.clock.models import InternalAction
from careplans.clock.services.internal import FREQUENCIES
from careplans.clock.words import STATES, month_choices
from core import clock
from core.dates import DayField
from core.forms import OnceFormMixin, VersionedFormMixin

_SEARCHED = {"data-searchable": ""}


def year_choices() -> list[tuple[int, str]]:
    """Return the years of which there are clocks."""
    this = clock.today().year
    return [(year, str(year)) for year in range(this + YEARS_AHEAD, FIRST_YEAR - 1, -1)]


class YearForm(forms.Form):
    """Which year's clock."""

    year = forms.TypedChoiceField(choices=year_choices, coerce=int, required=False, label=_("Year"))

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None and not data.get("year"):  # what is shown is what is asked
            data = {**{name: data.get(name) for name in data}, "year": clock.today().year}
        super().__init__(data, *args, **kwargs)
        self.initial["year"] = clock.today().year

    @property
    def chosen_year(self) -> int:
        """The year that is asked, the present one if none is."""
        is_asked = self.is_bound and self.is_valid()
        return int(self.cleaned_data.get("year") or clock.today().year) if is_asked else clock.today().year


class ClockForm(YearForm):
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), required=False, label=_("Team or unit"),
        empty_label=pgettext_lazy("clock", "all"), widget=forms.Select(_SEARCHED),
    )  # fmt: skip


class EventsForm(YearForm):
    """Which occurrences of internal events."""

    month = forms.TypedChoiceField(choices=lambda: [("", "–"), *month_choices()], coerce=int, required=False,
                                   label=_("Month"))  # fmt: skip
    state = forms.ChoiceField(
        choices=[("", "–"), *((name, word) for name, (_kind, word) in STATES.items())], required=False, label=_("State")
    )
    code = forms.CharField(max_length=60, required=False, label=_("Internal event"))
    claim = forms.BooleanField(required=False, label=_("Waits on my lists, whatever the year"))


class MoveForm(OnceFormMixin, forms.Form):
    """From which month to which one."""

    start = forms.TypedChoiceField(coerce=int, label=_("From"))
    to = forms.TypedChoiceField(coerce=int, label=_("To"), choices=month_choices)

    def __init__(self, *args: Any, months: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["start"]
        field.choices = [(number, name) for number, name in month_choices() if number in months] or month_choices()


class CustomerMoveForm(MoveForm):
    """For a customer: the reason is kept with the exception."""

    reason = forms.CharField(
        label=_("Reason"), max_length=1_000, widget=SHORT,
        help_text=_("The plan of this customer gets an exception until the end of the year."),
    )  # fmt: skip


RESPONSIBLE = ("responsible_1", "responsible_2")


class InternalForm(VersionedFormMixin, OnceFormMixin, ActionFieldsForm):
    """An internal event: what, who, when and where; an activity of its type completes it."""

    #: What an event without a customer does not say.
    LEFT_OUT = ("completed_by", "types", "direction", "delay", "quiet_days", "minimum_minutes", "responsible_3")

    first = DayField(label=_("First day"))

    fieldsets = (
        ("", ("name_fi", "name_en", "code", "description_fi", "description_en", "first")),
        (_("How often"), ("frequency", "count", "unit", "months", "before", "after")),
        (_("Who does it, recipient, place"), ("person", *RESPONSIBLE, "recipient_team", "place", "channel")),
        (_("Work in calendars"), ("activity_type", "duration", "preparation", "travel", "memo_fi", "memo_en")),
        (_("Rules"), ("is_mandatory", "order")),
    )

    class Meta(ActionFieldsForm.Meta):
        model = InternalAction
        fields = (
            "name_fi", "name_en", "code", "description_fi", "description_en", "first", "frequency", "count", "unit",
            "months", "before", "after", "person", "recipient_team", "place", "channel", "activity_type", "duration",
            "preparation", "travel", "memo_fi", "memo_en", "is_mandatory", "order",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        for name in self.LEFT_OUT:
            del fields[name]
        fields["frequency"].choices = [(kind.value, kind.label) for kind in map(FrequencyKind, FREQUENCIES)]
        fields["person"].queryset = User.objects.active().order_by("sort_key")
        fields["activity_type"].queryset = ActivityType.objects.filter(retired_at__isnull=True, needs_customer=False)
        fields["activity_type"].required = True
        fields["responsible_1"].required = False
        fields["responsible_1"].label = _("Group, unit or team")
        if self.instance.pk:
            del fields["first"], fields["code"]
        else:
            self.initial.setdefault("first", clock.today())

    def _offer(self) -> None:
        """A role for a customer has nobody here."""
        months: Any = self.fields["months"]
        months.choices = month_choices()
        choices = [one for one in responsible_choices() if not isinstance(one[1], list) or _is_ours(one[1])]
        for name in RESPONSIBLE:
            field: Any = self.fields[name]
            field.choices = choices

    @property
    def responsible(self) -> list[str]:
        return [self.cleaned_data[name] for name in RESPONSIBLE if self.cleaned_data.get(name)]


def _is_ours(options: list[Any]) -> bool:
    return not str(options[0][0]).startswith("role:")


class RetireForm(OnceFormMixin, forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1_000, widget=SHORT)


class DoneForm(OnceFormMixin, forms.Form):
    """On which day an event was held."""

    day = DayField(label=_("Day"))
    memo = forms.CharField(label=_("Memo"), required=False, max_length=4_000, widget=SHORT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = clock.today()


class SetForm(OnceFormMixin, forms.Form):
    name = forms.ChoiceField(choices=list(CLOCK_SETS.items()), label=_("Set"))
