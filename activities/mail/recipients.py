"""Recipients of a written message as forms and the API name them, and the plan of the messages that it becomes.

A recipient's value is ``contact:12``, ``point:34`` (one of a contact's addresses), ``customer:56`` (the customer's own
address) or a typed address. Nothing here writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.models import Activity, ActivityType
from activities.mail import placeholders
from activities.mail.enums import AUTOMATIC, EMAIL, RecipientKind
from activities.mail.mime import addresses
from activities.mail.mime.addresses import clean_name, one_line, unique
from activities.mail.mime.body import clean_html
from activities.mail.mime.compose import quotation
from activities.mail.models import EmailMessage, MailSettings
from core import richtext
from core.exceptions import BusinessRuleError
from customers.enums import Channel, ContactPointKind
from customers.models import Consent, Contact, ContactPoint, Customer, Position

MAX_RECIPIENTS = 25  # rule 10: more is a campaign
OFFERED = 50
TYPED_LENGTH = 10_000
_NAMED = re.compile(r"(contact|point|customer):([0-9]{1,18})")


@dataclass(frozen=True)
class Recipient:
    """A recipient: a contact, a customer's own address, or only an address."""

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
    """A written message. Without ``customer`` each recipient's message is logged under the recipient's own customer."""

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
    edits: EmailMessage | None = None  # the unsent message that is edited
    carries: Model | None = None  # a source of documents, such as an offer; the caller checks the right to it


@dataclass(frozen=True)
class PlannedMessage:
    customer: Customer | None
    recipients: list[Recipient]
    subject: str
    body: str
    contacts: list[Contact] = field(default_factory=list)


def plan(letter: Letter) -> list[PlannedMessage]:
    """Return the messages that ``letter`` becomes: one per customer, or one per recipient if it uses their names.

    Raises :class:`BusinessRuleError`: ``recipient_required``, ``too_many_recipients`` (rule 10), ``subject_required``,
    ``body_required``, ``field_unknown``, ``field_empty``, ``customer_required``, ``customer_passive``.
    """
    everyone = unique((recipient.address, recipient) for recipient in _with_contacts(letter))
    _check_complete(letter, everyone)
    to = [recipient for recipient in everyone if recipient.kind == RecipientKind.TO]
    copies = [recipient for recipient in everyone if recipient.kind != RecipientKind.TO]
    groups = _by_customer(letter, to)
    if placeholders.is_personal(letter.subject, letter.body):
        groups = [(customer, [recipient]) for customer, group in groups for recipient in group]
    ending = _ending(letter)
    return [_plan_message(letter, customer, [*group, *copies], ending) for customer, group in groups]


def refused_by(recipients: Sequence[Recipient]) -> list[Contact]:
    """Return the contacts who have refused marketing by e-mail: their newest consent is negative."""
    contacts = [recipient.contact for recipient in recipients if recipient.contact]
    consents = Consent.objects.filter(contact__in=contacts, channel=Channel.EMAIL)
    newest = consents.order_by("contact", "-given_on", "-pk").distinct("contact").values_list("contact", "is_given")
    refused = {pk for pk, is_given in newest if not is_given}
    return [contact for contact in contacts if contact.pk in refused]


def email_type() -> ActivityType:
    """Return the activity type of messages. Raises ``type_retired``."""
    types = ActivityType.objects.filter(details=EMAIL, retired_at__isnull=True).exclude(code=AUTOMATIC)
    activity_type = types.order_by("order").first()
    if activity_type is None:
        raise BusinessRuleError("type_retired", _("No activity type is in use for e-mail."))
    return activity_type


def _check_complete(letter: Letter, everyone: Sequence[Recipient]) -> None:
    if not any(recipient.kind == RecipientKind.TO for recipient in everyone):
        raise BusinessRuleError("recipient_required", _("Choose at least one recipient."), field="to")
    if len(everyone) > MAX_RECIPIENTS:
        raise BusinessRuleError("too_many_recipients", too_many_text(len(everyone)), field="to")
    if not one_line(letter.subject):
        raise BusinessRuleError("subject_required", _("Write a subject."), field="subject")
    if not richtext.to_text(letter.body):
        raise BusinessRuleError("body_required", _("Write the message."), field="body")


def too_many_text(count: int) -> str:
    text = _(
        "A message can have at most %(limit)d recipients, but there are %(count)d. Use a campaign to send to more."
    )
    return text % {"limit": MAX_RECIPIENTS, "count": count}


