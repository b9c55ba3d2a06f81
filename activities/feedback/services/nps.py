"""Services of the NPS question: sent to a contact with a personal link, answered once (rule 15)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.feedback.models import Feedback, NpsQuestion
from activities.log.enums import ActivityChannel
from activities.log.models import Activity, ActivityType
from activities.log.services.activities import activity_log
from activities.mail.mime.addresses import own_mark
from activities.mail.mime.automatic import OWN_HEADER
from activities.mail.outbox import Delivered, Outbox, deliver_mail
from core import clock
from core.exceptions import BusinessRuleError
from core.metrics import customers_touched
from core.richtext import from_text
from customers.enums import Channel, ContactPointKind
from customers.models import Contact, Customer
from customers.selectors.customers import person_for
from customers.selectors.people import may_own
from customers.validators import check_customer_active

VALID_FOR = dt.timedelta(days=60)
QUIET_FOR = dt.timedelta(days=90)
LANGUAGES = ("fi", "en")
DETRACTORS, PROMOTERS = range(7), range(9, 11)
COMMENT_LENGTH = 2_000


def tone(score: int) -> str:
    """Return the keyword of a score: 0–6 negative, 9–10 positive, 7–8 none."""
    return "negative" if score in DETRACTORS else "positive" if score in PROMOTERS else ""


def secret_of(question: NpsQuestion) -> str:
    """Return the secret of a question's link. It is derived from the installation's key and never stored."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"nps:{question.pk}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def link_url(question: NpsQuestion) -> str:
    return f"{settings.BASE_URL}{reverse('feedback:nps_answer', args=[secret_of(question)])}"


