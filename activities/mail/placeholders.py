"""Fields such as ``{customer}`` in a message's text. Nothing but these is ever filled in (rule 19)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.exceptions import BusinessRuleError
from core.registry import declared

if TYPE_CHECKING:
    from accounts.models import User
    from customers.models import Contact, Customer

FIELDS = {
    "first_name": gettext_lazy("recipient's first name"),
    "last_name": gettext_lazy("recipient's last name"),
    "customer": gettext_lazy("customer's name"),
    "owner": gettext_lazy("customer's owner"),
    "owner_phone": gettext_lazy("owner's phone"),
    "date": gettext_lazy("today's date"),
    "sender": gettext_lazy("your own name"),
}
PERSONAL = frozenset({"first_name", "last_name"})
_FIELD = re.compile(r"\{\s*([^\W\d]\w{0,40})\s*\}")


def elsewhere() -> dict[str, Any]:
    """Return the fields that later apps fill in on pages of their own: saved templates may have them, others not.

    The apps declare them as ``MESSAGE_FIELDS`` of their registrations, each with its label.
    """
    return dict(declared("MESSAGE_FIELDS"))


def used(*texts: str) -> list[str]:
    """Return the names in braces, each once, known or not."""
    return list(dict.fromkeys(name for text in texts for name in _FIELD.findall(text)))


def check(*texts: str, field: str | None = None, also: Collection[str] = ()) -> None:
    """Raise ``field_unknown``, which names the first name in braces that is neither a field nor in ``also``."""
    for name in used(*texts):
        if name not in FIELDS and name not in also:
            raise BusinessRuleError("field_unknown", _unknown(name), field=field)


def _unknown(name: str) -> str:
    if label := elsewhere().get(name):
        return _("{%(name)s} is not filled in here: it is the %(what)s.") % {"name": name, "what": label}
    known = ", ".join(f"{{{known}}}" for known in FIELDS)
    return _("There is no field {%(name)s}. The fields are %(known)s.") % {"name": name, "known": known}


def is_personal(*texts: str) -> bool:
    """Whether the texts differ by recipient."""
    return not PERSONAL.isdisjoint(used(*texts))


def values(*, contact: Contact | None, customer: Customer | None, user: User, language: str) -> dict[str, str]:
    owner = customer.summary.owner if customer else None
    with translation.override(language):
        today = date_format(clock.user_today(), "SHORT_DATE_FORMAT")
    return {
        "first_name": contact.first_name if contact else "",
        "last_name": contact.last_name if contact else "",
        "customer": customer.name if customer else "",
        "owner": str(owner) if owner else "",
        "owner_phone": owner.phone if owner else "",
        "date": today,
        "sender": str(user),
    }


def fill(text: str, known: dict[str, str], *, whom: str, is_html: bool = False) -> str:
    """Return ``text`` with its fields filled in. Raises ``field_unknown``, and ``field_empty`` where there is nothing
    to write: a letter that says “Hello ,” is worse than none."""

    def replace(found: re.Match[str]) -> str:
        value = known.get(found[1], "").strip()
        if not value:
            message = _("There is nothing to write for {%(name)s} to %(whom)s.") % {"name": found[1], "whom": whom}
            raise BusinessRuleError("field_empty", message, field="body" if is_html else "subject")
        return str(escape(value)) if is_html else value

    check(text, field="body" if is_html else "subject", also=known)
    return _FIELD.sub(replace, text)


def put(text: str, name: str, words: str) -> str:
    """Return HTML with ``words`` in place of one field; the others stay."""
    return _FIELD.sub(lambda found: str(escape(words)) if found[1] == name else found[0], text)


def of_templates() -> list[tuple[str, Any]]:
    """Return the fields that saved templates may have, as they are written, each with what it is."""
    return [(f"{{{name}}}", label) for name, label in (FIELDS | elsewhere()).items()]
