"""Bulk operation: an activity for each customer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from activities.log.enums import ActivityStatus
from activities.log.models import (
    Activity,
    ActivityContact,
    ActivityKeyword,
    ActivityTemplate,
    ActivityType,
    Participation,
)
from activities.log.selectors import types_for_each
from activities.log.services.effects import contact_dates_refresh
from activities.log.services.follow_ups import WITH_CUSTOMER, due_time
from activities.log.validators import LAST_YEAR
from core import clock
from core.bulk.execution import people_of
from core.bulk.models import BulkRow, BulkRun
from core.bulk.operations import Applied, BulkForm, Finding
from core.dates import DayField
from core.richtext import clean
from core.undo.parts import Part, Undoing
from core.undo.plan import Plan
from core.working_days import is_working_day
from customers.bulk.base import CustomerOperation
from customers.forms.fields import PersonChoiceField
from customers.models import Customer, CustomerSummary

OWNERS, PERSON = "owners", "person"
#: An activity is not planned further ahead than this.
MOST_DAYS = 366


class EachForm(BulkForm):
    template = forms.ModelChoiceField(
        ActivityTemplate.objects.none(),
        label=gettext_lazy("Template"),
        required=False,
        empty_label=gettext_lazy("none"),
        help_text=gettext_lazy("It gives the type, the memo to fill in and, unless you give another one, the title."),
    )
    type = forms.ModelChoiceField(
        ActivityType.objects.none(), label=gettext_lazy("Type"), required=False, empty_label=None
    )
    title = forms.CharField(label=pgettext_lazy("activity", "Title"), max_length=200, required=False)
    whose = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=[
            (OWNERS, gettext_lazy("The owner of each customer")),
            (PERSON, gettext_lazy("One person")),
        ],
        initial=OWNERS,
        widget=forms.RadioSelect,
    )
    person = PersonChoiceField(label=gettext_lazy("Person"), required=False)
    first = DayField(label=gettext_lazy("From"), initial=clock.user_today)
    last = DayField(
        label=gettext_lazy("To"),
        required=False,
        help_text=gettext_lazy("The activities are spread evenly over the working days between the two."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        types = types_for_each()
        fields["type"].queryset = ActivityType.objects.filter(pk__in=[type.pk for type in types])
        fields["type"].initial = next((type.pk for type in types if type.code == WITH_CUSTOMER), None)
        fields["template"].queryset = ActivityTemplate.objects.filter(retired_at__isnull=True, type__in=types)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._fill(data)
        first, last = data.get("first"), data.get("last")
        if data.get("whose") == PERSON and not data.get("person") and "person" not in self.errors:
            self.add_error("person", _("Choose the person."))
        if first and first < clock.user_today() and not self.is_started:
            self.add_error("first", _("The date is in the past."))
        elif first and last and last < first:
            self.add_error("last", _("The end is before the start."))
        elif first and last and (last - first).days > MOST_DAYS:
            self.add_error("last", _("At most a year after the first day."))
        elif first and first.year > LAST_YEAR:
            years = {"first": clock.user_today().year, "last": LAST_YEAR}
            self.add_error("first", _("The year must be between %(first)d and %(last)d.") % years)
        return data

    def _fill(self, data: dict[str, Any]) -> None:
        """Fill in what the template gives; without one, type and title are required."""
        template = data.get("template")
        if template:
            data["type"], data["title"] = template.type, data.get("title") or template.title
        for name in ("type", "title"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])


def days_between(first: dt.date, last: dt.date | None) -> list[dt.date]:
    """Return the working days of the period; its first day where there is none."""
    days = [first + dt.timedelta(days=number) for number in range(((last or first) - first).days + 1)]
    return [day for day in days if is_working_day(day)] or [first]


class EachOperation(CustomerOperation):
    name, icon, order = "activities.each", "calendar-plus", 30
    label = gettext_lazy("Activity for each")
    permission = "activities.log_activity"
    form_class = EachForm
    undoing = Undoing(
        Activity,
        [Part(model, Activity, "activity_id") for model in (Participation, ActivityContact, ActivityKeyword)],
    )
    makes_records = True
    notify_url_name, notify_query = "activities:mine", {}
    reasons = {**CustomerOperation.common, "no_owner": gettext_lazy("The customer has no owner")}

    def editable(self, user: Any) -> Any:
        return Customer.objects.visible_to(user).active()  # activities are logged for every customer

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("%(type)s for each: %(title)s") % {"type": content["type"], "title": content["title"]}

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        days = days_between(content["first"], content["last"])
        person = content["person"] if content["whose"] == PERSON else _("the owner of each customer")
        first, last = (date_format(day, "SHORT_DATE_FORMAT") for day in (days[0], days[-1]))
        values = {"person": person, "day": first, "first": first, "last": last, "days": len(days)}
        spread = _("For %(person)s, spread over %(days)d working days from %(first)s to %(last)s.")
        return [(spread if len(days) > 1 else _("For %(person)s, on %(day)s.")) % values]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from self.not_permitted(user, rows)
        if content["whose"] == OWNERS:
            yield Finding("no_owner", rows.filter(summary__owner__isnull=True))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        owners = self._owners(content, ids)
        starts = self._starts(content, run, owners)
        made = Activity.objects.bulk_create(self._activity(content, run, pk, starts[pk]) for pk in ids)
        Participation.objects.bulk_create(
            Participation(activity=activity, user_id=owners[activity.customer_id or 0]) for activity in made
        )
        contact_dates_refresh(ids)
        return Applied(
            changed=ids,
            people={pk: [owners[pk]] for pk in ids},
            made={activity.customer_id or 0: activity.pk for activity in made},
        )

    def _owners(self, content: Mapping[str, Any], ids: Sequence[int]) -> dict[int, int]:
        if content["whose"] == PERSON:
            return dict.fromkeys(ids, content["person"].pk)
        return dict(CustomerSummary.objects.filter(pk__in=ids).values_list("pk", "owner"))

    def _starts(self, content: Mapping[str, Any], run: BulkRun, owners: Mapping[int, int]) -> dict[int, dt.datetime]:
        """Return when each is due: the activities of a person take the working days in turn."""
        days = [due_time(day) for day in days_between(content["first"], content["last"])]
        turn, starts = Counter(people_of(run)), {}
        for customer_id, owner in owners.items():
            starts[customer_id] = days[turn[owner] % len(days)]
            turn[owner] += 1
        return starts

    def _activity(self, content: Mapping[str, Any], run: BulkRun, customer_id: int, start: dt.datetime) -> Activity:
        type, title = content["type"], content["title"]
        return Activity(
            type=type,
            customer_id=customer_id,
            title=title,
            goal=title if type.needs_goal else "",
            memo=clean(content["template"].memo) if content["template"] else "",
            start=start,
            channel=type.channel,
            status=ActivityStatus.OPEN,
            created_by=run.user,
        )

    def undo_key(self, row: BulkRow) -> int:
        return row.made_id or 0

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        yield from ()

    def take_back(self, plan: Plan) -> None:
        super().take_back(plan)
        contact_dates_refresh({item.last.content.get("customer_id") for item in plan.done})
