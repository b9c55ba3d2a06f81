"""Mailing NPS questions."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.notifications import notify
from activities.mail.addresses import own_mark
from activities.mail.delivery import Delivered, deliver_mail
from activities.mail.parse import OWN_HEADER
from activities.models import NpsQuestion
from activities.services.outbox import Outbox
from crm import clock


class _Questions(Outbox[NpsQuestion]):
    model = NpsQuestion
    task = "activities.tasks.feedback.send_nps_question"
    related = ("contact", "customer", "asked_by")
    fields = ("sent_at",)

    def deliver(self, row: NpsQuestion) -> Delivered:
        return deliver_mail(_mail(row))

    def obstacle(self, row: NpsQuestion) -> str:
        from activities.services.nps import address_of

        if row.answered_at:
            return _("It has been answered.")
        if row.expires_at < clock.now():
            return _("Its time is over.")
        if row.customer.is_passive:
            return _("The customer is passive.")
        return "" if address_of(row.contact) else _("%s has no e-mail address.") % row.contact

    def sent(self, row: NpsQuestion, answer: Delivered) -> None:
        row.sent_at = row.state_at

    def failed(self, row: NpsQuestion) -> None:
        if row.asked_by:
            names = {"contact": str(row.contact), "customer": str(row.customer)}
            notify(users=[row.asked_by], kind="nps_failed", url=row.get_absolute_url(), **names)


QUESTIONS = _Questions()


def nps_send(question_id: int) -> None:
    """Mail a question that waits."""
    QUESTIONS.send(question_id)


def nps_retry(*, question: NpsQuestion, confirmed: bool = False) -> NpsQuestion:
    """Put a question that was not sent back to wait; return the new row. Raises as :meth:`Outbox.retry`."""
    return QUESTIONS.retry(question.pk, confirmed=confirmed)


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
