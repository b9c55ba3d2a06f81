"""What may be done with feedback now: what waits for an answer is answered first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext

from activities.log.steps import status_steps, with_next
from core.permissions import allowed
from core.steps import Step


def feedback_steps(user: Any, activity: Any, may_edit: bool, back: str) -> list[Step]:
    """Return the steps of an activity with feedback: answering it while an answer is due, then its statuses."""
    statuses = status_steps(activity, back) if may_edit else []
    feedback = getattr(activity, "feedback", None)
    waits = feedback is not None and feedback.answer_due and not feedback.answered_at
    if not waits or not allowed(user, "feedback.handle_feedback", activity):
        return statuses
    url = with_next(reverse("feedback:answer", args=[activity.pk]), back)
    answer = Step(label=pgettext("button", "Answer"), url=url, icon="message", asks=True, is_main=True)
    return [answer, *(replace(step, is_main=False) for step in statuses)]
