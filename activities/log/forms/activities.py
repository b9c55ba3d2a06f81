"""The forms by which people log, change and close activities."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from activities.log import validators
from activities.log.enums import ActivityChannel, ActivityStatus, CriticalMoment
from activities.log.forms.follow_ups import FollowUpRows
from activities.log.forms.reminders import before_field
from activities.log.models import Activity, ActivityType, ContactReason, Encounter, Keyword, ReminderDefault
from activities.log.selectors import midnight
from core import clock
from core.dates import TimeField
from core.exceptions import BusinessRuleError
from core.forms import (
    DecimalField,
    DrawnSelect,
    DrawnSelectMultiple,
    OnceFormMixin,
    RichTextField,
    RichTextInput,
    VersionedFormMixin,
)
from core.numbers import parse_id
from core.status import SHORTEST_REASON
from customers.models import Contact, Customer
from customers.search import best
from customers.selectors.contacts import contacts_offered

DETAILS_PREFIX = "details"
FOUND = 20
MORE = ("hours", "place", "channel", "keywords", "participants", "status", "remind")


class CustomerField(forms.ModelChoiceField):
    """Marked as required where it is; that it is missing the form says, which can also find it by name."""

    def validate(self, value: Any) -> None:
        pass


class ActivityFields(forms.ModelForm):
    """What logging and changing share. ``type`` is given and fixed; it says which fields there are."""

    customer = CustomerField(
        Customer.objects.none(),
        required=False,
        label=gettext_lazy("Customer"),
        widget=DrawnSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose the customer from the list.")},
    )
    customer_search = forms.CharField(
        required=False, max_length=200, label=gettext_lazy("Find the customer"), widget=forms.TextInput
    )
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), required=False, label=gettext_lazy("Contacts"), widget=DrawnSelectMultiple
    )
    start = TimeField(label=gettext_lazy("When"))
    end = TimeField(label=pgettext_lazy("time", "End"), required=False)
    hours = DecimalField(
        label=gettext_lazy("Hours of work"),
        required=False,
        min_value=0,
        max_value=500,
        max_digits=5,
        decimal_places=2,
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), required=False, choices=[("", "–"), *ActivityChannel.choices]
    )
    keywords = forms.ModelMultipleChoiceField(
        Keyword.objects.none(),
        required=False,
        label=gettext_lazy("Keywords"),
        widget=forms.CheckboxSelectMultiple,
    )
    participants = forms.ModelMultipleChoiceField(
        User.objects.none(), required=False, label=gettext_lazy("Our participants"), widget=DrawnSelectMultiple
    )

    class Meta:
        model = Activity
        fields = ("title", "goal", "memo", "place", "settlement")
        field_classes = {"memo": RichTextField}
        widgets = {"settlement": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: User, type: ActivityType, **kwargs: Any) -> None:
        self.user, self.type = user, type
        super().__init__(*args, **kwargs)
        self.instance.type = type
        self._prepare_customer()
        self._prepare_people()
        self._drop_what_the_type_lacks()
        self.details = self._details_form()
        has_customer = self.type.needs_customer or bool(self.customer_id)
        self.follow_ups = FollowUpRows(self.data if self.is_bound else None, user=user, has_customer=has_customer)

    @property
    def customer_id(self) -> int | None:
        """The customer that is chosen now, as far as it is a number."""
        return parse_id(self["customer"].value())

    def main_fields(self) -> list[forms.BoundField]:
        feedback = ("keywords", "settlement") if "settlement" in self.fields else ()
        names = ("title", "goal", *feedback, "memo")
        return [self[name] for name in names if name in self.fields]

    def time_fields(self) -> list[forms.BoundField]:
        return [self["start"], self["end"]]

    def more_fields(self) -> list[forms.BoundField]:
        shown = {field.name for field in self.main_fields()}
        return [self[name] for name in MORE if name in self.fields and name not in shown]

    def more_is_open(self) -> bool:
        return any(field.errors for field in self.more_fields())

    def is_valid(self) -> bool:
        """The parts of the form are checked with it, so that all messages show at once."""
        details = self.details is None or self.details.is_valid()
        return all([super().is_valid(), details, self.follow_ups.is_valid()])

    def clean_customer(self) -> Customer | None:
        customer: Customer | None = self.cleaned_data["customer"]
        try:
            if customer is None or customer.pk != self.instance.customer_id:
                validators.check_customer(self.type, customer or self._found_customer())
        except BusinessRuleError as error:
            raise forms.ValidationError(str(error), code=error.code) from error
        return customer or self._found_customer()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", _("The end is before the start."))
        return data

    def changes(self) -> dict[str, Any]:
        """The content for the services."""
        technical = ("submission_key", "version", "customer_search", "status")
        found = {name: value for name, value in self.cleaned_data.items() if name not in technical}
        return found | ({"details": self.details.cleaned_data} if self.details else {})

    def _details_form(self) -> forms.ModelForm | None:
        """The fields that only this type has, with what the activity has in them already."""
        details = self.type.own_details
        if details.form is None or details.model is None:
            return None
        row = details.model._default_manager.filter(activity=self.instance).first() if self.instance.pk else None
        form: forms.ModelForm = details.form(self.data if self.is_bound else None, prefix=DETAILS_PREFIX, instance=row)
        return form

    def _prepare_customer(self) -> None:
        field: Any = self.fields["customer"]
        own = Customer.objects.filter(pk=self.instance.customer_id)  # it may have become passive meanwhile
        field.queryset = Customer.objects.visible_to(self.user) | own
        field.required = self.type.needs_customer
        field.widget.visible = Customer.objects.visible_to(self.user)
        field.widget.attrs |= {
            "data-search-url": reverse("customers:options"),
            "hx-get": reverse("activities:contacts_field"),
            "hx-target": "#contacts-field",
            "hx-swap": "outerHTML",
            "hx-trigger": "change",
        }
        self.fields["start"].widget.attrs["data-minutes"] = self.type.duration

    def _prepare_people(self) -> None:
        if self.customer_id:
            self.fields["title"].widget.attrs["autofocus"] = True
        contacts: Any = self.fields["contacts"]
        contacts.queryset = Contact.objects.visible_to(self.user)
        contacts.required = self.type.needs_contact
        contacts.error_messages["required"] = _("Choose whom it concerned.")
        contacts.widget.offered = contacts_offered(self.user, self.customer_id)
        contacts.widget.attrs["data-searchable"] = ""
        people: Any = self.fields["participants"]
        people.queryset = User.objects.all()
        people.widget.offered = User.objects.active().order_by("sort_key")
        people.widget.attrs["data-searchable"] = ""

    def _drop_what_the_type_lacks(self) -> None:
        keywords: Any = self.fields["keywords"]
        keywords.queryset = self.type.keywords.all()
        words = list(keywords.queryset)
        if not words:
            del self.fields["keywords"]
        if not any(word.keeps_open for word in words):
            del self.fields["settlement"]
        if self.type.needs_goal:
            self.fields["goal"].required = True
            self.fields["goal"].error_messages["required"] = _("Write the goal of the visit.")
        elif not self.instance.goal:
            del self.fields["goal"]

    def _found_customer(self) -> Customer | None:
        """Without JavaScript the customer is found by typing: the one that matches, or several to choose from."""
        text = self.data.get("customer_search", "").replace("\x00", "").strip()[:200]
        if not text:
            return None
        found = list(best(Customer.objects.visible_to(self.user), text, FOUND))
        if len(found) == 1:
            return found[0]
        self.fields["customer"].widget.offered = Customer.objects.filter(pk__in=[row.pk for row in found])
        if found:
            raise forms.ValidationError(_("Several customers match. Choose one of them."), code="several")
        raise forms.ValidationError(_("No customer matches. Try a shorter word."), code="none")


class ActivityForm(OnceFormMixin, ActivityFields):
    """Logging: the status comes from type and time unless it is chosen."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("by type and time")), *ActivityStatus.choices],
    )
    remind = before_field(label=gettext_lazy("Remind me"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self._defaults().items():
            if name in self.fields:
                self.initial.setdefault(name, value)

    def _defaults(self) -> dict[str, Any]:
        return {
            "start": default_start(self.type),
            "memo": self.type.memo_template,
            "channel": self.type.channel,
            "participants": [self.user.pk],
            "remind": ReminderDefault.objects.filter(user=self.user).values_list("minutes_before", flat=True).first(),
        }


class ActivityChangeForm(VersionedFormMixin, ActivityFields):
    """Changing: people and words are those that the activity has; the status has its own buttons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        activity: Activity = kwargs["instance"]
        fields = ("start", "end", "hours", "channel")
        kwargs["initial"] = {
            **{name: getattr(activity, name) for name in fields},
            "customer": activity.customer_id,
            "participants": list(activity.users.values_list("pk", flat=True)),
            "contacts": list(activity.contacts.values_list("pk", flat=True)),
            "keywords": list(activity.keywords.values_list("pk", flat=True)),
        }
        super().__init__(*args, **kwargs)

    def changes(self) -> dict[str, Any]:
        """A time that is the same to the minute is the same: a browser's field has no seconds."""
        found = super().changes()
        for name in ("start", "end"):
            if _minute(found[name]) == _minute(self.initial[name]):
                found[name] = self.initial[name]
        return found


def _minute(time: dt.datetime | None) -> dt.datetime | None:
    return time and time.replace(second=0, microsecond=0)


def default_start(type: ActivityType) -> dt.datetime:
    """Return the next full hour for what is agreed beforehand, and now for what is logged at once."""
    now = clock.now().replace(second=0, microsecond=0)
    return now.replace(minute=0) + dt.timedelta(hours=1) if type.channel == ActivityChannel.MEETING else now


LONGEST_DAYS, LONGEST_TIME = 62, 40

EDGE = range(1901, 2200)


class ClockField(forms.Field):
    """A time of a calendar program: 2026-11-21T08:00, with or without an offset. Without one it stays the clock's."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        moment = self.read(value.strip()) if len(value) <= LONGEST_TIME else None
        if moment is None or moment.year not in EDGE:
            raise forms.ValidationError(_("Write the time as 2026-11-21T08:00."), code="invalid")
        return moment

    def read(self, text: str) -> dt.datetime | None:
        try:
            return parse_datetime(text)
        except ValueError:
            return None


class MomentField(ClockField):
    """A moment: such a time in the user's time zone, or a day (its beginning)."""

    def read(self, text: str) -> dt.datetime | None:
        try:
            if day := parse_date(text):
                return midnight(day) if day.year in EDGE else None
        except ValueError:
            return None
        moment = super().read(text)
        return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment


def asked_times(query: Any) -> dict[str, dt.datetime]:
    """Return ``start`` and ``end`` of an address as far as they can be read."""
    found = {}
    for name in ("start", "end"):
        with suppress(forms.ValidationError):
            found[name] = MomentField(required=False).clean(query.get(name, ""))
    return {name: time for name, time in found.items() if time}


class CloseManyForm(OnceFormMixin, forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Explanation"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why these are closed, such as “not needed any more”. It is kept with each of them."),
    )


SOLVED = [("", "–"), ("true", pgettext_lazy("solved at once", "yes")), ("false", pgettext_lazy("solved at once", "no"))]


class EncounterForm(forms.ModelForm):
    """What every encounter tells; all of it may be left empty."""

    solved_at_once = forms.TypedChoiceField(
        label=gettext_lazy("Solved at once"),
        required=False,
        choices=SOLVED,
        coerce=lambda text: text == "true",
        empty_value=None,
    )
    critical_moment = forms.ChoiceField(
        label=gettext_lazy("Critical moment"), required=False, choices=[("", "–"), *CriticalMoment.choices]
    )
    unnecessary = forms.ModelChoiceField(
        ContactReason.objects.none(),
        label=gettext_lazy("Why the contact was unnecessary"),
        required=False,
        empty_label=gettext_lazy("it was needed"),
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
    """A colleague to choose by typing; somebody who has left stays where he or she was."""

    widget = DrawnSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.all(), **kwargs)
        self.widget.offered = User.objects.active().order_by("sort_key")
        self.widget.attrs["data-searchable"] = ""


class OfActivityForm(VersionedFormMixin, forms.ModelForm):
    """A form about an activity that writes none of its own fields: the service does."""

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()


class FinishForm(VersionedFormMixin, forms.ModelForm):
    """Closing what needs words, and what was agreed."""

    extra_template = "activities/follow_ups.html"

    class Meta:
        model = Activity
        fields = ("memo", "settlement")
        field_classes = {"memo": RichTextField}
        widgets = {"memo": RichTextInput(attrs={"rows": 10}), "settlement": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, user: User, needs_settlement: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.follow_ups = FollowUpRows(
            self.data if self.is_bound else None, user=user, has_customer=bool(self.instance.customer_id)
        )
        if not self.instance.memo:
            self.initial["memo"] = self.instance.type.memo_template
        if needs_settlement:
            self.fields["settlement"].required = True
        else:
            del self.fields["settlement"]

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.follow_ups.is_valid()])


class ReasonForm(VersionedFormMixin, forms.ModelForm):
    """Going back to open tells why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()
