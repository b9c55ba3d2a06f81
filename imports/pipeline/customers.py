"""The handler of customer rows: match, compare and write the differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import clock
from core.segments import REFUSED, SET, Move, segments_set
from customers.enums import CustomerState
from customers.models import Customer
from imports.enums import RowStatus
from imports.lookups import Classes, LookupFailed, Municipalities, Owners, Segments, folded
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, add_problem, set_result
from imports.pipeline.customer_batch import Known, NeedsReview, Writes, plain_values
from imports.pipeline.customer_fields import CLASS, SEGMENT
from imports.pipeline.matching import CANDIDATES, CustomerKey, Match, match_customers
from imports.pipeline.parents import link_parents
from imports.problems import Problem
from segmentation.schemes.models import Segment


def customer_key(values: dict[str, Any]) -> CustomerKey:
    system, number = (values.get("number") or [["", ""]])[0]
    return CustomerKey(system, number, values.get("business_id") or "", values.get("name") or "")


class CustomerHandler(RowHandler):
    batch_size = 2_000

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.users, self.municipalities, self.classes = Owners(), Municipalities(), Classes(self.user)
        self.segments = Segments(self.user)
        self.required = [branch for branch in self.classes.branches.values() if branch.is_required]
        #: Numbers of the rows so far, kept where rows have several, which staging does not compare.
        self.numbers: dict[str, int] = {}
        self.has_numbers = sum(column.field == "number" for column in self.config.columns) > 1
        #: What a check has planned: the parents by customer, or by negative row number.
        self.parents: dict[int, int | None] = {}
        self.by_personnel = bool(self.config.options.get("size_from_personnel", True))

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        wanted = customer_key(values)
        number = f"{wanted.system}|{wanted.number}".upper() if wanted.number else ""
        return number, wanted.business_id, wanted.name

    def process(self, rows: Sequence[ImportRow]) -> None:
        wanted = [customer_key(row.values) for row in rows]
        matches = match_customers(wanted)
        known = Known.read({pk for match in matches for pk in match.all_ids}, rows, self.run)
        if self.has_numbers:
            known.number_owners |= self.numbers
        writes = Writes(self.user)
        for row, match in zip(rows, matches, strict=True):
            try:
                self._import_row(row, match, known, writes)
            except NeedsReview as error:
                set_result(row, RowStatus.HELD, error.problem)
        if self.has_numbers:
            self.numbers |= {key: owner for key, owner in known.number_owners.items() if owner < 0}
        if not self.dry_run:
            writes.apply()
        move_customers(writes, self.user, write=not self.dry_run)
        for row, customer in writes.created:
            row.target_id = customer.pk

    def link(self, rows: Sequence[ImportRow]) -> None:
        column = self.config.column_of("number")
        link_parents(self.run, rows, column.system if column else "", self.parents)

    def _import_row(self, row: ImportRow, match: Match, known: Known, writes: Writes) -> None:
        if row.same_as:
            raise NeedsReview(Problem("same_as", {"number": row.same_as}))
        customer = self._customer(row, match, known)
        values = dict(row.values or {})
        if customer is None and not values.get("name"):
            set_result(row, RowStatus.REFUSED, Problem("required", {}, "name"))
            return
        if customer is None:
            values = {**self.defaults, **values}
        known.check_numbers(customer, row, values)
        refs = self._references(row, values)
        missing = self._missing_classes(row, refs, is_new=customer is None)
        if missing:
            set_result(row, RowStatus.HELD, *missing)
            return
        parent = values.get("parent", "") if "parent" in values else ""
        if customer is None:
            writes.create(row, values, refs)
            row.fate = RowStatus.CREATED
        else:
            row.target_id = customer.pk
            row.changed = self._differences(row, customer, values, match, refs, known, writes)
            row.fate = RowStatus.UPDATED if row.changed else RowStatus.UNCHANGED
        keep_parent = "parent" in values and (parent or customer is not None)
        row.values = {"parent": parent} if keep_parent else None

    def _customer(self, row: ImportRow, match: Match, known: Known) -> Customer | None:
        """Return the customer of the row, None for a new one. Raises :class:`NeedsReview` if a person must decide."""
        if len(match.ids) > 1:
            names = [f"{known.customers[pk].name} (#{pk})" for pk in match.ids[:CANDIDATES]]
            raise NeedsReview(Problem("ambiguous", {"names": ", ".join(names)}))
        if not match.ids:
            return None
        customer = known.customers[match.ids[0]]
        if customer.state == CustomerState.PASSIVE:
            raise NeedsReview(Problem("passive", {"name": customer.name}))
        if match.by_number and match.by_id and match.by_id != match.by_number:
            raise NeedsReview(Problem("business_id_taken", {"name": known.customers[match.by_id].name}))
        if not match.by_number and not match.by_id:
            self._check_name_match(row, customer, known)
        earlier = known.taken.get(customer.pk)
        if earlier is not None and earlier != row.number:
            raise NeedsReview(Problem("same_as", {"number": earlier}))
        known.taken[customer.pk] = row.number
        return customer

    @staticmethod
    def _check_name_match(row: ImportRow, customer: Customer, known: Known) -> None:
        """Raise :class:`NeedsReview` if the customer found by name is another one.

        It has another number in the same system, or both another e-mail address and another phone.
        """
        for system, number in (row.values or {}).get("number", []):
            own = known.number_in(customer.pk, system)
            if own and own.upper() != number.upper():
                raise NeedsReview(Problem("other_number", {"name": customer.name, "number": own}))
        pairs = [((row.values or {}).get(name) or "", getattr(customer, name)) for name in ("email", "phone")]
        if all(new and own and folded(new) != folded(own) for new, own in pairs):
            raise NeedsReview(Problem("namesake", {"name": customer.name}))

    def _missing_classes(self, row: ImportRow, refs: dict[str, Any], *, is_new: bool) -> list[Problem]:
        """Return the required classes that a new customer lacks. One that is here already keeps those it has."""
        names = [CLASS + branch.code for branch in self.required]
        empty = [name for name in names if name in refs and not refs[name][1]]
        for name in empty:
            del refs[name]
            if not is_new:
                add_problem(row, Problem("required", {}, name))
        return [Problem("required_class", {}, name) for name in names if name not in refs] if is_new else []

    def _references(self, row: ImportRow, values: dict[str, Any]) -> dict[str, Any]:
        """Return the ids of the names in the row.

        An unknown name is left out and noted as a problem; an unknown class raises :class:`NeedsReview`."""
        refs: dict[str, Any] = {}
        for name, lookup in (("owner", self.users), ("municipality", self.municipalities)):
            text = values.get(name)
            if text:
                self._look_up(row, refs, name, lookup, text)
            elif name == "municipality" and name in values:
                refs[name] = None
        for name in [name for name in values if name.startswith(CLASS)]:
            branch = self.classes.branches[name.removeprefix(CLASS)]
            refs[name] = (branch, self._class_ids(name, branch, values[name]))
        for name in [name for name in values if name.partition(":")[0] == SEGMENT and values[name]]:
            refs[name] = self._segment(name, values[name])
        self._size(values, refs)
        return refs

    def _segment(self, name: str, text: str) -> Segment:
        try:
            return self.segments.get(name, text)
        except LookupFailed as error:
            raise NeedsReview(Problem(error.problem.code, error.problem.params, name)) from error

    @staticmethod
    def _look_up(row: ImportRow, refs: dict[str, Any], name: str, lookup: Owners | Municipalities, text: str) -> None:
        try:
            refs[name] = lookup.get(text)
        except LookupFailed as error:
            problem = error.problem
            add_problem(row, Problem(problem.code, problem.params, name))

    def _class_ids(self, name: str, branch: Any, text: str | None) -> set[int]:
        if text is None:
            return set()
        parts = [part.strip() for part in text.replace("\n", ";").replace("|", ";").split(";")]
        texts = [part for part in parts if part] if branch.is_multiple else [text]
        return {self._class_id(name, branch, part) for part in texts}

    def _class_id(self, name: str, branch: Any, text: str) -> int:
        try:
            return self.classes.get(branch, text)
        except LookupFailed as error:
            column = self.config.column_of(name)
            if error.problem.code == "unknown_class" and column and column.create and not self.dry_run:
                return self.classes.create(branch, text)
            if error.problem.code == "unknown_class" and column and column.create:
                return -1
            raise NeedsReview(Problem(error.problem.code, error.problem.params, name)) from error

    def _size(self, values: dict[str, Any], refs: dict[str, Any]) -> None:
        """Set the size class by the personnel unless the file gives the class."""
        personnel = values.get("personnel")
        found = self.classes.size_of(personnel) if self.by_personnel and personnel is not None else None
        if found:
            refs.setdefault(CLASS + found[0].code, (found[0], {found[1]}))

    def _differences(
        self,
        row: ImportRow,
        customer: Customer,
        values: dict[str, Any],
        match: Match,
        refs: dict[str, Any],
        known: Known,
        writes: Writes,
    ) -> list[str]:
        """Register the writes of a row for an existing customer; return the changed fields."""
        by_name = not match.by_number and not match.by_id
        changed = plain_differences(customer, values, refs, with_name=not by_name)
        if changed:
            customer.version += 1
            customer.updated_at = clock.now()
            writes.update(customer, changed)
        changed += writes.addresses_of(customer, known.addresses.get(customer.pk, {}), values)
        changed += writes.numbers_of(customer, known.numbers.get(customer.pk, []), values)
        changed += writes.owner_of(customer, known.owners.get(customer.pk), refs)
        changed += writes.classes_of(customer, known.classes.get(customer.pk, []), refs)
        changed += writes.segments_of(row, customer, known.segments, refs)
        return changed


#: What the problem of a row is called when its segment was not set.
_NOT_SET = {"full": "segment_full", "proposal_open": "segment_refused"}


def move_customers(writes: Writes, user: Any, *, write: bool) -> None:
    """Move the customers of a batch to their segments, or propose it; note in the rows what was not set."""
    for name, moves in writes.moves.items():
        wanted = {customer.pk: segment for _row, customer, segment in moves if customer.pk}
        done = segments_set(wanted=wanted, user=user, kind="import", write=write)
        for row, customer, segment in moves:
            move = done.get(customer.pk or 0)
            if move is None and segment.needs_approval:  # a check of a new customer
                add_problem(row, Problem("segment_proposed", {"value": segment.code}, name))
            elif move is not None and move.status != SET:
                _note(row, name, move)


def _note(row: ImportRow, name: str, move: Move) -> None:
    """Note that a row's segment was not set; if nothing else was changed, the row is unchanged."""
    code = _NOT_SET.get(move.code, "segment_refused") if move.status == REFUSED else "segment_proposed"
    add_problem(row, Problem(code, {"value": move.segment.code}, name))
    row.changed = [field for field in row.changed if field != name]
    if row.fate == RowStatus.UPDATED and not row.changed:
        row.fate = RowStatus.UNCHANGED


def plain_differences(
    customer: Customer, values: dict[str, Any], refs: dict[str, Any], *, with_name: bool
) -> list[str]:
    """Set the fields of the customer's own row that differ and return their names."""
    new = dict(plain_values(values))
    if with_name and values.get("name"):
        new["name"] = values["name"]
    if "municipality" in refs:
        new["municipality_id"] = refs["municipality"]
    changed = [name for name, value in new.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, new[name])
    return [name.removesuffix("_id") if name == "municipality_id" else name for name in changed]
