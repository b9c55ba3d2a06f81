"""Customers with their addresses, numbers, classes and responsible persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from demo.generate import words
from demo.generate.dice import Dice, Weighted
from demo.generate.organisations import MUNICIPALITIES, Organisation, Organisations
from demo.generate.rows import (
    AddressRow,
    CustomerClassRow,
    CustomerRow,
    MembershipRow,
    NumberRow,
    ResponsibilityRow,
    Row,
)
from demo.generate.words import street
from demo.generate.world import DAYS_BACK, World

SEGMENTS = Weighted({"B": 5, "C": 70, "P": 10, "": 15})
#: The segment that some customers were in before.
BEFORE = {"A": "B", "B": "P", "C": "B"}
SIZES = {
    "municipality": Weighted({"8": 3, "9": 7}),
    "authority": Weighted({"5": 2, "6": 4, "7": 3, "8": 1}),
    "institution": Weighted({"5": 3, "6": 4, "7": 2, "8": 1}),
    "unit": Weighted({"3": 4, "4": 5, "5": 1}),
    "association": Weighted({"0": 4, "1": 4, "2": 2, "3": 1}),
    "foundation": Weighted({"1": 4, "2": 3, "3": 2, "4": 1}),
    "household": Weighted({"0": 1}),
    "company": Weighted({"0": 4, "1": 36, "2": 20, "3": 15, "4": 13, "5": 6, "6": 4, "7": 1.2, "8": 0.5, "9": 0.3}),
}
GROUPS = {
    "municipality": Weighted({"authorities": 1}),
    "authority": Weighted({"authorities": 1}),
    "institution": Weighted({"partner_institutions": 7, "education_organisations": 3}),
    "unit": Weighted({"work_based_learning_places": 8, "buying_organisations": 2}),
    "household": Weighted({"work_based_learning_places": 1}),
    "foundation": Weighted({"buying_organisations": 5, "work_based_learning_places": 5}),
    "association": Weighted({"work_based_learning_places": 6, "buying_organisations": 3, "education_organisations": 1}),
    "company": Weighted({"work_based_learning_places": 50, "buying_organisations": 35, "suppliers": 15}),
}
LEARNING = Weighted(
    {"continuous": 1, "several_a_year": 3, "sometimes": 5, "willing": 4, "not_willing": 1, "demonstration_place": 2}
)
LANGUAGES = Weighted({"fi": 93, "sv": 5, "en": 2})
CHANNELS = Weighted({"": 60, "email": 22, "phone": 10, "visit": 6, "video": 2})
CHARGING = Weighted({"e_invoice": 60, "invoice": 30, "": 10})
SOURCES = Weighted({"Yritysrekisteri": 5, "Oma kontakti": 3, "Työssäoppimispalvelu": 3, "Opiskelijahallinto": 2})
PASSIVE_REASONS = Weighted({"bankruptcy": 3, "closed": 4, "no_cooperation": 2, "merged": 1})
PASSIVE_NOTES = {
    "bankruptcy": "Konkurssi, tieto yritysrekisteristä.",
    "closed": "Toiminta päättynyt, vahvistettu puhelimitse.",
    "no_cooperation": "Asiakas ilmoitti, ettei yhteistyötä jatketa.",
    "merged": "Liitetty toiseen organisaatioon.",
}
RELATIONS = (
    "Pitkäaikainen yhteistyökumppani. Koulutustarpeet käydään läpi keväällä ja syksyllä.",
    "Ottaa opiskelijoita työssäoppimaan useamman kerran vuodessa.",
    "Kiinnostunut henkilöstön täydennyskoulutuksesta; päätökset tekee johtoryhmä.",
    "Yhteydenotot mieluiten sähköpostilla, puhelimella tavoittaa parhaiten aamuisin.",
    "Kilpailuttaa koulutukset kahden vuoden välein.",
    "Henkilöstön vaihtuvuus on ollut suurta, yhteyshenkilöt tarkistettava ennen käyntiä.",
)


@dataclass
class Subject:
    """A customer in the making: what its contacts and work depend on. ``since`` and ``until`` are days from now."""

    id: int
    organisation: Organisation
    domain: str
    segment: str
    size: str
    group: str
    owner: int | None
    deputy: int | None
    since: int
    until: int | None = None

    @property
    def is_passive(self) -> bool:
        return self.until is not None


def days_of_work(day: int) -> int:
    """Return the day itself, but none after today."""
    return min(day, -1)


class CustomerMaker:
    """Makes customers one after the other. A few names are remembered as possible parents."""

    def __init__(self, world: World, dice: Dice, seed: int) -> None:
        self.world, self.dice = world, dice
        self.organisations = Organisations(dice)
        self.business_ids = words.business_ids(seed)
        self.marketers = cycle(world.staff["sales_and_marketing"])
        self.ids: dict[str, int] = {}
        self.heads = {organisation.name for organisation in MUNICIPALITIES} | {"Espoon kaupunki"}

    def make(self) -> tuple[Subject, list[Row]]:
        """Return the next customer and its rows, the customer's own first."""
        organisation = self.organisations.next()
        subject = self._subject(organisation)
        if organisation.name in self.heads or organisation.name.endswith(("-Yhtiöt Oy", " Group Oyj")):
            self.ids[organisation.name] = subject.id
        rows: list[Row] = [self._customer(subject)]
        rows += self._addresses(subject)
        rows += self._numbers(subject)
        rows += self._classes(subject)
        rows += self._segments(subject)
        rows += self._responsibilities(subject)
        return subject, rows

    def _subject(self, organisation: Organisation) -> Subject:
        dice, known = self.dice, bool(organisation.segment)
        segment = organisation.segment or dice.weighted(SEGMENTS)
        since = -DAYS_BACK if known or dice.chance(0.6) else -dice.number(20, DAYS_BACK - 1)
        passive = not known and segment in {"", "C"} and since < -200 and dice.chance(0.04)
        return Subject(
            id=next(self.world.customer_ids),
            organisation=organisation,
            domain=words.domain(organisation.name),
            segment=segment,
            size=organisation.size or dice.weighted(SIZES[organisation.sort]),
            group=organisation.group or dice.weighted(GROUPS[organisation.sort]),
            owner=self._owner(organisation, segment),
            deputy=dice.pick(self.world.account_managers) if dice.chance(0.15) else None,
            since=since,
            until=-dice.number(5, -since - 100) if passive else None,
        )

    def _owner(self, organisation: Organisation, segment: str) -> int | None:
        world, dice = self.world, self.dice
        if organisation.manager is not None:
            return world.account_managers[organisation.manager]
        if dice.chance(0.04):
            return None
        if segment == "P" and dice.chance(0.5):
            return next(self.marketers)
        if dice.chance(0.12):
            return dice.pick(world.key_people)
        return dice.pick(world.account_managers)

    def _customer(self, subject: Subject) -> CustomerRow:
        dice, organisation, days = self.dice, subject.organisation, self.world.days
        has_own_id = organisation.sort not in {"unit", "household"} and not (
            organisation.sort == "association" and dice.chance(0.2)
        )
        staff = self._personnel(subject.size)
        turnover = staff * dice.number(55, 260) * 1_000 if staff and organisation.sort == "company" else None
        reason = dice.weighted(PASSIVE_REASONS) if subject.is_passive else ""
        return CustomerRow(
            id=subject.id,
            name=organisation.name,
            business_id=next(self.business_ids) if has_own_id else "",
            organisation_form=organisation.form,
            parent_id=self.ids.get(organisation.parent),
            municipality_id=self.world.municipalities[organisation.place.name],
            phone="" if organisation.sort == "household" else words.landline(dice),
            email="" if dice.chance(0.15) else f"info@{subject.domain}",
            website=f"https://www.{subject.domain}" if organisation.is_business and dice.chance(0.7) else "",
            language=dice.weighted(LANGUAGES),
            preferred_channel=dice.weighted(CHANNELS),
            personnel=staff,
            personnel_change=dice.number(-staff // 10 - 1, staff // 8 + 2) if staff and dice.chance(0.5) else None,
            turnover=turnover,
            founded=dice.number(1921, 2024) if dice.chance(0.8) else None,
            registry_industry="",
            directness="indirect" if dice.chance(0.06) else "direct",
            charging_method=dice.weighted(CHARGING),
            cost_centre=str(dice.number(1_000, 9_999)) if organisation.sort == "unit" else "",
            is_obliged_to_buy=organisation.sort == "unit" and dice.chance(0.2),
            description=dice.pick(RELATIONS) if dice.chance(0.3) else "",
            source=dice.weighted(SOURCES),
            state="passive" if reason else "active",
            passive_reason=reason,
            passive_note=PASSIVE_NOTES.get(reason, ""),
            passive_since=days.date(subject.until) if subject.until is not None else None,
            created_at=days.moment(subject.since, 8 * 60 + dice.number(0, 480)),
        )

    def _personnel(self, size: str) -> int | None:
        if size == "0":
            return None
        size_class = self.world.sizes[size]
        return self.dice.number(size_class.lower, size_class.upper)

    def _addresses(self, subject: Subject) -> Iterator[AddressRow]:
        dice, place = self.dice, subject.organisation.place
        code = dice.pick(place.postal_codes)
        yield AddressRow(subject.id, "visiting", street(dice), code, place.name)
        if dice.chance(0.35):
            yield AddressRow(subject.id, "postal", f"PL {dice.number(1, 399)}", code[:4] + "1", place.name)
        if dice.chance(0.15):
            yield AddressRow(subject.id, "billing", "Verkkolaskut, PL 100", "00026", "Laskuniitty")

    def _numbers(self, subject: Subject) -> Iterator[NumberRow]:
        """Yield the numbers of two other systems: student administration and invoicing. They follow from its own."""
        if self.dice.chance(0.6):
            yield NumberRow(subject.id, "TOP", f"D{8_000 + subject.id}")
        if self.dice.chance(0.4):
            yield NumberRow(subject.id, "Profi", f"D{220_000 + subject.id}")

    def _classes(self, subject: Subject) -> Iterator[CustomerClassRow]:
        for branch, code in self._chosen(subject):
            yield CustomerClassRow(subject.id, self.world.nodes[branch][code], subject.owner)

    def _chosen(self, subject: Subject) -> Iterator[tuple[str, str]]:
        """Yield the codes of the classes that a customer gets, branch by branch, none twice."""
        dice, organisation = self.dice, subject.organisation
        group = subject.group
        yield "group", group
        if dice.chance(0.1) and group != "buying_organisations":
            yield "group", "buying_organisations"
        yield "industry", organisation.industry
        yield "size", subject.size
        if group == "work_based_learning_places":
            yield "work_based_learning", dice.weighted(LEARNING)
        if subject.segment in {"A", "B"} and dice.chance(0.5):
            yield "framework_agreement", "in_force" if dice.chance(0.8) else "under_negotiation"
        if subject.segment == "B" or dice.chance(0.05):
            yield "target_groups", "christmas_card"
        if subject.segment == "A" or dice.chance(0.05):
            yield "invitations", "main_events"

    def _segments(self, subject: Subject) -> Iterator[MembershipRow]:
        """Yield the segment, and for some customers of long standing the one before."""
        if not subject.segment:
            return
        days, start = self.world.days, days_of_work(subject.since)
        changed = start + 200 + subject.id * 37 % 600
        before = BEFORE.get(subject.segment)
        if (
            before
            and changed < -20
            and subject.until is None
            and subject.id % (9 if subject.segment == "C" else 2) == 0
        ):
            first, then = days.moment(start, 9 * 60), days.moment(changed, 9 * 60)
            yield self._membership(subject, before, first, then)
            yield self._membership(subject, subject.segment, then, "")
            return
        until = days.moment(subject.until, 9 * 60) if subject.until is not None else ""
        yield self._membership(subject, subject.segment, days.moment(start, 9 * 60), until)

    def _membership(self, subject: Subject, code: str, start: str, end: str) -> MembershipRow:
        return MembershipRow(
            self.world.scheme_id,
            self.world.nodes["segment"][code],
            subject.id,
            f'["{start}",{f"{chr(34)}{end}{chr(34)}" if end else ""})',
            subject.owner,
            start,
            "inactive" if end and subject.until is not None else "",
        )

    def _responsibilities(self, subject: Subject) -> Iterator[ResponsibilityRow]:
        """Yield the owner, now and then one before, a deputy, a third; all end when the customer becomes passive."""
        dice, days = self.dice, self.world.days
        end = days.date(subject.until) if subject.until is not None else None
        if subject.owner is not None:
            start = subject.since
            if start < -300 and dice.chance(0.2):
                start += dice.number(30, 200) if subject.until is None else 1
                former = dice.pick(self.world.account_managers)
                yield ResponsibilityRow(subject.id, former, "owner", "", days.date(subject.since), days.date(start - 1))
            yield ResponsibilityRow(subject.id, subject.owner, "owner", "", days.date(start), end)
        if subject.deputy is not None and subject.deputy != subject.owner:
            yield ResponsibilityRow(subject.id, subject.deputy, "deputy", "", days.date(subject.since), end)
        if dice.chance(0.05):
            user = dice.pick(self.world.supporters)
            note = "Työssäoppimisen koordinointi"
            yield ResponsibilityRow(subject.id, user, "other", note, days.date(subject.since), end)
