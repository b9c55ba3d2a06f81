"""What a message that somebody writes becomes: which messages to whom, under which customer. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.models import Activity, ActivityType
from activities.mail import placeholders
from activities.mail.enums import EMAIL, RecipientKind
from activities.mail.mime.addresses import clean_name, one_line, unique
from activities.mail.mime.body import clean_html
from activities.mail.mime.compose import quotation
from activities.mail.models import EmailMessage, MailSettings
from core import richtext
from core.exceptions import BusinessRuleError
from customers.enums import Channel
from customers.models import Consent, Contact, ContactPoint, Customer, Position

MAX_RECIPIENTS = 25  # rule 10: more is a campaign


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to: a contact, a customer's own address, or only an address."""

    kind: RecipientKind
    address: str
    name: str = ""
    contact: Contact | None = None
    customer: Customer | None = None

    @property
    def label(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True)
class Letter:
    """What somebody has written. ``customer`` is whom it is about; without it each recipient's own customer is."""

    user: User
    recipients: Sequence[Recipient]
    subject: str
    body: str
    language: str = "fi"
    customer: Customer | None = None
    signed: bool = True
    answers: EmailMessage | None = None
    is_forward: bool = False
    quoted: bool = True
    answered_activity: Activity | None = None  # such as feedback
    edits: EmailMessage | None = None  # the message that was not sent and is written anew
    carries: Model | None = None  # what else it may bring documents of, such as an offer: who writes it has checked


@dataclass(frozen=True)
class PlannedMessage:
    customer: Customer | None
    recipients: list[Recipient]
    subject: str
    body: str
    contacts: list[Contact] = field(default_factory=list)


def plan(letter: Letter) -> list[PlannedMessage]:
    """Return the messages that ``letter`` becomes: one for each customer, or each recipient when names are used.

    Raises :class:`BusinessRuleError`: ``recipient_required``, ``too_many_recipients`` (rule 10), ``subject_required``,
    ``body_required``, ``field_unknown``, ``field_empty``, ``customer_required``, ``customer_passive``.
    """
    everyone = unique((row.address, row) for row in _known(letter))
    _check(letter, everyone)
    to = [row for row in everyone if row.kind == RecipientKind.TO]
    others = [row for row in everyone if row.kind != RecipientKind.TO]
    groups = _by_customer(letter, to)
    if placeholders.is_personal(letter.subject, letter.body):
        groups = [(customer, [row]) for customer, rows in groups for row in rows]
    ending = _ending(letter)
    return [_message(letter, customer, [*rows, *others], ending) for customer, rows in groups]


def refused_by(recipients: Sequence[Recipient]) -> list[Contact]:
    """Return the contacts who have refused messages by e-mail: their newest answer is no."""
    contacts = [row.contact for row in recipients if row.contact]
    rows = Consent.objects.filter(contact__in=contacts, channel=Channel.EMAIL)
    newest = rows.order_by("contact", "-given_on", "-pk").distinct("contact").values_list("contact", "is_given")
    refused = {pk for pk, is_given in newest if not is_given}
    return [contact for contact in contacts if contact.pk in refused]


def email_type() -> ActivityType:
    """Return the type that messages are logged as. Raises ``type_retired``."""
    kind = ActivityType.objects.filter(details=EMAIL, retired_at__isnull=True).order_by("order").first()
    if kind is None:
        raise BusinessRuleError("type_retired", _("No activity type is in use for e-mail."))
    return kind


def _check(letter: Letter, everyone: Sequence[Recipient]) -> None:
    if not any(row.kind == RecipientKind.TO for row in everyone):
        raise BusinessRuleError("recipient_required", _("Choose at least one recipient."), field="to")
    check_count(len(everyone))
    if not one_line(letter.subject):
        raise BusinessRuleError("subject_required", _("Write a subject."), field="subject")
    if not richtext.to_text(letter.body):
        raise BusinessRuleError("body_required", _("Write the message."), field="body")


