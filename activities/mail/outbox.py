"""The outgoing mail queue: each row is claimed before it reaches the server, so that none is sent twice automatically.

An app that mails its own rows defines an :class:`Outbox` for them and declares it in ``OUTBOXES`` among its
registrations; the sweeper checks all of them. A waiting row is claimed (committed), handed to the server and
marked with the result. A row that a dead worker left half sent is marked as failed with an unknown result: a person
decides whether to send it again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from activities.mail.enums import MESSAGE_TRANSITIONS, MessageState
from activities.mail.transport.delivery import Delivered, PermanentError, TemporaryError, UnknownError
from core import clock
from core.exceptions import BusinessRuleError
from core.queue import queue_task
from core.registry import declared

#: Seconds to wait before the second, third … attempt; after the last attempt the row has failed.
BACKOFF = (60, 300, 900, 3_600)
#: A row that is being sent for longer was left by a worker that died.
LOST_AFTER = dt.timedelta(minutes=30)
#: The error of a row of which the worker died, or the connection broke, while it was being sent.
UNKNOWN = "unknown"


class Sendable(Protocol):
    """The fields of the rows of every outbox, besides the one that ``Outbox.moment`` names."""

    pk: Any
    state: Any
    error: Any
    attempts: Any

    def save(self, *args: Any, **kwargs: Any) -> None: ...


Row = TypeVar("Row", bound=Sendable)


class Outbox(Generic[Row]):
    """The rows of one model that are mailed: how each is delivered, and what follows when it is sent or has failed."""

    model: Any  # of the rows
    task: ClassVar[str]  # the name of the task that sends one row
    related: ClassVar[tuple[str, ...]] = ()
    moment: ClassVar[str] = "state_at"  # the field with the time of the state; of a waiting row, when to send it
    fields: ClassVar[tuple[str, ...]] = ()  # further fields that ``sent`` and ``failed`` change

    def deliver(self, row: Row) -> Delivered:
        """Hand the row to the mail server. Raises as :func:`activities.mail.transport.delivery.deliver`."""
        raise NotImplementedError

    def queue(self, pk: int) -> None:
        """Let a worker send the row after commit; a row that the broker loses is queued again by ``sweep``."""
        queue_task(self.task, pk)

    def obstacle(self, row: Row) -> str:
        """Return the reason why the row must no longer be sent, or an empty string."""
        return ""

    def sent(self, row: Row, answer: Delivered) -> None:
        """Record that the server has accepted the row."""

    def failed(self, row: Row) -> None:
        """Record that sending has failed; ``row.error`` has the reason."""

    def send(self, pk: int) -> None:
        """Send the row if it is waiting and due; do nothing otherwise."""
        row = self._claim(pk)
        if row is None:
            return
        if obstacle := self.obstacle(row):
            return self._give_up(row, obstacle)
        try:
            answer = self.deliver(row)
        except TemporaryError as error:
            self._postpone(row, str(error))
        except (PermanentError, FileNotFoundError, ValueError) as error:
            self._give_up(row, str(error))
        except UnknownError:
            self._give_up(row, UNKNOWN)
        else:
            self._mark_sent(row, answer)
        return None

    def sweep(self) -> None:
        """Queue the rows that are due, and mark those that a dead worker left half sent as failed."""
        now, rows = clock.now(), self.model._default_manager.all()
        lost = rows.filter(state=MessageState.SENDING, **{f"{self.moment}__lt": now - LOST_AFTER})
        for row in lost.order_by("pk")[:100]:
            self._give_up(row, UNKNOWN)
        due = rows.filter(state=MessageState.WAITING, **{f"{self.moment}__lte": now})
        for pk in due.order_by(self.moment).values_list("pk", flat=True)[:500]:
            self.queue(pk)

    @transaction.atomic
    def retry(self, pk: int, *, confirmed: bool = False) -> Row:
        """Queue a failed row again, with all its attempts; return the row.

        Raises :class:`BusinessRuleError`: ``state_not_allowed``; ``delivery_unknown`` if it may have arrived already
        and ``confirmed`` is not set; ``not_needed`` if it must no longer be sent.
        """
        row = self._locked().get(pk=pk)
        if row.state != MessageState.FAILED:  # only its own worker may requeue a row that is being sent
            raise not_now()
        if row.error == UNKNOWN and not confirmed:
            raise BusinessRuleError("delivery_unknown", maybe_sent(), field="confirmed")
        if obstacle := self.obstacle(row):
            raise BusinessRuleError("not_needed", obstacle)
        self.send_again(row)
        return row

    def send_again(self, row: Row) -> None:
        """Set a locked row to waiting, with all its attempts, and queue it after commit."""
        row.attempts = 0
        self._set_state(row, MessageState.WAITING, at=clock.now())
        self.queue(row.pk)

    def _locked(self, **options: Any) -> Any:
        rows = self.model._default_manager.select_for_update(of=("self",), **options)
        return rows.select_related(*self.related) if self.related else rows

    @transaction.atomic
    def _claim(self, pk: int) -> Row | None:
        """Mark a waiting row as being sent, so that no other worker sends it, and commit; return the row."""
        due = {"state": MessageState.WAITING, f"{self.moment}__lte": clock.now()}
        row = self._locked(skip_locked=True).filter(pk=pk, **due).first()
        if row:
            row.attempts += 1
            self._set_state(row, MessageState.SENDING, at=clock.now())
        return row

    def _relock(self, row: Row) -> Row | None:
        """Return the claimed row, locked, or None if it has been marked as lost or queued again meanwhile."""
        claimed = {"state": MessageState.SENDING, self.moment: getattr(row, self.moment)}
        return self._locked().filter(pk=row.pk, **claimed).first()

    @transaction.atomic
    def _postpone(self, row: Row, error: str) -> None:
        """Queue the row for a later attempt; after the last attempt mark it as failed."""
        if row.attempts > len(BACKOFF):
            return self._give_up(row, error)
        if claimed := self._relock(row):
            later = clock.now() + dt.timedelta(seconds=BACKOFF[claimed.attempts - 1])
            self._set_state(claimed, MessageState.WAITING, error=error, at=later)
        return None

    @transaction.atomic
    def _give_up(self, row: Row, error: str) -> None:
        if claimed := self._relock(row):
            self._set_state(claimed, MessageState.FAILED, error=error)

    @transaction.atomic
    def _mark_sent(self, row: Row, answer: Delivered) -> None:
        if claimed := self._relock(row):
            refused = "; ".join(f"{address}: {error}" for address, error in answer.refused.items())
            self._set_state(claimed, MessageState.SENT, error=refused, at=clock.now(), answer=answer)

    def _set_state(
        self,
        row: Row,
        state: MessageState,
        *,
        error: str = "",
        at: dt.datetime | None = None,
        answer: Delivered | None = None,
    ) -> None:
        if state not in MESSAGE_TRANSITIONS[MessageState(row.state)]:
            raise not_now()
        row.state, row.error = state, error[: self.model._meta.get_field("error").max_length]
        setattr(row, self.moment, at or getattr(row, self.moment))
        if answer:
            self.sent(row, answer)
        elif state == MessageState.FAILED:
            self.failed(row)
        row.save(update_fields=["state", "error", "attempts", self.moment, *self.fields])


def outboxes_sweep() -> None:
    """Sweep every registered outbox."""
    for outbox in declared("OUTBOXES"):
        outbox.sweep()


def not_now() -> BusinessRuleError:
    text = _("The message cannot be sent now, because it has been sent or is being sent.")
    return BusinessRuleError("state_not_allowed", text)


def maybe_sent() -> str:
    return _("It is not known whether the message was sent: the recipients may get it twice.")


def error_text(row: Sendable) -> str:
    """Return the text of a row's error: why it was not sent, or the recipients that the server refused."""
    return _("It is not known whether the message was sent.") if row.error == UNKNOWN else row.error


def retry_warnings(row: Sendable) -> list[str]:
    """Return the warnings to show before a row is sent again."""
    if row.error == UNKNOWN:
        return [maybe_sent()]
    return [row.error] if row.error else []
