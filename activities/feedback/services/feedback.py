"""Services of feedback: assignment, answer (also by e-mail), resolution and escalation."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.feedback.models import Feedback
from activities.log import validators
from activities.log.enums import ActivityChannel, ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import participant_add
from activities.log.services.status import activity_set_status
from activities.mail.enums import MessageState
from activities.mail.mime.body import own_text
from activities.mail.mime.compose import language_for
from activities.mail.models import EmailMessage
from activities.mail.recipients import first_address
from core import clock, richtext
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.working_days import answer_due
from customers.enums import ResponsibilityRole
from customers.models import Contact, Responsibility
from customers.querysets import of_active
from customers.selectors.customers import person_for
from customers.selectors.people import may_own
from customers.services.responsibilities import check_owner

log = structlog.get_logger(__name__)

POSITIVE = "positive"
KEY_ACCOUNT_MANAGER = "key_account_manager"
BATCH = 500
ANSWER_LENGTH = 5_000
ON_THE_WAY = (MessageState.WAITING, MessageState.SENDING)
_HEADING = re.compile(r"(?is)<(h[1-6])>.*?</\1>")


def feedback_fill(feedback: Feedback) -> None:
    """Fill in the responsible person (the customer's owner) and the due time of new feedback; notify the person.

    Positive feedback needs no answer, so it gets no due time unless one was entered.
    """
    activity = feedback.activity
    if feedback.responsible:
        check_owner(feedback.responsible, field="responsible")
    feedback.responsible = feedback.responsible or _default_responsible(activity)
    if feedback.answer_due is None and not activity.keywords.filter(code=POSITIVE).exists():
        feedback.answer_due = answer_due(activity.start)
    if feedback.answer_due and feedback.responsible:
        _notify_responsible(activity, feedback.responsible, by=activity.created_by)


def _default_responsible(activity: Activity) -> User | None:
    """Return who may answer: the customer's owner or deputy, else the writer, else a key account manager."""
    candidates = (person_for(activity.customer), activity.created_by)
    found = next((person for person in candidates if person and may_own(person)), None)
    return found or User.objects.active().filter(groups__name=KEY_ACCOUNT_MANAGER).order_by("pk").first()


@transaction.atomic
def feedback_answer(
    *,
    activity: Activity,
    user: User,
    answer: str,
    channel: str = "",
    corrective_action: str | None = None,
    version: int | None = None,
) -> Activity:
    """Record the answer that the customer was given, with its channel and writer; return the activity.

    The writer becomes a participant. Feedback is done by it unless a keyword keeps it open: negative feedback stays
    open until it is resolved (rule 12). The same answer twice changes nothing. Raises :class:`BusinessRuleError`:
    ``answer_required``, ``already_answered``, ``customer_passive``; :class:`StaleVersionError`.
    """
    activity, feedback = _lock_feedback(activity, version)
    if not answer.strip():
        raise BusinessRuleError("answer_required", _("Write the answer that the customer got."), field="answer")
    if feedback.answered_at:
        return _refuse_second_answer(activity, feedback, answer)
    feedback.answer, feedback.answer_channel = answer.strip(), channel
    feedback.answered_at, feedback.answered_by = clock.now(), user
    if corrective_action is not None:
        feedback.corrective_action = corrective_action.strip()
    _save_feedback(activity, feedback)
    participant_add(activity=activity, user=user)
    if activity.is_unfinished and not activity.keywords.filter(keeps_open=True).exists():
        return activity_set_status(activity=activity, status=ActivityStatus.DONE, user=user)
    return activity


def _refuse_second_answer(activity: Activity, feedback: Feedback, answer: str) -> Activity:
    if feedback.answer == answer.strip():
        return activity
    message = _("%(user)s has already answered this.") % {"user": feedback.answered_by or _("Somebody")}
    raise BusinessRuleError("already_answered", message, field="answer")


@transaction.atomic
def feedback_assign(
    *, activity: Activity, user: User, responsible: User, due: dt.datetime | None = None, version: int | None = None
) -> Activity:
    """Assign the answer to ``responsible``, by ``due`` if given; return the activity.

    The person becomes a participant and is notified. Raises ``already_answered``, ``user_inactive``,
    ``may_not_own``, ``customer_passive``; :class:`StaleVersionError`.
    """
    activity, feedback = _lock_feedback(activity, version)
    if feedback.answered_at:
        raise BusinessRuleError("already_answered", _("This has already been answered."), field="responsible")
    check_owner(responsible, field="responsible")
    is_new = responsible.pk != feedback.responsible_id
    if not is_new and due in (None, feedback.answer_due):
        return activity
    feedback.responsible, feedback.answer_due = responsible, due or feedback.answer_due or answer_due(clock.now())
    _save_feedback(activity, feedback)
    participant_add(activity=activity, user=responsible)
    if is_new:
        _notify_responsible(activity, responsible, by=user)
    return activity


@transaction.atomic
def feedback_resolve(
    *, activity: Activity, user: User, settlement: str, corrective_action: str = "", version: int | None = None
) -> Activity:
    """Record how the feedback was resolved and mark it done; return the activity.

    A missing answer is still waited for. Resolving again changes nothing. Raises ``settlement_required``,
    ``customer_passive``; :class:`StaleVersionError`.
    """
    activity, feedback = _lock_feedback(activity, version)
    if activity.status == ActivityStatus.DONE:
        return activity
    if not settlement.strip():
        raise BusinessRuleError(
            "settlement_required", _("It stays open until you write how it was resolved."), field="settlement"
        )
    feedback.corrective_action = corrective_action.strip() or feedback.corrective_action
    feedback.save()
    return activity_set_status(activity=activity, status=ActivityStatus.DONE, user=user, settlement=settlement)


@transaction.atomic
def feedback_needs_no_answer(*, activity: Activity, version: int | None = None) -> Activity:
    """Remove unanswered feedback from the queue, as no answer is needed. Raises ``already_answered``."""
    activity, feedback = _lock_feedback(activity, version)
    if feedback.answered_at:
        raise BusinessRuleError("already_answered", _("This has already been answered."))
    if feedback.answer_due:
        feedback.answer_due = None
        _save_feedback(activity, feedback)
    return activity


def feedback_escalate_late(now: dt.datetime | None = None) -> int:
    """Send notifications of late unanswered feedback, once for each due time; return the number of feedback.

    They are sent to the responsible person, the owner's deputies, and the managers of the responsible person and the
    owner.
    """
    now = now or clock.now()
    total = 0
    while count := _escalate_batch(now):
        total += count
    return total


@transaction.atomic
def _escalate_batch(now: dt.datetime) -> int:
    ids = list(_late(now).select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:BATCH])
    late = Feedback.objects.filter(pk__in=ids).select_related(
        "responsible__manager", "activity__customer__summary__owner__manager"
    )
    deputies = _deputies({feedback.activity.customer_id for feedback in late})
    for feedback in late:
        activity = feedback.activity
        users = _escalation_recipients(feedback) | deputies.get(activity.customer_id or 0, set())
        notify(users=users, kind="feedback_late", url=activity.get_absolute_url(), **_notification_data(activity))
    return Feedback.objects.filter(pk__in=ids).update(escalated_at=now)


