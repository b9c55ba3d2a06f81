"""Contacts: the fields of their rows, and the handler, which finds the customer, then the person among its contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from core import clock
from core.import_kinds import Field, plain
from customers import enums
from customers.enums import BranchPurpose, ContactPointKind, CustomerState
from customers.models import Contact, ContactPoint, Customer, Position
from imports import values
from imports.enums import RowStatus
from imports.lookups import Classes, LookupFailed, folded
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, add_problem, field_default, set_result
from imports.pipeline.customer_fields import IDS, NUMBERS
from imports.pipeline.matching import CustomerKey, Match, match_customers
from imports.pipeline.users import name_of
from imports.problems import Problem

_KEY, _BASIC, _CUSTOMER = _("How the row is matched"), _("Basic details"), _("Customer")
_COMPANY = "yritys, asiakas, organisaatio, työnantaja, account, company, customer, organisation, employer"

FIELDS = [
    Field(
        "full_name",
        _("full name"),
        plain(values.line(161)),
        "nimi, koko nimi, yhteyshenkilö, name, full name, contact, contact name",
        _KEY,
    ),
    Field("first_name", _("first name"), plain(values.line(80)), "etunimi, first name, firstname, given name", _KEY),
    Field(
        "last_name", _("last name"), plain(values.line(80)), "sukunimi, last name, lastname, surname, family name", _KEY
    ),
    Field(
        "email",
        _("e-mail"),
        plain(values.email),
        "sähköposti, sähköpostiosoite, email, e mail, email address",
        _KEY,
        soft=True,
    ),
    Field(
        "phone",
        _("phone"),
        plain(values.phone),
        "puhelin, puhelinnumero, matkapuhelin, gsm, phone, mobile, phone number",
        _KEY,
        soft=True,
    ),
    Field("customer_number", _("customer number"), plain(values.line(60)), NUMBERS, _CUSTOMER, per_system=True),
    Field("customer_business_id", _("business ID"), plain(values.business_id), IDS, _CUSTOMER),
    Field("customer", _("customer"), plain(values.line(200)), _COMPANY, _CUSTOMER),
    Field(
        "title",
        _("title"),
        plain(values.line(120)),
        "titteli, tehtävä, tehtävänimike, title, job title, position",
        _BASIC,
    ),
    Field(
        "role",
        _("role in decisions"),
        plain(values.line(120)),
        "rooli, päätösrooli, role, decision role",
        _BASIC,
        soft=True,
    ),
    Field(
        "area",
        _("service or system"),
        plain(values.line(120)),
        "palvelu, järjestelmä, vastuualue, area, service, system",
        _BASIC,
    ),
    Field(
        "language",
        _("language"),
        plain(values.choice(enums.CustomerLanguage)),
        "kieli, language",
        _BASIC,
        choices=enums.CustomerLanguage,
    ),
    Field(
        "preferred_channel",
        _("preferred channel"),
        plain(values.choice(enums.Channel)),
        "kanava, preferred channel",
        _BASIC,
        choices=enums.Channel,
    ),
    Field(
        "description",
        _("description"),
        plain(values.paragraphs(10_000)),
        "kuvaus, lisätiedot, description, notes",
        _BASIC,
    ),
]


PLAIN = ("language", "preferred_channel", "description")
POINTS = (("email", ContactPointKind.EMAIL), ("phone", ContactPointKind.PHONE))


def customer_key(values: dict[str, Any]) -> CustomerKey:
    system, number = (values.get("customer_number") or [["", ""]])[0]
    return CustomerKey(system, number, values.get("customer_business_id") or "", values.get("customer") or "")


class ContactHandler(RowHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.classes = Classes(self.user)
        branches = self.classes.branches.values()
        self.role_branch = next((item for item in branches if item.purpose == BranchPurpose.CONTACT_ROLE), None)

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        wanted = customer_key(values)
        customer = wanted.number or wanted.business_id or folded(wanted.name)
        email, name = values.get("email") or "", " ".join(name_of(values)).strip()
        return f"{customer}|{email}".casefold() if email else "", "", f"{customer}|{name}"

    def process(self, rows: Sequence[ImportRow]) -> None:
        matches = match_customers([customer_key(row.values) for row in rows])
        known = Known.read({pk for match in matches for pk in match.ids})
        taken = ImportRow.objects.filter(run=self.run, target_id__in=known.contacts).order_by("-number")
        known.taken = {target: number for target, number in taken.values_list("target_id", "number") if target}
        writes = Writes()
        for row, match in zip(rows, matches, strict=True):
            try:
                self._import_row(row, match, known, writes)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)
        if not self.dry_run:
            writes.apply()
        for row, contact in writes.created:
            row.target_id = contact.pk

    def _import_row(self, row: ImportRow, match: Match, known: Known, writes: Writes) -> None:
        values = dict(row.values or {})
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        if not name_of(values)[1]:
            set_result(row, RowStatus.REFUSED, Problem("required", {}, "last_name"))
            return
        customer = self._customer(values, match, known)
        contact = known.find(customer.pk, values)
        if contact is not None and known.taken.setdefault(contact.pk, row.number) != row.number:
            raise LookupFailed(Problem("same_as", {"number": known.taken[contact.pk]}))
        if contact is None:
            values = {**self.defaults, **values}
        self._role(row, values)
        if contact is None:
            writes.create(row, customer, values)
            row.fate = RowStatus.CREATED
        else:
            row.target_id = contact.pk
            row.changed = writes.change(
                contact, known.points[contact.pk], known.positions[customer.pk, contact.pk], values
            )
            row.fate = RowStatus.UPDATED if row.changed else RowStatus.UNCHANGED
        row.values = None

    @staticmethod
    def _customer(values: dict[str, Any], match: Match, known: Known) -> Customer:
        wanted = customer_key(values)
        text = wanted.number or wanted.business_id or wanted.name
        if len(match.ids) != 1:
            raise LookupFailed(Problem("ambiguous_customer" if match.ids else "unknown_customer", {"value": text[:80]}))
        customer = known.customers[match.ids[0]]
        if customer.state == CustomerState.PASSIVE:
            raise LookupFailed(Problem("passive", {"name": customer.name}))
        return customer

    def _role(self, row: ImportRow, values: dict[str, Any]) -> None:
        """Replace the role's name by its id; an unknown name is left out and noted as a problem."""
        text = values.pop("role", MISSING)
        if text is MISSING or self.role_branch is None:
            return
        try:
            values["role_id"] = self.classes.get(self.role_branch, text) if text else None
        except LookupFailed as error:
            add_problem(row, Problem(error.problem.code, error.problem.params, "role"))


