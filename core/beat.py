"""Scheduler of periodic tasks: runs the schedules that apps declare and removes rows of older versions."""

from __future__ import annotations

import structlog
from django_celery_beat.schedulers import DatabaseScheduler

log = structlog.get_logger(__name__)


class Scheduler(DatabaseScheduler):
    """Store the declared schedules in the database, as the base class does, and delete those no longer declared."""

    def setup_schedule(self) -> None:
        self.remove_stale()
        super().setup_schedule()

    def remove_stale(self) -> None:
        """Delete rows with names that no app declares any more: their tasks are gone or run under another name.

        Celery's own rows stay, and so do rows that somebody has added by hand with a description.
        """
        rows = self.Model.objects.exclude(name__in=self.app.conf.beat_schedule).exclude(name__startswith="celery.")
        stale = rows.filter(description="")
        for name in stale.values_list("name", flat=True):
            log.info("periodic_task_removed", name=name)
        if stale.delete()[0]:
            self.Changes.update_changed()
