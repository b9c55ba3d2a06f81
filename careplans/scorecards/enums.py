"""Choices of scorecards and the customer strategy, their steps, and when a target counts as reached."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: A figure that is no further from its target than this part of it is *nearly* reached.
NEAR = Decimal("0.1")


class CardKind(models.TextChoices):
    """What a scorecard is of."""

    CUSTOMER = "customer", pgettext_lazy("scorecard", "customer")
    TEAM = "team", pgettext_lazy("scorecard", "team")
    STRATEGY = "strategy", _("customer strategy")


class CardStatus(models.TextChoices):
    """How far a scorecard is. Only a draft is edited; an approved one is opened again as a draft."""

    DRAFT = "draft", pgettext_lazy("scorecard", "draft")
    SENT = "sent", pgettext_lazy("scorecard", "waits for management")
    APPROVED = "approved", pgettext_lazy("scorecard", "approved")


class StrategyStatus(models.TextChoices):
    """How far a version of the customer strategy is."""

    DRAFT = "draft", pgettext_lazy("strategy", "draft")
    SENT = "sent", pgettext_lazy("strategy", "waits for management")
    APPROVED = "approved", pgettext_lazy("strategy", "in force")
    REPLACED = "replaced", pgettext_lazy("strategy", "replaced")


#: The statuses that may follow each one.
CARD_TRANSITIONS: dict[CardStatus, tuple[CardStatus, ...]] = {
    CardStatus.DRAFT: (CardStatus.SENT,),
    CardStatus.SENT: (CardStatus.APPROVED, CardStatus.DRAFT),
    CardStatus.APPROVED: (CardStatus.DRAFT,),
}
STRATEGY_TRANSITIONS: dict[StrategyStatus, tuple[StrategyStatus, ...]] = {
    StrategyStatus.DRAFT: (StrategyStatus.SENT,),
    StrategyStatus.SENT: (StrategyStatus.APPROVED, StrategyStatus.DRAFT),
    StrategyStatus.APPROVED: (StrategyStatus.REPLACED,),
    StrategyStatus.REPLACED: (),
}
#: Those of a version of the strategy that is being prepared; there is one at a time.
PREPARED = (StrategyStatus.DRAFT, StrategyStatus.SENT)


class Expected(models.TextChoices):
    """Which way a figure should go."""

    UP = "up", _("at least the target")
    DOWN = "down", _("at most the target")


class LineUnit(models.TextChoices):
    """What a figure that is entered by hand counts."""

    COUNT = "count", _("count")
    PERCENT = "percent", _("per cent")
    EUROS = "euros", _("euros")
    HOURS = "hours", _("hours")
    SCORE = "score", _("score")


class Result(models.TextChoices):
    """How a figure is to its target; in a running year what grows is compared with its part of the target."""

    REACHED = "reached", pgettext_lazy("target", "reached")
    NEAR = "near", pgettext_lazy("target", "nearly reached")
    MISSED = "missed", pgettext_lazy("target", "not reached")
    UNKNOWN = "unknown", pgettext_lazy("target", "not known")


#: The colour that goes with each word.
TONES = {Result.REACHED: "ok", Result.NEAR: "warn", Result.MISSED: "late", Result.UNKNOWN: "muted"}


def result_of(value: Decimal | None, target: Decimal | None, expected: str, share: Decimal = Decimal(1)) -> Result:
    """Compare a figure with a target; ``share`` is the part of the target that is expected by now."""
    if value is None or target is None:
        return Result.UNKNOWN
    wanted = target * share
    lacking = wanted - value if expected == Expected.UP else value - wanted
    if lacking <= 0:
        return Result.REACHED
    return Result.NEAR if lacking <= abs(wanted) * NEAR else Result.MISSED


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "ScorecardKindEnum": CardKind,
    "ScorecardStatusEnum": CardStatus,
    "ScoreExpectedEnum": Expected,
    "ScoreUnitEnum": LineUnit,
    "ScoreResultEnum": Result,
    "StrategyStatusEnum": StrategyStatus,
}
