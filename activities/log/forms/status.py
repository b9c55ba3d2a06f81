"""Forms for closing and reopening activities, and the rows of follow-ups inside other forms."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from activities.log.models import Activity, ActivityType
from activities.log.selectors import follow_up_types
from activities.log.services.follow_ups import WITH_CUSTOMER, WITHOUT_CUSTOMER, FollowUp
from activities.log.validators import FIRST_YEAR, LAST_YEAR
from core import clock
from core.dates import DayField
from core.forms import DrawnSelect, OnceFormMixin, RichTextField, RichTextInput, VersionedFormMixin
from core.status import SHORTEST_REASON

SHOWN, MAX_ROWS = 3, 20
PREFIX = "follow"


class FollowUpForm(forms.Form):
    """A follow-up; a row without a title is ignored."""

    title = forms.CharField(label=gettext_lazy("What was agreed"), required=False, max_length=200)
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Who"),
        required=False,
        widget=DrawnSelect(attrs={"data-searchable": ""}),
    )
    due = DayField(label=gettext_lazy("By when"), required=False)
    type = forms.ModelChoiceField(
        ActivityType.objects.none(), label=gettext_lazy("Type"), required=False, empty_label=None
    )

    def __init__(self, *args: Any, people: Any, types: list[ActivityType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["title"].widget.attrs["placeholder"] = _("What was agreed")
        fields["owner"].queryset = User.objects.active()
        fields["owner"].widget.offered = people
        fields["type"].queryset = ActivityType.objects.filter(pk__in=[type.pk for type in types])
        fields["type"].choices = [(type.pk, str(type)) for type in types]
        for name, field in fields.items():
            if name != "title":
                field.widget.attrs["aria-label"] = field.label

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("title"):
            return data
        due: dt.date | None = data.get("due")
        if due is None and "due" not in self.errors:
            self.add_error("due", _("Enter the due date."))
        elif due and not FIRST_YEAR <= due.year <= LAST_YEAR:
            message = _("The year must be between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            self.add_error("due", message)
        return data

    @property
    def agreed(self) -> FollowUp | None:
        data = self.cleaned_data
        return FollowUp(data["title"], data["due"], data["owner"], data["type"]) if data["title"] else None


class FollowUpRows:
    """The rows of a form; ``follow-count`` is their number, three without JavaScript."""

    def __init__(self, data: Any, *, user: User, has_customer: bool, shown: int = SHOWN) -> None:
        self.is_bound = data is not None
        types, people = follow_up_types(), User.objects.active().order_by("sort_key")
        self._options = {
            "data": data,
            "people": people,
            "types": types,
            "initial": {
                "owner": user.pk,
                "due": next_week(clock.user_today()),
                "type": _default_type(types, has_customer=has_customer),
            },
        }
        self.count = _row_count(data, shown)
        self.rows = [FollowUpForm(**self._options, prefix=f"{PREFIX}-{number}") for number in range(self.count)]

    def __iter__(self) -> Iterator[FollowUpForm]:
        return iter(self.rows)

    @property
    def template(self) -> FollowUpForm:
        """The empty row that JavaScript copies."""
        return FollowUpForm(**self._options | {"data": None}, prefix=f"{PREFIX}-0000")

    def is_valid(self) -> bool:
        """Check every row, so that all messages show at once."""
        checked = [row.is_valid() for row in self.rows]
        return all(checked)

    def has_content(self) -> bool:
        return any(row.errors or row["title"].value() for row in self.rows) if self.is_bound else False

    @property
    def submission_key(self) -> uuid.UUID | None:
        """The key of a row that is submitted alone, so that a double click adds it once."""
        form = OnceFormMixin(self._options["data"])
        return form.cleaned_data["submission_key"] if form.is_valid() else None

    @property
    def agreed(self) -> list[FollowUp]:
        return [row.agreed for row in self.rows if row.agreed]


def next_week(today: dt.date) -> dt.date:
    """Return the day a week from ``today``, moved from a weekend to the following Monday."""
    day = today + dt.timedelta(days=7)
    return day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _row_count(data: Any, shown: int) -> int:
    text = (data or {}).get(f"{PREFIX}-count", "")
    return min(int(text), MAX_ROWS) if text.isascii() and text.isdecimal() and len(text) < 4 else shown


def _default_type(types: list[ActivityType], *, has_customer: bool) -> int | None:
    code = WITH_CUSTOMER if has_customer else WITHOUT_CUSTOMER
    return next((type.pk for type in types if type.code == code), None)


class FinishForm(VersionedFormMixin, forms.ModelForm):
    """Close an activity that needs a memo or a resolution first, and add follow-ups."""

    extra_template = "activities/follow_ups.html"

    class Meta:
        model = Activity
        fields = ("memo", "settlement")
        labels = {"settlement": gettext_lazy("How it was resolved")}
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

    def parts(self) -> list[forms.BaseForm]:
        return list(self.follow_ups)

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.follow_ups.is_valid()])


class ReasonForm(VersionedFormMixin, forms.ModelForm):
    """Ask for the reason of setting an activity back to open."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()
