"""Forms of contacts: the person, phones and e-mails, positions, consents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import clock
from core.dates import DayField
from core.form_undo import content_of
from core.forms import OnceFormMixin, VersionedFormMixin
from core.phones import show_phone
from customers.enums import CONSENT_CHANNELS, BranchPurpose, ContactPointKind
from customers.forms.fields import CustomerPickField
from customers.models import ClassificationNode, Consent, Contact, ContactPoint, Position
from customers.services.contacts import Point
from customers.validators import clean_point

BLANK_ROWS = 2
MAX_POINTS = 12


class PointForm(forms.Form):
    """One phone number or e-mail address; an empty value is ignored."""

    value = forms.CharField(label=_("Phone or e-mail"), max_length=254, required=False)
    label = forms.CharField(label=_("Label"), max_length=60, required=False)
    is_primary = forms.BooleanField(label=_("Primary"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs["placeholder"] = _("e.g. work, mobile")

    def clean_value(self) -> str:
        value: str = self.cleaned_data["value"]
        if value:
            self.kind, self.cleaned = clean_point(value)
        return value


class BasePointFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        """Refuse the same number or address twice."""
        seen: set[str] = set()
        for form in self.forms:
            cleaned = getattr(form, "cleaned", "")
            if cleaned and cleaned in seen:
                form.add_error("value", ValidationError(_("This is already on the list.")))
            seen.add(cleaned)

    def points(self) -> list[Point]:
        """Return the points in the order of the rows."""
        points = [form.cleaned_data for form in self.forms if form.cleaned_data.get("value")]
        return [Point(point["value"], point["label"], point["is_primary"]) for point in points]

    def keys(self) -> list[tuple[str, str]]:
        """Return (kind, value) of the valid rows."""
        return [(form.kind, form.cleaned) for form in self.forms if getattr(form, "cleaned", "")]


PointFormSet: Any = forms.formset_factory(
    PointForm, BasePointFormSet, extra=BLANK_ROWS, max_num=MAX_POINTS, absolute_max=MAX_POINTS + BLANK_ROWS,
    validate_max=True,
)  # fmt: skip


def display_value(point: ContactPoint) -> str:
    """Return a number or address as people read it."""
    return show_phone(point.value) if point.kind == ContactPointKind.PHONE else point.value


class WithPoints(forms.ModelForm):
    """A contact form with rows of phones and e-mails; valid only if the rows are."""

    points: BasePointFormSet | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = PointFormSet(self.data if self.is_bound else None, prefix="points", initial=self._initial())

    def _initial(self) -> list[dict[str, Any]]:
        if not self.instance.pk:
            return []
        return [
            {"value": display_value(point), "label": point.label, "is_primary": point.is_primary}
            for point in self.instance.points.all()
        ]

    def is_valid(self) -> bool:
        is_own_valid, are_points_valid = super().is_valid(), self.points is None or self.points.is_valid()
        return is_own_valid and are_points_valid

    def keep_only(self) -> None:
        """Leave phones and e-mails as they are: only some of the fields of the person are changed."""
        self.points = None

    def parts(self) -> list[forms.BaseForm]:
        return [] if self.points is None else list(self.points.forms)

    def more_content(self) -> dict[str, list[str]]:
        return {} if self.points is None else content_of(self.points.management_form)

    def point_keys(self) -> list[tuple[str, str]]:
        """Return (kind, value) of the valid rows."""
        return [] if self.points is None else self.points.keys()

    def new_points(self) -> list[Point] | None:
        return None if self.points is None else self.points.points()


class ContactForm(VersionedFormMixin, WithPoints):
    class Meta:
        model = Contact
        fields = ("first_name", "last_name", "language", "preferred_channel", "description")
        widgets = {"description": forms.Textarea({"rows": 3})}

    fieldsets = (("", ("first_name", "last_name", "language", "preferred_channel", "description")),)


class PrimaryPointForm(forms.Form):
    """The primary phone number or e-mail address of a contact."""

    kind: ContactPointKind

    def clean_value(self) -> str:
        value: str = self.cleaned_data["value"]
        if value and clean_point(value)[0] != self.kind:
            raise ValidationError(self.fields["value"].error_messages["other_kind"])
        return value


class PrimaryPhoneForm(PrimaryPointForm):
    kind = ContactPointKind.PHONE
    value = forms.CharField(
        label=_("Phone"), max_length=60, required=False, error_messages={"other_kind": _("Enter a phone number.")}
    )


class PrimaryEmailForm(PrimaryPointForm):
    kind = ContactPointKind.EMAIL
    value = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, error_messages={"other_kind": _("Enter an e-mail address.")}
    )


def contact_roles() -> Any:
    """Return the contact roles of the decision structure."""
    return ClassificationNode.objects.filter(branch__purpose=BranchPurpose.CONTACT_ROLE).select_related("branch")


class PositionFields(forms.ModelForm):
    role = forms.ModelChoiceField(
        contact_roles(), label=_("Role in decisions"), required=False, empty_label=_("not known")
    )
    start = DayField(label=_("From"), required=False)
    end = DayField(label=_("To"), required=False)

    class Meta:
        model = Position
        fields: tuple[str, ...] = ("title", "role", "area", "start", "end")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        held = self.instance.role_id
        field.queryset = field.queryset.in_use() | field.queryset.filter(pk=held) if held else field.queryset.in_use()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", _("The end is before the start."))
        return data


class PositionAddForm(OnceFormMixin, PositionFields):
    customer = CustomerPickField()
    fieldsets = (("", ("customer", "title", "role", "area", "start", "end")),)

    class Meta(PositionFields.Meta):
        fields = ("customer", "title", "role", "area", "start", "end")


class PositionForm(VersionedFormMixin, PositionFields):
    """Change a position. Its version is that of the contact, because positions are part of the contact's page."""

    fieldsets = (("", ("title", "role", "area", "start", "end")),)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["instance"].version = kwargs["instance"].contact.version
        super().__init__(*args, **kwargs)


