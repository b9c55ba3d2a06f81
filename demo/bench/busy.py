"""What is busier than the demo data: a customer of 5,000 activities, a month of 400 in one calendar, a board of 2,000
offers, an offer of 40 lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from activities.log.models import Activity, Participation
from activities.log.services.effects import contact_dates_refresh
from core import clock
from customers.models import Customer
from demo.loading.bare_tables import without_triggers
from offers.offers.content import write_offer_lines
from offers.offers.enums import OfferStatus, SeriesKind
from offers.offers.models import Offer, OfferType
from offers.offers.services.settings import numbers_take
from offers.products.lines import LineData

CUSTOMER = "Nokian Konepaja Oy"
ON_TIMELINE, IN_MONTH = 5_000, 400
OPEN_OFFERS, LINES = 2_000, 40
LARGE = "Mittaus: 40 riviä"
BATCH = 1_000
HOUR = dt.timedelta(hours=1)


def make_busy(user: User) -> None:
    """Add what is missing; a database that has it already is left alone."""
    customer = Customer.objects.get(name=CUSTOMER)
    missing = ON_TIMELINE - customer.activities.count()
    first = clock.now() - dt.timedelta(days=3 * 365)
    _copy_activities(user, customer, [first + 5 * number * HOUR for number in range(missing)])
    start, end = month()
    there = Participation.objects.filter(user=user, start_at__gte=start, start_at__lt=end).count()
    step = (end - start) / IN_MONTH
    _copy_activities(user, customer, [start + number * step for number in range(IN_MONTH - there)])
    contact_dates_refresh([customer.pk])
    make_offers(user, customer)


def large_offer() -> Offer:
    """Return the offer of 40 lines."""
    return Offer.objects.get(title=LARGE)


def offer_to_accept(user: User, customer: Customer | None = None) -> Offer:
    """Return a new offer that nobody has decided on, of ``customer`` or of the one that has most."""
    number = numbers_take(kind=SeriesKind.OFFER, year=clock.today().year, count=1)[0]
    customer = customer or Customer.objects.get(name=CUSTOMER)
    offer = _open_offer(OfferType.objects.get(code="service_order"), user, customer.pk, number, 1)
    offer.save()
    write_offer_lines(offer, [_offer_line(0)])
    return offer


def make_offers(user: User, customer: Customer) -> None:
    """Open offers up to a full board, of the type that needs nothing, and the one of many lines."""
    kind = OfferType.objects.get(code="service_order")
    missing = OPEN_OFFERS - Offer.objects.undecided().count()
    numbers = iter(numbers_take(kind=SeriesKind.OFFER, year=clock.today().year, count=max(missing, 0) + 1))
    customers = list(Customer.objects.active().order_by("pk").values_list("pk", flat=True)[:500])
    Offer.objects.bulk_create(
        _open_offer(kind, user, customers[n % len(customers)], next(numbers), n) for n in range(missing)
    )
    if not Offer.objects.filter(title=LARGE).exists():
        large = _open_offer(kind, user, customer.pk, next(numbers), 0)
        large.title = LARGE
        large.save()
        write_offer_lines(large, [_offer_line(number) for number in range(LINES)])


def _offer_line(number: int) -> LineData:
    return LineData(
        name=f"Valmennuspäivä {number}",
        details="Sisältö sovitaan yhdessä. " * 4,
        unit_price=Decimal(900 + number),
        vat_rate=Decimal("25.5"),
    )


def _open_offer(kind: OfferType, user: User, customer: int, number: str, n: int) -> Offer:
    today = clock.today()
    return Offer(
        number=number, type=kind, title=f"Mittaus {n}", customer_id=customer, owner=user, created_by=user, is_demo=True,
        status=OfferStatus.SENT if n % 2 else OfferStatus.OPEN, date=today, valid_until=today + dt.timedelta(days=30),
        expected_close=today + dt.timedelta(days=n % 120), net=Decimal(1_000 + n),
    )  # fmt: skip


def month() -> tuple[dt.datetime, dt.datetime]:
    """Return the start of this month and that of the next one."""
    start = timezone.localtime(clock.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + dt.timedelta(days=32)).replace(day=1)


def _copy_activities(user: User, customer: Customer, starts: list[dt.datetime]) -> None:
    """Log the customer's own activities again at other times, with ``user`` taking part."""
    models = list(customer.activities.filter(series=None).order_by("pk")[:100])
    copies = [_again(models[number % len(models)], start) for number, start in enumerate(starts)]
    for first in range(0, len(copies), BATCH):
        made = Activity.objects.bulk_create(copies[first : first + BATCH])
        Participation.objects.bulk_create(Participation(activity=row, user=user) for row in made)


def _again(model: Activity, start: dt.datetime) -> Activity:
    status = "open" if start > clock.now() else "done"
    return Activity(
        type_id=model.type_id, customer_id=model.customer_id, title=model.title, goal=model.goal, memo=model.memo,
        start=start, end=start + HOUR, status=status, hours=1 if status == "done" else None,
        closed_at=start + HOUR if status == "done" else None, is_demo=True,
    )  # fmt: skip


def make_many_offers(count: int) -> None:
    """Bring the number of offers up to ``count`` by copying lost ones, without their lines and history."""
    missing = count - Offer.objects.count()
    lost = Offer.objects.filter(status=OfferStatus.LOST).count()
    if missing <= 0 or not lost:
        return
    fields = [field for field in Offer._meta.local_concrete_fields if not (field.primary_key or field.generated)]
    columns = [str(field.column) for field in fields if field.column != "number"]
    names = ", ".join(f'"{name}"' for name in columns)
    sql = (
        f"INSERT INTO offers_offer (number, {names}) SELECT 'MI' || g.n || '-' || o.id, {names} "  # noqa: S608 - columns
        "FROM offers_offer o CROSS JOIN generate_series(1, %s) g(n) WHERE o.status = 'lost' LIMIT %s"
    )
    with transaction.atomic(), without_triggers(), connection.cursor() as cursor:
        cursor.execute(sql, [missing // lost + 1, missing])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE offers_offer")
