"""Asking a former owner about the segments of customers: a task with the list; the answers are suggestions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.notifications import notify
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.follow_ups import WITHOUT_CUSTOMER, due_time
from activities.log.services.status import activity_set_status
from core import clock
from core.exceptions import BusinessRuleError
from core.html import html
from core.working_days import working_days_after
from segmentation.casework.models import Inquiry, InquiryLine
from segmentation.schemes.models import Scheme, Segment

#: How many working days the former owner has unless the question says otherwise.
DAYS = 5


@dataclass(frozen=True)
class Said:
    """An answer about one customer: a segment, or None for *I do not know*, and why."""

    segment: Segment | None
    text: str = ""


@transaction.atomic
def inquiry_make(
    *, scheme: Scheme, customer_ids: Collection[int], asked: Any, user: Any, text: str = "", due: dt.date | None = None
) -> Inquiry:
    """Ask a former owner about customers: the task is an open activity of that person, with a link to the list.

    Raises :class:`BusinessRuleError` as :func:`activity_log`.
    """
    due = due or working_days_after(clock.today(), DAYS)
    inquiry = Inquiry.objects.create(
        scheme=scheme, asked=asked, asked_by=user, asked_at=clock.now(), text=text.strip()[:1_000], due=due
    )
    InquiryLine.objects.bulk_create(InquiryLine(inquiry=inquiry, customer_id=pk) for pk in sorted(customer_ids))
    inquiry.activity = _task(inquiry, len(customer_ids), user)
    inquiry.save(update_fields=["activity"])
    return inquiry


def _task(inquiry: Inquiry, count: int, user: Any) -> Activity | None:
    """Log the task in the language of who is asked."""
    kind = ActivityType.objects.filter(code=WITHOUT_CUSTOMER, retired_at__isnull=True).first()
    if kind is None:
        return None
    with translation.override(inquiry.asked.language or translation.get_language()):
        title = ngettext("Which segment? %(count)d former customer", "Which segment? %(count)d former customers", count)
        link = html('<p><a href="{}">{}</a></p>', inquiry.get_absolute_url(), _("Answer about the customers"))
        memo = html("<p>{}</p>{}", inquiry.text, link) if inquiry.text else link
        return activity_log(
            user=user,
            type=kind,
            title=title % {"count": count},
            goal=title % {"count": count} if kind.needs_goal else "",
            memo=str(memo),
            start=due_time(inquiry.due or clock.today()),
            status=ActivityStatus.OPEN,
            participants=[inquiry.asked],
        )


@transaction.atomic
def inquiry_answer(*, inquiry: Inquiry, answers: Mapping[int, Said], user: Any) -> Inquiry:
    """Write answers by the id of their line; with the last one the question is closed and its task done.

    Raises :class:`BusinessRuleError`: ``already_closed``, ``wrong_scheme``.
    """
    locked = Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry.pk)
    if locked.closed_at is not None:
        raise BusinessRuleError("already_closed", _("All has been answered already."))
    lines = {line.pk: line for line in locked.lines.select_for_update().filter(pk__in=list(answers))}
    for pk, line in lines.items():
        _write(line, answers[pk], locked)
    if not locked.lines.filter(answered_at__isnull=True).exists():
        _close(locked, user)
    return locked


def _write(line: InquiryLine, said: Said, inquiry: Inquiry) -> None:
    if said.segment is not None and said.segment.scheme_id != inquiry.scheme_id:
        raise BusinessRuleError("wrong_scheme", _("Choose a segment of the scheme that is asked about."))
    line.segment, line.text, line.answered_at = said.segment, said.text.strip()[:1_000], clock.now()
    line.settled_at = None
    line.save()


def _close(inquiry: Inquiry, user: Any) -> None:
    inquiry.closed_at = clock.now()
    inquiry.save(update_fields=["closed_at"])
    activity = inquiry.activity
    if activity is not None and activity.status != ActivityStatus.DONE:
        if activity.start > clock.now():  # answered before the day by which it was to be
            activity = activity_change(activity=activity, user=user, changes={"start": clock.now()})
        activity_set_status(activity=activity, status=ActivityStatus.DONE, user=user)
    if inquiry.asked_by and inquiry.asked_by != user:
        count = inquiry.lines.filter(segment__isnull=False).count()
        url = inquiry.get_absolute_url()
        notify(users=[inquiry.asked_by], kind="inquiry_answered", url=url, person=str(inquiry.asked), count=count)
