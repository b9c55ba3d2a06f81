"""Contacts: their customer is found first, then the person among that customer's contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core import clock
from customers.enums import BranchPurpose, ContactPointKind, CustomerState
from customers.models import Contact, ContactPoint, Customer, Position
from imports.enums import Fate
from imports.lookups import Classes, Refused, folded
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, add_problem, field_default, settle
from imports.pipeline.matching import Match, Wanted, match_customers
from imports.pipeline.users import name_of
from imports.problems import Problem

PLAIN = ("language", "preferred_channel", "description")
POINTS = (("email", ContactPointKind.EMAIL), ("phone", ContactPointKind.PHONE))


def wanted_of(values: dict[str, Any]) -> Wanted:
    system, number = (values.get("customer_number") or [["", ""]])[0]
    return Wanted(system, number, values.get("customer_business_id") or "", values.get("customer") or "")


class ContactHandler(RowHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.classes = Classes(self.user)
        branches = self.classes.branches.values()
        self.role_branch = next((item for item in branches if item.purpose == BranchPurpose.CONTACT_ROLE), None)

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        wanted = wanted_of(values)
        customer = wanted.number or wanted.business_id or folded(wanted.name)
        email, name = values.get("email") or "", " ".join(name_of(values)).strip()
        return f"{customer}|{email}".casefold() if email else "", "", f"{customer}|{name}"

    def process(self, rows: Sequence[ImportRow]) -> None:
        matches = match_customers([wanted_of(row.values) for row in rows])
        known = Known.read({pk for match in matches for pk in match.ids})
        taken = ImportRow.objects.filter(run=self.run, target_id__in=known.contacts).order_by("-number")
        known.taken = {target: number for target, number in taken.values_list("target_id", "number") if target}
        writes = Writes()
        for row, match in zip(rows, matches, strict=True):
            try:
                self._take(row, match, known, writes)
            except Refused as error:
                settle(row, Fate.HELD, error.problem)
        if not self.dry_run:
            writes.apply()
        for row, contact in writes.created:
            row.target_id = contact.pk

    def _take(self, row: ImportRow, match: Match, known: Known, writes: Writes) -> None:
        values = dict(row.values or {})
        if row.same_as:
            raise Refused(Problem("same_as", {"number": row.same_as}))
        if not name_of(values)[1]:
            settle(row, Fate.REFUSED, Problem("required", {}, "last_name"))
            return
        customer = self._customer(values, match, known)
        contact = known.find(customer.pk, values)
        if contact is not None and known.taken.setdefault(contact.pk, row.number) != row.number:
            raise Refused(Problem("same_as", {"number": known.taken[contact.pk]}))
        if contact is None:
            values = {**self.defaults, **values}
        self._role(row, values)
        if contact is None:
            writes.create(row, customer, values)
            row.fate = Fate.CREATED
        else:
            row.target_id = contact.pk
            row.changed = writes.change(
                contact, known.points[contact.pk], known.positions[customer.pk, contact.pk], values
            )
            row.fate = Fate.UPDATED if row.changed else Fate.UNCHANGED
        row.values = None

    @staticmethod
    def _customer(values: dict[str, Any], match: Match, known: Known) -> Customer:
        wanted = wanted_of(values)
        text = wanted.number or wanted.business_id or wanted.name
        if len(match.ids) != 1:
            raise Refused(Problem("ambiguous_customer" if match.ids else "unknown_customer", {"value": text[:80]}))
        customer = known.customers[match.ids[0]]
        if customer.state == CustomerState.PASSIVE:
            raise Refused(Problem("passive", {"name": customer.name}))
        return customer

    def _role(self, row: ImportRow, values: dict[str, Any]) -> None:
        """Put the id of the class where its name was; a name that is none is left out and told."""
        text = values.pop("role", MISSING)
        if text is MISSING or self.role_branch is None:
            return
        try:
            values["role_id"] = self.classes.get(self.role_branch, text) if text else None
        except Refused as error:
            add_problem(row, Problem(error.problem.code, error.problem.params, "role"))


MISSING = object()


@dataclass
class Known:
    """The customers that the batch means and their present contacts, locked."""

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
        """Return the row's person among the customer's contacts: by e-mail, then phone, then name.

        Raises :class:`Refused` when the e-mail address is another person's or several have the name.
        """
        people = [self.contacts[pk] for pk in self.of_customer[customer_id]]
        name = name_of(values)
        by_email = [person for person in people if self._has(person, values.get("email"))]
        alike = [person for person in by_email if _alike(person, name)]
        if by_email and not alike:
            raise Refused(Problem("other_person", {"name": str(by_email[0])}))
        by_phone = [person for person in people if self._has(person, values.get("phone")) and _alike(person, name)]
        by_name = [person for person in people if folded(str(person)) == folded(" ".join(name))]
        found = alike or by_phone or by_name
        if len(found) > 1:
            found = [person for person in found if person in by_name] or found
        if len(found) > 1:
            raise Refused(Problem("ambiguous_person", {"names": ", ".join(map(str, found[:5]))}))
        return found[0] if found else None

    def _has(self, person: Contact, value: str | None) -> bool:
        return bool(value) and any(folded(point.value) == folded(value or "") for point in self.points[person.pk])


def _alike(person: Contact, name: tuple[str, str]) -> bool:
    """Whether two names share a word, so that a changed first or last name is still the same person."""
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
        """Register what differs; return the names of the fields."""
        new = {name: values[name] or field_default(Contact, name) for name in PLAIN if name in values}
        new |= dict(zip(("first_name", "last_name"), name_of(values), strict=True))
        changed = _set(contact, new)
        moved = _set(position, _position(values))
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


def _set(row: Any, new: dict[str, Any]) -> list[str]:
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
