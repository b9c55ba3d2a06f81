"""Querysets of mailboxes, messages and e-mail templates: what each user may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from activities.mail.enums import MessageState
from customers.querysets import of_active

if TYPE_CHECKING:
    from activities.mail.models import EmailMessage, EmailTemplate, Mailbox  # noqa: F401 (named in quotes)

#: The states of messages without an activity.
UNFILED = (MessageState.INBOX, MessageState.IGNORED, MessageState.REFUSED)


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def visible_to(self, user: Any) -> MailboxQuerySet:
        """Return the user's own mailboxes, and the shared ones with the right to manage them."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        own = models.Q(owner=user)
        return self.filter(own | models.Q(owner__isnull=True) if user.has_perm("mail.manage_mailboxes") else own)

    def of_inbox(self, user: Any) -> MailboxQuerySet:
        """Return the mailboxes of which the user sees the unfiled messages."""
        own = models.Q(owner=user)
        return self.filter(own | models.Q(owner__isnull=True) if user.has_perm("mail.file_email") else own)


class EmailMessageQuerySet(models.QuerySet["EmailMessage"]):
    def visible_to(self, user: Any) -> EmailMessageQuerySet:
        """Return the filed messages that the user sees, and the unfiled ones that he or she may file."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        filed = models.Q(activity__isnull=False)
        if not user.has_perm("customers.manage_passive"):
            filed &= of_active("activity__customer")
        return self.filter(filed | (models.Q(activity__isnull=True) & _own(user)))

    def inbox_of(self, user: Any) -> EmailMessageQuerySet:
        """Return the unfiled messages that the user may file: the own ones, and shared ones with the right to file."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(_own(user), activity__isnull=True, state__in=UNFILED)


def _own(user: Any) -> models.Q:
    """Return the condition of the messages that are the user's own, or shared if the user may file those.

    A message in a personal mailbox or from a drop address is visible to its owner only.
    """
    own = models.Q(user=user)
    return own | models.Q(user__isnull=True) if user.has_perm("mail.file_email") else own


class EmailTemplateQuerySet(models.QuerySet["EmailTemplate"]):
    def visible_to(self, user: Any) -> EmailTemplateQuerySet:
        """Return the user's own templates and the shared ones."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(models.Q(owner=user) | models.Q(owner__isnull=True))

    def in_use(self) -> EmailTemplateQuerySet:
        return self.filter(retired_at__isnull=True)
