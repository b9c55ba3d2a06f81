"""The question how likely a contact is to recommend us: asked by a personal link, answered once (rule 15)."""

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
from activities.mail.mime.parse import OWN_HEADER
from activities.mail.outbox import Outbox
from activities.mail.transport.delivery import Delivered, deliver_mail
from core import clock
from core.exceptions import BusinessRuleError
from core.richtext import from_text
from customers.enums import Channel, ContactPointKind
from customers.models import Contact, Customer
from customers.selectors.customers import person_for
from customers.validators import check_customer_active

VALID_FOR = dt.timedelta(days=60)
QUIET_FOR = dt.timedelta(days=90)
LANGUAGES = ("fi", "en")
DETRACTORS, PROMOTERS = range(7), range(9, 11)
COMMENT_LENGTH = 2_000


def tone(score: int) -> str:
    """Return the keyword that a score is: 0–6 negative, 9–10 positive, 7–8 none."""
    return "negative" if score in DETRACTORS else "positive" if score in PROMOTERS else ""


def secret_of(question: NpsQuestion) -> str:
    """Return the secret of a question's link: only this installation can make it, and it is stored nowhere."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"nps:{question.pk}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def link_of(question: NpsQuestion) -> str:
    return f"{settings.BASE_URL}{reverse('feedback:nps_answer', args=[secret_of(question)])}"


def question_of(secret: str) -> NpsQuestion | None:
    """Return the question of a link that still works, answered or not; a forged or expired one has none."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    alive = NpsQuestion.objects.filter(expires_at__gt=clock.now(), customer__state="active")
    return alive.select_related("contact", "customer").filter(digest=digest).first()


@transaction.atomic
def nps_ask(
    *,
    contacts: Collection[Contact],
    customer: Customer,
    user: User,
    about: Activity | None = None,
    language: str = "",
) -> list[NpsQuestion]:
    """Ask each of ``contacts``; the mails go by the worker after commit; return the questions.

    In the contact's own language, or in ``language``. All are asked or none. Raises :class:`BusinessRuleError`:
    ``customer_passive``, ``nobody``, ``no_email``, ``email_refused``, ``asked_recently``.
    """
    check_customer_active(customer, _("The customer is inactive: its contacts cannot be asked."))
    if not contacts:
        raise BusinessRuleError("nobody", _("Choose the contacts to ask."), field="contacts")
    rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=[row.pk for row in contacts]).order_by("pk")
    return [_ask(contact, customer, user, about, language) for contact in rows]


def _ask(contact: Contact, customer: Customer, user: User, about: Activity | None, language: str) -> NpsQuestion:
    if obstacle := obstacle_to_asking(contact):
        raise obstacle
    now = clock.now()
    question = NpsQuestion.objects.create(
        contact=contact,
        customer=customer,
        about=about,
        language=language if language in LANGUAGES else _language_of(contact),
        digest=uuid.uuid4().hex,  # until the row has the number of which the secret is made
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


def _language_of(contact: Contact) -> str:
    return "en" if contact.language in ("en", "other") else "fi"


def obstacle_to_asking(contact: Contact) -> BusinessRuleError | None:
    """Return why a contact cannot be asked now: no address, e-mail refused, asked within 90 days."""
    name = {"contact": contact}
    if not address_of(contact):
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


def address_of(contact: Contact) -> str:
    point = contact.points.filter(kind=ContactPointKind.EMAIL).order_by("-is_primary", "pk").first()
    return point.value if point else ""


@transaction.atomic
def nps_answer(*, question: NpsQuestion, score: int, comment: str = "") -> NpsQuestion:
    """Store a contact's answer and make feedback of it, told to the customer's owner; return the question.

    The feedback is negative for 0–6 and positive for 9–10 (rule 15). Raises :class:`BusinessRuleError`:
    ``already_answered`` (one answer a link), ``score``.
    """
    row = NpsQuestion.objects.select_for_update(of=("self",)).select_related("contact", "customer").get(pk=question.pk)
    if row.answered_at:
        raise BusinessRuleError("already_answered", _("This question has already been answered. Thank you!"))
    if score not in range(11):
        raise BusinessRuleError("score", _("Choose a number from 0 to 10."), field="score")
    row.score, row.answered_at = score, clock.now()
    row.comment = comment.replace("\x00", "").strip()[:COMMENT_LENGTH]
    row.feedback = _feedback(row)
    row.save()
    return row


def _feedback(question: NpsQuestion) -> Activity | None:
    """Log the answer as feedback; without the type, or anybody to tell, the figures have it all the same."""
    kind = ActivityType.objects.filter(code="feedback", retired_at__isnull=True).first()
    person = _person_to_tell(question)
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
        details={"responsible": person},
    )
    return _as_told_by_contact(activity, question, person)


