"""Filter sets of activities: one for the list, the tabs, the API and the export."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import django_filters
import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.filters import visible_users
from accounts.models import Team, User
from activities.log.enums import ActivityChannel, ActivityStatus
from activities.log.models import Activity, ActivityType, Keyword, Participation
from activities.log.querysets import ActivityQuerySet, is_meeting
from activities.log.selectors import day_start, midnight, own_due_within
from core.filters import DayFilter, FilterSet, MomentFromFilter, MomentToFilter, SearchFilter, YesFilter, YesNoFilter
from customers.filters import CustomerFilter
from customers.search import FEW
from customers.state_filters import CustomerStateFilter, OfActiveCustomers

#: An activity is stale when it is this many days overdue.
STALE_AFTER = 14
#: Nothing is planned for later; the day after it still exists in every time zone.
LAST_DAY = dt.date(9000, 1, 1)
#: The unfinished activities of the user by due day (``selectors.DUE_DAYS``).
MY_DUE = [
    ("until_today", _("overdue or due today")),
    ("today", pgettext_lazy("activities", "due today")),
    ("week", _("overdue by less than a week")),
    ("month", _("overdue by a week to a month")),
    ("older", _("overdue by more than a month")),
    ("late", _("overdue by at most a month")),
    ("coming", _("due within two weeks")),
    ("fortnight", _("due today or within two weeks")),
    ("later", _("due later")),
]
#: Parts of the list in time, by days counted from today: from the first day until before the last one.
WHEN: dict[str, tuple[int | None, int | None]] = {"until_today": (None, 1), "coming": (1, None), "later": (15, None)}
WHEN_CHOICES = [
    ("until_today", _("until today")),
    ("coming", _("from tomorrow on")),
    ("later", _("coming later than in two weeks")),
]
WHOLE = "?when="
AGES = [
    (str(STALE_AFTER), _("over two weeks")),
    ("30", _("over a month")),
    ("90", _("over three months")),
    ("365", _("over a year")),
]


class ActivityFilter(OfActiveCustomers, FilterSet):
    counted_by: ClassVar[dict[str, str]] = {"participant": "users", "keyword": "keywords"}

    q = SearchFilter(method="search", label=_("Search activities"))
    mine = YesFilter(method="only_mine", label=_("My own"))
    my_due = django_filters.ChoiceFilter(choices=MY_DUE, method="only_my_due", label=_("My open ones"))
    status = django_filters.MultipleChoiceFilter(
        distinct=False, choices=ActivityStatus.choices, label=_("Status"), widget=forms.CheckboxSelectMultiple
    )
    type = django_filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=ActivityType.objects.all(), label=_("Type"), widget=forms.CheckboxSelectMultiple
    )
    participant = django_filters.ModelChoiceFilter(
        queryset=visible_users,
        method="of_participant",
        label=_("Participant"),
        widget=forms.Select(attrs={"data-searchable": ""}),
    )
    customer: Any = CustomerFilter()
    when = django_filters.ChoiceFilter(choices=WHEN_CHOICES, method="in_part", label=_("When"))
    start_from = MomentFromFilter(field_name="start", label=_("From"))
    start_to = MomentToFilter(field_name="start", label=_("To"))
    open_by = DayFilter(method="only_open_by", label=_("Open, due by"))
    overdue = YesFilter(method="only_overdue", label=_("Overdue"))
    stale_days = django_filters.NumberFilter(
        method="open_longer",
        label=_("Overdue for at least (days)"),
        min_value=0,
        max_value=36_500,
        decimal_places=0,
        widget=forms.NumberInput(attrs={"min": 0, "max": 36_500, "step": 1}),
    )
    team = django_filters.ModelChoiceFilter(queryset=Team.objects.all(), method="of_team", label=_("Team"))
    meeting = YesFilter(method="only_meetings", label=_("Done meetings with customers"))
    keyword = django_filters.ModelChoiceFilter(
        queryset=Keyword.objects.all(), method="with_keyword", label=_("Keyword")
    )
    channel = django_filters.ChoiceFilter(choices=ActivityChannel.choices, label=_("Channel"))
    from_plans = YesNoFilter(method="only_from_plans", label=_("From care plans"))
    customer_state: Any = CustomerStateFilter()

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.search(value)

    def only_mine(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.of_participant(self.user)

    def only_my_due(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(pk__in=own_due_within(self.user, value).values("activity"))

    def of_participant(self, queryset: ActivityQuerySet, name: str, value: User) -> ActivityQuerySet:
        return queryset.of_participant(value)

    def with_keyword(self, queryset: ActivityQuerySet, name: str, value: Keyword) -> ActivityQuerySet:
        return queryset.with_keyword(value)

    def in_part(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        first, end = (days if days is None else day_start(days) for days in WHEN[value])
        found = queryset if first is None else queryset.filter(start__gte=first)
        return found if end is None else found.filter(start__lt=end)

    def only_open_by(self, queryset: ActivityQuerySet, name: str, value: dt.date) -> ActivityQuerySet:
        return queryset.due_by(midnight(min(value, LAST_DAY) + dt.timedelta(days=1)))

    def only_from_plans(self, queryset: ActivityQuerySet, name: str, value: bool) -> ActivityQuerySet:
        return queryset.from_plans(is_so=value)

    def only_overdue(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.overdue()

    def of_team(self, queryset: ActivityQuerySet, name: str, value: Team) -> ActivityQuerySet:
        """Return activities in which a member takes part, each once: of few, by their ids."""
        people = list(value.memberships.order_by().values_list("user", flat=True))
        own = Participation.objects.filter(user__in=people).order_by().values_list("activity", flat=True)
        few = list(own[: FEW + 1])
        return queryset.filter(pk__any_of=few) if len(few) <= FEW else queryset.filter(pk__in=own)

    def only_meetings(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.filter(is_meeting())

    def open_longer(self, queryset: ActivityQuerySet, name: str, value: Any) -> ActivityQuerySet:
        return queryset.open_longer_than(int(value))


class TabActivityFilter(ActivityFilter):
    """The filters on a tab, which opens with a part of the list: without any filter it is asked for as ``WHOLE``."""

    def _url_without(self, name: str) -> str:
        url = super()._url_without(name)
        return url if url != "?" else WHOLE


class CustomerActivityFilter(TabActivityFilter):
    """Filter a customer's activities; the customer is known from the page."""

    customer = None
    customer_state = None


