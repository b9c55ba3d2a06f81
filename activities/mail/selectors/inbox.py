"""Queries of the inbox: the waiting messages and the customers to suggest; and the messages of activities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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

MAX_COUNT = 99
#: Domains at which anyone may have an address: they identify no customer.
PUBLIC_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "hotmail.com", "hotmail.fi", "outlook.com", "live.com", "live.fi", "msn.com",
        "yahoo.com", "icloud.com", "me.com", "mac.com", "protonmail.com", "proton.me", "gmx.com", "gmx.net", "aol.com",
        "luukku.com", "suomi24.fi", "kolumbus.fi", "elisanet.fi", "saunalahti.fi", "welho.com", "netti.fi",
        "pp.inet.fi", "inet.fi", "dnainternet.net", "telia.com", "mail.com", "tutanota.com", "iki.fi",
    }
)  # fmt: skip

#: For each domain the customers that have an address there themselves or through a contact; uses trigram indexes.
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


def waiting_count(user: Any) -> tuple[int, bool]:
    """Return the number of messages in the user's inbox, up to 99, and whether there are more."""
    return count_up_to(EmailMessage.objects.inbox_of(user).filter(state=MessageState.INBOX), MAX_COUNT)


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
        cursor.execute(
            _OF_DOMAINS, {"domains": [_without_wildcards(domain) for domain in domains], "today": clock.today()}
        )
        for domain, customer, _count in cursor.fetchall():
            customers.setdefault(domain, []).append(customer)
    return {domain: customers.get(_without_wildcards(domain), []) for domain in domains}


def _customers_of_threads(ids: Iterable[int]) -> dict[int, list[int]]:
    filed = EmailMessage.objects.filter(thread__in=ids, activity__customer__isnull=False).order_by("-date", "-pk")
    customers: dict[int, list[int]] = {}
    for thread, customer in filed.values_list("thread", "activity__customer")[:500]:
        customers.setdefault(thread, []).append(customer)
    return customers


def _without_wildcards(domain: str) -> str:
    """Return a domain without the characters that have a meaning in a LIKE pattern."""
    return "".join(char for char in domain if char.isalnum() or char in ".-")


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
