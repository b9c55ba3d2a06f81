"""Helpers of the tests of messages."""

from __future__ import annotations

import pytest

from activities.mail.enums import RecipientKind
from activities.mail.recipients import Letter, Recipient
from activities.mail.services.messages import email_deliver
from core.exceptions import BusinessRuleError


def to(contact=None, address="", kind=RecipientKind.TO, **values):
    address = address or contact.points.get(kind="email").value
    return Recipient(kind, address, str(contact) if contact else "", contact=contact, **values)


def letter(user, *recipients, **values):
    content = {"subject": "Tarjous", "body": "<div>Hei</div>", **values}
    return Letter(user=user, recipients=recipients, **content)


def code_of(function, **values):
    with pytest.raises(BusinessRuleError) as caught:
        function(**values)
    return caught.value.code


def delivered(message):
    email_deliver(message.pk)
    message.refresh_from_db()
    return message