MISSING = object()


@dataclass
class Known:
    """The customers of the batch and their current contacts, locked."""

    customers: dict[int, Customer]
    contacts: dict[int, Contact]
    points: dict[int, list[ContactPoint]]
    positions: dict[tuple[int, int], Position]
    of_customer: dict[int, list[int]]
    taken: dict[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, ids: set[int]) -> Known:
        """Read and lock: one query per table."""
        customers = Customer.objects.in_bulk(ids)
        positions = {
            (row.customer_id, row.contact_id): row for row in Position.objects.current().filter(customer__in=ids)
        }
        people = {contact for _customer, contact in positions}
        contacts = Contact.objects.select_for_update().order_by("pk").in_bulk(people)
        points: dict[int, list[ContactPoint]] = defaultdict(list)
        for point in ContactPoint.objects.filter(contact__in=people):
            points[point.contact_id].append(point)
        of_customer: dict[int, list[int]] = defaultdict(list)
        for customer, contact in positions:
            of_customer[customer].append(contact)
        return cls(customers, contacts, points, positions, of_customer)

    def find(self, customer_id: int, values: dict[str, Any]) -> Contact | None:
        """Return the row's contact among the customer's: by e-mail, then phone, then name.

        Raises :class:`LookupFailed` when the e-mail address is another person's or several have the name.
        """
        people = [self.contacts[pk] for pk in self.of_customer[customer_id]]
        name = name_of(values)
        by_email = [person for person in people if self._has(person, values.get("email"))]
        alike = [person for person in by_email if _alike(person, name)]
        if by_email and not alike:
            raise LookupFailed(Problem("other_person", {"name": str(by_email[0])}))
        by_phone = [person for person in people if self._has(person, values.get("phone")) and _alike(person, name)]
        by_name = [person for person in people if folded(str(person)) == folded(" ".join(name))]
        found = alike or by_phone or by_name
        if len(found) > 1:
            found = [person for person in found if person in by_name] or found
        if len(found) > 1:
            raise LookupFailed(Problem("ambiguous_person", {"names": ", ".join(map(str, found[:5]))}))
        return found[0] if found else None

    def _has(self, person: Contact, value: str | None) -> bool:
        return bool(value) and any(folded(point.value) == folded(value or "") for point in self.points[person.pk])


