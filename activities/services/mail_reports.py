"""Reports of mail servers that a message was not delivered."""

from __future__ import annotations

import structlog
from django.utils.translation import gettext as _

from accounts.notifications import notify
from activities.enums import Direction, MessageState
from activities.mail.parse import ParsedMessage
from activities.models import EmailMessage

log = structlog.get_logger(__name__)


def report_read(parsed: ParsedMessage) -> bool:
    """Write at the sent message that it was not delivered, and why; return whether it is one of ours.

    Its writer is told. A second report adds nothing to the first.
    """
    ids = parsed.report.message_ids if parsed.report else []
    sent = EmailMessage.objects.select_for_update(of=("self",)).filter(message_id__in=ids, direction=Direction.OUT)
    message = sent.select_related("user").first()
    if message is None or parsed.report is None:
        return False
    if message.state == MessageState.SENT:
        message.state = MessageState.FAILED
        message.error = (_("Not delivered: %s") % (parsed.report.reason or "–"))[:1000]
        message.save(update_fields=["state", "error"])
        if message.user:
            notify(
                users=[message.user],
                kind="email_bounced",
                url=message.get_absolute_url(),
                subject=message.subject[:200],
                reason=parsed.report.reason[:200],
            )
    return True
