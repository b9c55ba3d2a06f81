"""Mailing NPS questions. Each is claimed before the server hears of it, so that none goes twice by itself."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.notifications import notify
from activities.enums import MESSAGE_TRANSITIONS, MessageState
from activities.mail.addresses import own_mark
from activities.mail.delivery import PermanentError, TemporaryError, UnknownError, deliver_mail
from activities.mail.parse import OWN_HEADER
from activities.models import NpsQuestion
from activities.services.mail_out import BACKOFF, LOST_AFTER, UNKNOWN
from crm.exceptions import BusinessRuleError


def nps_queue(question_id: int) -> None:
    from activities.tasks.feedback import send_nps_question

    send_nps_question.delay(question_id)


def nps_send(question_id: int) -> None:
    """Mail a question that waits. One that is being sent, has been sent or has been given up is left alone."""
    question = _claim(question_id)
    if question is None:
        return
    if obstacle := _obstacle(question):
        return _settle(question, MessageState.FAILED, obstacle)
    try:
        deliver_mail(_mail(question))
    except TemporaryError as error:
        _postpone(question, str(error))
    except PermanentError as error:
        _settle(question, MessageState.FAILED, str(error))
    except UnknownError:
        _settle(question, MessageState.FAILED, UNKNOWN)
    else:
        _settle(question, MessageState.SENT)
    return None


@transaction.atomic
def _claim(question_id: int) -> NpsQuestion | None:
    """Mark a waiting question as being sent, and commit that before the server hears of it."""
    rows = NpsQuestion.objects.select_for_update(of=("self",), skip_locked=True)
    due = rows.filter(pk=question_id, state=MessageState.WAITING, state_at__lte=timezone.now())
    question = due.select_related("contact", "customer", "asked_by").first()
    if question:
        question.attempts += 1
        _move(question, MessageState.SENDING)
    return question


def _obstacle(question: NpsQuestion) -> str:
    """Return why a question is not to be sent any more."""
    from activities.services.nps import address_of

    if question.answered_at:
        return _("It has been answered.")
    if question.expires_at < timezone.now():
        return _("Its time is over.")
    if question.customer.is_passive:
        return _("The customer is passive.")
    return "" if address_of(question.contact) else _("%s has no e-mail address.") % question.contact


def _move(question: NpsQuestion, state: MessageState, *, error: str = "", at: dt.datetime | None = None) -> None:
    if state not in MESSAGE_TRANSITIONS[MessageState(question.state)]:
        raise BusinessRuleError("state_not_allowed", _("The question cannot be sent now: it is not waiting or failed."))
    question.state, question.state_at, question.error = state, at or timezone.now(), error[:500]
    question.save(update_fields=["state", "state_at", "error", "attempts", "sent_at"])


def _still_mine(question: NpsQuestion) -> NpsQuestion | None:
    """Return the question again, locked, unless it has been given up as lost meanwhile."""
    rows = NpsQuestion.objects.select_for_update(of=("self",)).select_related("contact", "customer", "asked_by")
    return rows.filter(pk=question.pk, state=MessageState.SENDING, attempts=question.attempts).first()


@transaction.atomic
def _postpone(question: NpsQuestion, words: str) -> None:
    """Try again later; after the last attempt give up."""
    if question.attempts > len(BACKOFF):
        return _settle(question, MessageState.FAILED, words)
    row = _still_mine(question)
    if row:
        later = timezone.now() + dt.timedelta(seconds=BACKOFF[row.attempts - 1])
        _move(row, MessageState.WAITING, error=words, at=later)
    return None


@transaction.atomic
def _settle(question: NpsQuestion, state: MessageState, words: str = "") -> None:
    row = _still_mine(question)
    if row is None:
        return
    if state == MessageState.SENT:
        row.sent_at = timezone.now()
    _move(row, state, error=words)
    if state == MessageState.FAILED and row.asked_by:
        names = {"contact": str(row.contact), "customer": str(row.customer)}
        notify(users=[row.asked_by], kind="nps_failed", url=row.get_absolute_url(), **names)


@transaction.atomic
def nps_retry(*, question: NpsQuestion, confirmed: bool = False) -> NpsQuestion:
    """Put a question that was not sent back to wait; return the new row.

    Raises :class:`BusinessRuleError`: ``state_not_allowed``; ``delivery_unknown`` where the contact may have it
    already, unless ``confirmed``; ``nps_not_needed`` when it would not be sent.
    """
    rows = NpsQuestion.objects.select_for_update(of=("self",)).select_related("contact", "customer")
    row = rows.get(pk=question.pk)
    if row.state == MessageState.FAILED and row.error == UNKNOWN and not confirmed:
        raise BusinessRuleError("delivery_unknown", maybe_sent(), field="confirmed")
    if obstacle := _obstacle(row):
        raise BusinessRuleError("nps_not_needed", obstacle)
    if row.state != MessageState.FAILED:  # one that is being sent goes back to wait only by its own worker
        raise BusinessRuleError("state_not_allowed", _("The question cannot be sent now: it is not waiting or failed."))
    row.attempts = 0
    _move(row, MessageState.WAITING)
    transaction.on_commit(lambda: nps_queue(row.pk))
    return row


def nps_sweep() -> None:
    """Queue what is due, and give up as not known what a dead worker left half sent."""
    now = timezone.now()
    lost = NpsQuestion.objects.filter(state=MessageState.SENDING, state_at__lt=now - LOST_AFTER)
    for question in lost.order_by("pk")[:100]:
        _settle(question, MessageState.FAILED, UNKNOWN)
    due = NpsQuestion.objects.filter(state=MessageState.WAITING, state_at__lte=now)
    for pk in due.order_by("state_at").values_list("pk", flat=True)[:500]:
        nps_queue(pk)


def maybe_sent() -> str:
    return _("It is not known whether the question was sent: the contact may get it twice.")


def nps_error(question: NpsQuestion) -> str:
    """Return in words why a question was not sent."""
    return _("It is not known whether the question was sent.") if question.error == UNKNOWN else question.error


def _mail(question: NpsQuestion) -> EmailMessage:
    from activities.services.nps import address_of, link_of

    sender = question.asked_by
    with translation.override(question.language):
        context = {
            "contact": question.contact,
            "link": link_of(question),
            "sender": sender,
            "organisation": settings.ORGANISATION,
            "day": date_format(timezone.localtime(question.expires_at), "SHORT_DATE_FORMAT"),
        }
        subject = _("How likely are you to recommend us?")
        text = render_to_string("activities/nps/mail.txt", context)
    reply_to = [sender.email] if sender and sender.email else None
    headers = {OWN_HEADER: own_mark(), "Auto-Submitted": "auto-generated"}  # nobody's absence answers it
    return EmailMessage(subject, text, None, [address_of(question.contact)], reply_to=reply_to, headers=headers)
