"""Forms of the calendar, calendar files and hours of work."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from accounts.selectors import people_ids
from activities.calendar.ical.text import CalendarError, decode
from activities.calendar.models import CalendarFeed, WorkTarget
from activities.calendar.selectors.calendar import DAY, Window, people_offered
from activities.calendar.selectors.hours import WeekHours
from activities.calendar.services.file_plan import Types
from activities.calendar.services.hours import Entry
from activities.log.enums import ActivityStatus
from activities.log.forms.parts import LONGEST_DAYS, MomentField
from activities.log.models import Activity, ActivityType
from activities.log.plugs import detail_codes
from core import clock
from core.dates import DayField
from core.forms import DecimalField, DrawnSelectMultiple, OnceFormMixin
from core.numbers import parse_decimal
from core.parameters import SwitchField
from core.people import rank_people
from customers.models import Contact
from customers.selectors.contacts import contacts_offered

MAX_PEOPLE = 30
MAX_EXPORT_DAYS = 366


class CalendarQuery(forms.Form):
    """The query of the page, the feed and the endpoint. Without people or teams it is about the user."""

    user = forms.ModelMultipleChoiceField(
        User.objects.none(),
        required=False,
        label=gettext_lazy("Colleagues"),
        widget=forms.SelectMultiple(attrs={"data-searchable": ""}),
    )
    team = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        required=False,
        label=gettext_lazy("Teams"),
        widget=forms.CheckboxSelectMultiple,
    )
    type = forms.ModelMultipleChoiceField(
        ActivityType.objects.all(),
        required=False,
        label=gettext_lazy("Type"),
        widget=forms.CheckboxSelectMultiple,
    )
    status = forms.MultipleChoiceField(
        choices=ActivityStatus.choices,
        required=False,
        label=gettext_lazy("Status"),
        widget=forms.CheckboxSelectMultiple,
    )
    planned = SwitchField(label=gettext_lazy("Only planned"))

    def __init__(self, data: Any, *, user: Any) -> None:
        self.viewer = user
        super().__init__(data, auto_id="calendar_%s")
        people: Any = self.fields["user"]
        people.queryset = people_offered()
        teams: Any = self.fields["team"]
        teams.queryset = Team.objects.visible_to(user)
        rank_people(self, user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if len(self.people()) > MAX_PEOPLE:
            del self.chosen_people[MAX_PEOPLE:]
            self.add_error("user", _("At most %(count)d people at a time.") % {"count": MAX_PEOPLE})
        return data

    def people(self) -> list[User]:
        """Return the people to show, each once, ordered by name; the user when no one is chosen."""
        return self.chosen_people or [self.viewer]

    @cached_property
    def chosen_people(self) -> list[User]:
        chosen = getattr(self, "cleaned_data", {})
        users, teams = chosen.get("user") or (), chosen.get("team") or ()
        members = people_offered().filter(pk__in=people_ids(*teams)) if teams else ()
        people = {person.pk: person for person in [*users, *members]}
        return sorted(people.values(), key=lambda person: str(person.sort_key))

    @property
    def has_choice(self) -> bool:
        return any(self.data.get(name) for name in ("user", "team", "type", "status", "planned"))

    def filters(self) -> dict[str, Any]:
        chosen = getattr(self, "cleaned_data", {})
        return {
            "types": chosen.get("type") or (),
            "statuses": chosen.get("status") or (),
            "unfinished": bool(chosen.get("planned")),
        }


class FeedQuery(CalendarQuery):
    """The calendar query with a window of time."""

    start = MomentField()
    end = MomentField()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        start, end = data.get("start"), data.get("end")
        if start and end and end <= start:
            self.add_error("end", _("The end is before the start."))
        elif start and end and end - start > dt.timedelta(days=LONGEST_DAYS, hours=2):
            self.add_error("end", _("At most %(count)d days at a time.") % {"count": LONGEST_DAYS})
        return data

    @property
    def window(self) -> Window:
        return Window(self.cleaned_data["start"], self.cleaned_data["end"])


class FeedForm(OnceFormMixin, forms.ModelForm):
    class Meta:
        model = CalendarFeed
        fields = ("name",)


class InvitationForm(OnceFormMixin, forms.Form):
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), required=False, label=gettext_lazy("Contacts"), widget=DrawnSelectMultiple
    )
    users = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, label=gettext_lazy("Colleagues"), widget=DrawnSelectMultiple
    )

    def __init__(self, *args: Any, activity: Activity, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts: Any = self.fields["contacts"]
        contacts.queryset = Contact.objects.visible_to(user)
        contacts.widget.offered = contacts_offered(user, activity.customer_id)
        contacts.initial = list(
            contacts.queryset.filter(activity_contacts__activity=activity).values_list("pk", flat=True)
        )
        users: Any = self.fields["users"]
        users.queryset = User.objects.all()
        users.widget.offered = User.objects.active().exclude(pk=user.pk).order_by("sort_key")
        for field in (contacts, users):
            field.widget.attrs["data-searchable"] = ""


class CalendarFileForm(forms.Form):
    """A file from another calendar program, decoded to text."""

    file = forms.FileField(
        label=gettext_lazy("Calendar file (.ics)"),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=gettext_lazy("At most 2 MB and 2,000 events."),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        try:
            return decode(file.read(2 * 1024 * 1024 + 1))
        except CalendarError as error:
            raise forms.ValidationError(str(error), code="calendar") from error


class CalendarTypesForm(forms.Form):
    """The activity types of imported events. Types that need more than an event contains are not offered."""

    with_customer = forms.ModelChoiceField(
        ActivityType.objects.none(), empty_label=None, label=gettext_lazy("Activity type for events with a customer")
    )
    without = forms.ModelChoiceField(
        ActivityType.objects.none(), empty_label=None, label=gettext_lazy("Activity type for other events")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain = ActivityType.objects.filter(retired_at__isnull=True, needs_goal=False, needs_contact=False)
        plain = plain.exclude(details__in=detail_codes(lambda details: not details.recurs))
        for name, types, code in (
            ("with_customer", plain, "meeting"),
            ("without", plain.filter(needs_customer=False), "internal_meeting"),
        ):
            field: Any = self.fields[name]
            field.queryset = types
            field.initial = types.filter(code=code).first() or types.first()

    def types(self) -> Types | None:
        """Return the chosen types, or the defaults; None when no type is suitable."""
        chosen = {name: self._type(name) for name in ("with_customer", "without")}
        return Types(**chosen) if all(chosen.values()) else None

    def _type(self, name: str) -> Any:
        if self.is_bound and self.is_valid():
            return self.cleaned_data[name]
        return self.fields[name].initial


def read_entries(week: WeekHours, data: Any) -> list[Entry]:
    """Return the hours typed into the cells of the week; a cell without a valid number gets an ``error``."""
    entries = []
    for row in week.rows:
        for cell in row.cells:
            if cell.name in data:
                cell.typed = data[cell.name].strip()[:20]
                try:
                    before, hours = _parse_hours(data.get(f"was-{cell.name}", "")), _parse_hours(cell.typed)
                except ValueError:
                    cell.error = _("Enter the hours as a number, such as 1.5.")
                else:
                    entries.append(Entry(row.type, row.customer, cell, before, hours))
    return entries


def _parse_hours(text: str) -> Decimal:
    number = parse_decimal(text.strip()) if text.strip() else Decimal(0)
    return number.quantize(Decimal("0.01")) if abs(number) < 1_000 else number


class WorkTargetForm(forms.ModelForm):
    """The weekly target; an empty field removes it."""

    hours = DecimalField(
        label=gettext_lazy("Target hours per week"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )

    class Meta:
        model = WorkTarget
        fields = ("hours",)


class ExportForm(forms.Form):
    """The days and people of the export."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))
    user = forms.ModelChoiceField(
        WorkTarget.objects.none(), required=False, label=gettext_lazy("Person"), empty_label=gettext_lazy("Everyone")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[("xlsx", gettext_lazy("Excel (.xlsx)")), ("csv", gettext_lazy("Text file (.csv)"))],
    )

    def __init__(self, data: Any, *, people: Any, viewer: Any) -> None:
        today = clock.user_today()
        initial = {"first": today.replace(day=1), "last": today, "user": viewer.pk, "kind": "xlsx"}
        super().__init__(data, initial=initial)
        users: Any = self.fields["user"]
        users.queryset = people

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end is before the start."))
        elif first and last and last - first > MAX_EXPORT_DAYS * DAY:
            self.add_error("last", _("At most %(count)d days at a time.") % {"count": MAX_EXPORT_DAYS})
        elif (first and not 1902 <= first.year <= 2198) or (last and not 1902 <= last.year <= 2198):
            self.add_error("first", _("Choose a year between 1902 and 2198."))
        return data