def _with_contacts(letter: Letter) -> list[Recipient]:
    """Return the recipients; a typed address that belongs to exactly one visible contact becomes that contact."""
    typed = [recipient.address for recipient in letter.recipients if not (recipient.contact or recipient.customer)]
    if not typed:
        return list(letter.recipients)
    visible = Contact.objects.visible_to(letter.user)
    points = ContactPoint.objects.filter(kind="email", value__in=typed, contact__in=visible).select_related("contact")
    by_address: dict[str, list[Contact]] = {}
    for point in points:
        by_address.setdefault(point.value, []).append(point.contact)
    return [_as_contact(recipient, by_address.get(recipient.address, [])) for recipient in letter.recipients]


def _as_contact(recipient: Recipient, contacts: list[Contact]) -> Recipient:
    if recipient.contact or recipient.customer or len(contacts) != 1:
        return recipient
    return replace(recipient, contact=contacts[0], name=recipient.name or clean_name(str(contacts[0])))


def _by_customer(letter: Letter, to: list[Recipient]) -> list[tuple[Customer | None, list[Recipient]]]:
    """Group the recipients by the customer that the message is logged under."""
    activity_type = email_type()
    if letter.edits is not None and letter.customer is None:
        return [(None, to)]
    if letter.customer is not None:
        validators.check_customer(activity_type, letter.customer)
        return [(letter.customer, to)]
    employers = employers_of([recipient.contact for recipient in to if recipient.contact], letter.user)
    groups: dict[int, tuple[Customer | None, list[Recipient]]] = {}
    unknown = []
    for recipient in to:
        customer = recipient.customer or (employers.get(recipient.contact.pk) if recipient.contact else None)
        if customer is None:
            unknown.append(recipient)
        else:
            groups.setdefault(customer.pk, (customer, []))[1].append(recipient)
    if unknown and len(groups) == 1:
        next(iter(groups.values()))[1].extend(unknown)
    elif unknown:
        if activity_type.needs_customer:
            names = ", ".join(recipient.label for recipient in unknown)
            message = _("Choose the customer that the message is about: it is not known from %s.") % names
            raise BusinessRuleError("customer_required", message, field="customer")
        return [*groups.values(), (None, unknown)]
    for customer, _group in groups.values():
        validators.check_customer(activity_type, customer)
    return list(groups.values())


def employers_of(contacts: Sequence[Contact], user: Any) -> dict[int, Customer]:
    """Return the present employer of each contact by the contact's id, the earliest of several; two queries."""
    positions = Position.objects.current().visible_to(user).filter(contact__in=contacts, customer__state="active")
    employers: dict[int, Customer] = {}
    for position in positions.select_related("customer__summary__owner").order_by("pk"):
        employers.setdefault(position.contact_id, position.customer)
    return employers


def _plan_message(
    letter: Letter, customer: Customer | None, recipients: list[Recipient], ending: str
) -> PlannedMessage:
    first = next(recipient for recipient in recipients if recipient.kind == RecipientKind.TO)
    contacts = [recipient.contact for recipient in recipients if recipient.contact]
    known = placeholders.values(contact=first.contact, customer=customer, user=letter.user, language=letter.language)
    body = placeholders.fill(richtext.clean(letter.body), known, recipient=first.label, is_html=True)
    return PlannedMessage(
        customer=customer,
        recipients=recipients,
        subject=one_line(placeholders.fill(letter.subject, known, recipient=first.label)),
        body=clean_html(body + ending),
        contacts=list({contact.pk: contact for contact in contacts}.values()),
    )


def _ending(letter: Letter) -> str:
    """Return the signature and the quoted message, as HTML."""
    settings = MailSettings.objects.filter(user=letter.user).first() if letter.signed else None
    signature = f"<div><br></div>{settings.signature}" if settings and settings.signature else ""
    if letter.answers is None or not (letter.quoted or letter.is_forward):
        return signature
    return signature + quotation(letter.answers, letter.language, is_forward=letter.is_forward)


@dataclass(frozen=True)
class Option:
    """An option of the menu of recipients."""

    value: str
    text: str
    detail: str = ""


def resolve(values: Iterable[str], kind: RecipientKind, user: Any) -> list[Recipient]:
    """Return the recipients that ``values`` name, in the same order, with a constant number of queries.

    Raises ``ValidationError`` for invalid addresses, for rows that the user does not see, and for contacts and
    customers without an address (code ``no_address``, with their names).
    """
    texts = [value.replace("\x00", "").strip() for value in values]
    rows = _rows(texts, user)
    resolved: list[Recipient] = []
    errors: list[ValidationError] = []
    for text in filter(None, texts):
        try:
            resolved += _recipients(text, rows, kind)
        except ValidationError as error:
            errors.append(error)
    if errors:
        raise ValidationError(errors)
    return resolved


