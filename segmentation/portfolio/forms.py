"""The forms of the pages of segments and of the portfolio: filters of an address, and a decision."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core import clock
from core.dates import DayField
from core.forms import DecimalField, IntegerField, OnceFormMixin
from customers.enums import BranchPurpose
from customers.models import ClassificationNode, Municipality
from segmentation.portfolio.models import ProfitDecision
from segmentation.portfolio.selectors.matrix import MatrixQuery
from segmentation.portfolio.selectors.query import PATHS, FlowQuery
from segmentation.schemes.models import Scheme, Segment

FIRST_YEAR = 2000
FILTERS = ("owner", "group", "industry", "municipality")
_SEARCHED = {"data-searchable": ""}


def exclusive_schemes() -> Any:
    return Scheme.objects.filter(is_exclusive=True)


def scheme_codes() -> list[tuple[str, str]]:
    """Return the schemes that give each customer one segment: only these have a flow."""
    return [(scheme.code, scheme.name) for scheme in exclusive_schemes()]


def default_days(last: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """Return the same day a year before, and ``last`` (today)."""
    last = last or clock.today()
    return last - relativedelta(years=1), last


class CustomersForm(forms.Form):
    """Filters of customers as they are today; none is needed."""

    owner = forms.ModelChoiceField(
        User.objects.order_by("sort_key", "pk"),
        required=False,
        label=gettext_lazy("Owner"),
        widget=forms.Select(_SEARCHED),
    )
    group = forms.ModelChoiceField(ClassificationNode.objects.none(), required=False, label=gettext_lazy("Group"))
    industry = forms.ModelChoiceField(
        ClassificationNode.objects.none(),
        required=False,
        label=gettext_lazy("Industry"),
        widget=forms.Select(_SEARCHED),
    )
    municipality = forms.ModelChoiceField(
        Municipality.objects.all(), required=False, label=gettext_lazy("Municipality"), widget=forms.Select(_SEARCHED)
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for name, purpose in (("group", BranchPurpose.GROUP), ("industry", BranchPurpose.INDUSTRY)):
            fields[name].queryset = ClassificationNode.objects.filter(branch__purpose=purpose)
        for name in FILTERS:
            fields[name].empty_label = "–"

    def condition(self) -> Q:
        """Return the filters as a condition on customers."""
        return Q(**{PATHS[name]: row for name, row in self.chosen().items()})

    def chosen(self) -> dict[str, Any]:
        """Return the filters that are on, by name."""
        data = self.cleaned_data if self.is_bound else {}
        return {name: data[name] for name in FILTERS if data.get(name)}


class DaysForm(forms.Form):
    """Two days, each meant by its end: a year until today."""

    first = DayField(label=gettext_lazy("From"), required=False)
    last = DayField(label=gettext_lazy("To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            first, last = default_days()
            self.initial = {"first": first, "last": last, **self.initial}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = self._days(data)
        for name, day in (("first", first), ("last", last)):
            if not day.year >= FIRST_YEAR or day > clock.today():
                self.add_error(name, _("Choose a day from %(year)d until today.") % {"year": FIRST_YEAR})
        if first > last and not self.errors:
            self.add_error("last", _("The end is before the start."))
        return data

    def _days(self, data: dict[str, Any]) -> tuple[dt.date, dt.date]:
        last = data.get("last") or max(clock.today(), data.get("first") or dt.date.min)
        return data.get("first") or default_days(last)[0], last

    def days(self) -> tuple[dt.date, dt.date] | None:
        """Return both days, or None if the form is not valid."""
        if self.is_bound and not self.is_valid():
            return None
        return self._days(self.cleaned_data if self.is_bound else {})


class FlowForm(DaysForm, CustomersForm):
    """A scheme between two days, the primary one unless another is chosen."""

    scheme = forms.ChoiceField(choices=scheme_codes, required=False, label=gettext_lazy("Scheme"))
    field_order = ("scheme", "first", "last", *FILTERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            primary = Scheme.objects.primary().order_by().values_list("code", flat=True).first()
            self.initial = {"scheme": primary or "", **self.initial}

    def query(self) -> FlowQuery | None:
        """Return the query, or None if the form is not valid or there is no scheme."""
        days = self.days()
        code = self.cleaned_data.get("scheme") if self.is_bound and days else ""
        schemes = exclusive_schemes().filter(code=code) if code else Scheme.objects.primary()
        scheme = schemes.first()
        if days is None or scheme is None:
            return None
        return FlowQuery(scheme=scheme, first=days[0], last=days[1], filters=self.chosen())


#: Where the fields of the matrix meet: euros in 12 months, and the number of the scale of potential.
CURRENT, POTENTIAL, MOST = Decimal(5_000), 5, 10_000_000


class SegmentedForm(CustomersForm):
    """Filters of customers with the segment of the primary scheme."""

    segment = forms.ModelChoiceField(
        Segment.objects.primary(), required=False, label=gettext_lazy("Segment"), empty_label="–"
    )

    def chosen(self) -> dict[str, Any]:
        data = self.cleaned_data if self.is_bound else {}
        return super().chosen() | ({"segment": data["segment"]} if data.get("segment") else {})


class MatrixForm(SegmentedForm):
    """Where the fields of the matrix meet, and which customers are looked at."""

    current = DecimalField(
        label=gettext_lazy("Current: at least, €"),
        required=False,
        min_value=-MOST,
        max_value=MOST,
        max_digits=10,
        decimal_places=2,
    )
    potential = IntegerField(label=gettext_lazy("Potential: at least"), required=False, min_value=0, max_value=10)
    field_order = ("current", "potential", "segment", *FILTERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial = {"current": CURRENT, "potential": POTENTIAL, **self.initial}

    def query(self, user: Any) -> MatrixQuery | None:
        """Return the query for a reader, or None if the form is not valid."""
        if self.is_bound and not self.is_valid():
            return None
        data = self.cleaned_data if self.is_bound else {}
        current, potential = data.get("current"), data.get("potential")
        return MatrixQuery(
            user=user,
            current=CURRENT if current is None else current,
            potential=Decimal(POTENTIAL if potential is None else potential),
            condition=self.condition(),
        )

    def address(self, **more: Any) -> dict[str, Any]:
        """Return what is asked as the parameters of an address."""
        data = self.cleaned_data if self.is_bound else {}
        limits = {"current": CURRENT, "potential": POTENTIAL}
        limits |= {name: data[name] for name in limits if data.get(name) is not None}
        return {**limits, **{name: row.pk for name, row in self.chosen().items()}, **more}


class DecisionForm(OnceFormMixin, forms.ModelForm):
    """What is decided about an unprofitable customer."""

    review_on = DayField(
        label=gettext_lazy("Review on"), help_text=gettext_lazy("When the customer is looked at again.")
    )

    class Meta:
        model = ProfitDecision
        fields = ("cause", "action", "review_on")
        widgets = {"action": forms.Textarea({"rows": 3})}
