"""The filters of a timeline: type, person and period."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from activities.log.models import Activity, ActivityType, Participation
from core import clock

PERIODS = [
    ("", _("all time")),
    ("30", _("30 days")),
    ("180", _("6 months")),
    ("365", _("12 months")),
]
#: So many of the newest activities say whom one may choose.
LOOKED_AT = 200


class TimelineForm(forms.Form):
    """What narrows a timeline."""

    type = forms.ModelChoiceField(
        ActivityType.objects.all(), required=False, label=_("Type"), empty_label=pgettext_lazy("types", "all types")
    )
    person = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("Person"), empty_label=pgettext_lazy("people", "all people")
    )
    period = forms.ChoiceField(choices=PERIODS, required=False, label=_("Period"))

    def __init__(self, *args: Any, activities: QuerySet[Activity], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = activities.order_by("-start", "-pk").values("pk")[:LOOKED_AT]
        people = Participation.objects.filter(activity__in=newest).values("user")
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"
        self.fields["person"].queryset = User.objects.filter(pk__in=people).order_by("sort_key", "pk")  # type: ignore[attr-defined]

    def condition(self) -> Q:
        """Return the condition of what is chosen."""
        self.full_clean()
        found, condition = self.cleaned_data, Q()
        if found.get("type"):
            condition &= Q(type=found["type"])
        if found.get("person"):
            of_person = Participation.objects.filter(user=found["person"]).values("activity")
            condition &= Q(pk__in=of_person)
        if found.get("period"):
            condition &= Q(start__gte=clock.now() - dt.timedelta(days=int(found["period"])))
        return condition

    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())
