"""Permissions for messages, templates, mailboxes, the inbox and ignore rules."""

from __future__ import annotations

from typing import Any

import rules

from activities.log.permissions import customer_is_in_use, may_log
from activities.mail.enums import EMAIL
from core.permissions import granted, is_active_user


@rules.predicate
def is_email(user: Any, activity: Any) -> bool:
    """Return whether the activity has a message; an e-mail that was logged by hand has none."""
    return activity is not None and activity.type.details == EMAIL and hasattr(activity, "email")


@rules.predicate
def is_writer(user: Any, activity: Any) -> bool:
    """Return whether the user wrote the message: nobody else may change it."""
    return activity is not None and hasattr(activity, "email") and activity.email.user_id == user.pk


@rules.predicate
def is_own_template(user: Any, template: Any) -> bool:
    return template is None or template.owner_id == user.pk


@rules.predicate
def is_shared_template(user: Any, template: Any) -> bool:
    return template is not None and template.owner_id is None


@rules.predicate
def manages_mailbox(user: Any, mailbox: Any) -> bool:
    """Return whether the mailbox is the user's own, or a shared one and the user has the right to manage those."""
    if mailbox is None or mailbox.owner_id == user.pk:
        return True
    return mailbox.owner_id is None and bool(user.has_perm("mail.manage_mailboxes"))


@rules.predicate
def has_own_mail(user: Any) -> bool:
    """Return whether the user has a mailbox, or unfiled messages from the drop address."""
    return bool(user.mailboxes.exists() or user.emails.filter(state="inbox", activity__isnull=True).exists())


rules.add_perm("mail.view_message", is_active_user & is_email)
rules.add_perm("mail.send_email", may_log)
rules.add_perm("mail.edit_message", customer_is_in_use & may_log & is_writer)
rules.add_perm(
    "mail.edit_email_template",
    may_log & (is_own_template | (is_shared_template & granted("mail.manage_email_templates"))),
)
# EmailMessageQuerySet.inbox_of decides which messages the user may file.
rules.add_perm("mail.use_inbox", may_log & (granted("mail.file_email") | has_own_mail))
rules.add_perm("mail.file_message", may_log)
rules.add_perm("mail.edit_mailbox", may_log & manages_mailbox)
rules.add_perm("mail.edit_ignore_rule", granted("mail.file_email"))
