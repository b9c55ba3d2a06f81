"""Filters of the lists behind the figures: customers of a flow, memberships, customers of the matrix, decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.filters import DayFilter, FilterSet, MomentFromFilter, MomentToFilter, OneFieldFilter, YesFilter
from customers.contact_search import exists_for_each
from customers.enums import BranchPurpose
from customers.filters import CustomerFilter
from customers.models import ClassificationNode, Customer, CustomerSummary, Municipality
from customers.search import FEW, pick
from customers.segment_filters import SearchableSelect
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership
from segmentation.portfolio.angles import ANGLES
from segmentation.portfolio.enums import Field, LossCause
from segmentation.portfolio.forms import (
    CURRENT,
    FILTERS,
    FIRST_YEAR,
    MOST,
    POTENTIAL,
    default_days,
    scheme_codes,
)
from segmentation.portfolio.models import ProfitDecision
from segmentation.portfolio.selectors.flow import customers_of, small_sets
from segmentation.portfolio.selectors.matrix import MatrixQuery, customers_in
from segmentation.portfolio.selectors.moves import earlier_than_each, later_than_each, with_neighbours
from segmentation.portfolio.selectors.query import GONE, NEW, NONE, PATHS, FlowQuery
from segmentation.schemes.models import Scheme, Segment, SegmentReason

NO_SEGMENT = pgettext_lazy("customers", "Without segment")
NEW_CUSTOMERS, GONE_CUSTOMERS = _("New customers"), _("Left customers")


def _segment_choices() -> list[tuple[str, str]]:
    segments = Segment.objects.select_related("scheme").order_by("scheme__order", "scheme", "order")
    return [(str(one.pk), f"{one.scheme.name} › {one.name}") for one in segments]


def nodes(purpose: str) -> Any:
    return ClassificationNode.objects.filter(branch__purpose=purpose).select_related("branch")


class OwnersFilter(filters.ModelChoiceFilter):
    """The owner of the customer today."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.order_by("sort_key"), label=_("Owner"), widget=_single(), **kwargs)


def _single() -> Any:
    return forms.Select({"data-searchable": ""})


