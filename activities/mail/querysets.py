from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from activities.mail.enums import MessageState
from customers.querysets import of_active

if TYPE_CHECKING:
    from activities.mail.models import EmailMessage, EmailTemplate, Mailbox  # noqa: F401 (named in quotes)

    pass

#: Those that have no activity: they wait, are ignored or are kept as a file.
UNFILED = (MessageState.INBOX, MessageState.IGNORED, MessageState.REFUSED)


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def visible_to(self, user: Any) -> MailboxQuerySet:
        """One's own; the shared ones for those who keep them. Nobody sees another's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        own = models.Q(owner=user)
        return self.filter(own | models.Q(owner__isnull=True) if user.has_perm("mail.manage_mailboxes") else own)

    def of_inbox(self, user: Any) -> MailboxQuerySet:
        """Those whose unfiled messages the user sees."""
        own = models.Q(owner=user)
        return self.filter(own | models.Q(owner__isnull=True) if user.has_perm("mail.file_email") else own)


class EmailMessageQuerySet(models.QuerySet["EmailMessage"]):
    def visible_to(self, user: Any) -> EmailMessageQuerySet:
        """Those of activities that the user sees; of the others one's own, and shared ones for those who file them."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        filed = models.Q(activity__isnull=False)
        if not user.has_perm("customers.manage_passive"):
            filed &= of_active("activity__customer")
        return self.filter(filed | (models.Q(activity__isnull=True) & _own(user)))

    def inbox_of(self, user: Any) -> EmailMessageQuerySet:
        """Messages without an activity that the user may file: one's own, and shared ones with the grant."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(_own(user), activity__isnull=True, state__in=UNFILED)


def _own(user: Any) -> models.Q:
    """What came to a personal mailbox or a drop address is its owner's alone, whatever others may do."""
    own = models.Q(user=user)
    return own | models.Q(user__isnull=True) if user.has_perm("mail.file_email") else own


class EmailTemplateQuerySet(models.QuerySet["EmailTemplate"]):
    def visible_to(self, user: Any) -> EmailTemplateQuerySet:
        """One's own templates and the shared ones."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(models.Q(owner=user) | models.Q(owner__isnull=True))

    def in_use(self) -> EmailTemplateQuerySet:
        return self.filter(retired_at__isnull=True)
