"""Where a message belongs: under which customer and contacts, in which thread, to whom of us. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import User
from activities.log.models import Activity
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import ParsedMessage
from activities.mail.models import EmailMessage
from activities.mail.transport.dropbox import is_drop
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint, Customer, Position

MOST_CONTACTS = 20
PEOPLE = 10


@dataclass(frozen=True)
class Thread:
    """What a message belongs to: one of its messages, the newest activity in it, and who of us wrote in it."""

    message: EmailMessage
    activity: Activity | None
    user: User | None
    follows: Activity | None = None  # what it answers; nothing where only the answers to it have come


@dataclass
class Place:
    """Where a message goes. Without a customer it waits in the inbox, and ``reason`` tells why."""

    customer: Customer | None = None
    contacts: list[Contact] = field(default_factory=list)
    reason: str = ""


def naming(message_id: str) -> Q:
    """Return the condition of messages that name this one as what they answer, or anywhere before that."""
    return Q(in_reply_to=message_id) | Q(references__contains=[message_id])


def thread_of(parsed: ParsedMessage) -> Thread | None:
    """Return the thread of the messages that this one names, the newest of them first; else of those that name it."""
    ids = [one for one in dict.fromkeys([parsed.in_reply_to, *reversed(parsed.references)]) if one]
    rows = EmailMessage.objects.select_related("activity__customer", "user")
    by_id = {row.message_id: row for row in rows.filter(message_id__in=ids)}
    named = [by_id[one] for one in ids if one in by_id]
    found = named or list(rows.filter(naming(parsed.message_id)).order_by("date", "pk")[:PEOPLE])
    if not found:
        return None
    activity = next((row.activity for row in found if row.activity), None)
    user = next((row.user for row in found if row.user), None)
    return Thread(found[0], activity, user, activity if named else None)


def contacts_of(addresses: Collection[str]) -> dict[str, list[Contact]]:
    """Return the contacts that have each address, in one query."""
    found: dict[str, list[Contact]] = {}
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, value__in=[*addresses])
    for point in points.select_related("contact").order_by("contact_id")[: MOST_CONTACTS * max(1, len(addresses))]:
        found.setdefault(point.value.lower(), []).append(point.contact)
    return found


def place_received(parsed: ParsedMessage, thread: Thread | None, sender: Address | None) -> Place:
    """Return where a received message goes, by its sender and its thread."""
    if sender is None:
        return Place(reason="no_sender")
    people = contacts_of([sender.address]).get(sender.address, [])
    if not people:
        return _of_customer(sender)
    return _of_people(people, thread)


def place_sent(recipients: Sequence[Address], thread: Thread | None) -> Place:
    """Return where a copy of a sent message goes: by its recipients, the first that tells a customer."""
    found = contacts_of([one.address for one in recipients])
    refused = Place(reason="unknown_recipient")
    for one in recipients:
        people = found.get(one.address, [])
        place = _of_people(people, thread) if people else _of_customer(one)
        if place.customer:
            others = [person for rest in recipients for person in found.get(rest.address, [])[:1]]
            place.contacts = list({person.pk: person for person in (*place.contacts, *others)}.values())
            place.contacts = [person for person in place.contacts if not person.is_hidden][:MOST_CONTACTS]
            return place
        refused = place if people else refused
    return refused


def place_under(customer: Customer, counterparts: Sequence[Address]) -> Place:
    """Return a place under a customer that somebody has chosen, with those who wrote or got the message."""
    found = contacts_of([one.address for one in counterparts])
    people = {person.pk: person for rows in found.values() for person in rows if not person.is_hidden}
    there = set(Position.objects.filter(contact__in=people, customer=customer).values_list("contact", flat=True))
    return Place(customer, [person for pk, person in people.items() if pk in there or len(people) == 1])


def outsiders(addresses: Sequence[Address], own: Collection[str]) -> list[Address]:
    """Return those who are not we ourselves: no colleague, no mailbox, no drop address."""
    return [one for one in addresses if one.address not in own and not is_drop(one.address)]


def participants_of(user: User | None, thread: Thread | None, customer: Customer) -> list[User]:
    """Return whose activity it becomes: whose mailbox it is, else who wrote before, else the customer's owner."""
    if user:
        return [user]
    before = [thread.user] if thread and thread.user else []
    if not before and thread and thread.activity:
        before = list(thread.activity.users.all()[:PEOPLE])  # type: ignore[arg-type]
    summary = getattr(customer, "summary", None)
    found = [person for person in before if person.is_active] or ([summary.owner] if summary and summary.owner else [])
    return [person for person in found if person.is_active]


def _of_customer(sender: Address) -> Place:
    """A customer's own address, such as info@…, without a contact."""
    found = list(Customer.objects.filter(email__iexact=sender.address).exclude(email="").order_by("pk")[:2])
    if len(found) != 1:
        return Place(reason="unknown_sender")
    return Place(reason="customer_passive") if found[0].is_passive else Place(found[0])


def _of_people(people: list[Contact], thread: Thread | None) -> Place:
    """The thread's customer when they have to do with it, else the only one for whom they work now."""
    positions = list(Position.objects.current().filter(contact__in=people).select_related("customer"))
    activity = thread.activity if thread else None
    if activity and activity.customer:
        ids = set(activity.contacts.values_list("pk", flat=True))
        ids |= {row.contact_id for row in positions if row.customer_id == activity.customer_id}
        if there := [person for person in people if person.pk in ids]:
            return _at(activity.customer, there)
    active = {row.customer_id: row.customer for row in positions if not row.customer.is_passive}
    if len(active) == 1:
        [customer] = active.values()
        ids = {row.contact_id for row in positions if row.customer_id == customer.pk}
        return _at(customer, [person for person in people if person.pk in ids])
    if active:
        return Place(reason="several_customers" if len(people) == 1 else "several_contacts")
    return Place(reason="customer_passive" if positions else "no_position")


def _at(customer: Customer, people: list[Contact]) -> Place:
    return Place(reason="customer_passive") if customer.is_passive else Place(customer, people)