def _as_told_by_contact(activity: Activity, question: NpsQuestion, person: User) -> Activity:
    """Nobody here logged it; thanks, and a middling score without a word, need no answer."""
    Activity.objects.filter(pk=activity.pk).update(created_by=None)
    if question.score not in DETRACTORS and (question.score in PROMOTERS or not question.comment):
        Feedback.objects.filter(pk=activity.pk).update(answer_due=None)
    words = {"contact": str(question.contact), "customer": str(question.customer), "score": question.score}
    notify(users=[person], kind="nps_answer", url=activity.get_absolute_url(), **words)
    return activity


def _person_to_tell(question: NpsQuestion) -> User | None:
    asker = question.asked_by if question.asked_by and question.asked_by.is_active else None
    return person_for(question.customer) or asker or User.objects.administrators().order_by("pk").first()


class _Questions(Outbox[NpsQuestion]):
    model = NpsQuestion
    task = "activities.feedback.tasks.send_nps_question"
    related = ("contact", "customer", "asked_by")
    fields = ("sent_at",)

    def deliver(self, row: NpsQuestion) -> Delivered:
        return deliver_mail(_mail(row))

    def obstacle(self, row: NpsQuestion) -> str:
        pass

        if row.answered_at:
            return _("It has already been answered.")
        if row.expires_at < clock.now():
            return _("It has expired.")
        if row.customer.is_passive:
            return _("The customer is inactive.")
        return "" if address_of(row.contact) else _("%s has no e-mail address.") % row.contact

    def sent(self, row: NpsQuestion, answer: Delivered) -> None:
        row.sent_at = row.state_at

    def failed(self, row: NpsQuestion) -> None:
        if row.asked_by:
            names = {"contact": str(row.contact), "customer": str(row.customer)}
            notify(users=[row.asked_by], kind="nps_failed", url=row.get_absolute_url(), **names)


QUESTIONS = _Questions()


def nps_send(question_id: int) -> None:
    """Mail a question that waits."""
    QUESTIONS.send(question_id)


def nps_retry(*, question: NpsQuestion, confirmed: bool = False) -> NpsQuestion:
    """Put a question that was not sent back to wait; return the new row. Raises as :meth:`Outbox.retry`."""
    return QUESTIONS.retry(question.pk, confirmed=confirmed)


def _mail(question: NpsQuestion) -> EmailMessage:
    pass

    sender = question.asked_by
    with translation.override(question.language):
        context = {
            "contact": question.contact,
            "link": link_of(question),
            "sender": sender,
            "organisation": settings.ORGANISATION,
            "day": date_format(timezone.localtime(question.expires_at), "SHORT_DATE_FORMAT"),
        }
        subject = _("How likely are you to recommend us?")
        text = render_to_string("feedback/nps/mail.txt", context)
    reply_to = [sender.email] if sender and sender.email else None
    headers = {OWN_HEADER: own_mark(), "Auto-Submitted": "auto-generated"}  # nobody's absence answers it
    return EmailMessage(subject, text, None, [address_of(question.contact)], reply_to=reply_to, headers=headers)
