"""Reads of received mail: the place of a message, customers to suggest in the inbox, and messages of activities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import User
from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import ParsedMessage
from activities.mail.models import EmailMessage
from activities.mail.senders import is_drop
from core import clock
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint, Customer, Position

MAX_CONTACTS = 20
MAX_PEOPLE = 10
#: Domains at which anyone may have an address: they identify no customer.
PUBLIC_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.fi", "outlook.com", "live.com", "live.fi", "msn.com",
        "yahoo.com", "icloud.com", "me.com", "mac.com", "protonmail.com", "proton.me", "gmx.com", "gmx.net", "aol.com",
        "luukku.com", "suomi24.fi", "kolumbus.fi", "elisanet.fi", "saunalahti.fi", "welho.com", "netti.fi",
        "pp.inet.fi", "inet.fi", "dnainternet.net", "telia.com", "mail.com", "tutanota.com", "iki.fi",
    }
)  # fmt: skip
#: For each domain the customers that have an address or a website there, or a contact with an address; the indexes of
#: the app's migration ``domains`` are on the same expressions.
_OF_DOMAINS = """
    SELECT asked.domain, found.customer_id, count(*)
    FROM unnest(%(domains)s::text[]) AS asked(domain)
    CROSS JOIN LATERAL (
        (SELECT p.customer_id FROM customers_contactpoint c
            JOIN customers_position p ON p.contact_id = c.contact_id AND (p.end IS NULL OR p.end >= %(today)s)
            WHERE lower(split_part(c.value, '@', 2)) = asked.domain AND c.kind = 'email' LIMIT 200)
        UNION ALL
        (SELECT c.id FROM customers_customer c
            WHERE lower(split_part(c.email, '@', 2)) = asked.domain AND c.email <> '' LIMIT 50)
        UNION ALL
        (SELECT c.id FROM customers_customer c
            WHERE substring(lower(c.website) from '^(?:https?://)?(?:www[.])?([^/:?#]+)') = asked.domain
            AND c.website <> '' LIMIT 50)
    ) AS found
    GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""


@dataclass(frozen=True)
class Thread:
    """The thread of a message: one of its messages, its newest activity, and the user who wrote in it."""

    message: EmailMessage
    activity: Activity | None
    user: User | None
    follows: Activity | None = None  # the answered activity; none if only answers to the message are known


@dataclass
class Place:
    """The customer and contacts of a message. Without a customer it waits in the inbox because of ``reason``."""

    customer: Customer | None = None
    contacts: list[Contact] = field(default_factory=list)
    reason: str = ""


def referring_to(message_id: str) -> Q:
    """Return the condition of the messages that refer to ``message_id`` as one that they follow."""
    return Q(in_reply_to=message_id) | Q(references__contains=[message_id])


def thread_of(parsed: ParsedMessage) -> Thread | None:
    """Return the thread of the newest message that this one refers to, or of the messages that refer to it."""
    ids = [name for name in dict.fromkeys([parsed.in_reply_to, *reversed(parsed.references)]) if name]
    messages = EmailMessage.objects.select_related("activity__customer", "user")
    by_id = {message.message_id: message for message in messages.filter(message_id__in=ids)}
    answered = [by_id[name] for name in ids if name in by_id]
    thread = answered or list(messages.filter(referring_to(parsed.message_id)).order_by("date", "pk")[:MAX_PEOPLE])
    if not thread:
        return None
    activity = next((message.activity for message in thread if message.activity), None)
    user = next((message.user for message in thread if message.user), None)
    return Thread(thread[0], activity, user, activity if answered else None)


def contacts_of(addresses: Collection[str]) -> dict[str, list[Contact]]:
    """Return the contacts that have each address, in one query."""
    contacts: dict[str, list[Contact]] = {}
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, value__in=[*addresses])
    for point in points.select_related("contact").order_by("contact_id")[: MAX_CONTACTS * max(1, len(addresses))]:
        contacts.setdefault(point.value.lower(), []).append(point.contact)
    return contacts


def place_received(parsed: ParsedMessage, thread: Thread | None, sender: Address | None) -> Place:
    """Return the place of a received message, by its sender and its thread."""
    if sender is None:
        return Place(reason="no_sender")
    people = contacts_of([sender.address]).get(sender.address, [])
    if people:
        return _place_by_contacts(people, thread)
    place = _place_by_address(sender)
    answered = thread.follows if thread else None
    if place.reason == "unknown_sender" and answered and answered.customer:
        return _place_at(answered.customer, [])  # somebody answers from another address, or for another person
    return place


def place_sent(recipients: Sequence[Address], thread: Thread | None) -> Place:
    """Return the place of a copy of a sent message, by its first recipient with a known customer."""
    contacts = contacts_of([recipient.address for recipient in recipients])
    refused = Place(reason="unknown_recipient")
    for recipient in recipients:
        people = contacts.get(recipient.address, [])
        place = _place_by_contacts(people, thread) if people else _place_by_address(recipient)
        if place.customer:
            others = [person for other in recipients for person in contacts.get(other.address, [])[:1]]
            place.contacts = list({person.pk: person for person in (*place.contacts, *others)}.values())
            place.contacts = [person for person in place.contacts if not person.is_hidden][:MAX_CONTACTS]
            return place
        refused = place if people else refused
    return refused


