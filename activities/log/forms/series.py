"""Forms of recurring activities: simple choices that become an RFC 5545 rule, and changes of a series."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from activities.log.models import Activity
from activities.log.recurrence.rules import WEEKDAYS, WORKDAYS, Rule, parse_rule
from activities.log.recurrence.words import in_words, nth_weekday_words
from core.dates import DayField
from core.forms import DrawnSelectMultiple, IntegerField, OnceFormMixin
from customers.models import Contact

OWN_RULE = "rule"
DAYS = [
    ("MO", pgettext_lazy("short weekday", "Mon")),
    ("TU", pgettext_lazy("short weekday", "Tue")),
    ("WE", pgettext_lazy("short weekday", "Wed")),
    ("TH", pgettext_lazy("short weekday", "Thu")),
    ("FR", pgettext_lazy("short weekday", "Fri")),
    ("SA", pgettext_lazy("short weekday", "Sat")),
    ("SU", pgettext_lazy("short weekday", "Sun")),
]


def repeat_choices(start: dt.date) -> list[tuple[str, Any]]:
    """Return the choices of recurrence for an activity that begins on ``start``."""
    day_of_month = _("the last day") if _is_last(start) else _("day %(days)s") % {"days": start.day}
    return [
        ("daily", _("every day")),
        ("weekdays", _("every weekday")),
        ("weekly", _("every week")),
        ("biweekly", _("every other week")),
        ("monthly", _("every month on %(day)s") % {"day": day_of_month}),
        ("monthly_nth", _("every month on %(day)s") % {"day": nth_weekday_words(_nth(start), start.weekday())}),
        ("yearly", _("every year")),
    ]


def _is_last(day: dt.date) -> bool:
    """Return whether ``day`` ends a month of over 28 days: it then means the last day of every month."""
    return day.day > 28 and (day + dt.timedelta(days=1)).month != day.month


def _nth(start: dt.date) -> int:
    """Return which of its weekday ``start`` is in the month; the fifth means the last (-1)."""
    nth = (start.day - 1) // 7 + 1
    return nth if nth < 5 else -1


def rule_of_choice(repeat: str, start: dt.date, days: list[str]) -> Rule:
    """Return the rule of a choice."""
    weekly = tuple((0, WEEKDAYS.index(day)) for day in days) or ((0, start.weekday()),)
    return {
        "daily": Rule("DAILY"),
        "weekdays": Rule("WEEKLY", byday=tuple((0, day) for day in WORKDAYS)),
        "weekly": Rule("WEEKLY", byday=weekly),
        "biweekly": Rule("WEEKLY", interval=2, byday=weekly),
        "monthly": Rule("MONTHLY", bymonthday=(-1 if _is_last(start) else start.day,)),
        "monthly_nth": Rule("MONTHLY", byday=((_nth(start), start.weekday()),)),
        "yearly": Rule("YEARLY"),
    }[repeat]


def choice_of_rule(rule: Rule, start: dt.date) -> str:
    """Return the choice that equals the rule, or :data:`OWN_RULE`; a rule may omit the day that its start implies."""
    days = [WEEKDAYS[day] for _nth_, day in rule.byday]
    choices = {str(rule_of_choice(name, start, days)): name for name, _label in reversed(repeat_choices(start))}
    choices |= {"FREQ=WEEKLY": "weekly", "FREQ=WEEKLY;INTERVAL=2": "biweekly"}
    if start.day <= 28:
        choices["FREQ=MONTHLY"] = "monthly"
    return choices.get(str(rule.endless), OWN_RULE)


class RepeatFields(forms.Form):
    """The fields of a recurrence; ``start`` is the local day of the first occurrence."""

    repeat = forms.ChoiceField(label=gettext_lazy("Recurs"))
    days = forms.MultipleChoiceField(
        label=gettext_lazy("On weekdays"),
        choices=DAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "For weekly recurrence. If none is chosen, the weekday of the first occurrence is used."
        ),
    )
    until = DayField(
        label=gettext_lazy("Until"), required=False, help_text=gettext_lazy("Leave empty to continue without an end.")
    )
    times = IntegerField(
        label=gettext_lazy("Or number of occurrences"), required=False, min_value=1, max_value=400,
        help_text=gettext_lazy("Instead of an end date."),
    )  # fmt: skip

    def prepare_repeat(self, start: dt.date, rule: Rule | None = None) -> None:
        self.first_day, self.old_rule = start, rule
        choices, chosen = repeat_choices(start), choice_of_rule(rule, start) if rule else "weekly"
        if rule and chosen == OWN_RULE:
            choices = [
                (OWN_RULE, _("as now: %s") % in_words(rule.endless, start)),
                *choices,
            ]
        field: Any = self.fields["repeat"]
        field.choices = choices
        self.initial.setdefault("repeat", chosen)
        days = [WEEKDAYS[day] for _n, day in rule.byday] if rule and rule.freq == "WEEKLY" else []
        self.initial.setdefault("days", days or [WEEKDAYS[start.weekday()]])
        if rule:
            self.initial = {**self.initial, "until": rule.last_day, "times": rule.count}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        until, times = data.get("until"), data.get("times")
        if until and times:
            self.add_error("times", _("Enter either an end date or a number of occurrences, not both."))
        if until and until < self.first_day:
            self.add_error("until", _("The end date is before the first occurrence."))
        return data

    def rule(self) -> str:
        """Return the chosen rule in RFC 5545 format."""
        data = self.cleaned_data
        if data["repeat"] == OWN_RULE and self.old_rule:
            rule = self.old_rule
        else:
            rule = rule_of_choice(data["repeat"], self.first_day, data.get("days") or [])
        rule = replace(rule.endless, count=data.get("times"))
        return str(rule.ending(data["until"]) if data.get("until") else rule)


class RepeatForm(OnceFormMixin, RepeatFields):
    """Make an activity recur."""

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare_repeat(timezone.localdate(activity.start))


class SeriesForm(RepeatFields):
    """Change a series: the fields that its occurrences share, their time of day, and the rule."""

    SCOPES = (
        ("following", gettext_lazy("this and following occurrences")),
        ("all", gettext_lazy("all coming occurrences")),
    )
    scope = forms.ChoiceField(label=gettext_lazy("Apply to"), choices=SCOPES, widget=forms.RadioSelect)
    title = forms.CharField(label=pgettext_lazy("activity", "Title"), max_length=200)
    goal = forms.CharField(label=gettext_lazy("Goal"), max_length=500, required=False)
    at = forms.TimeField(
        label=gettext_lazy("Time of day"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S", "%H.%M"],
    )
    minutes = IntegerField(
        label=gettext_lazy("Duration in minutes"), required=False, min_value=0, max_value=60 * 24 * 7
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200, required=False)
    participants = forms.ModelMultipleChoiceField(
        User.objects.none(), label=gettext_lazy("Our participants"), widget=DrawnSelectMultiple
    )
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), required=False, label=gettext_lazy("Contacts"), widget=DrawnSelectMultiple
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ("scope", "title", "goal", "at", "minutes", "place", "participants", "contacts", "repeat")

    def __init__(self, *args: Any, activity: Activity, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        series: Any = activity.series
        zone = series.zone
        if str(zone) != timezone.get_current_timezone_name():
            self.fields["at"].help_text = _("By the clock of %(zone)s.") % {"zone": zone}
        self.initial = {
            **self.initial,
            "scope": "following",
            "at": activity.start.astimezone(zone).time(),
            "minutes": (activity.end - activity.start) // dt.timedelta(minutes=1) if activity.end else None,
            "participants": list(activity.users.values_list("pk", flat=True)),
            "contacts": list(activity.contacts.values_list("pk", flat=True)),
            "version": activity.version,
            **{name: getattr(activity, name) for name in ("title", "goal", "place")},
        }
        self.prepare_repeat((activity.series_start or activity.start).astimezone(zone).date(), parse_rule(series.rule))
        self._prepare_people(activity, user)
        if not activity.type.needs_goal and not activity.goal:
            del self.fields["goal"]

    def _prepare_people(self, activity: Activity, user: User) -> None:
        from customers.selectors.contacts import contacts_offered

        people: Any = self.fields["participants"]
        people.queryset = User.objects.all()
        people.widget.offered = User.objects.active().order_by("sort_key")
        contacts: Any = self.fields["contacts"]
        contacts.queryset = Contact.objects.visible_to(user)
        contacts.widget.offered = contacts_offered(user, activity.customer_id)
        for field in (people, contacts):
            field.widget.attrs["data-searchable"] = ""

    def changes(self) -> dict[str, Any]:
        """Return what differs from the occurrence, for the service."""
        names = ("title", "goal", "at", "minutes", "place", "participants", "contacts")
        return {name: self.cleaned_data[name] for name in names if name in self.changed_data}

    def rule_changed(self) -> bool:
        return bool({"repeat", "days", "until", "times"} & {*self.changed_data})
