"""What is mailed goes once: each row is claimed before the server hears of it, so that none goes twice by itself.

A subject that mails rows of its own makes an :class:`Outbox` of them and declares it as one of its ``OUTBOXES`` among
its registrations: the sweeper walks all of them. A row that waits is claimed (committed), handed to the server and
marked with the result. What a worker that died left half sent is given up as not known whether it went: somebody
decides.
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

#: How long to wait before the second, third … attempt; after the last one it is not sent.
BACKOFF = (60, 300, 900, 3_600)
#: What is being sent for longer was left by a worker that died.
LOST_AFTER = dt.timedelta(minutes=30)
#: In place of the server's words: the worker died, or the line broke, while it was on its way.
UNKNOWN = "unknown"


class Sendable(Protocol):
    """What the rows of every outbox have, besides the field that its ``moment`` names."""

    pk: Any
    state: Any
    error: Any
    attempts: Any

    def save(self, *args: Any, **kwargs: Any) -> None: ...


Row = TypeVar("Row", bound=Sendable)


class Outbox(Generic[Row]):
    """Rows of one model on their way: how each is handed over, and what else happens when it is settled."""

    model: Any  # of the rows
    task: ClassVar[str]  # the name of the task that sends one
    related: ClassVar[tuple[str, ...]] = ()
    moment: ClassVar[str] = "state_at"  # the field that tells since when; of a waiting one, when it is sent
    fields: ClassVar[tuple[str, ...]] = ()  # what ``sent`` and ``failed`` write in the row

    def deliver(self, row: Row) -> Delivered:
        """Hand it to the mail server. Raises as :func:`activities.mail.transport.delivery.deliver`."""
        raise NotImplementedError

    def queue(self, pk: int) -> None:
        """Let a worker send it once the transaction has committed; what the broker loses, ``sweep`` queues again."""
        queue_task(self.task, pk)

    def obstacle(self, row: Row) -> str:
        """Return in words why it is not to be sent any more."""
        return ""

    def sent(self, row: Row, answer: Delivered) -> None:
        """The server has it."""

    def failed(self, row: Row) -> None:
        """It has been given up; ``row.error`` tells why."""

    def send(self, pk: int) -> None:
        """Send what waits. One that is being sent, has been sent or has been given up is left alone."""
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
            self._settle(row, answer)
        return None

    def sweep(self) -> None:
        """Queue what is due, and give up as not known what a dead worker left half sent."""
        now, rows = clock.now(), self.model._default_manager.all()
        lost = rows.filter(state=MessageState.SENDING, **{f"{self.moment}__lt": now - LOST_AFTER})
        for row in lost.order_by("pk")[:100]:
            self._give_up(row, UNKNOWN)
        due = rows.filter(state=MessageState.WAITING, **{f"{self.moment}__lte": now})
        for pk in due.order_by(self.moment).values_list("pk", flat=True)[:500]:
            self.queue(pk)

    @transaction.atomic
    def retry(self, pk: int, *, confirmed: bool = False) -> Row:
        """Put what was not sent back to wait, with all its attempts; return the row.

        Raises :class:`BusinessRuleError`: ``state_not_allowed``; ``delivery_unknown`` where it may have arrived
        already, unless ``confirmed``; ``not_needed`` when it would not be sent.
        """
        row = self._locked().get(pk=pk)
        if row.state != MessageState.FAILED:  # one that is being sent goes back to wait only by its own worker
            raise not_now()
        if row.error == UNKNOWN and not confirmed:
            raise BusinessRuleError("delivery_unknown", maybe_sent(), field="confirmed")
        if obstacle := self.obstacle(row):
            raise BusinessRuleError("not_needed", obstacle)
        self.send_again(row)
        return row

    def send_again(self, row: Row) -> None:
        """Put a locked row back to wait, with all its attempts, and queue it after commit."""
        row.attempts = 0
        self._move(row, MessageState.WAITING, at=clock.now())
        self.queue(row.pk)

    def _locked(self, **options: Any) -> Any:
        rows = self.model._default_manager.select_for_update(of=("self",), **options)
        return rows.select_related(*self.related) if self.related else rows

    @transaction.atomic
    def _claim(self, pk: int) -> Row | None:
        """Mark what waits as being sent, so that nobody else sends it; commit that before the server hears of it."""
        due = {"state": MessageState.WAITING, f"{self.moment}__lte": clock.now()}
        row = self._locked(skip_locked=True).filter(pk=pk, **due).first()
        if row:
            row.attempts += 1
            self._move(row, MessageState.SENDING, at=clock.now())
        return row

    def _mine(self, row: Row) -> Row | None:
        """Return what was claimed again, locked, unless it has been given up as lost or put back meanwhile."""
        claimed = {"state": MessageState.SENDING, self.moment: getattr(row, self.moment)}
        return self._locked().filter(pk=row.pk, **claimed).first()

    @transaction.atomic
    def _postpone(self, row: Row, words: str) -> None:
        """Try again later; after the last attempt give up."""
        if row.attempts > len(BACKOFF):
            return self._give_up(row, words)
        if mine := self._mine(row):
            later = clock.now() + dt.timedelta(seconds=BACKOFF[mine.attempts - 1])
            self._move(mine, MessageState.WAITING, error=words, at=later)
        return None

    @transaction.atomic
    def _give_up(self, row: Row, words: str) -> None:
        if mine := self._mine(row):
            self._move(mine, MessageState.FAILED, error=words)

    @transaction.atomic
    def _settle(self, row: Row, answer: Delivered) -> None:
        if mine := self._mine(row):
            refused = "; ".join(f"{address}: {said}" for address, said in answer.refused.items())
            self._move(mine, MessageState.SENT, error=refused, at=clock.now(), answer=answer)

    def _move(
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
    """Sweep every outbox that is registered."""
    for outbox in declared("OUTBOXES"):
        outbox.sweep()


def not_now() -> BusinessRuleError:
    text = _("The message cannot be sent now: it is not waiting or failed.")
    return BusinessRuleError("state_not_allowed", text)


def maybe_sent() -> str:
    return _("It is not known whether the message was sent: the recipients may get it twice.")


def error_text(row: Sendable) -> str:
    """Return in words why something was not sent, or to whom it was not."""
    return _("It is not known whether the message was sent.") if row.error == UNKNOWN else row.error


def retry_words(row: Sendable) -> list[str]:
    """Return what is told to who is about to send it again."""
    if row.error == UNKNOWN:
        return [maybe_sent()]
    return [row.error] if row.error else []