class ChosenFromData(FilterSet):
    """Filters with choices that are rows: ``made`` returns them by the name of the filter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in self.made().items():
            self.offer(name, choices)

    def made(self) -> dict[str, list[tuple[str, Any]]]:
        return {}


class FlowFilter(ChosenFromData):
    """The customers that a flow counts: a scheme, two days, the nodes of both; the filters of its page."""

    scheme = filters.ChoiceFilter(choices=(), label=_("Scheme"), empty_label=None)
    first = DayFilter(label=_("From"))
    last = DayFilter(label=_("To"))
    was = filters.MultipleChoiceFilter(distinct=False, choices=(), widget=SearchableSelect, label=_("Segment at first"))
    now = filters.MultipleChoiceFilter(distinct=False, choices=(), widget=SearchableSelect, label=_("Segment at last"))
    owner = OwnersFilter(field_name="summary__owner")
    group = filters.ModelChoiceFilter(queryset=nodes(BranchPurpose.GROUP), label=_("Group"))
    industry = filters.ModelChoiceFilter(queryset=nodes(BranchPurpose.INDUSTRY), label=_("Industry"), widget=_single())
    municipality = filters.ModelChoiceFilter(
        queryset=Municipality.objects.all(), label=_("Municipality"), widget=_single()
    )
    without = filters.ChoiceFilter(
        choices=[
            ("owner", _("No owner")),
            ("group", _("No group")),
            ("industry", _("No industry")),
            ("municipality", _("No municipality")),
        ],
        label=_("Without"),
    )

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def made(self) -> dict[str, list[tuple[str, Any]]]:
        segments = [*_segment_choices(), (NONE, NO_SEGMENT)]
        return {
            "scheme": scheme_codes(),
            "was": [*segments, (NEW, NEW_CUSTOMERS)],
            "now": [*segments, (GONE, GONE_CUSTOMERS)],
        }

    def filter_queryset(self, queryset: Any) -> Any:
        query = self.flow_query()
        if query is None:
            return queryset.none()
        data = self.form.cleaned_data
        cells = data.get("was") or [], data.get("now") or []
        asked = customers_of(query, *cells, among=queryset)
        if data.get("without"):
            asked = asked.filter(**{f"{PATHS[data['without']]}__isnull": True})
        for ids in (*small_sets(query, *cells), *_summaries_without(data.get("without"))):
            picked = pick(asked, ids, FEW)[1]
            if picked is not None:
                return picked
        return asked

    def flow_query(self) -> FlowQuery | None:
        """Return what the filters ask; none if there is no scheme."""
        data = self.form.cleaned_data
        scheme = _scheme(data.get("scheme"))
        last = data.get("last") or clock.today()
        first = data.get("first") or default_days(last)[0]
        chosen = {name: data[name] for name in FILTERS if data.get(name)}
        return FlowQuery(scheme=scheme, first=first, last=last, filters=chosen) if scheme else None

    @property
    def errors(self) -> Any:
        found = super().errors
        for name in ("first", "last"):
            day = getattr(self.form, "cleaned_data", {}).get(name)
            if isinstance(day, dt.date) and not (day.year >= FIRST_YEAR and day <= clock.today()) and name not in found:
                text = gettext("Choose a day from %(year)d until today.") % {"year": FIRST_YEAR}
                self.refuse(name, ValidationError(text))
                found = super().errors
        return found


def _summaries_without(name: str | None) -> list[Any]:
    """Return the summaries that lack an owner, a group or an industry, if they are what is asked for."""
    is_asked = name and name != "municipality"
    return [CustomerSummary.objects.filter(**{f"{name}__isnull": True}).values("customer")] if is_asked else []


def _scheme(code: str | None) -> Scheme | None:
    rows = Scheme.objects.filter(code=code) if code else Scheme.objects.primary()
    return rows.first()


#: The filters of memberships that look at nothing but the row.
OF_ROW = ("segment", "began_from", "began_to", "ended_from", "ended_to", "reason", "kind", "present")
ENDED = Q(period__endswith__isnull=False)


class RowsFilter(ChosenFromData):
    """Filters of memberships by their beginning, end, neighbours and reasons."""

    segment = filters.ModelMultipleChoiceFilter(
        distinct=False,
        queryset=Segment.objects.select_related("scheme").all(),
        widget=SearchableSelect,
        label=_("Segment"),
    )
    began_from = MomentFromFilter(field_name="period__startswith", label=_("Began from"))
    began_to = MomentToFilter(field_name="period__startswith", label=_("Began until"))
    ended_from = MomentFromFilter(field_name="period__endswith", label=_("Ended from"))
    ended_to = MomentToFilter(field_name="period__endswith", label=_("Ended until"))
    came_from = filters.ChoiceFilter(choices=(), method="by_before", label=_("Segment before"))
    went_to = filters.ChoiceFilter(choices=(), method="by_after", label=_("Segment after"))
    reason = filters.ChoiceFilter(choices=(), method="by_reason", label=_("Reason for the start"))
    after_reason = filters.ChoiceFilter(choices=(), method="by_after_reason", label=_("Reason for the end"))
    kind = filters.MultipleChoiceFilter(distinct=False, choices=MoveKind.choices, label=_("How"))
    present = YesFilter(method="only_present", label=_("Present"))
    too_long = YesFilter(method="only_too_long", label=_("Longer than the longest stay"))
    owner = OwnersFilter(field_name="customer__summary__owner")
    customer = CustomerFilter()

    class Meta:
        model = Membership
        fields: tuple[str, ...] = ()

    def made(self) -> dict[str, list[tuple[str, Any]]]:
        segments, reasons = [*_segment_choices(), (NONE, NO_SEGMENT)], reason_choices()
        return {"came_from": segments, "went_to": segments, "reason": reasons, "after_reason": reasons}

    def filter_queryset(self, queryset: Any) -> Any:
        """Return the rows that pass: with the ids first of whatever finds all of them and is small."""
        found = super().filter_queryset(queryset)
        for column, rows in self._ways():
            few = list(rows.order_by().values_list(column, flat=True)[: FEW + 1])
            if len(few) <= FEW:
                return found.filter(**{f"{column}__any_of": few})
        return found

    def _ways(self) -> Iterator[tuple[str, Any]]:
        """Yield sets of memberships that have all rows in question, or all of their customers."""
        data = self.form.cleaned_data
        own, every = [name for name in OF_ROW if data.get(name)], Membership.objects.all()
        start = every.too_long(clock.now()) if data.get("too_long") else every
        if own or data.get("too_long"):
            yield "pk", reduce(lambda rows, name: self.filters[name].filter(rows, data[name]), own, start)
        before, after, reason = (_chosen(data, name) for name in ("came_from", "went_to", "after_reason"))
        if before:
            yield "customer", every.filter(ENDED, segment=int(before))
        if after:
            yield "customer", every.filter(segment=int(after))
        if reason:
            yield "customer", every.filter(reason__in=_reasons(reason))
        if after or reason:
            yield "pk", every.filter(ENDED)
        if data.get("owner"):
            yield "customer", CustomerSummary.objects.filter(owner=data["owner"])

    def by_before(self, queryset: Any, name: str, value: str) -> Any:
        if value == NONE:
            return queryset.filter(~exists_for_each(earlier_than_each()))
        return with_neighbours(queryset).filter(before=int(value))

    def by_after(self, queryset: Any, name: str, value: str) -> Any:
        if value == NONE:
            return queryset.filter(~exists_for_each(later_than_each()))
        return with_neighbours(queryset.filter(ENDED)).filter(after=int(value))

    def by_reason(self, queryset: Any, name: str, value: str) -> Any:
        if value == NONE:
            return queryset.filter(reason__isnull=True)
        return queryset.filter(reason__in=_reasons(value))

    def by_after_reason(self, queryset: Any, name: str, value: str) -> Any:
        if value == NONE:
            return queryset.filter(~exists_for_each(later_than_each().filter(reason__isnull=False)))
        return with_neighbours(queryset.filter(ENDED)).filter(after_reason__in=_reasons(value))

    def only_too_long(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.too_long_for_each(clock.now())

    def only_present(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.present()


def reason_choices() -> list[tuple[str, Any]]:
    reasons = [(reason.code, reason.name) for reason in SegmentReason.objects.all()]
    return [*reasons, (NONE, pgettext_lazy("reason", "none"))]


def _reasons(code: str) -> list[int]:
    return list(SegmentReason.objects.filter(code=code).values_list("pk", flat=True))


def _chosen(data: dict[str, Any], name: str) -> str:
    """Return what is chosen in a filter besides *none*, which most rows have."""
    return "" if data.get(name) == NONE else data.get(name) or ""


class PortfolioFilter(FilterSet):
    """The filters of the portfolio's pages, and the least that a customer ordered in 12 months."""

    ordered_from = filters.NumberFilter(
        field_name="summary__ordered_12_months",
        lookup_expr="gte",
        label=_("Orders in 12 months, at least"),
        min_value=0,
        max_value=1_000_000_000,
        max_digits=14,
        decimal_places=2,
    )
    segment = filters.ModelChoiceFilter(
        queryset=Segment.objects.primary(), field_name="summary__segment", label=_("Segment")
    )
    owner = OwnersFilter(field_name="summary__owner")
    group = filters.ModelChoiceFilter(
        queryset=nodes(BranchPurpose.GROUP), field_name="summary__group", label=_("Group")
    )
    industry = filters.ModelChoiceFilter(
        queryset=nodes(BranchPurpose.INDUSTRY), field_name="summary__industry", label=_("Industry"), widget=_single()
    )
    municipality = filters.ModelChoiceFilter(
        queryset=Municipality.objects.all(), label=_("Municipality"), widget=_single()
    )

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()


