"""Feedback that is answered by e-mail: answered when the message has been sent, not before."""

from __future__ import annotations

import re
from typing import Any

import structlog
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from activities.enums import ActivityChannel, MessageState
from activities.mail.answers import spoken
from activities.mail.body import own_text
from activities.mail.recipients import first_address
from activities.models import Activity, EmailMessage, Feedback
from activities.services.feedback import feedback_answer
from crm import richtext
from crm.exceptions import BusinessRuleError
from crm.services import lock
from customers.models import Contact

log = structlog.get_logger(__name__)

ANSWER_LENGTH = 5_000
ON_THE_WAY = (MessageState.WAITING, MessageState.SENDING)
_HEADING = re.compile(r"(?is)<(h[1-6])>.*?</\1>")


def feedback_initial(activity: Activity, user: Any) -> dict[str, Any]:
    """Return the first content of an answer to feedback: to who gave it, about it, quoting what was heard."""
    contacts = Contact.objects.visible_to(user).filter(activities=activity).prefetch_related("points")
    contact = next((row for row in contacts if first_address(row)), None)
    customer = activity.customer
    to = [f"contact:{contact.pk}"] if contact else [f"customer:{customer.pk}"] if customer and customer.email else []
    language = spoken(contact or customer)
    with translation.override(language):
        day = date_format(timezone.localtime(activity.start), "SHORT_DATE_FORMAT")
        said = _("What you told us on %(day)s:") % {"day": day}
        subject = _("Your feedback") if hasattr(activity, "nps_answer") else _("Your feedback: %s") % activity.title
    heard = _HEADING.sub("", activity.memo)  # the memo template's headings are for us
    heard = heard if richtext.to_text(heard) else escape(activity.title)
    body = f"<div><br></div><blockquote><div><em>{escape(said)}</em></div>{heard}</blockquote>"
    content = {"to": to, "subject": subject[:200], "body": richtext.clean(body), "language": language}
    return content | {"customer": activity.customer_id}


def email_answer_check(activity: Activity) -> Feedback:
    """Lock feedback that is about to be answered by e-mail; return it.

    Raises :class:`BusinessRuleError`: ``already_answered``, ``answer_on_the_way``.
    """
    lock(activity)
    feedback = Feedback.objects.select_related("answered_by").get(pk=activity.pk)
    if feedback.answered_at:
        message = _("%(user)s has answered this already.") % {"user": feedback.answered_by or _("Somebody")}
        raise BusinessRuleError("already_answered", message)
    if activity.answer_messages.filter(state__in=ON_THE_WAY).exists():
        raise BusinessRuleError("answer_on_the_way", _("An answer by e-mail is on its way already."))
    return feedback


def feedback_answer_by_email(message: EmailMessage) -> None:
    """Mark the feedback that a sent message answers as answered by it; one that is answered already stays as it is."""
    feedback = Feedback.objects.select_related("activity").filter(pk=message.answered_activity_id).first()
    if feedback is None or message.user is None:
        return
    answer = own_text(message.body)[:ANSWER_LENGTH]
    try:
        feedback_answer(
            activity=feedback.activity, user=message.user, answer=answer or message.subject,
            channel=ActivityChannel.EMAIL,
        )  # fmt: skip
    except BusinessRuleError as error:  # answered by somebody else meanwhile, or the customer is passive
        log.info("feedback_not_answered", feedback=feedback.pk, code=error.code)
