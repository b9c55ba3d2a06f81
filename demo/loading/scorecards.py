"""Scorecards of the demo: last year's approved and this year's drafts of key customers, two teams and the strategy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Any

from accounts.models import Team, User
from careplans.scorecards.enums import CardKind, CardStatus, StrategyStatus
from careplans.scorecards.models import Perspective, Scorecard, ScoreLine, StrategyVersion
from careplans.scorecards.services.cards import CARD_STATUS, card_add, card_keep, refresh
from careplans.scorecards.services.refreshing import scores_refresh
from careplans.scorecards.services.strategies import STRATEGY_STATUS, strategy_draft, strategy_put_in_force
from core import clock
from customers.models import Customer
from customers.scores import score_metrics
from segmentation.schemes.models import Segment

#: Perspective, goal, metric (or what is measured by hand, with its unit), target, and the actual by hand.
Row = tuple[str, str, str, str, str, Any, Any]
OF_CUSTOMER: tuple[Row, ...] = (
    ("customers", "Yhteyttä pidetään joka viikko", "adherence", "", "", 85, None),
    ("customers", "Asiakas suosittelee meitä", "nps", "", "", 40, None),
    ("customers", "Päättäjät tavataan", "meetings", "", "", 12, None),
    ("personnel", "Aikaa asiakkaalle on varattu", "hours", "", "", 120, None),
    ("personnel", "Asiakkaan alan tuntevia kouluttajia", "", "Nimetyt kouluttajat", "count", 4, 3),
    ("profitability", "Asiakas tilaa enemmän", "ordered", "", "", 60_000, None),
    ("success_factors", "Tarjouksemme osuvat tarpeeseen", "hit_rate", "", "", 60, None),
    ("success_factors", "Osuus asiakkaan koulutushankinnoista", "", "Osuus hankinnoista", "percent", 35, 31),
)  # fmt: skip
OF_TEAM: tuple[Row, ...] = (
    ("customers", "Asiakkaat pysyvät", "retention", "", "", 10, None),
    ("customers", "Hoitosuunnitelmat toteutuvat", "adherence", "", "", 80, None),
    ("customers", "Kenenkään yhteydenpito ei myöhästy", "contact_overdue", "", "", 20, None),
    ("personnel", "Tiimin osaaminen kasvaa", "", "Asiakkuuskoulutuksen käyneet", "percent", 90, 75),
    ("profitability", "Tilaukset kasvavat", "ordered", "", "", 400_000, None),
    ("success_factors", "Uusia asiakkaita", "new_customers", "", "", 15, None),
    ("success_factors", "Päättäjät tunnetaan", "decision_makers", "", "", 60, None),
)  # fmt: skip
OF_STRATEGY: tuple[Row, ...] = (
    ("customers", "Kasvavien asiakkaiden osuus nousee", "growing", "", "", 20, None),
    ("customers", "Potentiaaliset siirtyvät B:hen ja A:han", "moves_up", "", "", 20, None),
    ("customers", "Asiakkaat pysyvät", "retention", "", "", 12, None),
    ("customers", "Asiakkaat suosittelevat meitä", "nps", "", "", 20, None),
    ("customers", "Asiakkaat ovat tyytyväisiä", "satisfaction", "", "", 60, None),
    ("personnel", "Palautteeseen vastataan ajallaan", "complaints_in_time", "", "", 95, None),
    ("personnel", "Asiakastyöhön on aikaa", "hours", "", "", 20_000, None),
    ("profitability", "Tilaukset kasvavat", "ordered", "", "", 3_600_000, None),
    ("success_factors", "Puitesopimuksia on voimassa", "framework_agreements", "", "", 90, None),
    ("success_factors", "Tiedot ovat kunnossa", "data_quality", "", "", 80, None),
)  # fmt: skip
#: Figures of care plans: they are known after the first night.
OF_CARE = ("adherence", "contact_overdue", "reach")
#: Figures whose targets are a little above what the demo reaches, however many customers it has.
GROWING = ("ordered", "new_customers", "hours")
GROWTH = Decimal("1.05")
#: Customers out of cadence: what is aimed at, and how it was a year ago, which nobody knows afterwards.
BETTER, WORSE = Decimal("0.9"), Decimal("1.1")
#: What last year's approved cards say of figures that were not computed then.
KEPT = {"data_quality": 66, "hours": 96, "meetings": 9}
WHY = ("Ensimmäinen asiakasstrategia", "Kasvavien asiakkaiden osuus ja kumppanuudet painopisteiksi")
VALUES = "Asiakas on kumppani\nPidämme minkä lupaamme\nAvoimuus"
FOCUS = (
    "Avainasiakkaiden hoitosuunnitelmat\nYhteydenpidon säännöllisyys",
    "Avainasiakkaiden hoitosuunnitelmat\nKasvavien asiakkaiden ennakoiva hoito\nPuitesopimukset työelämän kanssa\n"
    "Palautteesta tuotekehitykseen",
)
TEXT = (
    "Asiakkuuksia johdetaan segmenteittäin. Avainasiakkaita on enintään viisi, ja jokaisella on johdon hyväksymä "
    "hoitosuunnitelma ja tuloskortti.\n\nAsiakkuustiimi käy segmentit, mallit ja tavoitteet läpi vuosittain."
)


def scorecards_load() -> None:
    """Give key customers, two account teams and the strategy a card for each of two years, and two versions of it."""
    people = {name: User.objects.filter(username=name, is_demo=True).first() for name in ("keymanager", "management")}
    author, director = people["keymanager"], people["management"]
    if author is None or director is None or not Perspective.objects.exists():
        return
    for about, rows in _subjects():
        _cards_load(about, rows, author, director)
    scores_refresh()
    _strategy_load(author, director)


def _subjects() -> Iterable[tuple[dict[str, Any], tuple[Row, ...]]]:
    key = Segment.objects.primary().in_use().filter(needs_approval=True).values("pk")
    customers = Customer.objects.active().filter(is_demo=True, summary__segment__in=key).select_related("summary")
    for customer in customers.order_by("pk")[:10]:
        yield {"kind": CardKind.CUSTOMER, "customer": customer}, OF_CUSTOMER
    for team in Team.objects.filter(leader__is_demo=True).exclude(kind="unit").order_by("name")[:2]:
        yield {"kind": CardKind.TEAM, "team": team}, OF_TEAM
    yield {"kind": CardKind.STRATEGY}, OF_STRATEGY


def _cards_load(about: dict[str, Any], rows: tuple[Row, ...], author: User, director: User) -> None:
    today = clock.today()
    with clock.frozen(dt.date(today.year - 1, 12, 18)):
        card = card_add(**about, year=today.year - 1, user=author, is_demo=True)
        _lines_load(card, rows)
        card.sent_by = author
        CARD_STATUS.write(card, CardStatus.SENT, user=author)
        card_keep(card, director)
    card.lines.filter(metric__in=OF_CARE).update(value=None, value_on=None)
    refresh(card)
    _targets_set(card)
    _keep(card.lines.all())
    draft = card_add(**about, year=today.year, user=author, is_demo=True)
    for line in draft.lines.filter(metric=""):
        before = line.based_on.entered if line.based_on else None
        ScoreLine.objects.filter(pk=line.pk).update(entered=(before or 0) + 1)


def _targets_set(card: Scorecard) -> None:
    """Expect a little more than was reached of what depends on how much the demo has: two digits of it."""
    for line in card.lines.filter(metric__in=GROWING, value__gt=0):
        ScoreLine.objects.filter(pk=line.pk).update(target=_two_digits(line.value * GROWTH))


def _two_digits(value: Decimal) -> Decimal:
    unit = Decimal(1).scaleb(max(value.adjusted() - 1, 0))
    return (value / unit).to_integral_value(ROUND_CEILING) * unit


def _keep(lines: Iterable[ScoreLine]) -> None:
    for line in lines:
        actual = KEPT.get(line.metric) if line.actual is None else line.actual
        ScoreLine.objects.filter(pk=line.pk).update(kept=actual)


def scorecards_keep() -> None:
    """Compute the figures of care plans after the first night, and keep those of last year's approved cards."""
    scores_refresh()
    cards = Scorecard.objects.filter(is_demo=True, status=CardStatus.APPROVED, year=clock.today().year - 1)
    _keep(ScoreLine.objects.filter(card__in=cards, metric__in=OF_CARE))
    overdue = ScoreLine.objects.filter(card__is_demo=True, metric="contact_overdue", value__gt=0)
    for line in overdue.exclude(based_on=None):
        former = ScoreLine.objects.filter(pk=line.based_on_id or 0)
        (former | ScoreLine.objects.filter(pk=line.pk)).update(target=_two_digits(line.value * BETTER))
        former.update(kept=_two_digits(line.value * WORSE))


def _lines_load(card: Scorecard, rows: tuple[Row, ...]) -> None:
    perspectives = {row.code: row for row in Perspective.objects.all()}
    metrics = score_metrics()
    ScoreLine.objects.bulk_create(
        ScoreLine(
            card=card, perspective=perspectives[code], goal=goal, metric=metric, name=name, unit=unit,
            target=Decimal(target), entered=actual, order=order * 10,
            definition=metrics[metric].version if metric else 1,
            expected="down" if metric and metrics[metric].less_is_better else "up",
        )
        for order, (code, goal, metric, name, unit, target, actual) in enumerate(rows, 1)
    )  # fmt: skip


def _strategy_load(author: User, director: User) -> None:
    if StrategyVersion.objects.exists():
        return
    today = clock.today()
    for back, why, focus in zip((700, 300), WHY, FOCUS, strict=True):
        with clock.frozen(today - dt.timedelta(days=back)):
            version = strategy_draft(user=author, justification=why, is_demo=True)
            version.principles, version.focus_areas, version.text, version.sent_by = VALUES, focus, TEXT, author
            STRATEGY_STATUS.write(version, StrategyStatus.SENT, user=author)
            strategy_put_in_force(version, director, clock.today())
