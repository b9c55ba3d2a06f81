"""Undoing the last step of feedback: an answer, a resolution, or that it needs no answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from activities.feedback.models import Feedback
from activities.log.models import Activity
from activities.log.services.status import ACTIVITY_STATUS
from core.exceptions import BusinessRuleError
from core.services import lock

#: What the steps write, besides the status and the resolution of the activity.
FIELDS = ("answer", "answer_channel", "answered_at", "answered_by_id", "corrective_action", "answer_due")
TIMES = ("answered_at", "answer_due")


def feedback_content(activity: Activity) -> dict[str, Any]:
    """Return as JSON what a step may change of feedback."""
    feedback = Feedback.objects.get(pk=activity.pk)
    content = {name: getattr(feedback, name) for name in FIELDS}
    texts = {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in content.items()}
    return texts | {"settlement": activity.settlement, "status": activity.status}


@transaction.atomic
def feedback_step_undo(*, activity: Activity, user: User, content: dict[str, Any], version: int) -> Activity:
    """Give feedback the content it had before a step, while its activity has still ``version``; return the activity.

    Raises :class:`BusinessRuleError`: ``changed_since``.
    """
    activity = lock(activity)
    if activity.version != version:
        raise BusinessRuleError("changed_since", _("It has been changed since. Nothing was undone."))
    feedback = Feedback.objects.get(pk=activity.pk)
    for name in FIELDS:
        value = content[name]
        setattr(feedback, name, parse_datetime(value) if value and name in TIMES else value)
    feedback.save()
    activity.settlement = content["settlement"]
    last = activity.status_changes.first()
    if last is not None and activity.status != content["status"]:
        return ACTIVITY_STATUS.take_back(activity, last, user=user)
    activity.version += 1
    activity.save(update_fields=["version", "updated_at", "settlement"])
    return activity