def resolve_known(values: Iterable[str], user: Any) -> list[Recipient]:
    """Return the recipients that ``values`` name, without the invalid ones."""
    rows = _rows(list(values), user)
    resolved = []
    for value in values:
        with suppress(ValidationError):
            resolved += _recipients(value.strip(), rows, RecipientKind.TO)
    return resolved


def _recipients(text: str, rows: dict[str, Any], kind: RecipientKind) -> list[Recipient]:
    if not _NAMED.fullmatch(text):
        if len(text) > TYPED_LENGTH:
            raise ValidationError(_("Too many addresses at once."), code="too_long")
        return [Recipient(kind, typed.address, typed.name) for typed in addresses.parse(text)]
    row = rows.get(text)
    if row is None:
        raise ValidationError(_("Choose recipients from the list."), code="unknown")
    if isinstance(row, Customer):
        return [Recipient(kind, _require_address(row, row.email), row.name, customer=row)]
    contact = row.contact if isinstance(row, ContactPoint) else row
    address = row.value if isinstance(row, ContactPoint) else _require_address(contact, first_address(contact))
    return [Recipient(kind, address, addresses.clean_name(str(contact)), contact=contact)]


def _require_address(row: Any, address: str) -> str:
    if not address:
        raise ValidationError(_("%(name)s has no e-mail address.") % {"name": row}, code="no_address")
    return address


def first_address(contact: Contact) -> str:
    """Return the first e-mail address of a contact; its points must be prefetched."""
    return next((point.value for point in contact.points.all() if point.kind == ContactPointKind.EMAIL), "")


def _rows(values: Sequence[str], user: Any) -> dict[str, Any]:
    ids: dict[str, set[int]] = {"contact": set(), "point": set(), "customer": set()}
    for value in values:
        if match := _NAMED.fullmatch(value):
            ids[match[1]].add(int(match[2]))
    return {
        f"{kind}:{row.pk}": row
        for kind, rows in _querysets(user).items()
        if ids[kind]
        for row in rows.filter(pk__in=ids[kind])
    }


def _querysets(user: Any) -> dict[str, QuerySet[Any]]:
    contacts = Contact.objects.visible_to(user)
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact__in=contacts).select_related("contact")
    customers = Customer.objects.visible_to(user).select_related("summary__owner")
    return {"contact": contacts.prefetch_related("points"), "point": points, "customer": customers}


def labels(values: Sequence[str], user: Any) -> dict[str, str]:
    """Return the text to show for each value; an unknown value is shown as it was typed."""
    rows = _rows(values, user)
    return {value: _label(rows[value]) if value in rows else value for value in values}


def _label(row: Any) -> str:
    if isinstance(row, Customer):
        return f"{row.name} <{row.email}>" if row.email else row.name
    contact = row.contact if isinstance(row, ContactPoint) else row
    address = row.value if isinstance(row, ContactPoint) else first_address(contact)
    return f"{contact} <{address}>" if address else str(contact)


def offered(customers: Sequence[Customer], user: Any) -> list[Option]:
    """Return the addresses of the customers and of the contacts who work for them now."""
    own = [
        Option(f"customer:{customer.pk}", f"{customer.name} <{customer.email}>")
        for customer in customers
        if customer.email
    ]
    at_work = Position.objects.current().visible_to(user).filter(customer__in=customers).values("contact")
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact__in=at_work)
    points = points.filter(contact__in=Contact.objects.visible_to(user)).select_related("contact")
    people = points.order_by("contact__sort_key", "-is_primary", "pk")[:OFFERED]
    return own + [Option(f"point:{point.pk}", _label(point)) for point in people]


def search(text: str, user: Any, limit: int = 20) -> list[Option]:
    """Return the addresses of the contacts that match ``text``, with their employers."""
    contacts: Any = Contact.objects.visible_to(user).with_current(user).search(text).first_by_name(limit)
    options = []
    for contact in contacts:
        employers = " · ".join(position.customer.name for position in contact.current_positions)
        options += [
            Option(f"point:{point.pk}", f"{contact} <{point.value}>", employers)
            for point in contact.points.all()
            if point.kind == ContactPointKind.EMAIL
        ]
    return options


def values_of(*, contacts: Sequence[str] = (), customers: Sequence[str] = ()) -> list[str]:
    """Return the ids of a URL (``?contact=1&customers=2``) as values, at most one more than a message may have."""
    values = [f"contact:{pk}" for pk in contacts] + [f"customer:{pk}" for pk in customers]
    return [value for value in values if _NAMED.fullmatch(value)][: MAX_RECIPIENTS + 1]