def _alike(person: Contact, name: tuple[str, str]) -> bool:
    """Return whether two names share a word, so that a changed first or last name still matches."""
    return bool(set(folded(str(person)).split()) & set(folded(" ".join(name)).split()))


@dataclass
class Writes:
    """What a batch is going to write."""

    created: list[tuple[ImportRow, Contact]] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    points: list[ContactPoint] = field(default_factory=list)
    new_positions: list[Position] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)

    def create(self, row: ImportRow, customer: Customer, values: dict[str, Any]) -> None:
        first, last = name_of(values)
        given = {name: values[name] for name in PLAIN if values.get(name)}
        contact = Contact(first_name=first, last_name=last, **given)
        self.created.append((row, contact))
        self.points += _new_points(contact, [], values)
        position = Position(contact=contact, customer=customer, start=clock.today(), **_position(values))
        self.new_positions.append(position)

    def change(
        self, contact: Contact, points: list[ContactPoint], position: Position, values: dict[str, Any]
    ) -> list[str]:
        """Register the differences; return the names of the changed fields."""
        new = {name: values[name] or field_default(Contact, name) for name in PLAIN if name in values}
        new |= dict(zip(("first_name", "last_name"), name_of(values), strict=True))
        changed = _set_changed(contact, new)
        moved = _set_changed(position, _position(values))
        added = _new_points(contact, points, values)
        self.points += added
        if moved:
            self.positions.append(position)
        changed += [name.removesuffix("_id") for name in moved] + [str(point.kind) for point in added]
        if changed:
            contact.version += 1
            contact.updated_at = clock.now()
            self.contacts.append(contact)
        return changed

    def apply(self) -> None:
        """Write everything, each table in one statement."""
        Contact.objects.bulk_create([contact for _row, contact in self.created])
        fields = ["first_name", "last_name", *PLAIN, "version", "updated_at"]
        Contact.objects.bulk_update(self.contacts, fields, batch_size=500)
        ContactPoint.objects.bulk_create(self.points)
        Position.objects.bulk_create(self.new_positions)
        Position.objects.bulk_update(self.positions, ["title", "area", "role"], batch_size=500)


def _position(values: dict[str, Any]) -> dict[str, Any]:
    texts: dict[str, Any] = {name: values[name] or "" for name in ("title", "area") if name in values}
    return {**texts, "role_id": values["role_id"]} if "role_id" in values else texts


def _set_changed(row: Any, new: dict[str, Any]) -> list[str]:
    """Set the attributes that differ and return their names."""
    changed = [name for name, value in new.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, new[name])
    return changed


def _new_points(contact: Contact, known: list[ContactPoint], values: dict[str, Any]) -> list[ContactPoint]:
    """Return the phone and e-mail that the contact does not have yet; those it has are never taken away."""
    points = []
    for name, kind in POINTS:
        value, own = values.get(name), [point for point in known if point.kind == kind]
        if value and not any(folded(point.value) == folded(value) for point in own):
            points.append(ContactPoint(contact=contact, kind=kind, value=value, is_primary=not own))
    return points