def question_of(secret: str) -> NpsQuestion | None:
    """Return the question of a valid link, answered or not; None for a forged or expired one."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    valid = NpsQuestion.objects.filter(expires_at__gt=clock.now(), customer__state="active")
    return valid.select_related("contact", "customer").filter(digest=digest).first()


@transaction.atomic
def nps_ask(
    *,
    contacts: Collection[Contact],
    customer: Customer,
    user: User,
    about: Activity | None = None,
    language: str = "",
) -> list[NpsQuestion]:
    """Ask each of ``contacts`` by e-mail, sent by the worker after commit; return the questions.

    The language is ``language``, else the contact's own. All are asked or none. Raises :class:`BusinessRuleError`:
    ``customer_passive``, ``nobody``, ``no_email``, ``email_refused``, ``asked_recently``.
    """
    check_customer_active(customer, _("The customer is inactive: its contacts cannot be asked."))
    if not contacts:
        raise BusinessRuleError("nobody", _("Choose the contacts to ask."), field="contacts")
    ids = [contact.pk for contact in contacts]
    locked = Contact.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return [_ask_contact(contact, customer, user, about, language) for contact in locked]


def _ask_contact(
    contact: Contact, customer: Customer, user: User, about: Activity | None, language: str
) -> NpsQuestion:
    if obstacle := obstacle_to_asking(contact):
        raise obstacle
    now = clock.now()
    question = NpsQuestion.objects.create(
        contact=contact,
        customer=customer,
        about=about,
        language=language if language in LANGUAGES else "en" if contact.language in ("en", "other") else "fi",
        digest=uuid.uuid4().hex,  # until the question has the id that the secret is derived from
        asked_by=user,
        asked_at=now,
        expires_at=now + VALID_FOR,
        segment_id=customer.summary.segment_id,
        group_id=customer.summary.group_id,
    )
    question.digest = hashlib.sha256(secret_of(question).encode()).hexdigest()
    question.save(update_fields=["digest"])
    QUESTIONS.queue(question.pk)
    return question


def obstacle_to_asking(contact: Contact) -> BusinessRuleError | None:
    """Return the error that keeps a contact from being asked: no address, e-mail refused, asked within 90 days."""
    name = {"contact": contact}
    if not email_of(contact):
        return BusinessRuleError("no_email", _("%(contact)s has no e-mail address.") % name, field="contacts")
    newest = contact.consents.filter(channel=Channel.EMAIL).order_by("-given_on", "-pk").first()
    if newest and not newest.is_given:
        return BusinessRuleError("email_refused", _("%(contact)s has refused e-mail.") % name, field="contacts")
    last = contact.nps_questions.filter(asked_at__gt=clock.now() - QUIET_FOR).order_by("-asked_at").first()
    if last:
        day = date_format(timezone.localtime(last.asked_at), "SHORT_DATE_FORMAT")
        message = _("%(contact)s was asked on %(day)s: the same person can be asked once in 90 days.")
        return BusinessRuleError("asked_recently", message % {**name, "day": day}, field="contacts")
    return None


def email_of(contact: Contact) -> str:
    point = contact.points.filter(kind=ContactPointKind.EMAIL).order_by("-is_primary", "pk").first()
    return point.value if point else ""


@transaction.atomic
def nps_answer(*, question: NpsQuestion, score: int, comment: str = "") -> NpsQuestion:
    """Store a contact's answer, log it as feedback and notify the customer's owner; return the question.

    The feedback is negative for 0–6 and positive for 9–10 (rule 15). Raises :class:`BusinessRuleError`:
    ``already_answered`` (a link accepts one answer), ``score``.
    """
    locked = NpsQuestion.objects.select_for_update(of=("self",)).select_related("contact", "customer")
    question = locked.get(pk=question.pk)
    if question.answered_at:
        raise BusinessRuleError("already_answered", _("This question has already been answered. Thank you!"))
    if score not in range(11):
        raise BusinessRuleError("score", _("Choose a number from 0 to 10."), field="score")
    question.score, question.answered_at = score, clock.now()
    question.comment = comment.replace("\x00", "").strip()[:COMMENT_LENGTH]
    question.feedback = _log_feedback(question)
    question.save()
    customers_touched([question.customer_id])
    return question


def _log_feedback(question: NpsQuestion) -> Activity | None:
    """Log the answer as feedback; return None without the activity type or a recipient. The figures count it anyway."""
    kind = ActivityType.objects.filter(code="feedback", retired_at__isnull=True).first()
    person = _recipient(question)
    if kind is None or person is None or question.score is None:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        title = _("NPS %(score)d/10: %(contact)s") % {"score": question.score, "contact": question.contact}
    activity = activity_log(
        user=person,
        type=kind,
        customer=question.customer,
        title=title[:200],
        memo=from_text(question.comment),
        channel=ActivityChannel.EMAIL,
        contacts=[] if question.contact.is_hidden else [question.contact],
        keywords=list(kind.keywords.filter(code=tone(question.score))),
        follows=question.about,
        details={"responsible": person if may_own(person) else None},
    )
    return _mark_given_by_contact(activity, question, person)


def _mark_given_by_contact(activity: Activity, question: NpsQuestion, person: User) -> Activity:
    """Clear the logger, and the due time where no answer is needed (9–10, and 7–8 without a comment); notify."""
    Activity.objects.filter(pk=activity.pk).update(created_by=None)
    if question.score not in DETRACTORS and (question.score in PROMOTERS or not question.comment):
        Feedback.objects.filter(pk=activity.pk).update(answer_due=None)
    data = {"contact": str(question.contact), "customer": str(question.customer), "score": question.score}
    notify(users=[person], kind="nps_answer", url=activity.get_absolute_url(), **data)
    return activity


def _recipient(question: NpsQuestion) -> User | None:
    asker = question.asked_by if question.asked_by and question.asked_by.is_active else None
    return person_for(question.customer) or asker or User.objects.administrators().order_by("pk").first()


class _Questions(Outbox[NpsQuestion]):
    model = NpsQuestion
    task = "activities.feedback.tasks.send_nps_question"
    related = ("contact", "customer", "asked_by")
    fields = ("sent_at",)

    def deliver(self, row: NpsQuestion) -> Delivered:
        return deliver_mail(_question_mail(row))

    def obstacle(self, row: NpsQuestion) -> str:
        if row.answered_at:
            return _("It has already been answered.")
        if row.expires_at < clock.now():
            return _("It has expired.")
        if row.customer.is_passive:
            return _("The customer is inactive.")
        return "" if email_of(row.contact) else _("%s has no e-mail address.") % row.contact

    def sent(self, row: NpsQuestion, answer: Delivered) -> None:
        row.sent_at = row.state_at

    def failed(self, row: NpsQuestion) -> None:
        if row.asked_by:
            names = {"contact": str(row.contact), "customer": str(row.customer)}
            notify(users=[row.asked_by], kind="nps_failed", url=row.get_absolute_url(), **names)


QUESTIONS = _Questions()


def nps_send(question_id: int) -> None:
    """Send a waiting question by e-mail."""
    QUESTIONS.send(question_id)


def nps_retry(*, question: NpsQuestion, confirmed: bool = False) -> NpsQuestion:
    """Queue again a question that was not sent; return the new row. Raises the errors of :meth:`Outbox.retry`."""
    return QUESTIONS.retry(question.pk, confirmed=confirmed)


def _question_mail(question: NpsQuestion) -> EmailMessage:
    sender = question.asked_by
    with translation.override(question.language):
        context = {
            "contact": question.contact,
            "link": link_url(question),
            "sender": sender,
            "organisation": settings.ORGANISATION,
            "day": date_format(timezone.localtime(question.expires_at), "SHORT_DATE_FORMAT"),
        }
        subject = _("How likely are you to recommend us?")
        text = render_to_string("feedback/nps/mail.txt", context)
    reply_to = [sender.email] if sender and sender.email else None
    headers = {OWN_HEADER: own_mark(), "Auto-Submitted": "auto-generated"}  # no automatic replies
    return EmailMessage(subject, text, None, [email_of(question.contact)], reply_to=reply_to, headers=headers)