class PositionEndForm(forms.Form):
    end = DayField(label=_("Last day"), initial=clock.today)


class ContactAddForm(OnceFormMixin, WithPoints):
    """A new contact with a first position; possible duplicates are shown before it is added."""

    customer = CustomerPickField(required=False)
    title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    role = forms.ModelChoiceField(
        contact_roles(), label=_("Role in decisions"), required=False, empty_label=_("not known")
    )
    area = forms.CharField(
        label=_("Service or system"),
        max_length=120,
        required=False,
        help_text=_("What this person is our contact for."),
    )
    start = DayField(label=_("From"), required=False)
    fieldsets = (
        ("", ("first_name", "last_name", "language")),
        (_("Works for"), ("customer", "title", "role", "area", "start")),
        ("", ("description",)),
    )

    class Meta:
        model = Contact
        fields = ("first_name", "last_name", "language", "description")
        widgets = {"description": forms.Textarea({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        field.queryset = field.queryset.in_use()
        self.fields["first_name"].widget.attrs["data-spreads"] = ""  # propose.js
        self.fields["first_name"].help_text = _(
            "You can paste here: name, job title, phone, e-mail. They go to their fields."
        )

    def position(self) -> dict[str, Any] | None:
        """Return the data of the first position, or None if no customer was chosen."""
        names = ("customer", "title", "role", "area", "start")
        return {name: self.cleaned_data[name] for name in names} if self.cleaned_data["customer"] else None


class ConsentForm(OnceFormMixin, forms.ModelForm):
    channel = forms.ChoiceField(
        label=_("Channel"), choices=[(channel.value, channel.label) for channel in CONSENT_CHANNELS]
    )
    is_given = forms.TypedChoiceField(
        label=_("Consents"),
        choices=(("1", _("yes")), ("0", _("no"))),
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    given_on = DayField(label=_("Date"), initial=clock.today)

    class Meta:
        model = Consent
        fields = ("channel", "is_given", "given_on", "source")
