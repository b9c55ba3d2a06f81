"""Forms of care models: models, versions, actions, metrics, statutory tasks, terms, settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.dates import MONTHS
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Team
from activities.log.models import ActivityType
from careplans.caremodels.enums import Direction, FulfilKind
from careplans.caremodels.models import (
    CareAction,
    CareModel,
    CareSettings,
    ModelMetric,
    ModelVersion,
    StatutoryTask,
    Term,
)
from careplans.caremodels.models.actions import MOST_COUNT, MOST_MINUTES, MOST_WINDOW
from core.choice_lists import CodeForm
from core.dates import DayField
from core.forms import DecimalField, EnglishNameMixin, IntegerField, OnceFormMixin, RichTextField, VersionedFormMixin
from customers.enums import BranchPurpose, BranchTarget, Channel, ResponsibilityRole
from customers.models import ClassificationNode
from customers.selections.enums import SelectionOf
from customers.selections.models import Selection
from segmentation.schemes.models import Segment

JUSTIFICATION = _("Why is the model changed? Management reads it, and it is kept with the version.")
LONG = forms.Textarea({"rows": 4})
SHORT = forms.Textarea({"rows": 2})
SEARCHABLE = forms.Select({"data-searchable": ""})


class SegmentField(forms.ModelChoiceField):
    """A segment of a scheme that is used for care models, with the name of its scheme."""

    def label_from_instance(self, obj: Segment) -> str:
        return f"{obj.scheme}: {obj}"


class NodeField(forms.ModelChoiceField):
    """A class that customers can have, with the name of its branch."""

    def label_from_instance(self, obj: ClassificationNode) -> str:
        return f"{obj.branch}: {obj}"


def segments() -> QuerySet[Segment]:
    """Return the segments that can have a model."""
    rows = Segment.objects.filter(scheme__feeds_care_models=True, retired_at__isnull=True)
    return rows.select_related("scheme").order_by("scheme__order", "order")


def nodes() -> QuerySet[ClassificationNode]:
    """Return the classes that can have a model."""
    rows = ClassificationNode.objects.exclude(branch__target=BranchTarget.CONTACTS).filter(retired_at__isnull=True)
    return rows.select_related("branch").order_by("branch__order", "path")


def contact_roles() -> QuerySet[ClassificationNode]:
    rows = ClassificationNode.objects.filter(branch__purpose=BranchPurpose.CONTACT_ROLE, retired_at__isnull=True)
    return rows.order_by("path")


class ModelForm(VersionedFormMixin, EnglishNameMixin, forms.ModelForm):
    """A model that is there: its segment or class is fixed."""

    order = IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)

    class Meta:
        model = CareModel
        fields: tuple[str, ...] = ("name_fi", "name_en", "description", "team", "order")
        widgets = {"description": SHORT}


class ModelAddForm(CodeForm):
    segment = SegmentField(Segment.objects.none(), label=_("Segment"), required=False)
    node = NodeField(
        ClassificationNode.objects.none(), label=_("Customer group or class"), required=False,
        help_text=_("A model belongs to a segment or to a class, to one of them."), widget=SEARCHABLE,
    )  # fmt: skip
    justification = forms.CharField(
        label=_("Justification"), max_length=4_000, widget=SHORT, help_text=_("Why the model is needed.")
    )
    order = IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)

    class Meta:
        model = CareModel
        fields = ("name_fi", "name_en", "code", "segment", "node", "description", "team", "order")
        widgets = {"description": SHORT}

    field_order = ("name_fi", "name_en", "code", "segment", "node", "description", "team", "justification", "order")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("segment", segments()), ("node", nodes())):
            field: Any = self.fields[name]
            field.queryset = rows


class JustificationForm(OnceFormMixin, forms.Form):
    """A new draft."""

    justification = forms.CharField(label=_("Justification"), max_length=4_000, widget=LONG, help_text=JUSTIFICATION)


class VersionForm(VersionedFormMixin, forms.ModelForm):
    """Goals, channels and promise of a draft."""

    channels = forms.MultipleChoiceField(
        label=_("Channels offered"), choices=Channel.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    answer_days = IntegerField(
        label=_("Answer target, working days"), required=False, min_value=1, max_value=60,
        help_text=_("The latest time in which a contact of the customer is answered."),
    )  # fmt: skip

    class Meta:
        model = ModelVersion
        fields = ("goals_fi", "goals_en", "channels", "promise_hours", "answer_days", "justification")
        widgets = {"goals_fi": LONG, "goals_en": LONG, "justification": LONG}
        help_texts = {"justification": JUSTIFICATION}

    def __init__(self, *args: Any, equal: CareSettings | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if equal is not None and equal.is_treatment_equal:
            field = self.fields["answer_days"]
            field.disabled = True
            field.help_text = gettext(
                "Treatment is equal: the answer target is %(days)d working days in every segment."
            ) % {"days": equal.answer_days}


def responsible_choices() -> list[tuple[str, Any]]:
    """Return who may have an action, by their keys: roles for the customer, user groups, units and teams."""
    roles = [(f"role:{value}", label) for value, label in ResponsibilityRole.choices]
    groups = [(f"group:{one.name}", one.label) for one in Role.objects.order_by("order", "name")]
    teams = [(f"team:{one.pk}", one.name) for one in Team.objects.order_by("name")]
    named = (
        (gettext("Role for the customer"), roles),
        (gettext("User groups"), groups),
        (gettext("Units and teams"), teams),
    )
    return [("", "–"), *((label, options) for label, options in named if options)]


RESPONSIBLE = ("responsible_1", "responsible_2", "responsible_3")


class ActionFieldsForm(EnglishNameMixin, forms.ModelForm):
    """What an action says, of whatever it is; a subclass adds how two people who edit it are kept apart."""

    completed_by = forms.MultipleChoiceField(
        label=_("Completed by"), choices=FulfilKind.choices, widget=forms.CheckboxSelectMultiple
    )
    types = forms.ModelMultipleChoiceField(
        ActivityType.objects.none(), label=_("Activity types"), required=False,
        help_text=_("None chosen: every contact with the customer."),
        widget=forms.SelectMultiple({"data-searchable": ""}),
    )  # fmt: skip
    direction = forms.ChoiceField(
        label=_("Direction"), choices=[("", _("either way")), *Direction.choices], required=False
    )
    count = IntegerField(
        label=_("Number (n)"), required=False, min_value=1, max_value=MOST_COUNT,
        help_text=_("Weeks, months or days, as the frequency says. A quarter is 3 months, a half-year 6, a year 12."),
    )  # fmt: skip
    months = forms.TypedMultipleChoiceField(
        label=_("Months"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    delay = IntegerField(label=_("Days after the event"), required=False, min_value=0, max_value=MOST_COUNT)
    quiet_days = IntegerField(label=_("Days without contact"), required=False, min_value=1, max_value=MOST_COUNT)
    before = IntegerField(
        label=_("Days before the due day"), required=False, min_value=0, max_value=MOST_WINDOW,
        help_text=_("Empty: none by the calendar, a fifth of the interval from the last time."),
    )  # fmt: skip
    after = IntegerField(label=_("Days after the due day"), required=False, min_value=0, max_value=MOST_WINDOW)
    minimum_minutes = IntegerField(
        label=_("Shortest length, minutes"), required=False, min_value=0, max_value=MOST_MINUTES
    )
    duration = IntegerField(label=_("Duration, minutes"), required=False, min_value=0, max_value=MOST_MINUTES)
    preparation = IntegerField(label=_("Preparation, minutes"), required=False, min_value=0, max_value=MOST_MINUTES)
    travel = IntegerField(label=_("Travel, minutes"), required=False, min_value=0, max_value=MOST_MINUTES)
    responsible_1 = forms.ChoiceField(label=_("Responsible"), widget=SEARCHABLE)
    responsible_2 = forms.ChoiceField(label=_("If there is nobody"), required=False, widget=SEARCHABLE)
    responsible_3 = forms.ChoiceField(label=_("If there is nobody either"), required=False, widget=SEARCHABLE)

    fieldsets: Sequence[Any] = (
        ("", ("name_fi", "name_en", "code", "scope", "description_fi", "description_en")),
        (
            _("What completes it"),
            ("completed_by", "types", "direction", "contact_role", "minimum_minutes", "decision_maker_only"),
        ),
        (
            _("How often"),
            ("frequency", "count", "unit", "months", "event", "delay", "selection", "quiet_days", "before", "after"),
        ),
        (_("Who does it, recipient, place"), (*RESPONSIBLE, "recipient_role", "recipient_team", "place", "channel")),
        (_("Work in calendars"), ("activity_type", "duration", "preparation", "travel", "memo_fi", "memo_en")),
        (_("Rules"), ("is_mandatory", "is_contact", "is_shared")),
    )

    class Meta:
        fields: tuple[str, ...] = (
            "name_fi", "name_en", "code", "scope", "description_fi", "description_en", "completed_by", "types",
            "direction", "contact_role", "minimum_minutes", "decision_maker_only", "frequency", "count", "unit",
            "months", "event", "delay", "selection", "quiet_days", "before", "after", "recipient_role",
            "recipient_team", "place", "channel", "activity_type", "duration", "preparation", "travel", "memo_fi",
            "memo_en", "is_mandatory", "is_contact", "is_shared",
        )  # fmt: skip
        widgets = {"description_fi": SHORT, "description_en": SHORT}
        field_classes = {"memo_fi": RichTextField, "memo_en": RichTextField}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: dict[str, Any] = {
            "types": ActivityType.objects.filter(retired_at__isnull=True),
            "activity_type": ActivityType.objects.filter(retired_at__isnull=True),
            "contact_role": contact_roles(),
            "recipient_role": contact_roles(),
            "selection": Selection.objects.visible_to(user).filter(
                of=SelectionOf.CUSTOMERS, is_unnamed=False, deleted_at__isnull=True
            ),
        }
        for name in rows.keys() & self.fields.keys():
            field: Any = self.fields[name]
            field.queryset = rows[name]
        self._offer()
        if self.instance.pk:
            self._show()

    def _offer(self) -> None:
        months: Any = self.fields["months"]
        months.choices = [(number, capfirst(str(name))) for number, name in MONTHS.items()]
        choices = responsible_choices()
        for name in RESPONSIBLE:
            field: Any = self.fields[name]
            field.choices = choices

    def _show(self) -> None:
        """Show what the action has in other rows; its code is fixed, because plans and figures name it."""
        self.initial["types"] = [kind.pk for kind in self.instance.types.all()]
        keys = [row.key for row in self.instance.responsible.all()]
        self.initial.update(zip(RESPONSIBLE, keys, strict=False))

    def clean(self) -> dict[str, Any]:
        """Numbers that were left empty are none."""
        data: dict[str, Any] = super().clean() or {}
        for name in ("delay", "minimum_minutes", "duration", "preparation", "travel"):
            if name in data and data[name] is None:
                data[name] = 0
        return data

    @property
    def responsible(self) -> list[str]:
        """The keys of those who have the action, in order."""
        return [self.cleaned_data[name] for name in RESPONSIBLE if self.cleaned_data[name]]

    def _save_m2m(self) -> None:
        """The service writes the types."""


class ActionForm(OnceFormMixin, ActionFieldsForm):
    """An action of a draft; it remembers which edit of the draft the user saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta(ActionFieldsForm.Meta):
        model = CareAction

    def __init__(self, *args: Any, draft: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        self.instance.version = draft
        self.fields["seen"].initial = draft.version

    def clean_seen(self) -> int | None:
        """Refuse when somebody has changed the draft since the form was opened; saving again writes it."""
        seen: int | None = self.cleaned_data["seen"]
        if seen is not None and seen != self.draft.version:
            data: Any = self.data
            self.data = data = data.copy()
            data["seen"] = str(self.draft.version)
            text = gettext(
                "Someone else changed this version while you were editing. Your text is kept here. Open the page in "
                "another tab to see the change, then save again to go on with yours."
            )
            raise forms.ValidationError(text, code="stale_version")
        return seen


class StatutoryForm(VersionedFormMixin, OnceFormMixin, ActionFieldsForm):
    fieldsets = (
        ("", ("name_fi", "name_en", "code", "basis", "description_fi", "description_en")),
        *ActionFieldsForm.fieldsets[1:-1],
        (_("Rules"), ("is_contact", "is_shared")),
    )

    class Meta(ActionFieldsForm.Meta):
        model = StatutoryTask
        fields = tuple(
            name for name in (*ActionFieldsForm.Meta.fields, "basis") if name not in ("scope", "is_mandatory")
        )


class CopyForm(OnceFormMixin, forms.Form):
    code = forms.SlugField(label=_("Code of the copy"), max_length=60)


class MetricForm(OnceFormMixin, EnglishNameMixin, forms.ModelForm):
    target = DecimalField(label=_("Target"), required=False, max_digits=12, decimal_places=2)
    order = IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)

    class Meta:
        model = ModelMetric
        fields = ("name_fi", "name_en", "target", "unit", "order")


class TermForm(VersionedFormMixin, OnceFormMixin, EnglishNameMixin, forms.ModelForm):
    first = DayField(label=_("First day"))
    last = DayField(label=_("Last day"))

    class Meta:
        model = Term
        fields = ("name_fi", "name_en", "first", "last")

    def _get_validation_exclusions(self) -> set[str]:
        """The service checks the days, at their fields."""
        return {*super()._get_validation_exclusions(), "first", "last"}  # type: ignore[misc]


class SettingsForm(VersionedFormMixin, forms.ModelForm):
    answer_days = IntegerField(label=_("Answer target for all, working days"), min_value=1, max_value=60)

    work_ahead = IntegerField(
        label=_("Work is put into calendars ahead, days"), min_value=7, max_value=150, help_text=_("From 7 to 150.")
    )
    claim_days = IntegerField(
        label=_("Days after which unclaimed work is the leader's"), min_value=1, max_value=60,
        help_text=_("Work of a group or team waits on its list until somebody claims it."),
    )  # fmt: skip

    class Meta:
        model = CareSettings
        fields = ("is_treatment_equal", "answer_days", "work_ahead", "claim_days")
