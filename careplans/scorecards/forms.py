"""Forms of scorecards and the customer strategy; that of values has fields and errors for each goal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team, User
from careplans.scorecards.enums import CardKind
from careplans.scorecards.models import Perspective, Scorecard, ScoreLine, StrategyVersion
from careplans.scorecards.models.cards import FIRST_YEAR, LAST_YEAR
from careplans.scorecards.showing import ShownLine, sees_values_of
from core import clock
from core.choice_lists import ChoiceForm
from core.forms import DecimalField, IntegerField, OnceFormMixin, VersionedFormMixin
from core.permissions import allowed
from customers.forms.fields import CustomerPickField
from customers.models import Customer
from customers.scores import score_metrics

LONG, SHORT = forms.Textarea({"rows": 8}), forms.Textarea({"rows": 2})
SEARCHABLE = forms.Select({"data-searchable": ""})
NUMBER: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "required": False}


def own_teams(user: Any) -> Any:
    """Return the teams of which the user may make a scorecard."""
    teams = Team.objects.order_by("name")
    if user.has_perm("careplans.manage_plans"):
        return teams
    works = Q(pk__in=user.teams.values("pk")) if allowed(user, "activities.log_activity") else Q()
    return teams.filter(Q(leader=user) | works)


class PerspectiveForm(ChoiceForm):
    class Meta(ChoiceForm.Meta):
        fields = ("name_fi", "name_en", "code", "is_value", "order")


class CardAddForm(OnceFormMixin, forms.Form):
    kind = forms.ChoiceField(label=_("Type"), choices=CardKind.choices)
    customer = CustomerPickField(required=False, help_text=_("Customers in segments that need approval."))
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, widget=SEARCHABLE)
    year = IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    responsible = forms.ModelChoiceField(
        User.objects.none(), label=pgettext_lazy("scorecard", "Responsible"), required=False, widget=SEARCHABLE,
        help_text=_("Empty: the customer's owner or the team's leader."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["year"].initial = clock.user_today().year
        customer: Any = self.fields["customer"]
        customer.offer(Customer.objects.visible_to(user))
        for name, queryset in {"team": own_teams(user), "responsible": active_people()}.items():
            field: Any = self.fields[name]
            field.queryset = queryset
        if not user.has_perm("careplans.manage_plans"):
            kinds: Any = self.fields["kind"]
            kinds.choices = [choice for choice in CardKind.choices if choice[0] != CardKind.STRATEGY]

    def clean_customer(self) -> Customer | None:
        customer: Customer | None = self.cleaned_data["customer"]
        card = Scorecard(kind=CardKind.CUSTOMER, customer=customer)
        is_asked = customer is not None and self.cleaned_data.get("kind") == CardKind.CUSTOMER
        if is_asked and not allowed(self.user, "scorecards.make_card", card):
            text = _("The scorecard of this customer is made by those who may change its care plan.")
            raise forms.ValidationError(text, code="not_allowed")
        return customer


def active_people() -> Any:
    return User.objects.active().order_by("sort_key")


class CardForm(VersionedFormMixin, forms.ModelForm):
    class Meta:
        model = Scorecard
        fields = ("responsible", "comment")
        widgets = {"responsible": SEARCHABLE, "comment": LONG}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["responsible"]
        field.queryset = active_people()


class NextForm(OnceFormMixin, forms.Form):
    """The scorecard of the next year."""

    year = IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)


class LineForm(OnceFormMixin, forms.ModelForm):
    """A goal: a metric of those that exist for the card, or something that is entered by hand."""

    metric = forms.ChoiceField(
        label=_("Metric"), required=False, widget=SEARCHABLE,
        help_text=_("It computes itself. Empty: the actual is entered by hand."),
    )  # fmt: skip
    target = DecimalField(label=pgettext_lazy("scorecard", "Target"), **NUMBER)
    order = IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ScoreLine
        fields = ("perspective", "goal", "metric", "name", "unit", "expected", "target", "comment", "order")
        widgets = {"comment": SHORT}
        labels = {"name": _("Measured by hand")}
        help_texts = {"name": _("What is measured, if no metric is chosen.")}

    def __init__(self, *args: Any, card: Scorecard, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sees = sees_values_of(user, card)
        field: Any = self.fields["perspective"]
        field.queryset = Perspective.objects.filter(retired_at__isnull=True) | Perspective.objects.filter(
            pk=self.instance.perspective_id or 0
        )
        if not sees:
            field.queryset = field.queryset.filter(is_value=False)
        metrics: Any = self.fields["metric"]
        metrics.choices = [("", _("entered by hand")), *_offered(card, sees=sees, present=self.instance.metric)]
        self.fields["seen"].initial = card.version

    def _get_validation_exclusions(self) -> set[str]:
        """The service checks that something is measured, at its field."""
        return {*super()._get_validation_exclusions(), "metric"}  # type: ignore[misc]


def _offered(card: Scorecard, *, sees: bool, present: str) -> Iterator[tuple[str, str]]:
    """Yield the metrics that exist for the card, with their meaning; value figures for who sees them."""
    for code, metric in score_metrics().items():
        if card.scope.kind in metric.scopes and (sees or not metric.is_value):
            yield code, str(metric.label)
    if present and present not in score_metrics():
        yield present, present


@dataclass(frozen=True)
class Row:
    """The fields of a goal in the form of values."""

    shown: ShownLine
    fields: list[Any]

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.fields)


class ValuesForm(forms.Form):
    """Targets, actuals and comments of all goals of a draft, each with its own errors."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, card: Scorecard, lines: Sequence[ShownLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = card.version
        self.lines = lines
        for shown in lines:
            self._add(shown)

    def _add(self, shown: ShownLine) -> None:
        line = shown.line
        name = str(line)
        target = DecimalField(label=pgettext_lazy("scorecard", "Target"), initial=line.target, **NUMBER)
        self.fields[f"target_{line.pk}"] = target
        if line.is_by_hand:
            actual = DecimalField(label=pgettext_lazy("scorecard", "Actual"), initial=line.entered, **NUMBER)
            self.fields[f"entered_{line.pk}"] = actual
        comment = forms.CharField(label=_("Comment"), initial=line.comment, required=False, max_length=1_000)
        self.fields[f"comment_{line.pk}"] = comment
        for part in ("target", "entered", "comment"):
            if field := self.fields.get(f"{part}_{line.pk}"):
                field.widget.attrs["aria-label"] = f"{field.label}: {name}"

    @property
    def rows(self) -> list[Row]:
        return [Row(shown, [self[name] for name in self._names(shown)]) for shown in self.lines]

    def _names(self, shown: ShownLine) -> list[str]:
        names = [f"{part}_{shown.line.pk}" for part in ("target", "entered", "comment")]
        return [name for name in names if name in self.fields]

    @property
    def values(self) -> dict[int, dict[str, Any]]:
        """What was entered, by the id of the goal."""
        return {
            shown.line.pk: {name.rsplit("_", 1)[0]: self.cleaned_data[name] for name in self._names(shown)}
            for shown in self.lines
        }


