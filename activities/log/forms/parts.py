"""Parts that forms of activities and of other subjects share: times, reminders, colleagues, encounters."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from activities.log.enums import CriticalMoment
from activities.log.models import Activity, ContactReason, Encounter
from activities.log.selectors import midnight
from core.forms import DrawnSelect, VersionedFormMixin

LONGEST_DAYS, LONGEST_TIME = 62, 40
YEARS = range(1901, 2200)
HOUR, DAY, WEEK = 60, 60 * 24, 60 * 24 * 7
BEFORE = (
    ("", pgettext_lazy("reminder", "none")),
    (0, _("at the start")),
    (10, _("10 minutes before")),
    (HOUR, _("an hour before")),
    (DAY, _("a day before")),
    (WEEK, _("a week before")),
)
SOLVED = [("", "–"), ("true", pgettext_lazy("solved at once", "yes")), ("false", pgettext_lazy("solved at once", "no"))]


class ClockField(forms.Field):
    """A time such as 2026-11-21T08:00 with or without an offset; without one it stays naive."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        moment = self.read(value.strip()) if len(value) <= LONGEST_TIME else None
        if moment is None or moment.year not in YEARS:
            raise forms.ValidationError(_("Enter the time as 2026-11-21T08:00."), code="invalid")
        return moment

    def read(self, text: str) -> dt.datetime | None:
        try:
            return parse_datetime(text)
        except ValueError:
            return None


class MomentField(ClockField):
    """An aware time: one without an offset is in the user's time zone, a day means its beginning."""

    def read(self, text: str) -> dt.datetime | None:
        try:
            if day := parse_date(text):
                return midnight(day) if day.year in YEARS else None
        except ValueError:
            return None
        moment = super().read(text)
        return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


def times_in_query(query: Any) -> dict[str, dt.datetime]:
    """Return ``start`` and ``end`` of a query string where they are valid."""
    times = {}
    for name in ("start", "end"):
        with suppress(forms.ValidationError):
            times[name] = MomentField(required=False).clean(query.get(name, ""))
    return {name: time for name, time in times.items() if time}


def before_words(minutes: int) -> str:
    """Return the time before the start in words; the API accepts other times than the form."""
    labels = {value: label for value, label in BEFORE if value != ""}
    return str(labels.get(minutes) or _("%d minutes before") % minutes)


def before_field(**kwargs: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=BEFORE, coerce=int, empty_value=None, required=False, **kwargs)


class ReminderForm(forms.Form):
    minutes = before_field(label=_("Remind me"))


class ReminderDefaultForm(forms.Form):
    minutes = before_field(
        label=_("Remind me about activities that I log"),
        help_text=_("The default in the form for logging; you can change it there."),
    )


class EncounterForm(forms.ModelForm):
    """The details of an encounter; all of them are optional."""

    solved_at_once = forms.TypedChoiceField(
        label=_("Solved at once"),
        required=False,
        choices=SOLVED,
        coerce=lambda text: text == "true",
        empty_value=None,
    )
    critical_moment = forms.ChoiceField(
        label=_("Critical moment"), required=False, choices=[("", "–"), *CriticalMoment.choices]
    )
    unnecessary = forms.ModelChoiceField(
        ContactReason.objects.none(),
        label=_("Why the contact was unnecessary"),
        required=False,
        empty_label=_("it was necessary"),
    )

    class Meta:
        model = Encounter
        fields = ("matters", "solved_at_once", "critical_moment", "unnecessary", "with_video", "with_interpreter")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial["solved_at_once"] = {True: "true", False: "false", None: ""}[self.instance.solved_at_once]
        in_use = ContactReason.objects.filter(retired_at__isnull=True)
        reasons: forms.ModelChoiceField = self.fields["unnecessary"]  # type: ignore[assignment]
        reasons.queryset = in_use | ContactReason.objects.filter(pk=self.instance.unnecessary_id)


class PersonField(forms.ModelChoiceField):
    """A searchable choice of a colleague; a former colleague stays where already chosen."""

    widget = DrawnSelect

    def __init__(self, *, offered: Any = None, **kwargs: Any) -> None:
        super().__init__(User.objects.all(), **kwargs)
        self.widget.offered = User.objects.active().order_by("sort_key") if offered is None else offered
        self.widget.attrs["data-searchable"] = ""


class OfActivityForm(VersionedFormMixin, forms.ModelForm):
    """A form about an activity of which the service writes all fields."""

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()
