"""Forms of schemes, segments and goals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Team, User
from core.choice_lists import CodeForm
from core.forms import DecimalField, EnglishNameMixin, IntegerField, OnceFormMixin, VersionedFormMixin
from segmentation.schemes.enums import VALUE_GOALS, ValueMode
from segmentation.schemes.models import Scheme, Segment, SegmentGoal
from segmentation.schemes.services.rules import rule_effects, rules_from, rules_of
from segmentation.schemes.services.sets import SCHEME_SETS, set_codes


class GroupsField(forms.ModelMultipleChoiceField):
    """User groups in a list that one can type into."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.SelectMultiple(attrs={"data-searchable": "", "data-wide": ""})
        super().__init__(Role.objects.all(), widget=widget, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(list(value) if hasattr(value, "all") else value)


class SchemeForm(EnglishNameMixin, VersionedFormMixin, forms.ModelForm):
    """A scheme that is there; whether it gives one segment is fixed once it has been added."""

    minimum_known = IntegerField(label=_("Smallest known share, %"), min_value=0, max_value=100)

    class Meta:
        model = Scheme
        fields: tuple[str, ...] = (
            "name_fi", "name_en", "description", "is_automatic", "feeds_care_models", "value_mode", "minimum_known",
            "default_segment", "lead_segment",
        )  # fmt: skip
        widgets = {"description": forms.Textarea({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segments = Segment.objects.filter(scheme=self.instance.pk, retired_at__isnull=True)
        for name in ("default_segment", "lead_segment"):
            if name in self.fields:
                field: Any = self.fields[name]
                field.queryset = segments


class SchemeAddForm(OnceFormMixin, EnglishNameMixin, forms.ModelForm):
    minimum_known = IntegerField(label=_("Smallest known share, %"), min_value=0, max_value=100, initial=50)

    class Meta:
        model = Scheme
        fields = (
            "name_fi", "name_en", "code", "description", "is_exclusive", "is_automatic", "feeds_care_models",
            "value_mode", "minimum_known",
        )  # fmt: skip
        widgets = {"description": forms.Textarea({"rows": 2})}


class SchemeSetForm(OnceFormMixin):
    """A set of schemes that the program ships and that is not here yet."""

    name = forms.ChoiceField(label=_("Set"), choices=(), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = set(Scheme.objects.values_list("code", flat=True))
        field: Any = self.fields["name"]
        field.choices = [(name, label) for name, label in SCHEME_SETS.items() if not set_codes(name) & taken]


_RULES = ("setters", "needs_approval", "approvers", "limit", "minimum_days", "longest_days")
_WIDGETS = {
    "description": forms.Textarea({"rows": 2}),
    "responsible": forms.Select({"data-searchable": ""}),
}


class SegmentFieldsMixin(EnglishNameMixin, forms.ModelForm):
    setters = GroupsField(label=_("Who may set it"), help_text=_("None selected: everyone who may edit the customer."))
    approvers = GroupsField(label=_("Who approves"), help_text=_("Nobody approves an own proposal."))
    contact_days = IntegerField(
        label=_("Longest time without contact, in days"),
        required=False,
        min_value=1,
        max_value=3_650,
        help_text=_("The segment's customers then wait for contact. Empty: they never do."),
    )
    limit = IntegerField(
        label=_("Most customers"),
        required=False,
        min_value=1,
        help_text=_("Empty: no limit. Open proposals do not count."),
    )
    minimum_days = IntegerField(
        label=_("Shortest time in the segment, in days"), min_value=0, max_value=3_650, initial=0
    )
    longest_days = IntegerField(
        label=_("Longest stay in the segment, in days"),
        required=False,
        min_value=1,
        max_value=3_650,
        help_text=_("Customers that have been in the segment longer are segmentation work. Empty: they may stay."),
    )
    responsible = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("sort_key"),
        label=_("Responsible person"),
        required=False,
        widget=_WIDGETS["responsible"],
    )
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Care team"), required=False)


class SegmentForm(VersionedFormMixin, SegmentFieldsMixin):
    """A segment that is there; a change of who decides or how many is saved when its effect has been read."""

    confirmed = forms.BooleanField(label=_("I have read what the change does"), required=False)

    fieldsets = (
        ("", ("name_fi", "name_en", "short_fi", "short_en", "colour", "description", "contact_days")),
        (_("Who decides"), _RULES),
        (_("Follow-up"), ("counts_as_growing", "responsible", "team")),
    )

    class Meta:
        model = Segment
        fields: tuple[str, ...] = (
            "name_fi", "name_en", "short_fi", "short_en", "colour", "description", "contact_days", *_RULES,
            "counts_as_growing", "responsible", "team",
        )  # fmt: skip
        widgets = _WIDGETS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("setters", "approvers"):
            groups = getattr(self.instance, name).values_list("pk", flat=True) if self.instance.pk else []
            self.initial[name] = list(groups)
        if not self.is_bound:
            del self.fields["confirmed"]

    def clean(self) -> dict[str, Any]:
        """Say what a change of approval or limit does, and ask for a second press, before anything is saved."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        effects = self._effects(data)
        if not effects:
            del self.fields["confirmed"]
        elif not data.get("confirmed"):
            self.add_error("confirmed", " ".join(effects))
        return data

    def _effects(self, data: dict[str, Any]) -> list[str]:
        if self.errors:
            return []
        before = rules_of(self.instance)
        after = rules_from(data["needs_approval"], data["limit"], [role.pk for role in data["approvers"]])
        return rule_effects(self.instance, before, after) if before != after else []


class SegmentAddForm(OnceFormMixin, SegmentFieldsMixin):
    fieldsets = (
        ("", ("name_fi", "name_en", "short_fi", "short_en", "code", "colour", "description", "contact_days")),
        *SegmentForm.fieldsets[1:],
    )

    class Meta:
        model = Segment
        fields = ("code", *SegmentForm.Meta.fields)
        widgets = _WIDGETS


class GoalForm(OnceFormMixin, forms.ModelForm):
    year = IntegerField(label=_("Year"), min_value=2_000, max_value=2_100)
    target = DecimalField(label=_("Target"), max_digits=14, decimal_places=2)

    class Meta:
        model = SegmentGoal
        fields = ("year", "kind", "target", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.segment.scheme.value_mode == ValueMode.OFF:
            kind: Any = self.fields["kind"]
            kind.choices = [choice for choice in kind.choices if choice[0] not in VALUE_GOALS]


class ReasonForm(CodeForm):
    order = IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)

    class Meta:
        fields: tuple[str, ...] = ("name_fi", "name_en", "code", "order")