def place_under(customer: Customer, counterparts: Sequence[Address]) -> Place:
    """Return the place under a chosen customer, with the contacts who sent or received the message."""
    contacts = contacts_of([address.address for address in counterparts])
    people = {person.pk: person for group in contacts.values() for person in group if not person.is_hidden}
    employed = set(Position.objects.filter(contact__in=people, customer=customer).values_list("contact", flat=True))
    return Place(customer, [person for pk, person in people.items() if pk in employed or len(people) == 1])


def outsiders(addresses: Sequence[Address], own: Collection[str]) -> list[Address]:
    """Return the addresses outside the organisation: no colleague, mailbox or drop address."""
    return [address for address in addresses if address.address not in own and not is_drop(address.address)]


def participants_of(user: User | None, thread: Thread | None, customer: Customer) -> list[User]:
    """Return the participants of the activity: the mailbox's owner, earlier writers, or else the customer's owner."""
    if user:
        return [user]
    before = [thread.user] if thread and thread.user else []
    if not before and thread and thread.activity:
        before = list(thread.activity.users.all()[:MAX_PEOPLE])  # type: ignore[arg-type]
    summary = getattr(customer, "summary", None)
    people = [person for person in before if person.is_active] or ([summary.owner] if summary and summary.owner else [])
    return [person for person in people if person.is_active]


def _place_by_address(sender: Address) -> Place:
    """Return the place by a customer's own address, such as info@…, without a contact."""
    customers = list(Customer.objects.filter(email__iexact=sender.address).exclude(email="").order_by("pk")[:2])
    return _place_at(customers[0], []) if len(customers) == 1 else Place(reason="unknown_sender")


def _place_by_contacts(people: list[Contact], thread: Thread | None) -> Place:
    """Return the thread's customer if the contacts are connected to it, or else their only present employer."""
    positions = list(Position.objects.current().filter(contact__in=people).select_related("customer"))
    activity = thread.activity if thread else None
    if activity and activity.customer:
        ids = set(activity.contacts.values_list("pk", flat=True))
        ids |= {position.contact_id for position in positions if position.customer_id == activity.customer_id}
        if connected := [person for person in people if person.pk in ids]:
            return _place_at(activity.customer, connected)
    active = {position.customer_id: position.customer for position in positions if not position.customer.is_passive}
    if len(active) == 1:
        [customer] = active.values()
        ids = {position.contact_id for position in positions if position.customer_id == customer.pk}
        return _place_at(customer, [person for person in people if person.pk in ids])
    if active:
        return Place(reason="several_customers" if len(people) == 1 else "several_contacts")
    return Place(reason="customer_passive" if positions else "no_position")


def _place_at(customer: Customer, people: list[Contact]) -> Place:
    return Place(reason="customer_passive") if customer.is_passive else Place(customer, people)


def waiting_for(user: Any) -> QuerySet[EmailMessage]:
    """Return the messages in the user's inbox."""
    return EmailMessage.objects.inbox_of(user).filter(state=MessageState.INBOX)


def suggested_customers(messages: Sequence[EmailMessage], user: Any) -> dict[int, list[Customer]]:
    """Return up to three customers to suggest for each message, by its thread and sender's domain; three queries."""
    domains = {message.pk: message.sender.rpartition("@")[2] for message in messages}
    by_domain = customers_of_domains(sorted({*domains.values()} - {"", *PUBLIC_DOMAINS}))
    by_thread = _customers_of_threads({message.thread_id for message in messages})
    ids = {pk for group in (*by_domain.values(), *by_thread.values()) for pk in group}
    customers = Customer.objects.visible_to(user).active().in_bulk(ids)
    suggestions = {}
    for message in messages:
        likely = [*by_thread.get(message.thread_id, ()), *by_domain.get(domains[message.pk], ())]
        suggestions[message.pk] = [customers[pk] for pk in dict.fromkeys(likely) if pk in customers][:3]
    return suggestions


def customers_of_domains(domains: Sequence[str]) -> dict[str, list[int]]:
    """Return the ids of the customers that have addresses at each domain, the likeliest first; one query."""
    if not domains:
        return {}
    customers: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OF_DOMAINS, {"domains": [domain.lower() for domain in domains], "today": clock.today()})
        for domain, customer, _count in cursor.fetchall():
            customers.setdefault(domain, []).append(customer)
    return {domain: customers.get(domain.lower(), []) for domain in domains}


def _customers_of_threads(ids: Iterable[int]) -> dict[int, list[int]]:
    filed = EmailMessage.objects.filter(thread__in=ids, activity__customer__isnull=False).order_by("-date", "-pk")
    customers: dict[int, list[int]] = {}
    for thread, customer in filed.values_list("thread", "activity__customer")[:500]:
        customers.setdefault(thread, []).append(customer)
    return customers


def activity_ids_with(query: SearchQuery) -> QuerySet[Any, Any]:
    """Return the ids of the activities that have a message matching the query."""
    return EmailMessage.objects.filter(search=query, activity__isnull=False).values("activity")


def message_bodies(activities: Collection[Activity]) -> dict[int, str]:
    """Return the bodies of the messages of ``activities``, by the activity's id; one query."""
    messages = EmailMessage.objects.filter(activity__in=activities)
    return {pk: body for pk, body in messages.values_list("activity_id", "body") if pk}


def activity_ids_of_messages(ids: Collection[int]) -> QuerySet[Any, Any]:
    """Return those of the activity ids that have a message."""
    return EmailMessage.objects.filter(activity__in=ids).values_list("activity", flat=True)
