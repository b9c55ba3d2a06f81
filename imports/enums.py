"""Choices of imports. Nothing of the project is imported here."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ImportKind(models.TextChoices):
    """What the rows of a file are."""

    CUSTOMERS = "customers", _("customers")
    CONTACTS = "contacts", _("contacts")
    USERS = "users", _("users")
    PRODUCTS = "products", _("products")
    OFFERS = "offers", _("offers")


class RunState(models.TextChoices):
    """How far an import is: a draft is checked (a dry run, as often as wanted) and then run."""

    DRAFT = "draft", pgettext_lazy("import", "draft")
    CHECKING = "checking", pgettext_lazy("import", "being checked")
    CHECKED = "checked", pgettext_lazy("import", "checked")
    RUNNING = "running", pgettext_lazy("import", "running")
    DONE = "done", pgettext_lazy("import", "done")
    STOPPED = "stopped", pgettext_lazy("import", "stopped")

    @property
    def is_underway(self) -> bool:
        return self in {RunState.CHECKING, RunState.RUNNING}


#: A stopped import has written some of its rows: it can only be continued. A stopped check is a draft again.
RUN_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.DRAFT: frozenset({RunState.CHECKING, RunState.RUNNING}),
    RunState.CHECKING: frozenset({RunState.CHECKED, RunState.DRAFT}),
    RunState.CHECKED: frozenset({RunState.DRAFT, RunState.CHECKING, RunState.RUNNING}),
    RunState.RUNNING: frozenset({RunState.DONE, RunState.STOPPED}),
    RunState.STOPPED: frozenset({RunState.RUNNING}),
    RunState.DONE: frozenset(),
}


class Fate(models.TextChoices):
    """What became of a row. A pending row has not been reached yet."""

    PENDING = "", pgettext_lazy("import row", "waiting")
    CREATED = "created", pgettext_lazy("import row", "added")
    UPDATED = "updated", pgettext_lazy("import row", "changed")
    UNCHANGED = "unchanged", pgettext_lazy("import row", "as before")
    HELD = "held", pgettext_lazy("import row", "held")
    REFUSED = "refused", pgettext_lazy("import row", "refused")


#: The figures of a run, in the order in which they are told.
FATES = (Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED, Fate.HELD, Fate.REFUSED)
#: Rows that somebody should look at.
TO_MEND = (Fate.HELD, Fate.REFUSED)

#: What the API's schema calls these.
SCHEMA_NAMES = {
    "ImportKindEnum": ImportKind,
    "ImportStateEnum": RunState,
}
