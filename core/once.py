"""Doing a thing once, however often its button is pressed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core import clock
from core.models import Submission

#: How long what an undo brings back is kept.
KEPT = dt.timedelta(days=1)


def once(key: uuid.UUID | None, user: Any, create: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run ``create`` in a transaction and return its JSON result; a second call with the same key returns the first's.

    The key's row is inserted first: a concurrent second press waits on it until the first has committed. A failing
    ``create`` leaves no row, so the user can mend the form and send it again.
    """
    with transaction.atomic():
        if key is None:
            return create()
        submission, is_first = Submission.objects.get_or_create(key=key, defaults={"user": user})
        if not is_first:
            return dict(submission.result) if submission.user_id == user.pk else create()
        submission.result = create()
        submission.save(update_fields=["result"])
        return submission.result


def kept_under(user: Any, content: dict[str, Any]) -> str:
    """Keep JSON for a user and return the key that :func:`kept_for` finds it by: what an undo brings back."""
    key = uuid.uuid4()
    Submission.objects.create(key=key, user=user, result=content)
    return str(key)


def kept_for(user: Any, key: str) -> dict[str, Any] | None:
    """Return what was kept for the user under the key, None if it is not there or older than a day."""
    return result_of(key, user, since=clock.now() - KEPT)


def use_up(user: Any, key: str) -> None:
    """Let what was kept for the user under the key serve no second time."""
    Submission.objects.filter(user=user, key=key).update(result={**(kept_for(user, key) or {}), "used_up": True})


def is_used_up(user: Any, key: str) -> bool:
    """Return whether what was kept has served; another press of the same button waits for the first one's end."""
    kept = Submission.objects.select_for_update().filter(user=user, key=key).first()
    return kept is None or bool(kept.result.get("used_up"))


def result_of(key: Any, user: Any, *, since: dt.datetime | None = None) -> dict[str, Any] | None:
    """Return what an earlier call with ``key`` (as the browser sent it) has returned to the same user, if any."""
    rows = Submission.objects.filter(user=user, **({"created_at__gte": since} if since else {}))
    try:
        submission = rows.filter(key=key).first() if key else None
    except (ValidationError, ValueError):
        return None
    return dict(submission.result) if submission else None
