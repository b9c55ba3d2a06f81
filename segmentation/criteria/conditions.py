"""The conditions of criteria: on a metric, on classes, on the roles of contacts, on the municipality; and scores.

They are declared as the conditions of selections are, so that the same builder edits them; what they mean, with
thresholds and unknown values, is in :mod:`segmentation.criteria.sql`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.conditions.fields import Asked, ConditionField, Relation, Said
from core.conditions.operands import Choice, Choices, Names, Operand, Rows
from core.formatting import number_text
from core.forms import DecimalField
from customers.enums import BranchTarget, OrganisationForm
from customers.models import ClassificationNode, Municipality
from segmentation.criteria.enums import WITH_THRESHOLDS, Comparison
from segmentation.criteria.figures import figure, figures, unit_of

SUBJECT = "criteria"
METRIC, CLASSES, CONTACTS, PLACE, FORM, THRESHOLD = (
    f"{SUBJECT}.{name}" for name in ("metric", "classes", "contacts", "place", "form", "threshold")
)
SCORE = "score"
MOST = Decimal(10) ** 12


@dataclass(frozen=True, kw_only=True)
class MetricName(Operand):
    """The metric of a condition."""

    def form_field(self, user: Any = None) -> forms.Field:
        return forms.ChoiceField(label=self.label, choices=lambda: _choices(), required=False)

    def text(self, stored: Any, names: Names) -> str:
        metric = figure(stored)
        return str(metric.label) if metric else str(stored)


def _choices() -> list[tuple[str, Any]]:
    return [(code, metric.label) for code, metric in figures().items()]


@dataclass(frozen=True, kw_only=True)
class Figure(Operand):
    """A number with decimals, kept as a text so that nothing is lost."""

    lowest: Decimal = -MOST

    def form_field(self, user: Any = None) -> forms.Field:
        field: forms.Field = DecimalField(
            label=self.label, required=False, min_value=self.lowest, max_value=MOST, max_digits=16, decimal_places=4
        )
        field.widget.attrs["class"] = "short"
        return field

    def stored(self, cleaned: Any) -> Any:
        return None if cleaned is None else plain(cleaned)

    def loaded(self, stored: Any) -> Any:
        return Decimal(str(stored))

    def text(self, stored: Any, names: Names) -> str:
        return number_text(Decimal(str(stored)))


def plain(value: Decimal) -> str:
    """Return a number without an exponent and needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


WEIGHT = Figure(name="weight", label=_("Weight"), is_needed=False, is_extra=True, lowest=Decimal("0.01"))
ENTER = Figure(name="enter", label=_("To enter"), shown_if=("op", WITH_THRESHOLDS))
LEAVE = Figure(name="leave", label=_("To stay (empty: the same)"), is_needed=False, shown_if=("op", WITH_THRESHOLDS))


def _none(asked: Asked) -> Q:
    """Criteria are no conditions of selections."""
    raise NotImplementedError


def _words(said: Said) -> str:
    return said.texts.get("rows", "")


def _metric_words(said: Said) -> str:
    return f"{said.texts['metric']} {comparison_words(said.values, unit_of(said['metric']))}"


def comparison_words(values: Mapping[str, Any], unit: Any) -> str:
    """Return *at least 50,000 € (to stay 40,000 €)*."""
    op = values["op"]
    if op in (Comparison.YES, Comparison.NO):
        return str(Comparison(op).label)
    unit = "%" if op == Comparison.TOP else str(unit)
    enter = _with_unit(values["enter"], unit)
    text = str(_("in the top %(share)s") if op == Comparison.TOP else Comparison(op).label)
    text = text % {"share": enter} if op == Comparison.TOP else f"{text} {enter}"
    leave = values.get("leave")
    if leave in (None, "") or Decimal(str(leave)) == Decimal(str(values["enter"])):
        return text
    return str(_("%(text)s (to stay %(leave)s)")) % {"text": text, "leave": _with_unit(leave, unit)}


def _with_unit(value: Any, unit: str) -> str:
    text = number_text(Decimal(str(value)))
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


def threshold_words(values: Mapping[str, Any]) -> str:
    if values.get("enter") in (None, ""):  # not filled in yet
        return "…"
    return comparison_words({**values, "op": Comparison.AT_LEAST}, "")


def class_rows() -> Any:
    """Return the classes of customers."""
    return ClassificationNode.objects.exclude(branch__target=BranchTarget.CONTACTS).select_related("branch")


def role_rows() -> Any:
    return ClassificationNode.objects.exclude(branch__target=BranchTarget.CUSTOMERS).select_related("branch")


def _named(node: ClassificationNode) -> str:
    return f"{node.branch.name} › {node.name}"


def _rows(label: Any, model: Any, rows: Any, label_of: Any = None) -> Rows:
    return Rows(name="rows", label=label, model=model, rows=rows, label_of=label_of)


_ABOUT: dict[str, Any] = {"subject": SUBJECT, "condition": _none, "section": _("Classes and contacts")}

CONDITION_FIELDS = (
    ConditionField(
        subject=SUBJECT, name="metric", label=_("Metric"), section=_("Metrics"), order=10, condition=_none,
        operands=(
            MetricName(name="metric", label=_("Metric")),
            Choice(
                name="op", label=_("Comparison"), choices=tuple(Comparison.choices),
                default=Comparison.AT_LEAST.value,
            ),
            ENTER, LEAVE, WEIGHT,
        ),
        words=_metric_words,
    ),
    ConditionField(
        name="classes", label=_("In a class"), order=20, words=_words, **_ABOUT,
        operands=(_rows(_("Classes"), ClassificationNode, class_rows, _named), WEIGHT),
    ),
    ConditionField(
        name="contacts", label=_("Has a contact with the role"), order=21, words=_words, **_ABOUT,
        operands=(_rows(_("Roles and classes of contacts"), ClassificationNode, role_rows, _named), WEIGHT),
    ),
    ConditionField(
        name="place", label=_("In the municipality"), order=22, words=_words, **_ABOUT,
        operands=(_rows(_("Municipalities"), Municipality, Municipality.objects.all), WEIGHT),
    ),
    ConditionField(
        name="form", label=_("Organisation form"), order=23, words=lambda said: said.texts.get("forms", ""), **_ABOUT,
        operands=(Choices(name="forms", label=_("Organisation form"), choices=OrganisationForm.choices), WEIGHT),
    ),
    ConditionField(
        subject=SUBJECT, name="threshold", label=_("Score threshold"), section=_("Score"), order=1,
        condition=_none, words=lambda said: threshold_words(said.values),
        operands=(
            Figure(name="enter", label=_("Points to enter"), lowest=Decimal(0)),
            Figure(name="leave", label=_("Points to stay (empty: the same)"), is_needed=False, lowest=Decimal(0)),
        ),
    ),
)  # fmt: skip


def _no_rows(asked: Asked) -> Any:
    raise NotImplementedError


CONDITION_RELATIONS = (
    Relation(
        subject=SUBJECT, name=SCORE, target=SUBJECT, label=_("Score: points for conditions …"), heading=_("Score"),
        rows=_no_rows, section=_("Score"), order=30,
    ),
)  # fmt: skip
