"""What a version says, for its page and for that of its model."""

from __future__ import annotations

from typing import Any

from careplans.caremodels.enums import Scope
from careplans.caremodels.frequencies import frequency_words, untracked_words
from careplans.caremodels.models import ActionFields, ModelVersion
from careplans.caremodels.selectors import actions_of
from careplans.caremodels.services.models import answer_target
from careplans.caremodels.words import (
    completed_words,
    hours_words,
    metric_words,
    recipient_words,
    version_facts,
    who_words,
    window_words,
)


def action_row(action: ActionFields) -> dict[str, Any]:
    """Return an action as the table shows it, in the words of the plan's section C."""
    return {
        "action": action,
        "when": frequency_words(action),
        "window": window_words(action),
        "who": who_words(action),
        "to_whom": recipient_words(action),
        "completed": completed_words(action),
        "hours": hours_words(action),
        "untracked": untracked_words(action),
    }


def version_context(version: ModelVersion, *, justified: bool = True) -> dict[str, Any]:
    """Return what ``caremodels/body.html`` draws of a version; the justification, unless the page has it already."""
    rows = [action_row(action) for action in actions_of(version)]
    metrics = [(one, metric_words(one.target, one.unit)) for one in version.metrics.all()]
    return {
        "version": version,
        "facts": version_facts(version, answer_target(version), justified=justified),
        "customer": [row for row in rows if row["action"].scope == Scope.CUSTOMER],
        "internal": [row for row in rows if row["action"].scope == Scope.INTERNAL],
        "metrics": metrics,
        "count": len(rows),
    }
