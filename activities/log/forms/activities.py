"""Forms for logging and changing activities."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from activities.log import validators
from activities.log.enums import LOGGED, ActivityChannel
from activities.log.forms.parts import before_field
from activities.log.forms.status import FollowUpRows
from activities.log.models import Activity, ActivityType, Keyword, ReminderDefault
from core import clock
from core.dates import TimeField
from core.forms import (
    DecimalField,
    DrawnSelectMultiple,
    OnceFormMixin,
    RichTextField,
    VersionedFormMixin,
)
from customers.forms.fields import CustomerPickMixin
from customers.models import Contact

DETAILS_PREFIX = "details"
TITLE_LENGTH = 200
MORE = ("is_all_day", "hours", "place", "channel", "keywords", "participants", "status", "remind")


class ActivityFields(CustomerPickMixin, forms.ModelForm):
    """The fields that logging and changing share; ``type`` is fixed and decides which of them are present."""

    contacts_name, contacts_url = "contacts", "activities:contacts_field"

    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), required=False, label=gettext_lazy("Contacts"), widget=DrawnSelectMultiple
    )
    start = TimeField(label=gettext_lazy("When"))
    end = TimeField(label=pgettext_lazy("time", "End"), required=False)
    is_all_day = forms.BooleanField(
        label=pgettext_lazy("calendar", "All day"), required=False, help_text=gettext_lazy("Without a time.")
    )
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
        labels = {"settlement": gettext_lazy("How it was resolved")}
        field_classes = {"memo": RichTextField}
        widgets = {"settlement": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: User, type: ActivityType, **kwargs: Any) -> None:
        self.user, self.type = user, type
        super().__init__(*args, **kwargs)
        self.instance.type = type
        self.prepare_customer(user, kept=self.instance.customer_id)
        self.fields["customer"].required = type.needs_customer
        self.fields["customer"].error_messages["inactive"] = validators.CUSTOMER_INACTIVE
        self.fields["start"].widget.attrs["data-minutes"] = type.duration
        self._prepare_people()
        self._drop_fields_of_other_types()
        self.details = self._details_form()
        has_customer = self.type.needs_customer or bool(self.customer_id)
        self.follow_ups = FollowUpRows(self.data if self.is_bound else None, user=user, has_customer=has_customer)

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
        """Validate the parts of the form together with it, so that all messages are shown at once."""
        details = self.details is None or self.details.is_valid()
        return all([super().is_valid(), details, self.follow_ups.is_valid()])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, end = data.get("start"), data.get("end")
        if start and end and end < start:
            self.add_error("end", _("The end is before the start."))
        return data

    def parts(self) -> list[forms.BaseForm]:
        return [*([self.details] if self.details else []), *self.follow_ups]

    def keep_only(self) -> None:
        """Leave the type's own fields as they are: the form is cut down to some of the common ones."""
        self.details = None

    def changes(self) -> dict[str, Any]:
        """Return the content for the services."""
        technical = ("submission_key", "version", "customer_search", "status")
        content = {name: value for name, value in self.cleaned_data.items() if name not in technical}
        return content | ({"details": self.details.cleaned_data} if self.details else {})

    def _details_form(self) -> forms.ModelForm | None:
        """Return the form of the type's additional fields, filled from the activity."""
        details = self.type.own_details
        if details.form is None or details.model is None:
            return None
        row = details.model._default_manager.filter(activity=self.instance).first() if self.instance.pk else None
        form: forms.ModelForm = details.form(self.data if self.is_bound else None, prefix=DETAILS_PREFIX, instance=row)
        return form

    def _prepare_people(self) -> None:
        if self.customer_id:
            self.fields["title"].widget.attrs["autofocus"] = True
        contacts: Any = self.fields["contacts"]
        contacts.required = self.type.needs_contact
        contacts.error_messages["required"] = _("Choose the contact.")
        contacts.widget.attrs["data-searchable"] = ""
        people: Any = self.fields["participants"]
        people.queryset = User.objects.all()
        people.widget.offered = User.objects.active().order_by("sort_key")
        people.widget.attrs["data-searchable"] = ""

    def _drop_fields_of_other_types(self) -> None:
        keywords: Any = self.fields["keywords"]
        keywords.queryset = self.type.keywords.all()
        offered = list(keywords.queryset)
        if not offered:
            del self.fields["keywords"]
        if not any(keyword.keeps_open for keyword in offered):
            del self.fields["settlement"]
        if self.type.needs_goal:
            self.fields["goal"].required = True
            self.fields["goal"].error_messages["required"] = _("Enter the goal of the visit.")
        elif not self.instance.goal:
            del self.fields["goal"]


class ActivityForm(OnceFormMixin, ActivityFields):
    """Log an activity; the status follows from type and time unless it is chosen."""

    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[("", gettext_lazy("by type and time")), *((status.value, status.label) for status in LOGGED)],
    )
    remind = before_field(label=gettext_lazy("Remind me"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in self._defaults().items():
            if name in self.fields:
                self.initial.setdefault(name, value)
        if self.type.needs_goal:
            self._take_title_of_goal()

    def _take_title_of_goal(self) -> None:
        title: Any = self.fields["title"]
        title.required = False
        title.help_text = _("Leave empty to use the goal as the title.")
        title.widget.attrs["data-like"] = "goal"  # the browser shows it as the placeholder

    def clean(self) -> dict[str, Any]:
        """Give an activity without a title its goal as the title."""
        data = super().clean()
        if "title" not in self.errors and not data.get("title"):
            data["title"] = data.get("goal", "")[:TITLE_LENGTH]
        return data

    def _defaults(self) -> dict[str, Any]:
        return {
            "start": default_start(self.type),
            "memo": self.type.memo_template,
            "channel": self.type.channel,
            "participants": [self.user.pk],
            "remind": ReminderDefault.objects.filter(user=self.user).values_list("minutes_before", flat=True).first(),
        }


class ActivityChangeForm(VersionedFormMixin, ActivityFields):
    """Change an activity; the status has its own buttons."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        activity: Activity = kwargs["instance"]
        fields = ("start", "end", "is_all_day", "hours", "channel")
        kwargs["initial"] = {
            **{name: getattr(activity, name) for name in fields},
            "customer": activity.customer_id,
            "participants": list(activity.users.values_list("pk", flat=True)),
            "contacts": list(activity.contacts.values_list("pk", flat=True)),
            "keywords": list(activity.keywords.values_list("pk", flat=True)),
        }
        super().__init__(*args, **kwargs)

    def changes(self) -> dict[str, Any]:
        """Return the content for the services; a time that is the same to the minute is unchanged.

        The time fields of browsers have no seconds.
        """
        changes = super().changes()
        for name in {"start", "end"} & changes.keys():
            if _to_the_minute(changes[name]) == _to_the_minute(self.initial[name]):
                changes[name] = self.initial[name]
        if self.initial["is_all_day"] and changes.get("is_all_day"):
            del changes["is_all_day"]  # a time that is given says otherwise
        return changes


def _to_the_minute(time: dt.datetime | None) -> dt.datetime | None:
    return time and time.replace(second=0, microsecond=0)


def default_start(type: ActivityType) -> dt.datetime:
    """Return the next full hour for meetings, which are agreed beforehand, and the present time for others."""
    now = clock.now().replace(second=0, microsecond=0)
    return now.replace(minute=0) + dt.timedelta(hours=1) if type.channel == ActivityChannel.MEETING else now
