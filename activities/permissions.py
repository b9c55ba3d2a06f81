"""Who may do what with activities."""

from __future__ import annotations

from typing import Any

import rules

from activities.enums import EMAIL
from crm.permissions import granted, is_active_user

may_log = granted("activities.log_activity")
any_activity = granted("activities.change_any_activity")

# The log


@rules.predicate
def takes_part(user: Any, activity: Any) -> bool:
    """The user is a participant of the activity or logged it."""
    if activity is None:
        return False
    return activity.created_by_id == user.pk or activity.participations.filter(user=user).exists()


@rules.predicate
def customer_is_in_use(user: Any, activity: Any) -> bool:
    """Work of a passive customer stays as it is."""
    return activity is None or activity.customer is None or not activity.customer.is_passive


rules.add_perm("activities.view_activity", is_active_user)
rules.add_perm(
    "activities.edit_activity",
    customer_is_in_use & (granted("activities.change_any_activity") | (may_log & takes_part)),
)
rules.add_perm("activities.attach_to_activity", customer_is_in_use & granted("customers.attach_documents"))
rules.add_perm("activities.view_type", is_active_user)
rules.add_perm("activities.edit_type", granted("activities.manage_activity_types"))

# E-mail


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
    return mailbox.owner_id is None and bool(user.has_perm("activities.manage_mailboxes"))


@rules.predicate
def has_own_mail(user: Any) -> bool:
    """The user has a mailbox, or messages that came to his or her drop address."""
    return bool(user.mailboxes.exists() or user.emails.filter(state="inbox", activity__isnull=True).exists())


rules.add_perm("activities.view_message", is_active_user & is_email)
rules.add_perm("activities.send_email", may_log)
rules.add_perm("activities.edit_message", customer_is_in_use & may_log & is_writer)
rules.add_perm(
    "activities.edit_email_template",
    may_log & (is_own_template | (is_shared_template & granted("activities.manage_email_templates"))),
)
# Which messages are the user's to file is a question of visibility (EmailMessageQuerySet.inbox_of).
rules.add_perm("activities.use_inbox", may_log & (granted("activities.file_email") | has_own_mail))
rules.add_perm("activities.file_message", may_log)
rules.add_perm("activities.edit_mailbox", may_log & keeps_mailbox)
rules.add_perm("activities.edit_ignore_rule", granted("activities.file_email"))

# The calendar


@rules.predicate
def may_follow_hours(user: Any, person: Any) -> bool:
    """Sums of hours are one's own, the manager's and the team leader's to see; management and administrators see all.
    Without a person: the page itself, which is everybody's own."""
    if person is None or person.pk == user.pk or person.manager_id == user.pk:
        return True
    return bool(person.teams.filter(leader=user).exists())


@rules.predicate
def may_set_target(user: Any, person: Any) -> bool:
    return person is not None and user.pk in (person.pk, person.manager_id)


users_manager = granted("accounts.manage_users")
rules.add_perm(
    "activities.view_hours",
    is_active_user & (may_follow_hours | granted("accounts.view_reports") | users_manager),
)
rules.add_perm("activities.set_work_target", is_active_user & (may_set_target | users_manager))

# Feedback: a queue that everyone who logs may serve (rule 20)


@rules.predicate
def has_feedback(user: Any, activity: Any) -> bool:
    return hasattr(activity, "feedback")


@rules.predicate
def is_not_passive(user: Any, row: Any) -> bool:
    """Nobody at a passive customer is asked for feedback."""
    return not getattr(row, "is_passive", False)


rules.add_perm("activities.handle_feedback", customer_is_in_use & has_feedback & may_log)
rules.add_perm("activities.hear_feedback", customer_is_in_use & ~has_feedback & may_log)
rules.add_perm("activities.show_feedback", has_feedback)
rules.add_perm("activities.ask_nps", is_not_passive & may_log)

# Leads: a lead is its taker's, its opener's or a manager's


@rules.predicate
def has_lead(user: Any, activity: Any) -> bool:
    return hasattr(activity, "lead")


rules.add_perm("activities.take_lead", customer_is_in_use & has_lead & may_log)
rules.add_perm("activities.handle_lead", customer_is_in_use & has_lead & (any_activity | (may_log & takes_part)))
rules.add_perm("activities.show_lead", has_lead)
