"""Mailing personal links to customers' editions: each contact gets a separate message with a personal link.

The log has a placeholder in place of a link; only the message to the contact has the link.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from activities.mail.models import EmailMessage
from activities.mail.placeholders import replace_field, used
from activities.mail.recipients import MAX_RECIPIENTS, Letter, Recipient, too_many_text
from activities.mail.services.messages import emails_send
from careplans.content.models import EditionLink
from careplans.content.services.links import link_make, link_url
from core import richtext
from core.exceptions import BusinessRuleError
from customers.models import Customer

#: The field for the link in the text; without the field the link comes last.
LINK = "link"
_PLACEHOLDER = re.compile(r"\[[^\[\]<>]{1,80} #(?P<pk>\d{1,18})\]")


@transaction.atomic
def links_send(
    *,
    customer: Customer,
    recipients: Sequence[Recipient],
    language: str,
    days: int,
    subject: str,
    body: str,
    signed: bool = True,
    user: User,
) -> list[EditionLink]:
    """Make a link for each contact and mail it; all or none.

    Each message is logged as an activity of the customer, done when the mail server has accepted it. Raises as
    :func:`link_make` and ``emails_send``, ``recipient_required``, ``too_many_recipients``, ``body_required``,
    ``not_its_contact``.
    """
    _check(recipients, body)
    links = []
    for recipient in recipients:
        link = link_make(
            customer=customer, contact=recipient.contact, language=language, days=days, user=user,
            email=recipient.address,
        )  # fmt: skip
        letter = Letter(
            user=user, recipients=[recipient], subject=subject, body=_with_link(body, link), language=language,
            customer=customer, signed=signed,
        )  # fmt: skip
        [message] = emails_send(letter=letter, confirmed=True)  # no marketing: the plan is about the relation
        link.message = message.activity
        link.save(update_fields=["message"])
        links.append(link)
    return links


def _check(recipients: Sequence[Recipient], body: str) -> None:
    if not recipients:
        raise BusinessRuleError("recipient_required", _("Choose at least one recipient."), field="to")
    if len(recipients) > MAX_RECIPIENTS:
        raise BusinessRuleError("too_many_recipients", too_many_text(len(recipients)), field="to")
    if any(recipient.contact is None for recipient in recipients):
        text = _("The link is personal: choose contacts of the customer.")
        raise BusinessRuleError("not_its_contact", text, field="to")
    if not richtext.to_text(body):
        raise BusinessRuleError("body_required", _("Write the message."), field="body")


def _with_link(body: str, link: EditionLink) -> str:
    text = link_placeholder(link)
    return replace_field(body, LINK, text) if LINK in used(body) else f"{body}<p>{escape(text)}</p>"


def link_placeholder(link: EditionLink) -> str:
    """Return the text that the log shows in place of a link."""
    with override(link.language):
        return "[{} #{}]".format(_("personal link to the plan"), link.pk)


def link_fill(message: EmailMessage, body: str) -> str:
    """Return the message's HTML with the link of its only recipient; other links stay placeholders."""
    addresses = [recipient.address for recipient in message.recipients.all()]

    def filled(match: re.Match[str]) -> str:
        links = EditionLink.objects.filter(pk=int(match["pk"]), email__in=addresses)
        link = links.exclude(email="").first() if len(addresses) == 1 else None
        return format_html('<a href="{0}">{0}</a>', link_url(link)) if link else match[0]

    return _PLACEHOLDER.sub(filled, body)
