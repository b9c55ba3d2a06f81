"""Statuses that change by a table: one machine for everything that has a status and keeps a history of it.

An app subclasses :class:`StatusMachine` once for each of its models, with the table from its ``enums`` and what follows
a change; its services check their own rules first and let the machine write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.models import StatusChange, VersionedModel

R = TypeVar("R", bound=models.Model)

SHORTEST_REASON = 3
LONGEST_REASON = 1_000


def check_reason(reason: str, *, longest: int = LONGEST_REASON) -> str:
    """Return ``reason`` without the spaces around it. Raise ``reason_required`` if it is too short to say anything."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        message = _("Enter a reason of at least %(count)d characters.") % {"count": SHORTEST_REASON}
        raise BusinessRuleError("reason_required", message, field="reason")
    return reason[:longest]


class StatusMachine(Generic[R]):
    """The statuses of one model. Its methods take rows that the caller has locked (:func:`core.services.lock`)."""

    transitions: ClassVar[Mapping[Any, Collection[Any]]]
    #: The column of the row that has the status.
    field: ClassVar[str] = "status"
    #: The column that has the time of the last change, if the model has one.
    since: ClassVar[str | None] = None
    #: The model of the history, and its key to the row; None when the row's own history is enough.
    history: ClassVar[type[StatusChange] | None] = None
    owner: ClassVar[str] = ""
    #: Code and field of the error when the table does not allow a change.
    refusal_code: ClassVar[str] = "status_not_allowed"
    refusal_field: ClassVar[str | None] = "status"

    def refusal(self, row: R, status: Any) -> str:
        """Return the message for a change that the table does not allow."""
        return _("This status cannot follow the present one.")

    def enter(self, row: R, status: Any, *, at: dt.datetime, reason: str) -> None:
        """Set and check what else the row has in its new status, which it has already. Nothing is saved yet."""

    def save(self, row: R) -> None:
        row.save()

    def follow(self, row: R) -> None:
        """Do what follows a change that is written, such as refreshing figures that are computed from it."""

    def following(self, row: R) -> Collection[Any]:
        """Return the statuses that may follow the present one, in the order of the table."""
        return self.transitions[getattr(row, self.field)]

    def check(self, row: R, status: Any) -> None:
        """Raise ``refusal_code`` if the table does not let ``status`` follow the present one."""
        if status not in self.following(row):
            raise BusinessRuleError(self.refusal_code, self.refusal(row, status), field=self.refusal_field)

    def write(self, row: R, status: Any, *, user: Any, reason: str = "", actor: str = "") -> R:
        """Move a locked row to ``status``, save it with its next version and its history; return it.

        ``actor`` is the name of somebody who is no user, a customer who answered by a link. Raises as :meth:`check`.
        """
        self.check(row, status)
        return self._write_status(row, status, user, reason, actor)

    def take_back(self, row: R, change: StatusChange, *, user: Any) -> R:
        """Give a locked row the status it had before ``change``, its last one.

        The table is not asked: it lists the steps of the work, and this one corrects a step pressed by mistake.
        """
        return self._write_status(row, change.from_status, user, "", "")

    def begin(self, row: R, *, user: Any, reason: str = "", actor: str = "") -> None:
        """Write the first entry of the history of a row that has just been added."""
        at = getattr(row, self.since) if self.since else clock.now()
        self._remember(row, None, user=user, reason=reason.strip(), actor=actor, at=at)

    def _write_status(self, row: R, status: Any, user: Any, reason: str, actor: str) -> R:
        now, old, reason = clock.now(), getattr(row, self.field), reason.strip()
        setattr(row, self.field, status)
        if self.since:
            setattr(row, self.since, now)
        self.enter(row, status, at=now, reason=reason)
        if isinstance(row, VersionedModel):
            row.version += 1
        self.save(row)
        self._remember(row, old, user=user, reason=reason, actor=actor, at=now)
        self.follow(row)
        return row

    def _remember(self, row: R, old: Any, *, user: Any, reason: str, actor: str, at: dt.datetime) -> None:
        if self.history is None:
            return
        values = {self.owner: row, "to_status": getattr(row, self.field), "user": user, "at": at}
        if old is not None:
            values["from_status"] = old
        for name, text in (("reason", reason), ("actor", actor)):
            if text:
                values[name] = text[: _longest(self.history, name)]
        self.history._default_manager.create(**values)


def _longest(model: type[models.Model], name: str) -> int | None:
    column: Any = model._meta.get_field(name)
    longest: int | None = column.max_length
    return longest
