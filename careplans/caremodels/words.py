"""Care models in words: the facts of an action, two versions side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from careplans.caremodels.enums import Direction, FulfilKind, Scope
from careplans.caremodels.frequencies import frequency_words, untracked_words
from careplans.caremodels.models import ActionFields, CareAction, ModelVersion
from customers.enums import Channel

EMPTY = "–"


def completed_words(action: ActionFields) -> str:
    """Return what completes an action: "call, visit, at least 30 minutes; offer"."""
    kinds = [FulfilKind(kind) for kind in action.completed_by]
    words = [str(kind.label) for kind in kinds if kind != FulfilKind.ACTIVITY]
    if FulfilKind.ACTIVITY in kinds:
        words.insert(0, _activity_words(action))
    return "; ".join(words) or EMPTY


def _activity_words(action: ActionFields) -> str:
    names = [str(kind) for kind in action.types.all()] if action.pk else []
    parts = [", ".join(names) or _("any contact with the customer")]
    if action.direction:
        parts.append(str(Direction(action.direction).label))
    if action.contact_role:
        parts.append(str(action.contact_role))
    if action.decision_maker_only:
        parts.append(_("with a decision maker"))
    if action.minimum_minutes:
        minutes = ngettext("at least %(count)d minute", "at least %(count)d minutes", action.minimum_minutes)
        parts.append(minutes % {"count": action.minimum_minutes})
    return ", ".join(parts)


def window_words(action: ActionFields) -> str:
    """Return the days before and after the due day, empty where the action says none."""
    if action.before is None and action.after is None:
        return ""
    days = {"before": action.before or 0, "after": action.after or 0}
    return _("%(before)d days before, %(after)d after") % days


def who_words(action: ActionFields) -> str:
    """Return those who have an action, in order."""
    rows = action.responsible.all() if action.pk else []  # type: ignore[attr-defined]
    return _(", else ").join(str(row) for row in rows) or EMPTY


def recipient_words(action: ActionFields) -> str:
    """Return its recipients: roles of contacts, an own unit, or the customer."""
    names = [str(one) for one in (action.recipient_role, action.recipient_team) if one]
    return ", ".join(names) or (_("customer") if action.scope == Scope.CUSTOMER else EMPTY)


def hours_words(action: ActionFields) -> str:
    """Return the hours of one occurrence with their parts."""
    if not action.hours:
        return EMPTY
    hours = number_format(round(action.hours, 2).normalize(), use_l10n=True)
    return _("%(hours)s h") % {"hours": hours}


@dataclass(frozen=True)
class Fact:
    """A line about an action."""

    label: str
    text: str


def facts(action: ActionFields) -> list[Fact]:
    """Return what an action says, line by line, in the language of the page."""
    lines = {
        _("Name"): action.name,
        _("Description"): action.description,
        _("Direction of the action"): action.get_scope_display(),
        pgettext("care action", "When"): frequency_words(action),
        _("Window"): window_words(action),
        _("Completed by"): completed_words(action),
        _("Who"): who_words(action),
        pgettext("care action", "Recipient"): recipient_words(action),
        _("Where"): action.place,
        _("Channel"): action.get_channel_display(),
        _("Work in calendars"): str(action.activity_type or ""),
        _("Hours"): hours_words(action),
        _("Obligation"): _("mandatory") if action.is_mandatory else _("recommended"),
        _("Counts as contact"): _("yes") if action.is_contact else _("no"),
        _("Shared"): _("yes") if action.is_shared else _("no"),
        _("Tracking"): untracked_words(action),
    }
    return [Fact(label, str(text)) for label, text in lines.items() if text]


def version_facts(version: ModelVersion, answer_days: int | None, *, justified: bool = True) -> list[Fact]:
    """Return what a version says besides its actions; the justification only where it is asked for."""
    days = ngettext("%(count)d working day", "%(count)d working days", answer_days or 0)
    metrics = "; ".join(f"{one}: {metric_words(one.target, one.unit)}" for one in version.metrics.all())
    lines = {
        _("Goals"): version.goals,
        _("Channels offered"): ", ".join(str(Channel(name).label) for name in version.channels),
        _("Service hours"): version.promise_hours,
        _("Answer target"): days % {"count": answer_days} if answer_days else "",
        _("Metrics of carrying out"): metrics,
    }
    if justified:
        lines[_("Justification")] = version.justification
    return [Fact(label, text or EMPTY) for label, text in lines.items()]


def metric_words(target: Decimal | None, unit: str) -> str:
    """Return the target of a metric with its unit."""
    if target is None:
        return EMPTY
    return f"{number_format(target, use_l10n=True).rstrip('0').rstrip(',.')} {unit}".strip()


@dataclass(frozen=True)
class Difference:
    """An action of two versions: its facts in each, and which of them differ."""

    code: str
    name: str
    left: list[Fact]
    right: list[Fact]

    @property
    def kind(self) -> str:
        """``added``, ``removed``, ``changed`` or ``same``."""
        if not self.left:
            return "added"
        if not self.right:
            return "removed"
        return "same" if self.left == self.right else "changed"

    @property
    def when(self) -> str:
        """How often it is due in the right version, else in the left one."""
        label = pgettext("care action", "When")
        return next((fact.text for fact in self.right or self.left if fact.label == label), "")

    @property
    def lines(self) -> list[tuple[str, str, str, bool]]:
        """Label, left, right, whether they differ: all lines where the action is on one side, else what differs."""
        left, right = ({fact.label: fact.text for fact in side} for side in (self.left, self.right))
        labels = dict.fromkeys([*left, *right])
        lines = [(label, left.get(label, ""), right.get(label, "")) for label in labels]
        return [(*line, line[1] != line[2]) for line in lines if self.kind != "changed" or line[1] != line[2]]


def compare(left: Iterable[CareAction], right: Iterable[CareAction]) -> list[Difference]:
    """Return the actions of two versions by their codes, those of the right one first in its order."""
    before, after = ({action.code: action for action in side} for side in (left, right))
    codes = dict.fromkeys([*after, *before])
    return [
        Difference(
            code,
            str(after.get(code) or before[code]),
            facts(before[code]) if code in before else [],
            facts(after[code]) if code in after else [],
        )
        for code in codes
    ]
