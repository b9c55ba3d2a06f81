"""The demo organisation's product register, and what is done when its offers are in: numbers and targets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection

from accounts.enums import TeamKind
from accounts.models import Team, User
from core import clock
from demo.generate.world import Product
from demo.loading.tables import CopyTable
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


#: An update of rows written in the same transaction would keep their indexes from being used until its end.
_NUMBERED = """
    INSERT INTO {table} (number, {columns})
    SELECT %(kind)s || year || '-' || lpad(nth::text, greatest(4, length(nth::text)), '0'), {columns}
    FROM (
        SELECT staged.*, extract(year FROM date)::int AS year,
            row_number() OVER (PARTITION BY extract(year FROM date) ORDER BY date, id)
            + coalesce((SELECT s.last FROM offers_numberseries s
                        WHERE s.kind = %(kind)s AND s.year = extract(year FROM staged.date)), 0) AS nth
        FROM {staged} staged
    ) numbered
    ORDER BY date, id
"""
_SERIES = """
    INSERT INTO offers_numberseries (kind, year, last)
    SELECT %(kind)s, extract(year FROM date)::int, max(split_part(number, '-', 2)::int)
    FROM {table} WHERE number LIKE %(kind)s || '%%' GROUP BY 2
    ON CONFLICT (kind, year) DO UPDATE SET last = greatest(offers_numberseries.last, excluded.last)
"""


def numbers_give(offers: CopyTable, orders: CopyTable) -> None:
    """Write the staged offers and orders, numbered by year in the order of their days as the series would have."""
    with connection.cursor() as cursor:
        for kind, table in ((SeriesKind.OFFER, offers), (SeriesKind.ORDER, orders)):
            columns = ", ".join(f'"{name}"' for name in table.columns if name != "number")
            names = {"table": table.model._meta.db_table, "staged": table.target, "columns": columns}
            for sql in (_NUMBERED, _SERIES):
                cursor.execute(sql.format(**names), {"kind": kind.value})
            cursor.execute(f'DROP TABLE "{table.target}"')


def targets_load(sellers: list[int]) -> None:
    """Give this year's targets for each seller and each account team: some will be reached, others are behind."""
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
    rows += [
        sales_models.SalesTarget(team=team, year=year, kind=row.kind, amount=_rounded(row.kind, row.actual / passed))
        for team in _selling_teams(sellers)
        for row in team_progress(team, period)
        if row.actual
    ]
    sales_models.SalesTarget.objects.bulk_create(rows, ignore_conflicts=True)


def _selling_teams(sellers: Any) -> Any:
    """Return the teams that sell: a care team looks after customers that others sell to."""
    teams = Team.objects.exclude(kind=TeamKind.CARE).filter(members__in=User.objects.filter(pk__in=sellers))
    return teams.distinct().order_by("pk")


def _rounded(kind: TargetKind, amount: Decimal) -> Decimal:
    step = Decimal(1_000) if kind == TargetKind.EUROS else Decimal(1)
    return ((amount / step).quantize(Decimal(1)) + 1) * step
