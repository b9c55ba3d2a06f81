"""Reads and writes of a batch of customer rows, one query per table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Concat, Upper

from accounts.models import User
from core import clock
from core.segments import customers_added
from customers.enums import AddressKind, ResponsibilityRole
from customers.models import Address, Customer, CustomerClassification, CustomerNumber, Responsibility
from customers.services.responsibilities import owners_change
from customers.services.summaries import summaries_create, summaries_refresh
from imports.lookups import folded
from imports.models import ImportRow, ImportRun
from imports.pipeline.base import field_default
from imports.pipeline.customer_fields import ADDRESS_PARTS, CLASS, PLAIN, SEGMENT
from imports.pipeline.writing import next_ids, objects_update, rows_insert
from imports.problems import Problem
from segmentation.membership.models import Membership
from segmentation.schemes.models import Segment


class NeedsReview(Exception):
    """A person must decide about the row."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass
class Known:
    """The matching customers of a batch, locked, with the data to compare."""

    customers: dict[int, Customer]
    addresses: dict[int, dict[str, Address]]
    numbers: dict[int, list[CustomerNumber]]
    owners: dict[int, int]
    classes: dict[int, list[CustomerClassification]]
    number_owners: dict[str, int]
    taken: dict[int, int]
    segments: dict[tuple[int, int], int]  # of the schemes, by customer and scheme

    @classmethod
    def read(cls, ids: set[int], rows: Sequence[ImportRow], run: ImportRun) -> Known:
        """Read and lock: one query per table."""
        customers = Customer.objects.select_for_update().order_by("pk").in_bulk(ids)
        addresses: dict[int, dict[str, Address]] = defaultdict(dict)
        for address in Address.objects.filter(customer__in=ids):
            addresses[address.customer_id][address.kind] = address
        classes = defaultdict(list)
        for item in CustomerClassification.objects.filter(customer__in=ids).select_related("node"):
            classes[item.customer_id].append(item)
        owners = Responsibility.objects.current().filter(customer__in=ids, role=ResponsibilityRole.OWNER)
        taken = ImportRow.objects.filter(run=run, target_id__in=ids).order_by("-number")
        numbers, number_owners = cls._numbers(ids, rows)
        return cls(
            customers,
            addresses,
            numbers,
            dict(owners.values_list("customer_id", "user_id")),
            classes,
            number_owners,
            {target: number for target, number in taken.values_list("target_id", "number") if target},
            cls._segments(ids),
        )

    @staticmethod
    def _segments(ids: set[int]) -> dict[tuple[int, int], int]:
        present = Membership.objects.present().filter(customer__in=ids, is_exclusive=True)
        rows = present.values_list("customer", "scheme", "segment")
        return {(customer, scheme): segment for customer, scheme, segment in rows}

    @staticmethod
    def _numbers(ids: set[int], rows: Sequence[ImportRow]) -> tuple[dict[int, list[CustomerNumber]], dict[str, int]]:
        """Return the numbers of the customers, and the customer of each number in the rows."""
        mentioned = {
            _number_key(system, number) for row in rows for system, number in (row.values or {}).get("number", [])
        }
        key = Concat(Upper("system"), Value("|"), Upper("number"))
        wanted = Q(customer__in=ids)
        if mentioned:
            wanted |= Q(_number__in=[item.partition("|")[2] for item in mentioned])
        found = CustomerNumber.objects.annotate(_key=key, _number=Upper("number")).filter(wanted)
        numbers: dict[int, list[CustomerNumber]] = defaultdict(list)
        owners: dict[str, int] = {}
        for number in found:
            numbers[number.customer_id].append(number)
            owners[_number_key(number.system, number.number)] = number.customer_id
        return numbers, owners

    def number_in(self, customer_id: int, system: str) -> str:
        numbers = self.numbers.get(customer_id, [])
        return next((number.number for number in numbers if number.system.upper() == system.upper()), "")

    def check_numbers(self, customer: Customer | None, row: ImportRow, values: dict[str, Any]) -> None:
        """Reserve the row's numbers for the customer, or for the row if it adds one.

        Raises :class:`NeedsReview` if another customer or row has one.
        """
        own = customer.pk if customer else -row.number
        for system, number in values.get("number", []):
            owner = self.number_owners.setdefault(_number_key(system, number), own)
            if owner < 0 and owner != own:
                raise NeedsReview(Problem("same_as", {"number": -owner}))
            if owner != own:
                name = Customer.objects.filter(pk=owner).values_list("name", flat=True).first() or ""
                raise NeedsReview(Problem("number_taken", {"name": name}))


