"""Filters of occurrences, with which every figure leads to exactly its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Role, Team, User
from accounts.standing_in import people_ids_of
from careplans.adherence.capacity import monday_of
from careplans.caremodels.models import CareModel
from careplans.following.enums import OccurrenceState, Part
from careplans.following.models import CareOccurrence, CareStatus
from careplans.following.parts import PARTS
from careplans.following.permissions import people_seen
from careplans.plans.filters import UnderModelFilter
from careplans.plans.selectors import cared_for
from core import clock
from core.filters import AnyDayField, DayFilter, FilterSet, YesFilter, YesNoFilter
from customers.enums import BranchPurpose, ResponsibilityRole
from customers.filters import CustomerFilter
from customers.models import ClassificationNode
from customers.segment_filters import SearchableSelect
from customers.state_filters import CustomerStateFilter, OfActiveCustomers
from segmentation.schemes.models import Segment

NOBODY = "nobody"
#: The columns by which figures are grouped and that may be empty, by the names of their filters.
MAY_LACK = {"team": "team", "unit": "unit", "segment": "segment", "group": "node", "care_model": "care_model"}


def seen_people(request: HttpRequest | None) -> Any:
    return people_seen(request.user) if request else User.objects.none()


def holder_choices() -> list[tuple[str, Any]]:
    """Return what has occurrences besides people and teams: several people of a role or group, nobody."""
    roles = [(f"role:{role.value}", role.label) for role in ResponsibilityRole]
    groups = [(f"group:{one.name}", one.label) for one in Role.objects.order_by("pk")]
    return [*roles, *groups, (NOBODY, _("nobody"))]


def _rows(queryset: Any, label: Any, field_name: str | None = None) -> Any:
    return filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=queryset, field_name=field_name, widget=SearchableSelect, label=label
    )  # fmt: skip


def _held_together(queryset: Any, holder: str) -> Any:
    """Return what no single person has, by its holder: the index is of these only."""
    return queryset.filter(holder=holder, user__isnull=True)


class WeekField(AnyDayField):
    """A day of a week, of the years in which there are working days."""

    is_bounded = True


class WeekFilter(DayFilter):
    field_class = WeekField


class OccurrenceFilter(OfActiveCustomers, FilterSet):
    mine = YesFilter(method="only_mine", label=_("I have it"))
    open = YesFilter(method="only_open", label=_("To be done now"))
    unheeded = YesFilter(method="only_unheeded", label=_("Missed three times in a row"))
    state = filters.MultipleChoiceFilter(distinct=False, choices=OccurrenceState.choices, label=_("State"))
    part = filters.ChoiceFilter(choices=Part.choices, method="of_part", label=_("Which actions"))
    customer = CustomerFilter()
    owner = _rows(seen_people, _("Who has it"), "user")
    holder = filters.ChoiceFilter(choices=holder_choices, method="of_holder", label=_("Held together"))
    held_by = filters.ModelChoiceFilter(queryset=Team.objects.all(), method="of_team", label=_("Held by the team"))
    team = _rows(Team.objects.all(), _("Team"))
    unit = _rows(Team.objects.all(), _("Unit"))
    segment = _rows(Segment.objects.primary(), _("Segment"))
    group = _rows(
        ClassificationNode.objects.filter(branch__purpose=BranchPurpose.GROUP).select_related("branch"),
        _("Customer group"), "node",
    )  # fmt: skip
    care_model = _rows(CareModel.objects.all(), _("Care model"))
    code = filters.CharFilter(max_length=60, label=_("Code of the action"))
    without = filters.ChoiceFilter(
        choices=(
            ("team", _("team")), ("unit", _("unit")), ("segment", _("segment")), ("group", _("customer group")),
            ("care_model", _("care model")),
        ),
        method="lacking", label=pgettext_lazy("care occurrence", "Without"),
    )  # fmt: skip
    contact = YesFilter(method="only_contact", label=_("Counts as contact"))
    completed = YesNoFilter(method="by_completed", label=pgettext_lazy("care occurrence", "Completed"))
    scheduled = YesNoFilter(method="by_scheduled", label=pgettext_lazy("care occurrence", "Scheduled"))
    last_from = DayFilter(field_name="last", lookup_expr="gte", label=_("Last day from"))
    last_to = DayFilter(field_name="last", lookup_expr="lte", label=_("Last day until"))
    due_from = DayFilter(method="due_since", label=_("Due from"))
    due_to = DayFilter(field_name="due", lookup_expr="lte", label=_("Due by"))
    week = WeekFilter(method="of_week", label=_("Hours in the week"))
    customer_state = CustomerStateFilter()

    class Meta:
        model = CareOccurrence
        fields: tuple[str, ...] = ()

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(user__in=people_ids_of(self.user))

    def only_open(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.open_by(clock.today())

    def only_unheeded(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.unheeded()

    def of_part(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(PARTS[value])

    def due_since(self, queryset: Any, name: str, value: dt.date) -> Any:
        """Return what is due from a day on, of which no window ends before it: lists are in the order of last days."""
        return queryset.filter(due__gte=value, last__gte=value)

    def of_week(self, queryset: Any, name: str, value: dt.date) -> Any:
        """Return what takes hours in the week, the user's own unless somebody is chosen."""
        rows = queryset.in_week(monday_of(value))
        return rows if self.data.get("owner") else rows.filter(user=self.user.pk)

    def of_holder(self, queryset: Any, name: str, value: str) -> Any:
        return _held_together(queryset, "" if value == NOBODY else value)

    def of_team(self, queryset: Any, name: str, value: Any) -> Any:
        return _held_together(queryset, f"team:{value.pk}")

    def lacking(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(**{f"{MAY_LACK[value]}__isnull": True})

    def only_contact(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(is_contact=True)

    def by_completed(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(done_on__isnull=not value)

    def by_scheduled(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(is_scheduled=value)


class ContactFilter(UnderModelFilter):
    """The filters of customers under care models, and whether contact is overdue."""

    overdue = YesFilter(method="only_overdue", label=_("Contact overdue"))

    def only_overdue(self, queryset: Any, name: str, value: str) -> Any:
        return cared_for(queryset, CareStatus.objects.overdue())
