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
GREETINGS, ASKED, TOLD, REPLIED = (_SENTENCES[name] for name in ("greetings", "asked", "told", "replied"))
ANSWERS, CORRECTIONS, IDEAS = _SENTENCES["answers"], _SENTENCES["corrections"], _SENTENCES["ideas"]
NEEDS, THANKS, SUBJECTS = _SENTENCES["needs"], _SENTENCES["thanks"], _SENTENCES["subjects"]
VISIT_MEMO = (
    "<h1>Tilanne ja tarpeet</h1><div>{opening}</div><h1>Käsitellyt asiat</h1><ul>{middle}</ul>"
    "<h1>Mitä sovittiin (kuka, mitä, milloin)</h1><div>{ending}</div><h1>Seuraava yhteydenotto</h1><div>{next}</div>"
)
TONES = {
    "positive": ("Kiitos", POSITIVE),
    "negative": ("Kielteinen palaute", NEGATIVE),
    "idea": ("Kehittämisidea", IDEAS),
}


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
            middle = "".join(f"<li>{self.fill(dice.pick(MIDDLES), topic)}</li>" for _number in range(2))
            then = self.fill(dice.pick(NEXT), topic)
            return VISIT_MEMO.format(opening=opening, middle=middle, ending=ending, next=then)
        if dice.chance(0.35):
            return f"<div>{opening} {ending}</div>"
        middle = self.fill(dice.pick(MIDDLES), topic)
        if dice.chance(0.3):
            return f"<div>{opening}</div><ul><li>{middle}</li><li><strong>{ending}</strong></li></ul>"
        return f"<div>{opening} {middle}</div><div><br></div><div>{ending}</div>"

    def feedback(self, tone: str) -> Text:
        kind, sentences = TONES[tone]
        said = self.fill(self.dice.pick(sentences), self.dice.pick(TOPICS))
        memo = f"<h1>Mitä asiakas kertoi</h1><div>{said}</div>"
        return Text(f"{kind}: {said[0].lower()}{said[1:].rstrip('.')}", "", memo)

    def subject(self) -> str:
        return self.say(SUBJECTS)

    def letter(self, name: str, sender: str, *, is_reply: bool, is_ours: bool) -> str:
        """Return the body of an e-mail message to ``name``."""
        what = self.say(REPLIED if is_reply else TOLD if is_ours else ASKED)
        more = self.say(MIDDLES)
        greeting = self.dice.pick(GREETINGS).format(name=name.split()[0])
        return (
            f"<div>{greeting}</div><div><br></div><div>{what} {more}</div><div><br></div>"
            f"<div>Ystävällisin terveisin<br>{sender}</div>"
        )

    def say(self, sentences: list[str]) -> str:
        """Return one of some sentences about some topic."""
        return self.fill(self.dice.pick(sentences), self.dice.pick(TOPICS))

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
