"""States of bulk operations and of their rows."""

from django.db import models
from django.utils.translation import pgettext_lazy


class BulkState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("bulk operation", "not started")
    RUNNING = "running", pgettext_lazy("bulk operation", "under way")
    DONE = "done", pgettext_lazy("bulk operation", "done")
    STOPPED = "stopped", pgettext_lazy("bulk operation", "stopped")
    UNDOING = "undoing", pgettext_lazy("bulk operation", "being undone")
    UNDONE = "undone", pgettext_lazy("bulk operation", "undone")


#: From these an undo may start.
UNDOABLE = frozenset({BulkState.DONE, BulkState.STOPPED})


class BulkStatus(models.TextChoices):
    """What becomes of a row; before the start, what would."""

    WAITING = "waiting", pgettext_lazy("row of a bulk operation", "waiting")
    CHANGED = "changed", pgettext_lazy("row of a bulk operation", "done")
    UNCHANGED = "unchanged", pgettext_lazy("row of a bulk operation", "as it was")
    REFUSED = "refused", pgettext_lazy("row of a bulk operation", "left out")


class BulkUndo(models.TextChoices):
    NONE = "", "–"
    UNDONE = "undone", pgettext_lazy("row of a bulk operation", "undone")
    KEPT = "kept", pgettext_lazy("row of a bulk operation", "could not be undone")
