"""The demo organisation's product register, and what is done when its offers are in: numbers and targets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from django.db import connection

from accounts.models import Team, User
from core import clock
from demo.generate.world import Product
from offers.offers.enums import SeriesKind
from offers.products import models
from offers.sales import models as sales_models
from offers.sales.enums import TargetKind
from offers.sales.selectors.targets import KINDS, Period, actuals, team_progress

FILE = Path(__file__).parents[1] / "generate" / "data" / "products.txt"
FIRST_PRICE, SECOND_PRICE = dt.date(2020, 1, 1), dt.date(2026, 1, 1)
RAISE = Decimal("1.04")
#: Targets as shares of what the year will come to, if it continues as it has.
SHARES = (Decimal("0.85"), Decimal("1.0"), Decimal("1.2"))


def products_load(owners: list[int]) -> list[Product]:
    """Make the products with two prices each; return what lines need of them. Without its default data none is made."""
    groups = {group.code: group for group in models.ProductGroup.objects.all()}
    units = {unit.code: unit for unit in models.Unit.objects.all()}
    vats = {vat.code: vat for vat in models.VatClass.objects.prefetch_related("rates")}
    made = []
    for number, fields in enumerate(_lines()):
        code, group, unit, vat, price, duration, name_fi, name_en = fields
        if unit not in units or vat not in vats:
            continue
        product = models.Product.objects.create(
            code=code, name_fi=name_fi, name_en=name_en, group=groups.get(group), unit=units[unit],
            vat_class=vats[vat], duration=duration, is_demo=True,
        )  # fmt: skip
        owner = owners[number % len(owners)]
        models.ProductOwner.objects.create(product=product, user_id=owner)
        new = (Decimal(price) * RAISE).quantize(Decimal(1))
        for day, amount in ((FIRST_PRICE, Decimal(price)), (SECOND_PRICE, new)):
            models.ProductPrice.objects.create(product=product, valid_from=day, price=amount)
        rate = max(vats[vat].rates.all(), key=lambda rate: rate.valid_from).percent
        made.append(Product(product.pk, name_fi, unit, units[unit].pk, rate, new, owner))
    return made


def _lines() -> Iterable[list[str]]:
    for text in FILE.read_text(encoding="utf-8").splitlines():
        if text and not text.startswith("#"):
            yield [part.strip() for part in text.split("|")]


_NUMBERS = """
    WITH numbered AS (
        SELECT id, extract(year FROM date)::int AS year,
            row_number() OVER (PARTITION BY extract(year FROM date) ORDER BY date, id)
            + coalesce((SELECT s.last FROM offers_numberseries s
                        WHERE s.kind = %(kind)s AND s.year = extract(year FROM {table}.date)), 0) AS number
        FROM {table} WHERE number LIKE 'D%%'
    )
    UPDATE {table} t
    SET number = %(kind)s || n.year || '-' || lpad(n.number::text, greatest(4, length(n.number::text)), '0')
    FROM numbered n WHERE t.id = n.id
"""
_SERIES = """
    INSERT INTO offers_numberseries (kind, year, last)
    SELECT %(kind)s, extract(year FROM date)::int, max(split_part(number, '-', 2)::int)
    FROM {table} WHERE number LIKE %(kind)s || '%%' GROUP BY 2
    ON CONFLICT (kind, year) DO UPDATE SET last = greatest(offers_numberseries.last, excluded.last)
"""


def numbers_give() -> None:
    """Number the loaded offers and orders by year in the order of their days, as the series would have."""
    with connection.cursor() as cursor:
        for kind, table in ((SeriesKind.OFFER, "offers_offer"), (SeriesKind.ORDER, "orders_order")):
            for sql in (_NUMBERS, _SERIES):
                cursor.execute(sql.format(table=table), {"kind": kind.value})


def targets_load(sellers: list[int]) -> None:
    """Give this year's targets for each seller and the account team: some will be reached, others are behind."""
    period = Period.of(clock.today())
    year, passed = period.year, max(period.passed, Decimal("0.1"))
    rows = [
        sales_models.SalesTarget(
            user_id=user, year=year, kind=kind, amount=_rounded(kind, figures[kind] / passed * SHARES[(n + k) % 3])
        )
        for n, (user, figures) in enumerate(actuals(sellers, period).items())
        for k, kind in enumerate(KINDS)
        if figures[kind]
    ]
    team = Team.objects.filter(members__in=User.objects.filter(pk__in=sellers)).order_by("pk").first()
    for row in team_progress(team, period) if team else ():
        if row.actual:
            amount = _rounded(row.kind, row.actual / passed)
            rows.append(sales_models.SalesTarget(team=team, year=year, kind=row.kind, amount=amount))
    sales_models.SalesTarget.objects.bulk_create(rows, ignore_conflicts=True)


def _rounded(kind: TargetKind, amount: Decimal) -> Decimal:
    step = Decimal(1_000) if kind == TargetKind.EUROS else Decimal(1)
    return ((amount / step).quantize(Decimal(1)) + 1) * step
