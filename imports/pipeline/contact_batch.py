"""Reads and writes of a batch of contact rows, one query per table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from core import clock
from customers.models import Contact, ContactPoint, Customer, Position
from imports.lookups import LookupFailed, folded
from imports.models import ImportRow
from imports.pipeline.base import field_default
from imports.pipeline.contact_fields import PLAIN, POINTS
from imports.pipeline.users import name_of
from imports.pipeline.writing import objects_update
from imports.problems import Problem

#: By customer: contacts that are not in the database (yet), their points and the number of their row.
Planned = dict[int, list[tuple[Contact, list[ContactPoint], int]]]


@dataclass
class Known:
    """The customers of the batch and their contacts, locked; those that earlier rows add have negative keys."""

    customers: dict[int, Customer]
    contacts: dict[int, Contact]
    points: dict[int, list[ContactPoint]]
    positions: dict[tuple[int, int], Position]
    of_customer: dict[int, list[int]]
    taken: dict[int, int] = field(default_factory=dict)
    keys: dict[int, int] = field(default_factory=dict)

    @classmethod
    def read(cls, ids: set[int], planned: Planned) -> Known:
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
        known = cls(customers, contacts, points, positions, of_customer)
        for customer in ids:
            for new in planned.get(customer, ()):
                known.plan(customer, *new)
        return known

    def plan(self, customer_id: int, contact: Contact, points: list[ContactPoint], number: int) -> None:
        """Remember a contact that row ``number`` adds."""
        key = -number
        self.contacts[key], self.points[key], self.taken[key] = contact, points, number
        self.keys[id(contact)] = key
        self.of_customer[customer_id].append(key)

    def key(self, contact: Contact) -> int:
        """Return what the contact is known by here: its id, or a negative number while it has none."""
        return self.keys.get(id(contact)) or contact.pk

    def find(self, customer_id: int, values: dict[str, Any]) -> Contact | None:
        """Return the row's contact among the customer's: by e-mail, then phone, then name.

        Raises :class:`LookupFailed` when the e-mail address is another person's, when several have the name, or when
        both e-mail and phone say that the only one of that name is somebody else.
        """
        people = [self.contacts[pk] for pk in self.of_customer[customer_id]]
        name = name_of(values)
        by_email = [person for person in people if self._has(person, values, "email")]
        alike = [person for person in by_email if _alike(person, name)]
        if by_email and not alike:
            raise LookupFailed(Problem("other_person", {"name": str(by_email[0])}))
        by_phone = [person for person in people if self._has(person, values, "phone") and _alike(person, name)]
        by_name = [person for person in people if folded(str(person)) == folded(" ".join(name))]
        found = alike or by_phone or by_name
        if len(found) > 1:
            found = [person for person in found if person in by_name] or found
        if len(found) > 1:
            raise LookupFailed(Problem("ambiguous_person", {"names": ", ".join(map(str, found[:5]))}))
        if found and not alike and not by_phone and self._is_contradicted(found[0], values):
            raise LookupFailed(Problem("namesake", {"name": str(found[0])}))
        return found[0] if found else None

    def _own(self, person: Contact, name: str) -> set[str]:
        kind = dict(POINTS)[name]
        return {folded(point.value) for point in self.points[self.key(person)] if point.kind == kind}

    def _has(self, person: Contact, values: dict[str, Any], name: str) -> bool:
        return bool(self._own(person, name) & {folded(value) for value, _note in values.get(name) or []})

    def _is_contradicted(self, person: Contact, values: dict[str, Any]) -> bool:
        """Return whether the row has an e-mail address and a phone, and the person has others of both."""
        return all(
            values.get(name) and self._own(person, name) and not self._has(person, values, name)
            for name, _kind in POINTS
        )


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

    def create(self, row: ImportRow, customer: Customer, values: dict[str, Any]) -> tuple[Contact, list[ContactPoint]]:
        """Register a new contact; return it with its phones and e-mails."""
        first, last = name_of(values)
        given = {name: values[name] for name in PLAIN if values.get(name)}
        contact = Contact(first_name=first, last_name=last, **given)
        self.created.append((row, contact))
        points = _new_points(contact, [], values)
        self.points += points
        position = Position(contact=contact, customer=customer, start=clock.today(), **_position(values))
        self.new_positions.append(position)
        return contact, points

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
        changed += [name.removesuffix("_id") for name in moved]
        changed += dict.fromkeys(str(point.kind) for point in added)
        if changed:
            contact.version += 1
            contact.updated_at = clock.now()
            self.contacts.append(contact)
        return changed

    def apply(self) -> None:
        """Write everything, each table in one statement."""
        Contact.objects.bulk_create([contact for _row, contact in self.created])
        fields = ["first_name", "last_name", *PLAIN, "version", "updated_at"]
        objects_update(self.contacts, fields)
        ContactPoint.objects.bulk_create(self.points)
        Position.objects.bulk_create(self.new_positions)
        objects_update(self.positions, ["title", "area", "role"])


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
    """Return the phones and e-mails that the contact does not have yet; those it has are never taken away."""
    points: list[ContactPoint] = []
    for name, kind in POINTS:
        own = {folded(point.value) for point in known if point.kind == kind}
        for value, note in values.get(name) or []:
            if folded(value) not in own:
                points.append(ContactPoint(contact=contact, kind=kind, value=value, label=note, is_primary=not own))
                own.add(folded(value))
    return points
