"""Feedback of all tones, and two years' answers to the NPS question."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from demo.generate.builder import Builder
from demo.generate.customers import Subject
from demo.generate.dice import Weighted
from demo.generate.rows import ActivityKeywordRow, ActivityRow, FeedbackRow, NpsRow, Row
from demo.generate.texts import ANSWERS, CORRECTIONS, THANKS, TOPICS, Text
from demo.generate.world import Address

TONES = Weighted({"positive": 55, "negative": 30, "idea": 15})
KEYWORDS = {"positive": "positive", "negative": "negative", "idea": "development_idea"}
ABOUT = Weighted({"service": 5, "product": 4, "person": 2, "other": 1})
SCORES = Weighted({10: 18, 9: 22, 8: 21, 7: 13, 6: 7, 5: 5, 4: 3, 3: 2, 2: 1, 1: 1, 0: 1})
OFFICE_ENDS = 16 * 60
YEAR, WEEKS_OF_YEAR = 365, 52 * 7
LATELY = -80  # what was asked since then may still be open
VALID_DAYS = 60


def tone_of(score: int) -> str:
    """0–6 is a detractor, 9–10 a promoter (rule 15)."""
    return "negative" if score <= 6 else "positive" if score >= 9 else ""


class FeedbackMaker:
    """Makes feedback; ``asked`` is the share of contacts who have been asked the NPS question within a year."""

    def __init__(self, builder: Builder, asked: float) -> None:
        self.builder, self.world, self.dice, self.asked = builder, builder.world, builder.dice, asked
        self.number = 0

    def make(
        self,
        subject: Subject,
        contacts: list[Address],
        day: int,
        *,
        tone: str = "",
        heard_on: int | None = None,
        is_answered: bool | None = None,
    ) -> Iterator[Row]:
        """Return feedback of a day, alone or from a visit, mostly answered in time and mostly resolved."""
        dice, writer = self.dice, self.builder.writer
        tone = tone or dice.weighted(TONES)
        rests = subject.is_passive or day < -90
        is_open = tone == "negative" and not rests and (dice.chance(0.5) or is_answered is False)
        settlement = writer.settlement() if tone == "negative" and not is_open else ""
        people = self.builder.people(subject)
        activity, others = self.builder.rows(
            "feedback", subject, writer.feedback(tone), day, "open" if is_open else "done", people, contacts,
            settlement=settlement, follows=heard_on, follow_kind="heard_on" if heard_on else "follow_up",
        )  # fmt: skip
        yield activity
        yield ActivityKeywordRow(activity.id, self.world.keywords[KEYWORDS[tone]])
        yield self._told(subject, activity, day, tone, is_answered=rests or dice.chance(0.8), told=is_answered)
        yield from others

    def _told(
        self, subject: Subject, activity: ActivityRow, day: int, tone: str, *, is_answered: bool, told: bool | None
    ) -> FeedbackRow:
        dice, days = self.dice, self.world.days
        responsible = subject.owner or activity.created_by_id
        due = None if tone == "positive" else days.working_after(day, 2)
        answered = self._answered(day, due, is_answered if told is None else told)
        is_late = due is not None and answered is None and due < 0
        has_answer = answered is not None
        return FeedbackRow(
            activity_id=activity.id,
            about=dice.weighted(ABOUT),
            about_what=dice.pick(TOPICS).base,
            responsible_id=responsible,
            answer_due=None if due is None else days.moment(due, OFFICE_ENDS),
            answer=dice.pick(ANSWERS) if has_answer else "",
            answered_at=days.moment(answered, 14 * 60) if answered is not None else None,
            answered_by_id=responsible if has_answer else None,
            answer_channel=("phone" if dice.chance(0.6) else "email") if has_answer else "",
            corrective_action=dice.pick(CORRECTIONS) if tone == "negative" and has_answer else "",
            escalated_at=days.moment(due + 1, 8 * 60) if is_late and due is not None and due < -1 else None,
        )

    def _answered(self, day: int, due: int | None, is_answered: bool) -> int | None:
        """Return the day of the answer: within two working days mostly, now and then late."""
        if due is None or not is_answered:
            return None
        later = self.world.days.working_after(due, 3) if self.dice.chance(0.15) else due
        answered = self.world.days.working(self.dice.number(day, later))
        return max(answered, day) if max(answered, day) < 0 else None

    def questions(self, subject: Subject, contacts: list[Address]) -> Iterator[Row]:
        """Yield the NPS questions to this customer's contacts: mostly of the last year, some of the year before."""
        if subject.is_passive or subject.owner is None:
            return
        for contact in contacts:
            if contact.email and self.dice.chance(self.asked):
                first = max(-YEAR, subject.since)
                asked = self.world.days.working(self.dice.number(first, -1))
                is_former = contact.id % 2 and asked < LATELY and asked - WEEKS_OF_YEAR >= subject.since
                yield from self._question(subject, contact, asked - WEEKS_OF_YEAR if is_former else asked)

    def _question(self, subject: Subject, contact: Address, asked: int) -> Iterator[Row]:
        dice, days = self.dice, self.world.days
        answered = asked + dice.number(0, 9)
        score = dice.weighted(SCORES) if dice.chance(0.62) and answered < 0 else None
        comment = dice.pick(THANKS) if score is not None and dice.chance(0.5) else ""
        feedback = None
        if score is not None:
            rows = list(self._as_feedback(subject, contact, answered, score, comment))
            feedback = rows[0].id  # type: ignore[union-attr]
            yield from rows
        self.number += 1
        yield NpsRow(
            contact_id=contact.id,
            customer_id=subject.id,
            language="fi",
            digest=hashlib.sha256(f"demo {subject.id} {contact.id} {self.number}".encode()).hexdigest(),
            asked_by_id=subject.owner or self.world.everyone[0],
            asked_at=days.moment(asked, 10 * 60),
            state="sent",
            sent_at=days.moment(asked, 10 * 60 + 1),
            expires_at=days.moment(asked + VALID_DAYS, 10 * 60),
            segment_id=self.world.nodes["segment"][subject.segment] if subject.segment else None,
            group_id=self.world.nodes["group"][subject.group],
            score=score,
            comment=comment,
            answered_at=days.moment(answered, 12 * 60) if score is not None else None,
            feedback_id=feedback,
        )

    def _as_feedback(self, subject: Subject, contact: Address, day: int, score: int, comment: str) -> Iterator[Row]:
        """Yield an answer as the feedback that the program makes of it: nobody here logged it."""
        tone = tone_of(score)
        is_open = tone == "negative" and day > -60 and self.dice.chance(0.4)
        settlement = self.builder.writer.settlement() if tone == "negative" and not is_open else ""
        text = Text(f"NPS {score}/10: {contact.name}", "", f"<p>{comment}</p>" if comment else "")
        activity, others = self.builder.rows(
            "feedback", subject, text, day, "open" if is_open else "done", [subject.owner or 0], [contact],
            begin=12 * 60, settlement=settlement,
        )  # fmt: skip
        yield activity._replace(created_by_id=None, hours=None, channel="email")
        if tone:
            yield ActivityKeywordRow(activity.id, self.world.keywords[tone])
        told = self._told(subject, activity, day, tone or "positive", is_answered=not is_open, told=None)
        yield told._replace(about="", about_what="")
        yield from others
