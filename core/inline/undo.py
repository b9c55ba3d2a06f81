"""The undo of a change: an address with the values before and after it, signed, which the form page's service reads."""

from __future__ import annotations

from typing import Any

from django.core import signing

from core.inline.declarations import editing_of
from core.inline.forms import Values, is_allowed, query_of

SALT = "core.inline.undo"
UNDO_SECONDS = 24 * 60 * 60
#: Longer ones do not fit in a header: such a change has no undo.
LONGEST_TOKEN = 2_000


def undo_url(place: str, field: str, pk: int, *, form: Any, old: Values, new: Values, back: str) -> str:
    """Return the address that gives the fields of ``form`` their ``old`` values again, while they are ``new``.

    Returns nothing where the form would not take the old values, or they are too long. ``back`` is the page to show
    afterwards.
    """
    editing = editing_of(place)
    if editing is None or not old or not is_allowed(form, old):
        return ""
    token = signing.dumps({"of": [place, pk, field], "old": old, "new": new}, salt=SALT)
    query = query_of({"undo": [token], "next": [back]})
    return f"{editing.url(pk, field)}?{query.urlencode()}" if len(token) <= LONGEST_TOKEN else ""


def read_undo(token: str, of: list[Any]) -> dict[str, Any] | None:
    """Return the change that ``token`` undoes; None if it is not ours, too old or of something else."""
    try:
        change: dict[str, Any] = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return None
    return change if change["of"] == of else None


def is_too_old(token: str) -> bool:
    """Return whether ``token`` is one of ours that is too old."""
    try:
        signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.SignatureExpired:
        return True
    except signing.BadSignature:
        return False
    return False