class CommentForm(OnceFormMixin, forms.Form):
    """A step with a comment."""

    comment = forms.CharField(label=_("Comment"), max_length=1_000, required=False, widget=SHORT)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReasonForm(OnceFormMixin, forms.Form):
    """A step with its reason."""

    reason = forms.CharField(label=_("Reason"), max_length=1_000, widget=SHORT)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class DraftForm(OnceFormMixin, forms.Form):
    """A new version of the customer strategy."""

    justification = forms.CharField(label=_("Why is it changed?"), max_length=4_000, widget=SHORT)


class StrategyForm(VersionedFormMixin, forms.ModelForm):
    class Meta:
        model = StrategyVersion
        fields = ("principles", "focus_areas", "text", "justification")
        widgets = {
            "principles": forms.Textarea({"rows": 5}), "focus_areas": forms.Textarea({"rows": 6}),
            "text": forms.Textarea({"rows": 16}), "justification": SHORT,
        }  # fmt: skip


class CompareForm(forms.Form):
    """The version to compare with."""

    other = forms.ModelChoiceField(StrategyVersion.objects.none(), label=_("Compare with"), empty_label=None)

    def __init__(self, *args: Any, version: StrategyVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        field.queryset = StrategyVersion.objects.exclude(pk=version.pk)
