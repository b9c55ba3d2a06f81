"""Forms of feeds, invitations and calendar files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import User
from activities.calendar.ical.read import CalendarError, decode
from activities.calendar.models import CalendarFeed
from activities.calendar.services.files import Types
from activities.log.models import Activity, ActivityType
from activities.log.plugs import detail_codes
from core.forms import DrawnSelectMultiple, OnceFormMixin
from customers.models import Contact
from customers.selectors.contacts import contacts_offered


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