def _late(now: dt.datetime) -> QuerySet[Feedback]:
    """Return late feedback that has not been escalated, without inactive customers."""
    late = Feedback.objects.filter(answered_at__isnull=True, answer_due__lt=now)
    not_escalated = late.filter(Q(escalated_at__isnull=True) | Q(escalated_at__lt=F("answer_due")))
    return not_escalated.filter(of_active("activity__customer")).order_by("answer_due", "pk")


def _escalation_recipients(feedback: Feedback) -> set[User]:
    customer = feedback.activity.customer
    owner = customer.summary.owner if customer else None
    people = (feedback.responsible, *(person.manager for person in (feedback.responsible, owner) if person))
    return {person for person in people if person}


def _deputies(customer_ids: Collection[int | None]) -> dict[int, set[User]]:
    responsibilities = Responsibility.objects.current().filter(
        customer__in=customer_ids, role=ResponsibilityRole.DEPUTY
    )
    deputies: dict[int, set[User]] = {}
    for responsibility in responsibilities.select_related("user"):
        deputies.setdefault(responsibility.customer_id, set()).add(responsibility.user)
    return deputies


def _lock_feedback(activity: Activity, version: int | None) -> tuple[Activity, Feedback]:
    activity = lock(activity)
    check_version(activity, version)
    validators.check_customer(activity.type, activity.customer)
    return activity, Feedback.objects.select_related("answered_by").get(pk=activity.pk)


def _save_feedback(activity: Activity, feedback: Feedback) -> None:
    feedback.save()
    activity.version += 1
    activity.save(update_fields=["version", "updated_at"])


def _notify_responsible(activity: Activity, responsible: User, *, by: User | None) -> None:
    if responsible != by:
        notify(
            users=[responsible], kind="feedback_given", url=activity.get_absolute_url(), **_notification_data(activity)
        )


def _notification_data(activity: Activity) -> dict[str, str]:
    return {"title": activity.title, "customer": str(activity.customer or "–")}


def feedback_initial(activity: Activity, user: Any) -> dict[str, Any]:
    """Return the initial content of an answer by e-mail: to the contact who gave the feedback, quoting it."""
    contacts = Contact.objects.visible_to(user).filter(activities=activity).prefetch_related("points")
    contact = next((contact for contact in contacts if first_address(contact)), None)
    customer = activity.customer
    to = [f"contact:{contact.pk}"] if contact else [f"customer:{customer.pk}"] if customer and customer.email else []
    language = language_for(contact or customer)
    with translation.override(language):
        day = date_format(timezone.localtime(activity.start), "SHORT_DATE_FORMAT")
        heading = _("Your feedback from %(day)s:") % {"day": day}
        subject = _("Your feedback") if hasattr(activity, "nps_answer") else _("Your feedback: %s") % activity.title
    quote = _HEADING.sub("", activity.memo)  # the memo template's headings are for our own staff
    quote = quote if richtext.to_text(quote) else escape(activity.title)
    body = f"<div><br></div><blockquote><div><em>{escape(heading)}</em></div>{quote}</blockquote>"
    content = {"to": to, "subject": subject[:200], "body": richtext.clean(body), "language": language}
    return content | {"customer": activity.customer_id}


def email_answer_check(activity: Activity) -> Feedback:
    """Lock feedback that is about to be answered by e-mail; return it.

    Raises :class:`BusinessRuleError`: ``already_answered``, ``answer_on_the_way``.
    """
    lock(activity)
    feedback = Feedback.objects.select_related("answered_by").get(pk=activity.pk)
    if feedback.answered_at:
        message = _("%(user)s has already answered this.") % {"user": feedback.answered_by or _("Somebody")}
        raise BusinessRuleError("already_answered", message)
    if activity.answer_messages.filter(state__in=ON_THE_WAY).exists():
        raise BusinessRuleError("answer_on_the_way", _("An answer by e-mail is already being sent."))
    return feedback


def feedback_answer_by_email(message: EmailMessage) -> None:
    """Record a sent message as the answer to its feedback; feedback that already has an answer is left unchanged."""
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