def _by_class(name: str) -> filters.ChoiceFilter:
    """Return the filter by the classes of an angle."""
    angle = next(angle for angle in ANGLES if angle.name == name)
    return filters.ChoiceFilter(choices=angle.choices, label=angle.label, method="by_class")


class AnglesFilter(PortfolioFilter):
    """The filters of the views of the portfolio: a class of each angle, and customers without a segment or industry."""

    no_segment = OneFieldFilter("summary__segment", "isnull", label=_("No segment"))
    no_industry = OneFieldFilter("summary__industry", "isnull", label=_("No industry"))

    extent_class = _by_class("extent")
    spending_class = _by_class("spending")
    channels_class = _by_class("channels")
    loyalty_class = _by_class("loyalty")
    profit_class = _by_class("profit")
    business_class = _by_class("business")

    def by_class(self, queryset: Any, name: str, value: str) -> Any:
        return next(angle for angle in ANGLES if angle.param == name).filter(queryset, value)


class MatrixFilter(PortfolioFilter):
    """The customers that the matrix counts: where the fields meet, the field, the filters of its page."""

    field = filters.ChoiceFilter(choices=Field.choices, label=_("Field"))
    current = filters.NumberFilter(
        label=_("Current: at least, €"), min_value=-MOST, max_value=MOST, max_digits=10, decimal_places=2
    )
    potential = filters.NumberFilter(label=_("Potential: at least"), min_value=0, max_value=10)

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: Any) -> Any:
        data = self.form.cleaned_data
        current, potential = data.get("current"), data.get("potential")
        query = MatrixQuery(
            user=self.user,
            current=CURRENT if current is None else current,
            potential=Decimal(POTENTIAL if potential is None else potential),
        )
        asked = customers_in(query, data.get("field") or "")
        others = (name for name in PortfolioFilter.base_filters if data.get(name))
        for name in others:
            queryset = self.filters[name].filter(queryset, data[name])
        return queryset.filter(pk__in=asked.order_by().values("pk"))


class UnprofitableFilter(FilterSet):
    """Customers that have been unprofitable for two years, by what was decided about them."""

    decision = filters.ChoiceFilter(
        choices=(
            ("missing", _("not decided")),
            ("due", _("to be reviewed")),
            ("decided", _("decided, review later")),
        ),
        method="by_decision",
        label=_("Decision"),
    )
    cause = filters.MultipleChoiceFilter(
        distinct=False, choices=LossCause.choices, method="by_cause", label=_("Cause"), widget=SearchableSelect
    )
    mine = YesFilter(method="only_mine", label=_("My customers"))
    owner = OwnersFilter(field_name="summary__owner")
    segment = filters.ModelChoiceFilter(
        queryset=Segment.objects.primary(), field_name="summary__segment", label=_("Segment")
    )

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ()

    def by_decision(self, queryset: Any, name: str, value: str) -> Any:
        current = ProfitDecision.objects.current().filter(customer=OuterRef("pk"))
        if value == "missing":
            return queryset.filter(~Exists(current))
        is_due = Q(review_on__lte=clock.today())
        return queryset.filter(Exists(current.filter(is_due if value == "due" else ~is_due)))

    def by_cause(self, queryset: Any, name: str, value: list[str]) -> Any:
        if not value:
            return queryset
        return queryset.filter(
            Exists(ProfitDecision.objects.current().filter(customer=OuterRef("pk"), cause__in=value))
        )

    def only_mine(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.owned_by(self.user)