def _number_key(system: str, number: str) -> str:
    return f"{system}|{number}".upper()


@dataclass(eq=False, slots=True)
class NewCustomer:
    """A customer that the batch adds: its columns, and its id once that is reserved."""

    values: dict[str, Any]
    pk: int | None = None

    @property
    def name(self) -> str:
        return str(self.values["name"])


#: The columns of a row that belongs to a customer, which is written as ``customer_id``.
Belonging = tuple[Customer | NewCustomer, dict[str, Any]]


@dataclass
class Writes:
    """What a batch is going to write."""

    user: User | None
    created: list[tuple[ImportRow, NewCustomer]] = field(default_factory=list)
    updated: dict[int, Customer] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    new_addresses: list[Belonging] = field(default_factory=list)
    old_addresses: list[Address] = field(default_factory=list)
    numbers: list[Belonging] = field(default_factory=list)
    first_owners: list[Belonging] = field(default_factory=list)
    next_owners: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    classes: list[Belonging] = field(default_factory=list)
    lost_classes: list[int] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    #: By field: the row, its customer and the segment that it wants.
    moves: dict[str, list[tuple[ImportRow, Customer | NewCustomer, Segment]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def create(self, row: ImportRow, values: dict[str, Any], refs: dict[str, Any]) -> None:
        customer = NewCustomer({"name": values["name"], "municipality_id": refs.get("municipality")})
        customer.values.update(plain_values(values))
        self.created.append((row, customer))
        self.addresses_of(customer, {}, values)
        self.numbers_of(customer, [], values)
        self.classes_of(customer, [], refs)
        self.segments_of(row, customer, {}, refs)
        if refs.get("owner"):
            owner = {"user_id": refs["owner"], "role": ResponsibilityRole.OWNER, "start": clock.today()}
            self.first_owners.append((customer, owner))

    def update(self, customer: Customer, changed: list[str]) -> None:
        self.updated[customer.pk] = customer
        self.fields |= set(changed)

    def addresses_of(
        self, customer: Customer | NewCustomer, known: dict[str, Address], values: dict[str, Any]
    ) -> list[str]:
        changed: list[str] = []
        for kind, names in _ADDRESS_FIELDS:
            parts = {part: values[name] or "" for name, part in names if name in values}
            if not parts:
                continue
            if parts.get("street"):
                parts["street"] = street_alone(parts["street"], parts.get("postal_code"), parts.get("city"))
            address = known.get(kind)
            different = {part: value for part, value in parts.items() if value != getattr(address, part, "")}
            if different and address:
                self._change_address(address, different)
            elif different:
                self.new_addresses.append((customer, {"kind": kind, **different}))
            changed += [f"{kind}_{part}" for part in different]
        return self._touch(customer, changed)

    def _change_address(self, address: Address, different: dict[str, str]) -> None:
        for part, value in different.items():
            setattr(address, part, value)
        self.old_addresses.append(address)

    def numbers_of(
        self, customer: Customer | NewCustomer, known: list[CustomerNumber], values: dict[str, Any]
    ) -> list[str]:
        own = {_number_key(number.system, number.number) for number in known}
        new = {_number_key(system, number): (system, number) for system, number in values.get("number", ())}
        added = [pair for key, pair in new.items() if key not in own]
        self.numbers += [(customer, {"system": system, "number": number}) for system, number in added]
        return self._touch(customer, ["number"] if added else [])

    def owner_of(self, customer: Customer, known: int | None, refs: dict[str, Any]) -> list[str]:
        owner = refs.get("owner")
        if owner is None or owner == known:
            return []
        self.next_owners[owner].append(customer.pk)
        return ["owner"]

    def classes_of(
        self, customer: Customer | NewCustomer, known: list[CustomerClassification], refs: dict[str, Any]
    ) -> list[str]:
        changed: list[str] = []
        for name in [name for name in refs if name.startswith(CLASS)]:
            branch, wanted = refs[name]
            held = {item.node_id: item.pk for item in known if item.node.branch_id == branch.id}
            added = wanted - held.keys()
            lost = [] if branch.is_multiple else [pk for node, pk in held.items() if node not in wanted]
            self.lost_classes += lost
            by = self.user.pk if self.user else None
            self.classes += [(customer, {"node_id": node, "assigned_by_id": by}) for node in sorted(added)]
            changed += [name] if added or lost else []
        return self._touch(customer, changed)

    def segments_of(
        self, row: ImportRow, customer: Customer | NewCustomer, known: dict[tuple[int, int], int], refs: dict[str, Any]
    ) -> list[str]:
        changed: list[str] = []
        for name in [name for name in refs if name.partition(":")[0] == SEGMENT]:
            segment = refs[name]
            if known.get((customer.pk or 0, segment.scheme_id)) != segment.pk:
                self.moves[name].append((row, customer, segment))
                changed.append(name)
        return changed

    def _touch(self, customer: Customer | NewCustomer, changed: list[str]) -> list[str]:
        if changed and customer.pk:
            self.touched.add(customer.pk)
        return changed

    def apply(self) -> None:
        """Write everything, each table in one or few statements, and bring the summaries up to date.

        What belongs to new customers comes before them (its foreign keys are checked at the end), so that their
        summaries are written once.
        """
        for (_row, customer), pk in zip(self.created, next_ids(Customer, len(self.created)), strict=True):
            customer.pk = pk
        CustomerClassification.objects.filter(pk__in=self.lost_classes).delete()
        for model, records in (
            (Address, self.new_addresses),
            (CustomerNumber, self.numbers),
            (CustomerClassification, self.classes),
            (Responsibility, self.first_owners),
        ):
            rows_insert(model, [{"customer_id": customer.pk, **values} for customer, values in records])
        self._add_customers()
        self._change_customers()

    def _add_customers(self) -> None:
        records = [{"id": customer.pk, **customer.values} for _row, customer in self.created]
        if records:
            summaries_create(records)
            rows_insert(Customer, records)

    def _change_customers(self) -> None:
        objects_update([*self.updated.values()], [*self.fields, "version", "updated_at"])
        objects_update(self.old_addresses, ADDRESS_PARTS)
        for user in User.objects.filter(pk__in=self.next_owners):
            owners_change(customer_ids=self.next_owners[user.pk], user=user)
        summaries_refresh(self.updated.keys() | self.touched)
        moving = {id(customer) for moves in self.moves.values() for _row, customer, _segment in moves}
        added = [customer for _row, customer in self.created if id(customer) not in moving]
        customers_added([customer.pk for customer in added if customer.pk])


_ADDRESS_FIELDS = tuple(
    (kind, tuple((f"{kind}_{part}", part) for part in ADDRESS_PARTS)) for kind in AddressKind.values
)
_EMPTY = {name: field_default(Customer, name) for name in PLAIN}


def street_alone(street: str, postal_code: str | None, city: str | None) -> str:
    """Return a street without the postal code and city behind it, where these have their own columns.

    Pipedrive's *Address* is the whole address on one line: *Katu 1, 00100 Helsinki, Finland*.
    """
    if not postal_code or not city or "," not in street:
        return street
    others = {folded(text) for text in (postal_code, city, f"{postal_code} {city}", f"{city} {postal_code}")}
    first, *rest = street.split(",")
    return ",".join([first, *takewhile(lambda piece: folded(piece) not in others, rest)])


def plain_values(values: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield the plain fields of a row as the model holds them; None becomes the field's empty value."""
    for name in PLAIN:
        if name in values:
            value = values[name]
            if value is None:
                value = _EMPTY[name]
            yield name, Decimal(value) if name == "turnover" and value is not None else value
