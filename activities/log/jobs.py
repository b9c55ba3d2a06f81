"""The job that closes thousands of activities."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from activities.log.plugs import kinds_going_on
from activities.log.services.status import BATCH, Closing, close_batch
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
    """Close the activities of the job in batches; a second run skips those that the first one closed."""
    user: Any = job.owner
    ids, result = job.params["ids"], Closing()
    for start in range(0, len(ids), BATCH):
        progress(start, len(ids))
        batch = ids[start : start + BATCH]
        result.add(close_batch(user=user, ids=batch, reason=job.params["reason"], at=result.at))
    return JobResult(closing_text(result))


def closing_text(result: Closing) -> str:
    """Return sentences that say how many activities were closed, and why the others were not."""
    closed = [
        ngettext("%(count)d activity was closed.", "%(count)d activities were closed.", result.closed)
        % {"count": result.closed}
    ]
    reasons = (
        (len(result.already), _already_done),
        (len(result.unsettled), _unsettled),
        (len(result.coming), _coming),
        *((len(result.going_on.get(kind.name, ())), kind.words) for kind in kinds_going_on()),
        (len(result.foreign), _not_permitted),
    )
    return " ".join([*closed, *(describe(count) for count, describe in reasons if count)])


def _already_done(count: int) -> str:
    return ngettext("%(count)d was already done.", "%(count)d were already done.", count) % {"count": count}


def _unsettled(count: int) -> str:
    text = ngettext(
        "%(count)d is negative feedback and stays open until it is resolved.",
        "%(count)d are negative feedback and stay open until they are resolved.",
        count,
    )
    return text % {"count": count}


def _coming(count: int) -> str:
    text = ngettext("%(count)d has not begun and stays open.", "%(count)d have not begun and stay open.", count)
    return text % {"count": count}


def _not_permitted(count: int) -> str:
    text = ngettext("You may not close %(count)d activity.", "You may not close %(count)d activities.", count)
    return text % {"count": count}
