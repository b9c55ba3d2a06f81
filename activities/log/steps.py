"""What may be done with an activity now: one table for its page, lists, cards and the calendar."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from activities.log import validators
from activities.log.enums import TRANSITIONS, ActivityStatus
from activities.log.models import Activity
from core.permissions import allowed
from core.steps import Step


def steps_of(user: Any, activity: Activity, *, may_edit: bool | None = None, back: str = "") -> list[Step]:
    """Return the next steps of an activity, the main one first: those of its type, else its statuses.

    ``may_edit`` is what ``activities.edit_activity`` says, where the caller knows it: of one's own activities it needs
    no query. ``back`` is the page to return to from a page that asks for the details.
    """
    if may_edit is None:
        may_edit = allowed(user, "activities.edit_activity", activity)
    own = activity.type.own_details.steps
    if own is not None:
        return own(user, activity, may_edit, back)
    return status_steps(activity, back) if may_edit else []


def status_steps(activity: Activity, back: str) -> list[Step]:
    """Return the statuses that may follow as steps."""
    return [_status_step(activity, status, back) for status in _following(activity)]


def steps_from(user: Any, activity: Activity, back: str) -> list[Step]:
    """Return the next steps of an activity as a page offers them that is to be returned to."""
    return steps_of(user, activity, back=back)


def _following(activity: Activity) -> list[ActivityStatus]:
    following = TRANSITIONS[ActivityStatus(activity.status)]
    return [status for status in following if activity.has_begun or status != ActivityStatus.DONE]


def _status_step(activity: Activity, status: ActivityStatus, back: str) -> Step:
    url = status_form_url(activity, status)
    is_done = status == ActivityStatus.DONE
    label, short, icon = _look(activity, status, asks=bool(url))
    if url:
        return Step(label=label, short=short, icon=icon, url=with_next(url, back), asks=True, is_main=is_done)
    return Step(
        label=label,
        short=short,
        icon=icon,
        url=reverse("activities:status", args=[activity.pk]),
        is_main=is_done,
        values={"status": status.value},
    )


def _look(activity: Activity, status: ActivityStatus, *, asks: bool) -> tuple[str, str, str]:
    """Return the label of a step, its short label in rows, and its icon."""
    if status == ActivityStatus.DONE:
        return (_("Report and mark done"), _("Report"), "notes") if asks else (_("Mark done"), _("Done"), "check")
    if status == ActivityStatus.IN_PROGRESS:
        return _("Start"), "", ""
    return (_("Reopen") if activity.status == ActivityStatus.DONE else _("Set to open")), "", ""


def with_next(url: str, back: str) -> str:
    return f"{url}?{urlencode({'next': back})}" if back else url


def status_form_url(activity: Activity, status: str) -> str:
    """Return the URL of the form that this change of status requires, or an empty string."""
    if validators.goes_back(activity.status, status):
        return reverse("activities:reopen", args=[activity.pk])
    is_closing = status == ActivityStatus.DONE and activity.is_unfinished
    return reverse("activities:finish", args=[activity.pk]) if is_closing and needs_text_to_close(activity) else ""


def needs_text_to_close(activity: Activity) -> bool:
    """Return whether closing requires a memo of a visit or a resolution of negative feedback first."""
    return needs_report(activity) or needs_settlement(activity)


def needs_report(activity: Activity) -> bool:
    """Return whether the memo of a visit is still empty or the bare template."""
    return validators.needs_report(activity.type, activity.memo)


def needs_settlement(activity: Activity) -> bool:
    """Return whether it is negative feedback without a resolution (rule 12)."""
    return not activity.settlement.strip() and any(keyword.keeps_open for keyword in activity.keywords.all())