def check_count(count: int) -> None:
    """Raise ``too_many_recipients`` (rule 10)."""
    if count > MAX_RECIPIENTS:
        message = _(
            "A message goes to at most %(most)d recipients, here are %(count)d. Send to more as a campaign."
        ) % {"most": MAX_RECIPIENTS, "count": count}
        raise BusinessRuleError("too_many_recipients", message, field="to")


def _known(letter: Letter) -> list[Recipient]:
    """Tell which of the typed addresses are a contact's: of exactly one that the user sees."""
    typed = [row.address for row in letter.recipients if row.contact is None and row.customer is None]
    if not typed:
        return list(letter.recipients)
    seen = Contact.objects.visible_to(letter.user)
    points = ContactPoint.objects.filter(kind="email", value__in=typed, contact__in=seen).select_related("contact")
    by_address: dict[str, list[Contact]] = {}
    for point in points:
        by_address.setdefault(point.value, []).append(point.contact)
    return [_as_contact(row, by_address.get(row.address, [])) for row in letter.recipients]


def _as_contact(row: Recipient, contacts: list[Contact]) -> Recipient:
    if row.contact or row.customer or len(contacts) != 1:
        return row
    return replace(row, contact=contacts[0], name=row.name or clean_name(str(contacts[0])))


def _by_customer(letter: Letter, to: list[Recipient]) -> list[tuple[Customer | None, list[Recipient]]]:
    """Group the recipients by the customer under whom the message is logged."""
    kind = email_type()
    if letter.edits is not None and letter.customer is None:
        return [(None, to)]
    if letter.customer is not None:
        validators.check_customer(kind, letter.customer)
        return [(letter.customer, to)]
    employers = employers_of([row.contact for row in to if row.contact], letter.user)
    groups: dict[int, tuple[Customer | None, list[Recipient]]] = {}
    strangers = []
    for row in to:
        customer = row.customer or (employers.get(row.contact.pk) if row.contact else None)
        if customer is None:
            strangers.append(row)
        else:
            groups.setdefault(customer.pk, (customer, []))[1].append(row)
    if strangers and len(groups) == 1:
        next(iter(groups.values()))[1].extend(strangers)
    elif strangers:
        _no_customer(kind, strangers)
        return [*groups.values(), (None, strangers)]
    for customer, _rows in groups.values():
        validators.check_customer(kind, customer)
    return list(groups.values())


def _no_customer(kind: ActivityType, strangers: list[Recipient]) -> None:
    if kind.needs_customer:
        names = ", ".join(row.label for row in strangers)
        message = _("Choose the customer that the message is about: it cannot be told from %s.") % names
        raise BusinessRuleError("customer_required", message, field="customer")


def employers_of(contacts: Sequence[Contact], user: Any) -> dict[int, Customer]:
    """Return the customer for whom each contact works now, the earliest of several; two queries."""
    rows = Position.objects.current().visible_to(user).filter(contact__in=contacts, customer__state="active")
    found: dict[int, Customer] = {}
    for position in rows.select_related("customer__summary__owner").order_by("pk"):
        found.setdefault(position.contact_id, position.customer)
    return found


def _message(letter: Letter, customer: Customer | None, recipients: list[Recipient], ending: str) -> PlannedMessage:
    to = [row for row in recipients if row.kind == RecipientKind.TO]
    known = placeholders.values(contact=to[0].contact, customer=customer, user=letter.user, language=letter.language)
    whom = to[0].label
    body = placeholders.fill(richtext.clean(letter.body), known, whom=whom, is_html=True)
    return PlannedMessage(
        customer=customer,
        recipients=recipients,
        subject=one_line(placeholders.fill(letter.subject, known, whom=whom)),
        body=clean_html(body + ending),
        contacts=list({row.contact.pk: row.contact for row in recipients if row.contact}.values()),
    )


def _ending(letter: Letter) -> str:
    """The signature, and the message that is answered."""
    settings = MailSettings.objects.filter(user=letter.user).first() if letter.signed else None
    signature = f"<div><br></div>{settings.signature}" if settings and settings.signature else ""
    if letter.answers is None or not (letter.quoted or letter.is_forward):
        return signature
    return signature + quotation(letter.answers, letter.language, is_forward=letter.is_forward)