class StaleFilter(OfActiveCustomers, FilterSet):
    """Filter stale activities by age, participant, team and type."""

    q = SearchFilter(method="search", label=_("Search activities"))
    days = django_filters.ChoiceFilter(choices=AGES, method="older", label=_("Age"), empty_label=None)
    participant = django_filters.ModelChoiceFilter(
        queryset=visible_users,
        method="of_participant",
        label=_("Participant"),
        widget=forms.Select(attrs={"data-searchable": ""}),
    )
    team = django_filters.ModelChoiceFilter(queryset=Team.objects.all(), method="of_team", label=_("Team"))
    type = django_filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=ActivityType.objects.all(), label=_("Type"), widget=forms.CheckboxSelectMultiple
    )
    customer_state = CustomerStateFilter()

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.search(value)

    def older(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.open_longer_than(int(value))

    def of_participant(self, queryset: ActivityQuerySet, name: str, value: User) -> ActivityQuerySet:
        return queryset.of_participant(value)

    def of_team(self, queryset: ActivityQuerySet, name: str, value: Team) -> ActivityQuerySet:
        own = Participation.objects.filter(user__memberships__team=value, due_at__isnull=False)
        return queryset.filter(pk__in=own.values("activity"))


def _person(label: Any, field_name: str) -> filters.ModelChoiceFilter:
    widget = forms.Select(attrs={"data-searchable": ""})
    return filters.ModelChoiceFilter(queryset=visible_users, field_name=field_name, label=label, widget=widget)


class AboutCustomersFilter(OfActiveCustomers, FilterSet):
    """The filters that feedback and leads share."""

    q = SearchFilter(method="search", label=_("Search"))
    customer: Any = CustomerFilter()
    customer_state: Any = CustomerStateFilter()
    start_from = MomentFromFilter(field_name="start", label=_("From"))
    start_to = MomentToFilter(field_name="start", label=_("To"))

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()

    def search(self, queryset: ActivityQuerySet, name: str, value: str) -> ActivityQuerySet:
        return queryset.search(value)
