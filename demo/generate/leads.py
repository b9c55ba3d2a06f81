"""Leads in every state."""

from __future__ import annotations

from collections.abc import Iterator

from demo.generate.builder import Builder
from demo.generate.customers import Subject
from demo.generate.dice import Weighted
from demo.generate.rows import Row
from demo.generate.rows.activities import LeadRow
from demo.generate.texts import NEEDS

OLD = Weighted({"closed": 11, "customer": 8, "taken": 1})
FRESH = Weighted({"untaken": 8, "taken": 6, "customer": 3, "closed": 3})
STATUSES = {"untaken": "open", "taken": "in_progress", "customer": "done", "offer": "done", "closed": "done"}
FRESH_FOR = 60
EXPLANATIONS = ("Valitsi toisen toimittajan.", "Hanke siirtyi ensi vuoteen.", "Ei tarvetta tällä hetkellä.", "")


class LeadMaker:
    def __init__(self, builder: Builder) -> None:
        self.builder, self.world, self.dice = builder, builder.world, builder.dice

    def make(self, subject: Subject, day: int, state: str = "") -> Iterator[Row]:
        """A lead that the key account manager or somebody else opened on ``day``."""
        dice, days = self.dice, self.world.days
        state = state or ("closed" if subject.is_passive else dice.weighted(FRESH if day > -FRESH_FOR else OLD))
        opener = dice.pick(self.world.staff["key_account_manager"] + self.world.staff["sales_and_marketing"])
        taker = subject.owner if subject.owner is not None else dice.pick(self.world.account_managers)
        is_taken = state in {"taken", "customer", "offer"} or (state == "closed" and dice.chance(0.6))
        text = self.builder.writer.write("lead", done=True)
        activity, others = self.builder.rows(
            "lead", subject, text, day, STATUSES[state], [taker if is_taken else opener], []
        )
        yield activity._replace(created_by_id=opener)
        yield LeadRow(
            activity_id=activity.id,
            state=state,
            source_id=self._one_of(self.world.lead_sources),
            need=self.builder.writer.say(NEEDS),
            value=dice.number(15, 600) * 100 if dice.chance(0.8) else None,
            take_by=days.date(day + dice.number(5, 20)),
            offered_to_id=taker if dice.chance(0.5) else None,
            taken_by_id=taker if is_taken else None,
            taken_at=days.moment(min(day + dice.number(0, 9), -1), 9 * 60) if is_taken else None,
            close_reason_id=self._one_of(self.world.lead_close_reasons) if state == "closed" else None,
            state_reason=dice.pick(EXPLANATIONS) if state == "closed" else "",
        )
        yield from others

    def _one_of(self, keys: list[int]) -> int | None:
        return self.dice.pick(keys) if keys else None
