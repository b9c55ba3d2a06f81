"""Work over thousands of activities, behind a job."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from activities.log import type_details
from activities.log.services.overdue import BATCH, Closing, close_batch
from core.jobs import JobResult, Progress, job_handler, job_start
from core.models import Job

CLOSE = "activities_close"


def start_closing(*, user: User, ids: Collection[int], reason: str) -> Job:
    """Queue closing these activities with one explanation."""
    return job_start(
        CLOSE, owner=user, params={"ids": sorted(ids), "reason": reason}, title=_("Closing old activities")
    )


@job_handler(CLOSE)
def close_many(job: Job, progress: Progress) -> JobResult:
    """Close batch by batch. Run twice it finds done what the first run closed."""
    user: Any = job.owner
    ids, result = job.params["ids"], Closing()
    for start in range(0, len(ids), BATCH):
        progress(start, len(ids))
        batch = ids[start : start + BATCH]
        result.add(close_batch(user=user, ids=batch, reason=job.params["reason"], at=result.at))
    return JobResult(closing_text(result))


def closing_text(result: Closing) -> str:
    """What closing many came to, in sentences."""
    said = [
        ngettext("%(count)d activity was closed.", "%(count)d activities were closed.", result.closed)
        % {"count": result.closed}
    ]
    reasons = (
        (len(result.already), _already),
        (len(result.unsettled), _unsettled),
        *((len(result.going_on.get(kind.name, ())), kind.words) for kind in type_details.going_on()),
        (len(result.foreign), _foreign),
    )
    return " ".join([*said, *(words(count) for count, words in reasons if count)])


def _already(count: int) -> str:
    return ngettext("%(count)d was done already.", "%(count)d were done already.", count) % {"count": count}


def _unsettled(count: int) -> str:
    text = ngettext(
        "%(count)d is negative feedback: it stays open until it says how it was settled.",
        "%(count)d are negative feedback: they stay open until they say how they were settled.",
        count,
    )
    return text % {"count": count}


def _foreign(count: int) -> str:
    return ngettext("%(count)d is not yours to close.", "%(count)d are not yours to close.", count) % {"count": count}
