"""Who may do what with messages, templates, mailboxes and the inbox."""

from __future__ import annotations

from typing import Any

import rules

from activities.log.permissions import customer_is_in_use, may_log
from activities.mail.enums import EMAIL
from core.permissions import granted, is_active_user


@rules.predicate
def is_email(user: Any, activity: Any) -> bool:
    """A message has come or been written: what is logged by hand as an e-mail has none."""
    return activity is not None and activity.type.details == EMAIL and hasattr(activity, "email")


@rules.predicate
def is_writer(user: Any, activity: Any) -> bool:
    """Nobody else changes words that are sent in one's name."""
    return activity is not None and hasattr(activity, "email") and activity.email.user_id == user.pk


@rules.predicate
def is_own_template(user: Any, template: Any) -> bool:
    return template is None or template.owner_id == user.pk


@rules.predicate
def is_shared_template(user: Any, template: Any) -> bool:
    return template is not None and template.owner_id is None


@rules.predicate
def keeps_mailbox(user: Any, mailbox: Any) -> bool:
    """One keeps one's own mailbox; the shared ones are kept by those who have the grant."""
    if mailbox is None or mailbox.owner_id == user.pk:
        return True
    return mailbox.owner_id is None and bool(user.has_perm("mail.manage_mailboxes"))


@rules.predicate
def has_own_mail(user: Any) -> bool:
    """The user has a mailbox, or messages that came to his or her drop address."""
    return bool(user.mailboxes.exists() or user.emails.filter(state="inbox", activity__isnull=True).exists())


rules.add_perm("mail.view_message", is_active_user & is_email)
rules.add_perm("mail.send_email", may_log)
rules.add_perm("mail.edit_message", customer_is_in_use & may_log & is_writer)
rules.add_perm(
    "mail.edit_email_template",
    may_log & (is_own_template | (is_shared_template & granted("mail.manage_email_templates"))),
)
# Which messages are the user's to file is a question of visibility (EmailMessageQuerySet.inbox_of).
rules.add_perm("mail.use_inbox", may_log & (granted("mail.file_email") | has_own_mail))
rules.add_perm("mail.file_message", may_log)
rules.add_perm("mail.edit_mailbox", may_log & keeps_mailbox)
rules.add_perm("mail.edit_ignore_rule", granted("mail.file_email"))
