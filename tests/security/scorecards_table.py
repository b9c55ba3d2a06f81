"""Who may open and change scorecards and the customer strategy: their part of the tables of pages and endpoints."""

from __future__ import annotations

from typing import Any

from careplans.scorecards.models import Perspective, Scorecard, ScoreLine, StrategyVersion
from core import clock
from tests.security.cast import ADMIN, NOBODY, NONE, OWN, READ, WORK

PK = "(?P<pk>[^/.]+)"
CARD, VERSION = "scorecards/<int:pk>/", "customer-strategy/versions/<int:pk>/"
PAGES: dict[str, tuple[str, str]] = {
    "scorecards/": (READ, NONE),
    "scorecards/new/": (WORK, WORK),
    CARD: (READ, NONE),
    f"{CARD}history/": (READ, NONE),
    f"{CARD}pdf/": (READ, NONE),
    **{
        f"{CARD}{name}/": (OWN, OWN)
        for name in ("edit", "delete", "next", "values", "goals/new", "send", "return", "reopen")
    },
    f"{CARD}approve/": (ADMIN, ADMIN),
    "scorecards/goals/<int:pk>/edit/": (OWN, OWN),
    "scorecards/goals/<int:pk>/delete/": (OWN, OWN),
    "customers/<int:pk>/care-plan/scorecards/": (READ, NONE),
    "customer-strategy/": (READ, NONE),
    "customer-strategy/new/": (ADMIN, ADMIN),
    VERSION: (READ, NONE),
    **{f"{VERSION}{name}/": (READ, NONE) for name in ("history", "compare", "pdf")},
    **{f"{VERSION}{name}/": (ADMIN, ADMIN) for name in ("edit", "delete", "send")},
    **{f"{VERSION}{name}/": (NOBODY, NOBODY) for name in ("return", "approve")},  # the row is a draft
}
API: dict[str, dict[str, str]] = {
    "^scorecards/$": {"get": READ, "post": WORK},
    f"^scorecards/{PK}/$": {"get": READ, "patch": OWN},
    **{f"^scorecards/{PK}/{name}/$": {"post": OWN} for name in ("values", "send", "return", "reopen")},
    f"^scorecards/{PK}/approve/$": {"post": ADMIN},
    "^customer-strategy/$": {"get": READ},
    f"^customer-strategy/{PK}/$": {"get": READ},
}
KINDS = {
    "scorecards/": "scorecard",
    "scorecards/goals/": "score_line",
    **{f"{start}{name}/": "sent_scorecard" for start in (CARD, f"scorecards/{PK}/") for name in ("return", "approve")},
    **{f"{start}reopen/": "approved_scorecard" for start in (CARD, f"scorecards/{PK}/")},
    "customer-strategy/": "strategy_version",
}


def scorecard_rows(users: dict[str, Any], customer: Any, text: str) -> dict[str, Any]:
    """Scorecards of the customer in each status, a goal of the draft, and a draft of the strategy."""
    about: dict[str, Any] = {"kind": "customer", "customer": customer, "created_by": users["owner"]}
    draft, sent, approved = (
        Scorecard.objects.create(year=year, status=status, comment=f"Comment{text}"[:4_000], **about)
        for year, status in ((2026, "draft"), (2025, "sent"), (2024, "approved"))
    )
    Scorecard.objects.filter(pk=approved.pk).update(approved_at=clock.now())
    line = ScoreLine.objects.create(
        card=draft, perspective=Perspective.objects.get(code="customers"), goal=f"Be the first choice{text}"[:200],
        name=f"Share of spending{text}"[:200], comment=f"Soon{text}"[:1_000],
    )  # fmt: skip
    version = StrategyVersion.objects.create(
        number=1,
        justification=f"It was asked for{text}"[:4_000],
        text=f"Long{text}"[:20_000],
        created_by=users["admin"],
    )
    return {
        "scorecard": draft,
        "sent_scorecard": sent,
        "approved_scorecard": approved,
        "score_line": line,
        "strategy_version": version,
    }
