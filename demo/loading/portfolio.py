"""Reasons of moves, goals of segments and decisions about unprofitable customers for demo data."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from accounts.models import User
from core import clock
from customers.models import Customer
from demo.loading.world import demo_scheme
from segmentation.portfolio.services import decision_make
from segmentation.portfolio.views.decisions import unprofitable
from segmentation.schemes.models import SegmentGoal, SegmentReason

#: Two of three moves of the demo's customers have a reason.
_REASONS = """
UPDATE membership_membership m SET reason_id = (%(reasons)s::bigint[])[1 + m.customer_id %% %(count)s]
FROM membership_membership p JOIN customers_customer c ON c.id = p.customer_id
WHERE c.is_demo AND m.customer_id = p.customer_id AND m.scheme_id = p.scheme_id
    AND lower(m.period) = upper(p.period) AND m.customer_id %% 3 > 0
"""
#: Goals by segment: kind and target.
GOALS = {
    "A": (("members", 5), ("satisfaction", 60), ("adherence", 95), ("profitability", 150_000)),
    "B": (("members", 700), ("growth", 5), ("adherence", 85), ("satisfaction", 45)),
    "C": (("members", 2_300), ("satisfaction", 35)),
    "P": (("members", 900), ("growth", 10)),
}
NOTE = "Esimerkkitavoite"
DECISIONS = (
    ("price", "Hinnasto tarkistetaan seuraavassa tarjouksessa."),
    ("effort", "Käynnit korvataan etätapaamisilla ja ryhmäkoulutuksilla."),
)


def moves_load() -> None:
    """Give the demo's moves reasons, and the segments goals of this year, the one before and the next."""
    reasons = list(SegmentReason.objects.filter(retired_at__isnull=True).values_list("pk", flat=True))
    if reasons:
        with connection.cursor() as cursor:
            cursor.execute(_REASONS, {"reasons": reasons, "count": len(reasons)})
    segments = {segment.code: segment for segment in demo_scheme().segments.all()}
    year = clock.today().year
    SegmentGoal.objects.bulk_create(
        [
            SegmentGoal(segment=segments[code], year=year - back, kind=kind, target=target, note=NOTE)
            for code, goals in GOALS.items()
            if code in segments
            for kind, target in goals
            for back in (-1, 0, 1)
        ],
        ignore_conflicts=True,
    )


def goals_remove() -> None:
    """Take the demo's goals away."""
    SegmentGoal.objects.filter(note=NOTE).delete()


def decisions_load() -> None:
    """Decide about some of the demo's unprofitable customers; the others wait for it."""
    director = User.objects.filter(username="management", is_demo=True).first()
    waiting = unprofitable(Customer.objects.filter(is_demo=True, state="active")).order_by("pk")[: len(DECISIONS)]
    for number, (customer, (cause, action)) in enumerate(zip(waiting, DECISIONS, strict=False)):
        review = clock.today() + dt.timedelta(days=30 + 60 * number)
        decision_make(customer=customer, user=director, cause=cause, action=action, review_on=review)
