"""Choices of imports. Nothing of the project is imported here."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportKind(models.TextChoices):
    """The type of data in a file."""

    CUSTOMERS = "customers", _("customers")
    CONTACTS = "contacts", _("contacts")
    USERS = "users", _("users")
    PRODUCTS = "products", _("products")
    OFFERS = "offers", _("offers")
    MEMBERSHIPS = "memberships", _("segments with dates")
    METRICS = "metrics", _("values of metrics")
    ORDER_COSTS = "costs", _("direct costs of orders")
    ABSENCES = "absences", _("absences")
    CHARGES = "charges", _("charges of customers")


class RunState(models.TextChoices):
    """The state of an import: a draft can be checked any number of times and is then run."""

    DRAFT = "draft", pgettext_lazy("import", "draft")
    CHECKING = "checking", pgettext_lazy("import", "being checked")
    CHECKED = "checked", pgettext_lazy("import", "checked")
    RUNNING = "running", pgettext_lazy("import", "running")
    DONE = "done", pgettext_lazy("import", "done")
    STOPPED = "stopped", pgettext_lazy("import", "stopped")
    UNDOING = "undoing", pgettext_lazy("import", "being undone")
    PARTLY = "partly", pgettext_lazy("import", "partly undone")
    UNDONE = "undone", pgettext_lazy("import", "undone")

    @property
    def is_underway(self) -> bool:
        return self in {RunState.CHECKING, RunState.RUNNING, RunState.UNDOING}


#: A stopped import has written some of its rows: it can be continued or undone. A stopped check is a draft again.
RUN_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.DRAFT: frozenset({RunState.CHECKING, RunState.RUNNING}),
    RunState.CHECKING: frozenset({RunState.CHECKED, RunState.DRAFT}),
    RunState.CHECKED: frozenset({RunState.DRAFT, RunState.CHECKING, RunState.RUNNING}),
    RunState.RUNNING: frozenset({RunState.DONE, RunState.STOPPED}),
    RunState.STOPPED: frozenset({RunState.RUNNING, RunState.UNDOING}),
    RunState.DONE: frozenset({RunState.UNDOING}),
    RunState.UNDOING: frozenset({RunState.DONE, RunState.STOPPED, RunState.PARTLY, RunState.UNDONE}),
    RunState.PARTLY: frozenset({RunState.UNDOING}),
    RunState.UNDONE: frozenset(),
}
#: A finished import, of which rows to review can be imported.
FINISHED_STATES = (RunState.DONE, RunState.PARTLY)


class RowStatus(models.TextChoices):
    """The result of a row. A pending row has not been processed yet."""

    PENDING = "", pgettext_lazy("import row", "waiting")
    CREATED = "created", pgettext_lazy("import row", "added")
    UPDATED = "updated", pgettext_lazy("import row", "changed")
    UNCHANGED = "unchanged", pgettext_lazy("import row", "unchanged")
    HELD = "held", pgettext_lazy("import row", "needs review")
    REFUSED = "refused", pgettext_lazy("import row", "skipped")


#: The results that a run counts, in the order they are shown.
ROW_STATUSES = (RowStatus.CREATED, RowStatus.UPDATED, RowStatus.UNCHANGED, RowStatus.HELD, RowStatus.REFUSED)
#: The labels of the results after a check.
PREVIEW_LABELS = {
    RowStatus.CREATED: pgettext_lazy("import check", "will be added"),
    RowStatus.UPDATED: pgettext_lazy("import check", "will change"),
    RowStatus.UNCHANGED: pgettext_lazy("import check", "will not change"),
    RowStatus.HELD: pgettext_lazy("import row", "needs review"),
    RowStatus.REFUSED: pgettext_lazy("import check", "will be skipped"),
}
#: Results that need attention.
PROBLEM_STATUSES = (RowStatus.HELD, RowStatus.REFUSED)


class UndoStatus(models.TextChoices):
    """What an undo of the import means for a row that changed something; empty before a check."""

    NONE = "", pgettext_lazy("undo of a row", "not checked")
    CAN = "can", pgettext_lazy("undo of a row", "can be undone")
    WAITING = "waiting", pgettext_lazy("undo of a row", "waiting")
    UNDONE = "undone", pgettext_lazy("undo of a row", "undone")
    KEPT = "kept", pgettext_lazy("undo of a row", "cannot be undone")


#: Rows with these results changed something.
WRITTEN = (RowStatus.CREATED, RowStatus.UPDATED)

#: What the API's schema calls these.
SCHEMA_NAMES = {
    "ImportKindEnum": ImportKind,
    "ImportStateEnum": RunState,
    "ImportUndoEnum": UndoStatus,
}
