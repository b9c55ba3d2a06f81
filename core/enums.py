from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.bulk.enums import BulkState, BulkStatus, BulkUndo


class JobState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", pgettext_lazy("job", "done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")

    @property
    def is_finished(self) -> bool:
        return self in FINISHED


FINISHED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Stance(models.TextChoices):
    """What a member of the team says of a version before it is sent to management."""

    AGREES = "agrees", _("agrees")
    OBJECTS = "objects", _("has objections")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "StanceEnum": Stance,
    "BulkStateEnum": BulkState,
    "BulkStatusEnum": BulkStatus,
    "BulkUndoEnum": BulkUndo,
}
