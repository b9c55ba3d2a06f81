"""Feedback that is answered by e-mail: answered when the message has been sent, not before."""

from __future__ import annotations

import structlog
from django.utils.translation import gettext as _

from activities.enums import ActivityChannel, MessageState
from activities.mail.body import own_text
from activities.models import Activity, EmailMessage, Feedback
from activities.services.feedback import feedback_answer
from crm.exceptions import BusinessRuleError
from crm.services import lock

log = structlog.get_logger(__name__)

ANSWER_LENGTH = 5_000
ON_THE_WAY = (MessageState.WAITING, MessageState.SENDING)


def email_answer_check(activity: Activity) -> Feedback:
    """Lock feedback that is about to be answered by e-mail; return it.

    Raises :class:`BusinessRuleError`: ``already_answered``, ``answer_on_the_way``.
    """
    lock(activity)
    feedback = Feedback.objects.select_related("answered_by").get(pk=activity.pk)
    if feedback.answered_at:
        message = _("%(user)s has answered this already.") % {"user": feedback.answered_by or _("Somebody")}
        raise BusinessRuleError("already_answered", message)
    if feedback.answers.filter(state__in=ON_THE_WAY).exists():
        raise BusinessRuleError("answer_on_the_way", _("An answer by e-mail is on its way already."))
    return feedback


def feedback_answer_by_email(message: EmailMessage) -> None:
    """Mark the feedback that a sent message answers as answered by it; one that is answered already stays as it is."""
    feedback = message.feedback
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
