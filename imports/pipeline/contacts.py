"""The handler of contact rows, which finds the customer, then the person among its contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from customers.enums import BranchPurpose, CustomerState
from customers.models import Customer
from imports.enums import RowStatus
from imports.lookups import Classes, LookupFailed
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, add_problem, set_result
from imports.pipeline.contact_batch import Known, Planned, Writes
from imports.pipeline.contact_fields import customer_key
from imports.pipeline.matching import Match, match_customers
from imports.pipeline.users import beside_name, name_of
from imports.problems import Problem

MISSING = object()


class ContactHandler(RowHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.classes = Classes(self.user)
        #: New contacts of earlier batches, as long as they are not in the database: in a check, all of them.
        self.planned: Planned = defaultdict(list)
        branches = self.classes.branches.values()
        self.role_branch = next((item for item in branches if item.purpose == BranchPurpose.CONTACT_ROLE), None)

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        """Return nothing: rows about the same person are found by the rules that hold for the database too."""
        return "", "", ""

    def process(self, rows: Sequence[ImportRow]) -> None:
        matches = match_customers([customer_key(row.values) for row in rows])
        known = Known.read({pk for match in matches for pk in match.ids}, self.planned)
        taken = ImportRow.objects.filter(run=self.run, target_id__in=known.contacts).order_by("-number")
        known.taken |= {target: number for target, number in taken.values_list("target_id", "number") if target}
        writes = Writes()
        for row, match in zip(rows, matches, strict=True):
            try:
                self._import_row(row, match, known, writes)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)
        if not self.dry_run:
            writes.apply()
            self.planned.clear()
        for row, contact in writes.created:
            row.target_id = contact.pk

    def _import_row(self, row: ImportRow, match: Match, known: Known, writes: Writes) -> None:
        values = dict(row.values or {})
        if not name_of(values)[1]:
            set_result(row, RowStatus.REFUSED, Problem("required", {}, "last_name"))
            return
        if beside := beside_name(values):
            add_problem(row, Problem("beside_name", {"value": beside}, "full_name"))
        customer = self._customer(values, match, known)
        contact = known.find(customer.pk, values)
        if contact is not None and known.taken.setdefault(known.key(contact), row.number) != row.number:
            raise LookupFailed(Problem("same_as", {"number": known.taken[known.key(contact)]}))
        if contact is None:
            values = {**self.defaults, **values}
        self._role(row, values)
        if contact is None:
            new = (*writes.create(row, customer, values), row.number)
            self.planned[customer.pk].append(new)
            known.plan(customer.pk, *new)
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
        if text is MISSING:
            return
        if self.role_branch is None:
            if text:
                add_problem(row, Problem("unknown_class", {"value": text[:80]}, "role"))
            return
        try:
            values["role_id"] = self.classes.get(self.role_branch, text) if text else None
        except LookupFailed as error:
            add_problem(row, Problem(error.problem.code, error.problem.params, "role"))
