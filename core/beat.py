"""The scheduler of periodic tasks: the schedules that apps declare, and no rows of an older version's."""

from __future__ import annotations

import structlog
from django_celery_beat.schedulers import DatabaseScheduler

log = structlog.get_logger(__name__)


class Scheduler(DatabaseScheduler):
    """Keeps what is declared in the database, as its base does, and takes away what is declared no more."""

    def setup_schedule(self) -> None:
        self.remove_stale()
        super().setup_schedule()

    def remove_stale(self) -> None:
        """Delete the rows whose name no app declares any more: their tasks are gone or run under another name.

        Celery's own rows stay, and so does what somebody has added by hand and given a description.
        """
        rows = self.Model.objects.exclude(name__in=self.app.conf.beat_schedule).exclude(name__startswith="celery.")
        stale = rows.filter(description="")
        for name in stale.values_list("name", flat=True):
            log.info("periodic_task_removed", name=name)
        if stale.delete()[0]:
            self.Changes.update_changed()
