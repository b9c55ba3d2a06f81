"""Why a row cannot be undone: a code and its parameters are stored, the sentence is made when it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

CHANGED, REMOVED, GONE, HUNG, SIGNED_IN, NOT_RECORDED, CLASH = (
    "changed_since",
    "removed_since",
    "gone",
    "in_use",
    "signed_in",
    "not_recorded",
    "clash",
)
SENTENCES: dict[str, Any] = {
    CHANGED: _("%(what)s: changed since by %(who)s, %(at)s."),
    REMOVED: _("%(what)s: removed since by %(who)s, %(at)s."),
    GONE: _("The record no longer exists."),
    HUNG: _("Something else refers to it now: %(things)s."),
    SIGNED_IN: _("The user has signed in or chosen a password."),
    NOT_RECORDED: _("What was changed has not been recorded."),
    CLASH: _("The former data contradicts what is here now."),
}
#: What the filter and the counts call the reasons.
LABELS: dict[str, Any] = {
    CHANGED: _("Changed since"),
    REMOVED: _("Removed since"),
    GONE: _("No longer exists"),
    HUNG: _("Something else refers to it"),
    SIGNED_IN: _("Has signed in"),
    NOT_RECORDED: _("Not recorded"),
    CLASH: _("Contradicts the present data"),
}


@dataclass(frozen=True)
class Reason:
    """Why a row cannot be undone."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Reason:
        return cls(data["code"], data.get("params", {}))

    def data(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}


def sentence(problem: Reason) -> str:
    """Return the reason as a sentence in the current language."""
    return str(SENTENCES[problem.code]) % {name: _text(name, value) for name, value in problem.params.items()}


def _text(name: str, value: Any) -> str:
    if name == "what":
        return capfirst(_name_of(value, 1))
    if name == "things":
        return ", ".join(f"{_name_of(label, count)} ({count})" for label, count in sorted(value.items()))
    if name == "at":
        moment = parse_datetime(value)
        return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"
    return str(value or _("the system"))


def _name_of(label: str, count: int) -> str:
    """Return what people call one or several records of a model (``app.Model``)."""
    meta = apps.get_model(label)._meta
    names = meta.original_attrs
    if "verbose_name" not in names:
        return str(_("other data"))
    return str(meta.verbose_name_plural if count > 1 and "verbose_name_plural" in names else meta.verbose_name)
