from careplans.scorecards.models.cards import CardStatusChange, Perspective, Scorecard, ScoreLine
from careplans.scorecards.models.strategies import StrategyStatusChange, StrategyVersion

__all__ = [
    "CardStatusChange",
    "Perspective",
    "ScoreLine",
    "Scorecard",
    "StrategyStatusChange",
    "StrategyVersion",
]
