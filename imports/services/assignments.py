"""Assignment of rows that need review to a customer, and their import."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import BusinessRuleError
from customers.models import Customer
from imports.enums import RowStatus, RunState
from imports.models import ImportRow, ImportRun, RowAssignment
from imports.normalise import Normaliser
from imports.permissions import may_import_kind
from imports.pipeline.base import RowHandler
from imports.pipeline.engine import Batches, Progress, advisory_lock, count_results
from imports.querysets import ImportRowQuerySet
from offers.offers.validators import check_customer


def may_assign(run: ImportRun) -> bool:
    """Return whether rows of the import can be assigned to a customer."""
    return bool(run.row_kind.handler.takes_customer) and run.state == RunState.DONE


@transaction.atomic
def rows_assign(*, run: ImportRun, customer: Customer, user: User, ids: Collection[int]) -> RowAssignment:
    """Assign rows of a finished import to a customer; ``assignment_execute`` then imports them.

    Rows that no longer need review are left out. Raises :class:`BusinessRuleError`: ``forbidden``, ``transition``,
    ``customer_passive``, ``nothing_held``.
    """
    if not may_import_kind(user, run.kind):
        raise BusinessRuleError("forbidden", _("You may not import this type of data."))
    if not may_assign(run):
        raise BusinessRuleError("transition", _("The rows of this import cannot be assigned to a customer."))
    check_customer(customer)
    advisory_lock(run.kind)  # no other batch is importing these rows
    assignment = RowAssignment.objects.create(run=run, customer=customer, user=user)
    rows = ImportRow.objects.filter(run=run, fate=RowStatus.HELD, pk__in=ids)
    assignment.chosen = rows.update(assignment=assignment)
    if not assignment.chosen:
        raise BusinessRuleError("nothing_held", _("Select rows that need review."))
    assignment.save(update_fields=["chosen"])
    return assignment


def assignment_execute(assignment: RowAssignment, progress: Progress) -> RowAssignment:
    """Import the assigned rows in batches, each in a transaction; safe to repeat after a crash.

    Rows that cannot be imported still need review and can be assigned again.
    """
    batches, done = _AssignedBatches(assignment), 0
    while size := batches.next_batch():
        done += size
        progress(min(done, assignment.chosen), assignment.chosen)
    with transaction.atomic():
        advisory_lock(assignment.run.kind)
        assignment.taken_in = assignment.rows.exclude(fate=RowStatus.HELD).count()
        assignment.save(update_fields=["taken_in"])
        assignment.rows.filter(fate=RowStatus.HELD).update(assignment=None)
        count_results(assignment.run)
    return assignment


class _AssignedBatches(Batches):
    """Batches of the rows of an assignment, with its customer."""

    def __init__(self, assignment: RowAssignment) -> None:
        super().__init__(assignment.run)
        self.assignment = assignment
        self.normalise = Normaliser(self.run.row_kind, self.config, self.run.header)

    def make_handler(self) -> RowHandler:
        handler = super().make_handler()
        handler.assigned_customer, handler.user = self.assignment.customer, self.assignment.user
        return handler

    def waiting(self) -> ImportRowQuerySet:
        return ImportRow.objects.filter(assignment=self.assignment, fate=RowStatus.HELD)

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """Normalise the stored cells of the rows again."""
        for row in rows:
            read = self.normalise(row.raw)
            row.fate, row.values = RowStatus.PENDING, read.values
            row.problems = [problem.data() for problem in read.problems]
