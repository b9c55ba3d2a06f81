"""Reads of the inbox: what waits, and whose it might be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import QuerySet

from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.models import EmailMessage
from core import clock
from core.paging import count_up_to
from customers.models import Customer

MOST = 99
#: Domains at which anybody may have an address: they tell no customer.
PUBLIC = frozenset(
    {
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.fi", "outlook.com", "live.com", "live.fi", "msn.com",
        "yahoo.com", "icloud.com", "me.com", "mac.com", "protonmail.com", "proton.me", "gmx.com", "gmx.net", "aol.com",
        "luukku.com", "suomi24.fi", "kolumbus.fi", "elisanet.fi", "saunalahti.fi", "welho.com", "netti.fi",
        "pp.inet.fi", "inet.fi", "dnainternet.net", "telia.com", "mail.com", "tutanota.com", "iki.fi",
    }
)  # fmt: skip

#: For each domain the customers whose own or whose contacts' addresses are there: two walks in trigram indexes.
_OF_DOMAINS = """
    SELECT asked.domain, found.customer_id, count(*)
    FROM unnest(%(domains)s::text[]) AS asked(domain)
    CROSS JOIN LATERAL (
        (SELECT p.customer_id FROM customers_contactpoint c
            JOIN customers_position p ON p.contact_id = c.contact_id AND (p.end IS NULL OR p.end >= %(today)s)
            WHERE portaali_fold(c.value) LIKE '%%@' || asked.domain AND c.kind = 'email' LIMIT 200)
        UNION ALL
        (SELECT s.customer_id FROM customers_customersummary s
            WHERE s.search_text LIKE '%%' || asked.domain || '%%' LIMIT 50)
    ) AS found
    GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""


@dataclass
class Waiting:
    """A message of the inbox and the customers that it might concern, the likeliest first."""

    message: EmailMessage
    suggestions: list[Customer] = field(default_factory=list)


def waiting_count(user: Any) -> tuple[int, bool]:
    """Return how many messages wait for the user, up to 99, and whether there are more."""
    return count_up_to(EmailMessage.objects.inbox_of(user).filter(state=MessageState.INBOX), MOST)


def suggested(messages: Sequence[EmailMessage], user: Any) -> dict[int, list[Customer]]:
    """Return the customers that messages might concern, by the thread and by the sender's domain; three queries."""
    domains = {row.pk: row.sender.rpartition("@")[2] for row in messages}
    asked = sorted({domain for domain in domains.values() if domain and domain not in PUBLIC})
    by_domain = customers_of_domains(asked)
    by_thread = _of_threads({row.thread_id for row in messages})
    wanted = {pk for ids in (*by_domain.values(), *by_thread.values()) for pk in ids}
    customers = Customer.objects.visible_to(user).active().in_bulk(wanted)
    return {
        row.pk: _rows(customers, [*by_thread.get(row.thread_id, ()), *by_domain.get(domains[row.pk], ())])
        for row in messages
    }


def _rows(customers: dict[int, Customer], ids: Iterable[int]) -> list[Customer]:
    return [customers[pk] for pk in dict.fromkeys(ids) if pk in customers][:3]


def customers_of_domains(domains: Sequence[str]) -> dict[str, list[int]]:
    """Return the ids of the customers that each e-mail domain might be, the likeliest first; one query."""
    """Return the ids of customers whose own or whose contacts' addresses are at each domain, in one query."""
    if not domains:
        return {}
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        plain = [_plain(domain) for domain in domains]
        cursor.execute(_OF_DOMAINS, {"domains": plain, "today": clock.today()})
        for domain, customer, _count in cursor.fetchall():
            found.setdefault(domain, []).append(customer)
    return {domain: found.get(_plain(domain), []) for domain in domains}


def _of_threads(ids: Iterable[int]) -> dict[int, list[int]]:
    rows = EmailMessage.objects.filter(thread__in=ids, activity__customer__isnull=False).order_by("-date", "-pk")
    found: dict[int, list[int]] = {}
    for thread, customer in rows.values_list("thread", "activity__customer")[:500]:
        found.setdefault(thread, []).append(customer)
    return found


def _plain(domain: str) -> str:
    """Return a domain without what means something in a pattern."""
    return "".join(char for char in domain if char.isalnum() or char in ".-")


def activity_ids_with(query: SearchQuery) -> QuerySet[Any, Any]:
    """Return the ids of activities in whose messages a word is found."""
    return EmailMessage.objects.filter(search=query, activity__isnull=False).values("activity")


def message_bodies(activities: Collection[Activity]) -> dict[int, str]:
    """Return the messages of those among ``activities`` that have one, by the activity's id; one query."""
    found = EmailMessage.objects.filter(activity__in=activities)
    return {pk: body for pk, body in found.values_list("activity_id", "body") if pk}


def activity_ids_of_messages(ids: Collection[int]) -> QuerySet[Any, Any]:
    """Return the ids of those activities that have a message."""
    return EmailMessage.objects.filter(activity__in=ids).values_list("activity", flat=True)
