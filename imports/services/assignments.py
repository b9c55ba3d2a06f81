"""Held rows that somebody gives to a customer later: they are taken in as the import would have done it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import BusinessRuleError
from customers.models import Customer
from imports.enums import Fate, RunState
from imports.models import ImportRow, ImportRun, RowAssignment
from imports.normalise import Normaliser
from imports.permissions import may_import_kind
from imports.pipeline.base import RowHandler
from imports.pipeline.engine import Batches, Progress, alone, count_fates
from imports.querysets import ImportRowQuerySet
from offers.offers.validators import check_customer


def may_assign(run: ImportRun) -> bool:
    """Whether rows that the import has held can be given to a customer."""
    return bool(run.row_kind.handler.takes_customer) and run.state == RunState.DONE


@transaction.atomic
def rows_assign(*, run: ImportRun, customer: Customer, user: User, ids: Collection[int]) -> RowAssignment:
    """Choose a customer for held rows of a finished import; ``assignment_execute`` then takes them in.

    Rows that are not held any more are left out. Raises :class:`BusinessRuleError`: ``forbidden``, ``transition``,
    ``customer_passive``, ``nothing_held``.
    """
    if not may_import_kind(user, run.kind):
        raise BusinessRuleError("forbidden", _("You may not import rows of this kind."))
    if not may_assign(run):
        raise BusinessRuleError("transition", _("The rows of this import cannot be given to a customer."))
    check_customer(customer)
    alone(run.kind)  # no batch is taking these rows in
    assignment = RowAssignment.objects.create(run=run, customer=customer, user=user)
    rows = ImportRow.objects.filter(run=run, fate=Fate.HELD, pk__in=ids)
    assignment.chosen = rows.update(assignment=assignment)
    if not assignment.chosen:
        raise BusinessRuleError("nothing_held", _("Tick rows that are held."))
    assignment.save(update_fields=["chosen"])
    return assignment


def assignment_execute(assignment: RowAssignment, progress: Progress) -> RowAssignment:
    """Take the chosen rows in, batch by batch, each in a transaction; may be called again after a death half way.

    Rows that still cannot be taken in stay held with their reason, free to be chosen again.
    """
    batches, done = _GivenBatches(assignment), 0
    while size := batches.next_batch():
        done += size
        progress(min(done, assignment.chosen), assignment.chosen)
    with transaction.atomic():
        alone(assignment.run.kind)
        assignment.taken_in = assignment.rows.exclude(fate=Fate.HELD).count()
        assignment.save(update_fields=["taken_in"])
        assignment.rows.filter(fate=Fate.HELD).update(assignment=None)
        count_fates(assignment.run)
    return assignment


class _GivenBatches(Batches):
    """Batches of held rows, with the customer whom a person has chosen for them."""

    def __init__(self, assignment: RowAssignment) -> None:
        super().__init__(assignment.run)
        self.assignment = assignment
        self.normalise = Normaliser(self.run.row_kind, self.config, self.run.header)

    def make_handler(self) -> RowHandler:
        handler = super().make_handler()
        handler.given, handler.user = self.assignment.customer, self.assignment.user
        return handler

    def waiting(self) -> ImportRowQuerySet:
        return ImportRow.objects.filter(assignment=self.assignment, fate=Fate.HELD)

    def prepare(self, rows: Sequence[ImportRow]) -> None:
        """A held row has kept what the file says: it is read again."""
        for row in rows:
            read = self.normalise(row.raw)
            row.fate, row.values = Fate.PENDING, read.values
            row.problems = [problem.data() for problem in read.problems]
