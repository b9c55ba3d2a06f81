"""Fields such as ``{customer}`` in a message's text. Only these are filled in (rule 19)."""

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
#: The same fields as they are written in Finnish; either form may be used in any text.
FINNISH = {
    "etunimi": "first_name",
    "sukunimi": "last_name",
    "asiakas": "customer",
    "vastuuhenkilö": "owner",
    "vastuuhenkilön_puhelin": "owner_phone",
    "päivä": "date",
    "lähettäjä": "sender",
    "linkki": "link",
}
_FIELD = re.compile(r"\{\s*([^\W\d]\w{0,40})\s*\}")


def fields_of_apps() -> dict[str, Any]:
    """Return the fields, with their labels, that other apps fill in on their own pages.

    Only saved templates may have them. The apps declare them as ``MESSAGE_FIELDS`` among their registrations.
    """
    return dict(declared("MESSAGE_FIELDS"))


def used(*texts: str) -> list[str]:
    """Return the names in braces, known or not, each once; Finnish ones by their English names."""
    return list(dict.fromkeys(FINNISH.get(name, name) for text in texts for name in _FIELD.findall(text)))


def written(name: str) -> str:
    """Return the field with its braces, as it is written in the language of the page."""
    names = {field: word for word, field in FINNISH.items()} if translation.get_language() == "fi" else {}
    return f"{{{names.get(name, name)}}}"


def check(*texts: str, field: str | None = None, also: Collection[str] = ()) -> None:
    """Raise ``field_unknown`` if a name in braces is neither a field nor in ``also``."""
    for name in used(*texts):
        if name not in FIELDS and name not in also:
            raise BusinessRuleError("field_unknown", _unknown_text(name), field=field)


def _unknown_text(name: str) -> str:
    if label := fields_of_apps().get(name):
        return _("{%(name)s} is not filled in here: it is the %(what)s.") % {"name": name, "what": label}
    known = ", ".join(written(known) for known in FIELDS)
    return _("There is no field {%(name)s}. The fields are %(known)s.") % {"name": name, "known": known}


def is_personal(*texts: str) -> bool:
    """Return whether the texts differ by recipient."""
    return not PERSONAL.isdisjoint(used(*texts))


def values(*, contact: Contact | None, customer: Customer | None, user: User, language: str) -> dict[str, str]:
    """Return the values of the fields for a recipient; a field without a value is an empty string."""
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


def fill(text: str, known: dict[str, str], *, recipient: str, is_html: bool = False) -> str:
    """Return ``text`` with its fields filled in.

    Raises ``field_unknown``, and ``field_empty`` if a field has no value: a letter that begins “Hello ,” is worse than
    none.
    """

    def replace(match: re.Match[str]) -> str:
        value = known.get(FINNISH.get(match[1], match[1]), "").strip()
        if not value:
            message = _("{%(name)s} has no value for %(recipient)s.")
            message %= {"name": match[1], "recipient": recipient}
            raise BusinessRuleError("field_empty", message, field="body" if is_html else "subject")
        return str(escape(value)) if is_html else value

    check(text, field="body" if is_html else "subject", also=known)
    return _FIELD.sub(replace, text)


def replace_field(text: str, name: str, value: str) -> str:
    """Return HTML with ``value`` in place of one field; the others stay."""
    return _FIELD.sub(lambda match: str(escape(value)) if FINNISH.get(match[1], match[1]) == name else match[0], text)


def template_fields() -> list[tuple[str, Any]]:
    """Return the fields that saved templates may have, as they are written, with their labels."""
    return [(written(name), label) for name, label in (FIELDS | fields_of_apps()).items()]
