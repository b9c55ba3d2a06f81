"""Rows of many customers, each table by one ``INSERT … SELECT generate_series``, as an old and busy organisation has.

Columns that are not named get their field's default. Names, words and days are spread by a hash of the row's number, so
that they are the same every time: a surname is that of every hundredth contact, most activities are done, most offers
decided, and a person has about 800 customers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from accounts.models import User
from activities.feedback.models import Feedback
from activities.leads.models import Lead
from activities.log.models import Activity, ActivityContact, ActivityKeyword, ActivityType, Keyword, Participation
from activities.mail.models import EmailMessage, EmailThread
from careplans.caremodels.models import CareModel
from careplans.following.models import CareOccurrence
from core import clock
from customers.models import (
    ClassificationNode,
    Consent,
    Contact,
    ContactPoint,
    Customer,
    CustomerClassification,
    CustomerSearch,
    CustomerSummary,
    Municipality,
    NameWord,
    Position,
    Responsibility,
)
from customers.search_words import REFRESHES
from demo.generate.words import FIRST_NAMES, SURNAMES
from demo.loading.bare_tables import without_indexes, without_triggers
from imports.models import ImportRow
from offers.offers.models import LostReason, Offer, OfferActivity, OfferLine, OfferType
from offers.orders.models import Order, OrderLine
from offers.products.models import Product, ProductGroup, Unit, VatClass
from segmentation.membership.models import Membership
from segmentation.schemes.models import Segment

#: Ids of these rows begin above it: those of default data and of the rows that tests make are below.
BASE = 10_000_000
CUSTOMERS_OF_A_PERSON = 800
TITLES = ("toimitusjohtaja", "myyntijohtaja", "ostopäällikkö", "talousjohtaja", "asiantuntija", "rehtori", "sihteeri")
TRADES = (
    "Konepaja",
    "Kirjapaino",
    "Leipomo",
    "Sähkö",
    "Putki",
    "Rakennus",
    "Siivous",
    "Kuljetus",
    "Apteekki",
    "Hotelli",
)
PLACES = ("Nokian", "Helsingin", "Turun", "Oulun", "Äänekosken", "Lahden", "Porin", "Vaasan", "Kuopion", "Espoon")
TOPICS = (
    "Tarjouksen läpikäynti",
    "Koulutustarpeet",
    "Sopimuksen jatko",
    "Uusi hanke",
    "Syksyn aikataulu",
    "Kuulumiset",
)
MODELS: tuple[type[models.Model], ...] = (
    Customer, CustomerSummary, CustomerSearch, Responsibility, CustomerClassification, Contact, ContactPoint, Position,
    Consent, Activity, Participation, ActivityContact, ActivityKeyword, Feedback, Lead, EmailThread, EmailMessage,
    Offer, OfferLine, OfferActivity, Order, OrderLine, CareOccurrence,
)  # fmt: skip


def people(count: int) -> list[int]:
    """Add users; return their ids."""
    name = "'person' || g || 'x'"
    insert(User, count, username=name, last_name=name, email=f"{name} || '@x.example'", password="''")
    return [BASE + number for number in range(1, count + 1)]


def fill(customers: int, *, people: Sequence[int], contacts: float = 1, activities: float = 1.4) -> None:
    """Add ``customers`` with their contacts and work, of these people."""
    with without_triggers(), without_indexes(MODELS):
        _customers(customers, people)
        _contacts(customers, round(customers * contacts))
        _activities(customers, round(customers * contacts), round(customers * activities), people)
        _letters(round(customers * 0.6))
        _offers(customers, round(customers * activities), people)
        _occurrences(customers, people)
    with connection.cursor() as cursor:
        for statement in REFRESHES:
            cursor.execute(statement)
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in (*MODELS, Membership, User, NameWord))}")


def insert(model: type[models.Model], count: int, **expressions: Any) -> None:
    """Insert ``count`` rows of a model in one statement; an expression is SQL in which ``g`` counts from 1."""
    columns, values, params = [], [], []
    for field in model._meta.concrete_fields:
        if field.generated:
            continue
        columns.append(f'"{field.column}"')
        if field.name in expressions:
            values.append(str(expressions.pop(field.name)).replace("%", "%%"))
        elif field.primary_key:
            values.append(f"{BASE} + g")
        else:
            value = (
                clock.now()
                if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
                else field.get_default()
            )
            values.append("%s::" + re.sub(r"[(].*?[)]", "", str(field.db_type(connection))))
            params.append(field.get_db_prep_save(value, connection))
    assert not expressions, f"{model.__name__} has no {sorted(expressions)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) '
            f"SELECT {', '.join(values)} FROM generate_series(1, {count}) g",
            params,
        )


def mixed(by: str = "g") -> str:
    """Return the SQL of a whole number that looks random."""
    return f"(abs(hashint4(({by})::int)::bigint))"


def array(values: Sequence[Any]) -> str:
    return "ARRAY[" + ", ".join(quoted(value) for value in values) + "]"


def quoted(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else "NULL" if value is None else str(value)


def one_of(values: Sequence[Any], by: str = "g") -> str:
    """Return the SQL of one of ``values``."""
    return f"(({array(values)})[1 + {mixed(by)} % {len(values)}])"


def moment(by: str = "g", *, days: int = 1400, ahead: int = 60) -> str:
    """Return the SQL of a moment in working hours from ``days`` ago to ``ahead`` days ahead."""
    return (
        f"(date_trunc('day', now()) + interval '5 hours' + ({mixed(by)} % {days + ahead} - {days}) * interval '1 day'"
        f" + {mixed(by + ' + 7')} % 40 * interval '15 minutes')"
    )


def row_of(number: str, by: str = "g") -> str:
    """Return the SQL of the id of one of ``number`` rows."""
    return f"({BASE} + 1 + {mixed(by)} % {number})"


def _customers(count: int, people: Sequence[int]) -> None:
    group = list(ClassificationNode.objects.filter(branch__purpose="group").values_list("pk", flat=True))
    segment = list(Segment.objects.primary().filter(limit=None).values_list("pk", flat=True))
    towns = list(Municipality.objects.values_list("pk", flat=True)[:100])
    owner = f"({array(people)})[1 + g / {CUSTOMERS_OF_A_PERSON} % {len(people)}]"
    name = f"{one_of(PLACES)} || ' ' || {one_of(TRADES, 'g + 1')} || ' ' || {one_of(SURNAMES, 'g + 2')} || g || ' Oy'"
    insert(
        Customer, count, name=name, municipality=one_of(towns, "g + 3"), personnel=f"{mixed('g + 4')} % 900",
        phone="'+358' || 400000000 + g", email="'info@yritys' || g || '.example'", created_at=moment("g + 5", ahead=0),
        organisation_form=one_of(["company", "company", "municipality", "association"], "g + 6"),
        language=one_of(["fi"] * 9 + ["sv"], "g + 7"), source=one_of(["", "", "messut", "verkko"], "g + 8"),
        is_obliged_to_buy="g % 50 = 0", state="CASE WHEN g % 40 = 0 THEN 'passive' ELSE 'active' END",
    )  # fmt: skip
    insert(
        CustomerSummary, count, customer=f"{BASE} + g", owner=f"CASE WHEN g % 30 > 0 THEN {owner} END",
        group=one_of(group, "g + 9"), segment=one_of(segment, "g + 10"),
        last_contact_at=f"CASE WHEN g % 10 > 2 THEN {moment('g + 11', ahead=0)} END",
        next_contact_at=f"CASE WHEN g % 10 > 6 THEN {moment('g + 12', days=0)} END",
        open_activities="g % 4", ordered_12_months=f"CASE WHEN g % 5 = 0 THEN {mixed('g + 13')} % 90000 ELSE 0 END",
        open_offers="CASE WHEN g % 20 = 0 THEN 1 ELSE 0 END",
        open_offers_net=f"CASE WHEN g % 20 = 0 THEN {mixed('g + 14')} % 90000 ELSE 0 END",
        last_order_on=f"CASE WHEN g % 3 = 0 THEN {moment('g + 15', ahead=0)} END",
    )  # fmt: skip
    insert(
        CustomerSearch, count, customer=f"{BASE} + g",
        text=f"portaali_fold(' ' || {name} || ' +358' || 400000000 + g || ' info@yritys' || g || '.example')",
    )  # fmt: skip
    insert(Responsibility, count, customer=f"{BASE} + g", user=owner, role="'owner'", start="'2020-01-01'::date")
    insert(CustomerClassification, count, customer=f"{BASE} + g", node=one_of(group, "g + 9"))
    scheme = Segment.objects.primary()[0].scheme_id
    insert(
        Membership, count, customer=f"{BASE} + g", segment=one_of(segment, "g + 10"), scheme=str(scheme),
        period="tstzrange('2024-01-01', NULL, '[)')", decided_at="'2024-01-01'::timestamptz",
    )  # fmt: skip


def _contacts(customers: int, count: int) -> None:
    roles = list(ClassificationNode.objects.filter(branch__purpose="contact_role").values_list("pk", flat=True))
    first, last = one_of(FIRST_NAMES), one_of(SURNAMES, "g + 1")
    insert(
        Contact, count, first_name=first, last_name=last, is_hidden="g % 40 = 0", language=one_of(["fi"] * 9 + ["sv"]),
        created_at=moment("g + 2", ahead=0),
    )  # fmt: skip
    insert(
        Position, count, contact=f"{BASE} + g", customer=f"{BASE} + 1 + (g - 1) % {customers}",
        title=one_of(TITLES, "g + 3"), role=one_of([*roles, None], "g + 4"),
    )  # fmt: skip
    address = f"lower({first} || '.' || {last}) || g || '@example.com'"
    insert(
        ContactPoint, count, contact=f"{BASE} + g", kind="CASE WHEN g % 3 = 0 THEN 'phone' ELSE 'email' END",
        value=f"CASE WHEN g % 3 = 0 THEN '+358' || 450000000 + g ELSE {address} END",
    )  # fmt: skip
    insert(
        Consent, count // 2, contact=f"{BASE} + g * 2", channel=one_of(["email", "phone"]), is_given="g % 3 > 0",
        given_on=moment(ahead=0), source="'lomake'",
    )  # fmt: skip


def _activities(customers: int, contacts: int, count: int, people: Sequence[int]) -> None:
    """Activities: every fifth is feedback, every sixth a lead, the rest of plain types."""
    kinds = dict(ActivityType.objects.values_list("details", "pk"))
    plain = list(ActivityType.objects.exclude(details__in=("feedback", "lead", "email")).values_list("pk", flat=True))
    keywords = list(Keyword.objects.values_list("pk", flat=True))
    start = moment("g")
    done = f"{start} < now() AND g % 40 > 0"
    insert(
        Activity, count, customer=row_of(customers, "g + 1"), start=start, end=f"{start} + interval '1 hour'",
        type=f"CASE g % 10 WHEN 0 THEN {kinds['feedback']} WHEN 1 THEN {kinds['feedback']} WHEN 2 THEN {kinds['lead']} "
        f"WHEN 3 THEN {kinds['lead']} ELSE {one_of(plain, 'g + 2')} END",
        title=f"{one_of(TOPICS, 'g + 3')} || ' ' || {one_of(TRADES, 'g + 4')}", goal="'Sovitaan jatkosta'",
        memo=f"'<p>Keskusteltiin: ' || {one_of(TOPICS, 'g + 5')} || ', ' || {one_of(SURNAMES, 'g + 6')} || '</p>'",
        status=f"CASE WHEN {done} THEN 'done' ELSE 'open' END",
        channel=one_of(["meeting", "phone", "video", "email"], "g + 8"), created_by=people[0],
    )  # fmt: skip
    person = one_of(people, "g + 9")
    insert(
        Participation, count, activity=f"{BASE} + g", user=person, start_at=start,
        due_at=f"CASE WHEN NOT ({done}) THEN {start} END",
    )  # fmt: skip
    insert(ActivityContact, count // 2, activity=f"{BASE} + g * 2", contact=row_of(contacts, "g + 10"))
    insert(ActivityKeyword, count // 2, activity=f"{BASE} + g * 2", keyword=one_of(keywords, "g + 11"))
    insert(
        Feedback, count // 5, activity=f"{BASE} + (g - 1) / 2 * 10 + CASE WHEN g % 2 = 1 THEN 1 ELSE 10 END",
        about=one_of(["product", "service"]), responsible=person, answer_due=moment("g + 12"),
        answered_at=f"CASE WHEN g % 30 > 0 THEN {moment('g + 13', ahead=0)} END",
    )  # fmt: skip
    insert(
        Lead, count // 5, activity=f"{BASE} + (g - 1) / 2 * 10 + 2 + g % 2", value=f"{mixed('g + 14')} % 50000",
        state=one_of(["closed"] * 18 + ["untaken", "taken"], "g + 15"), take_by=moment("g + 16"), taken_by=person,
        taken_at=moment("g + 17", ahead=0), offered_to=person,
    )  # fmt: skip


def imported(count: int, run: Any) -> None:
    """Add rows to an import."""
    problems = "CASE WHEN g % 50 = 0 THEN '[{\"code\": \"email\"}]' ELSE '[]' END::jsonb"
    fate = one_of(["new", "changed", "same"])
    insert(ImportRow, count, run=run.pk, number="g + 100000", fate=fate, raw="'[\"x\"]'::jsonb", problems=problems)


def _letters(count: int) -> None:
    insert(EmailThread, count, subject=one_of(TOPICS))
    insert(
        EmailMessage, count, thread=f"{BASE} + g", activity=f"CASE WHEN g % 30 > 0 THEN {BASE} + g END",
        direction="'in'", state="CASE WHEN g % 30 > 0 THEN 'filed' WHEN g % 60 = 0 THEN 'inbox' ELSE 'ignored' END",
        message_id="'message' || g || '@example.com'", sender="'sender' || g || '@example.com'",
        sender_name=one_of(SURNAMES, "g + 1"), subject=one_of(TOPICS, "g + 2"), body="'<p>Kiitos tarjouksesta</p>'",
        date=moment("g + 3", ahead=0), references="ARRAY[]::text[]",
    )  # fmt: skip


def _products(count: int) -> list[int]:
    groups, units, taxes = (
        list(model.objects.values_list("pk", flat=True)) for model in (ProductGroup, Unit, VatClass)
    )
    insert(Product, count, code="'P' || g", name_fi="'Kurssi ' || g", name_en="'Course ' || g", group=one_of(groups),
           unit=units[0], vat_class=taxes[0])  # fmt: skip
    return [BASE + number for number in range(1, count + 1)]


def _offers(customers: int, activities: int, people: Sequence[int]) -> None:
    """Offers, of which a twentieth is undecided, and orders, of which a tenth is in delivery."""
    types = list(OfferType.objects.values_list("pk", flat=True))
    reason = LostReason.objects.values_list("pk", flat=True)[0]
    products = _products(50)
    date, owner = moment("g + 1", ahead=0), one_of(people, "g + 2")
    status = f"({array(['open', 'sent', *['order'] * 24, *['lost'] * 14])})[1 + g % 40]"
    insert(
        Offer, round(customers * 1.1), number="'T' || g", type=one_of(types), title=one_of(TOPICS, "g + 3"),
        customer=row_of(customers, "g + 4"), owner=owner, status=status, status_since=date, date=date,
        valid_until=f"{date} + interval '30 days'", expected_close=f"{date} + interval '20 days'",
        net=f"{mixed('g + 5')} % 90000", decided_at=f"CASE WHEN g % 40 > 1 THEN {date} + interval '9 days' END",
        lost_reason=f"CASE WHEN {status} = 'lost' THEN {reason} END", competitor=one_of([""] * 49 + ["Konex"], "g + 6"),
    )  # fmt: skip
    insert(OfferLine, round(customers * 1.1), offer=f"{BASE} + g", position=1, product=one_of(products, "g + 7"),
           kind="'product'", name="'Kurssi'", unit_price=f"{mixed('g + 5')} % 90000")  # fmt: skip
    insert(OfferActivity, customers // 10, offer=f"{BASE} + g * 11", activity=row_of(activities, "g + 8"))
    insert(
        Order, round(customers * 0.7), number="'O' || g", type=one_of(types), title=one_of(TOPICS, "g + 3"),
        customer=row_of(customers, "g + 4"), owner=owner, date=date, status_since=date, net=f"{mixed('g + 5')} % 90000",
        status=f"({array(['waiting', 'in_delivery', *['closed'] * 16, 'invoiced', 'cancelled'])})[1 + g % 20]",
        delivery_start=f"{date} + interval '30 days'", trainer=one_of(people, "g + 9"),
    )  # fmt: skip
    insert(OrderLine, round(customers * 0.7), order=f"{BASE} + g", position=1, product=one_of(products, "g + 7"),
           kind="'product'", name="'Kurssi'", unit_price=f"{mixed('g + 5')} % 90000",
           delivered="CASE WHEN g % 20 = 1 AND g % 40 = 1 THEN 1 ELSE 0 END")  # fmt: skip


def _occurrences(customers: int, people: Sequence[int]) -> None:
    """Three occurrences of each customer in four years: one in five was missed, the coming ones are not done."""
    customer = f"{BASE} + 1 + g % {customers}"
    person = one_of(people, customer)
    start = f"(current_date - 1400 + g / {customers} * 480 + ({mixed()} % 480)::int)"
    last = f"({start} + 90)"
    state = f"CASE WHEN {last} >= current_date THEN 'coming' WHEN g % 5 = 0 THEN 'missed' ELSE 'done' END"
    insert(
        CareOccurrence, customers * 3, customer=customer, user=person, holder=f"'user:' || {person}",
        segment=one_of(list(Segment.objects.values_list("pk", flat=True)), customer),
        care_model=one_of(list(CareModel.objects.values_list("pk", flat=True)), customer),
        code=one_of(["contact"] * 9 + ["review"]), scope=one_of(["customer"] * 8 + ["internal", "statutory"]),
        is_mandatory="true", is_contact="true",
        kind="'periods'", start=start, first=start, due=last, last=last, state=state,
        done_on=f"CASE WHEN {state} = 'done' THEN {last} - 20 END", hours="1",
    )  # fmt: skip
