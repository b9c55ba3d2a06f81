"""Titles, goals and memos in Finnish, put together from parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from demo.generate.dice import Dice
from demo.generate.words import cells, sections


class Topic(NamedTuple):
    """Something to talk about: nominative, genitive, partitive, elative (*koulutuksesta*)."""

    base: str
    genitive: str
    partitive: str
    about: str


_SENTENCES = sections("sentences")
TOPICS = [Topic(*cells(line)) for line in _SENTENCES["topics"]]
TITLES = sections("titles")
OPENINGS, MIDDLES, ENDINGS = _SENTENCES["openings"], _SENTENCES["middles"], _SENTENCES["endings"]
GOALS, NEXT, PLACES = _SENTENCES["goals"], _SENTENCES["next"], _SENTENCES["places"]
POSITIVE, NEGATIVE, SETTLEMENTS = _SENTENCES["positive"], _SENTENCES["negative"], _SENTENCES["settlements"]
SEASONS = _SENTENCES["seasons"]
VISIT_MEMO = (
    "Tilanne ja tarpeet:\n{opening}\n\nKäsitellyt asiat:\n{middle}\n\n"
    "Mitä sovittiin (kuka, mitä, milloin):\n{ending}\n\nSeuraava yhteydenotto:\n{next}\n"
)


@dataclass(frozen=True)
class Text:
    title: str
    goal: str
    memo: str


class Writer:
    """Writes what an activity says."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.titles = {
            code: [capital(title.format(**topic._asdict())) for topic in TOPICS for title in titles]
            for code, titles in TITLES.items()
        }
        self.per_topic = {code: len(titles) for code, titles in TITLES.items()}

    def write(self, code: str, *, done: bool) -> Text:
        """Return the text of a thing of type ``code``; what has not happened yet has no memo, a visit has a goal."""
        index = int(self.dice.random() * len(self.titles[code]))
        topic = TOPICS[index // self.per_topic[code]]
        goal = self.fill(self.dice.pick(GOALS), topic) if code == "visit" else ""
        memo = self.memo(code, topic) if done and self.dice.chance(0.9) else ""
        return Text(self.titles[code][index], goal, memo)

    def memo(self, code: str, topic: Topic) -> str:
        dice = self.dice
        opening, ending = self.fill(dice.pick(OPENINGS), topic), self.fill(dice.pick(ENDINGS), topic)
        if code == "visit":
            middle = " ".join(self.fill(dice.pick(MIDDLES), topic) for _number in range(2))
            then = self.fill(dice.pick(NEXT), topic)
            return VISIT_MEMO.format(opening=opening, middle=middle, ending=ending, next=then)
        if dice.chance(0.35):
            return f"{opening} {ending}"
        return f"{opening} {self.fill(dice.pick(MIDDLES), topic)} {ending}"

    def feedback(self, *, positive: bool) -> Text:
        topic = self.dice.pick(TOPICS)
        said = self.fill(self.dice.pick(POSITIVE if positive else NEGATIVE), topic)
        kind = "Kiitos" if positive else "Kielteinen palaute"
        return Text(f"{kind}: {said[0].lower()}{said[1:].rstrip('.')}", "", f"Mitä asiakas kertoi:\n{said}\n")

    def settlement(self) -> str:
        return self.dice.pick(SETTLEMENTS)

    def fill(self, template: str, topic: Topic) -> str:
        dice = self.dice
        text = template.format(
            **topic._asdict(), count=dice.number(6, 40), few=dice.number(1, 4), season=dice.pick(SEASONS)
        )
        return capital(text)


def capital(text: str) -> str:
    return text[0].upper() + text[1:]
