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

#: What the API's schema calls these.
SCHEMA_NAMES = {"BulkStateEnum": BulkState, "BulkStatusEnum": BulkStatus, "BulkUndoEnum": BulkUndo}
