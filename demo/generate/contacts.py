"""Contacts: who works for a customer, how to reach them, to what they have consented."""

from __future__ import annotations

from collections.abc import Iterator

from demo.generate import words
from demo.generate.customers import Subject
from demo.generate.dice import Dice, Weighted
from demo.generate.rows import ConsentRow, ContactRow, PointRow, PositionRow, Row
from demo.generate.words import full_name
from demo.generate.world import Address, World

#: Titles with the role in decisions that belongs to them, by sort of organisation; the first ones come first.
COMPANY = (
    ("Toimitusjohtaja", "decision_maker"), ("Henkilöstöpäällikkö", "influencer"), ("Työnjohtaja", "user"),
    ("Talouspäällikkö", "payer"), ("Assistentti", "gatekeeper"), ("Tuotantopäällikkö", "decision_maker"),
    ("Kehityspäällikkö", "expert"), ("Myyntipäällikkö", "influencer"), ("Työpaikkaohjaaja", "user"),
    ("Controller", "payer"), ("Laatupäällikkö", "expert"), ("Palvelupäällikkö", "influencer"),
)  # fmt: skip
PUBLIC = (
    ("Johtaja", "decision_maker"), ("Kehittämispäällikkö", "influencer"), ("Asiantuntija", "expert"),
    ("Hallintopäällikkö", "payer"), ("Hallintosihteeri", "gatekeeper"), ("Yksikönpäällikkö", "decision_maker"),
    ("Koulutuskoordinaattori", "user"), ("Henkilöstösuunnittelija", "influencer"), ("Ylitarkastaja", "expert"),
)  # fmt: skip
UNIT = (
    ("Yksikön johtaja", "decision_maker"), ("Vastaava ohjaaja", "user"), ("Toimistosihteeri", "gatekeeper"),
    ("Työpaikkaohjaaja", "user"), ("Varajohtaja", "influencer"),
)  # fmt: skip
SCHOOL = (
    ("Rehtori", "decision_maker"), ("Koulutuspäällikkö", "influencer"), ("Opettaja", "expert"),
    ("Opinto-ohjaaja", "expert"), ("Opintosihteeri", "gatekeeper"), ("Projektipäällikkö", "user"),
)  # fmt: skip
ASSOCIATION = (
    ("Toiminnanjohtaja", "decision_maker"), ("Puheenjohtaja", "decision_maker"), ("Järjestösihteeri", "gatekeeper"),
    ("Hankekoordinaattori", "user"), ("Taloudenhoitaja", "payer"),
)  # fmt: skip
TITLES = {
    "company": COMPANY, "authority": PUBLIC, "municipality": PUBLIC, "unit": UNIT, "institution": SCHOOL,
    "association": ASSOCIATION, "foundation": ASSOCIATION, "household": (("Työnantaja", "decision_maker"),),
}  # fmt: skip
HOW_MANY = {
    "0": Weighted({1: 4, 2: 4, 3: 2}), "1": Weighted({1: 3, 2: 5, 3: 2}), "2": Weighted({1: 1, 2: 4, 3: 4, 4: 1}),
    "3": Weighted({2: 3, 3: 4, 4: 3}),
    "4": Weighted({2: 1, 3: 3, 4: 4, 5: 2}), "5": Weighted({3: 1, 4: 3, 5: 3, 6: 2}),
    "6": Weighted({4: 2, 5: 3, 6: 3, 7: 1}),
    "7": Weighted({5: 1, 6: 2, 7: 2, 8: 2}), "8": Weighted({6: 1, 8: 2, 10: 1}),
    "9": Weighted({7: 1, 9: 2, 12: 1}),
}  # fmt: skip
AREAS = ("Oppisopimukset", "Työssäoppiminen", "Henkilöstökoulutus", "Laskutus", "Hankkeet")
CONSENT_SOURCES = ("Lomake verkkosivulla", "Puhelu", "Asiakastapaaminen", "Tapahtumailmoittautuminen", "Sähköposti")
LANGUAGES = Weighted({"fi": 94, "sv": 4, "en": 2})


class ContactMaker:
    """Makes contacts; remembers one of the last ones, who may have changed employer."""

    def __init__(self, world: World, dice: Dice) -> None:
        self.world, self.dice = world, dice
        self.former_employer: int | None = None

    def make(self, subject: Subject) -> tuple[list[Address], list[Row]]:
        """Return a customer's contacts and their rows."""
        titles = TITLES[subject.organisation.sort]
        count = min(self.dice.weighted(HOW_MANY[subject.size]), len(titles))
        contacts: list[Address] = []
        rows: list[Row] = []
        for title, role in titles[:count]:
            contact, names = self._contact(subject)
            contacts.append(contact)
            rows += self._rows(subject, contact, names, title, role)
        self.former_employer = subject.id
        return contacts, rows

    def _contact(self, subject: Subject) -> tuple[Address, tuple[str, str]]:
        first, last = full_name(self.dice)
        email = f"{words.ascii_word(first)}.{words.ascii_word(last)}@{subject.domain}"
        known = email if self.dice.chance(0.92) else ""
        return Address(next(self.world.contact_ids), f"{first} {last}", known), (first, last)

    def _rows(self, subject: Subject, contact: Address, names: tuple[str, str], title: str, role: str) -> Iterator[Row]:
        dice, days, pk = self.dice, self.world.days, contact.id
        first, last = names
        since = dice.number(subject.since, min(subject.since + 300, -10, subject.until or 0))
        yield ContactRow(
            id=pk,
            first_name=first,
            last_name=last,
            language=dice.weighted(LANGUAGES),
            preferred_channel="email" if dice.chance(0.2) else "",
            is_hidden=subject.is_passive,
            created_at=days.moment(since, 600),
        )
        yield from self._positions(subject, pk, title, role, since)
        yield from self._points(pk, contact.email)
        yield from self._consents(pk, since)

    def _positions(self, subject: Subject, pk: int, title: str, role: str, since: int) -> Iterator[PositionRow]:
        dice, days = self.dice, self.world.days
        role_id = self.world.nodes["contact_role"][role] if dice.chance(0.8) else None
        area = dice.pick(AREAS) if dice.chance(0.15) else ""
        left = dice.number(since, -5) if not subject.is_passive and dice.chance(0.04) else None
        yield PositionRow(
            pk, subject.id, title, role_id, area, days.date(since), None if left is None else days.date(left)
        )
        if self.former_employer is not None and dice.chance(0.02):
            start, end = days.date(subject.since - 40), days.date(subject.since - 1)
            yield PositionRow(pk, self.former_employer, title, None, "", start, end)

    def _points(self, pk: int, email: str) -> Iterator[PointRow]:
        dice = self.dice
        if email:
            yield PointRow(pk, "email", email, "", True)
        if dice.chance(0.85):
            yield PointRow(pk, "phone", words.mobile(dice), "matkapuhelin", True)
        if dice.chance(0.12):
            yield PointRow(pk, "phone", words.landline(dice), "vaihde", False)

    def _consents(self, pk: int, since: int) -> Iterator[ConsentRow]:
        dice = self.dice
        for channel, asked, given in (("email", 0.5, 0.75), ("phone", 0.2, 0.6), ("sms", 0.08, 0.5)):
            if dice.chance(asked):
                day = self.world.days.date(dice.number(since, -1))
                yield ConsentRow(pk, channel, dice.chance(given), day, dice.pick(CONSENT_SOURCES))
