"""Bulk operations and their rows: what was chosen, what became of each row, what an undo did to it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.addresses import row_url
from core.bulk.enums import UNDOABLE, BulkState, BulkStatus, BulkUndo
from core.fields import LineField
from core.wordings import wording

UNDO_HOURS = 24


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def visible_to(self, user: Any) -> BulkRunQuerySet:
        """Return the user's own bulk operations."""
        return self.filter(user=user.pk) if user.is_authenticated and user.is_active else self.none()


class BulkRun(models.Model):
    """One operation on many rows, from choosing them to its undo."""

    operation = models.CharField(_("operation"), max_length=60)
    title = LineField(_("operation"), max_length=200, blank=True)  # in the words of whoever started it
    titles = models.JSONField(default=dict)  # in each language
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="bulk_runs", verbose_name=_("started by")
    )
    state = models.CharField(_("state"), max_length=10, choices=BulkState, default=BulkState.DRAFT)
    path = models.CharField(max_length=500, blank=True)  # of the list where the rows were chosen
    query = models.TextField(blank=True)  # its filters; they chose the rows unless those were ticked
    params = models.JSONField(default=dict)  # what the operation's form says
    job = models.ForeignKey("core.Job", models.SET_NULL, null=True, related_name="+")
    contexts = ArrayField(models.UUIDField(), default=list)  # its own changes in the history
    total = models.PositiveIntegerField(_("rows"), default=0)
    changed = models.PositiveIntegerField(_("changed rows"), default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(_("left out"), default=0)
    undone = models.PositiveIntegerField(_("undone rows"), default=0)
    kept = models.PositiveIntegerField(default=0)
    notified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("started"), default=clock.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    undone_at = models.DateTimeField(null=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk operation")
        verbose_name_plural = _("bulk operations")
        default_permissions = ()
        indexes = (models.Index(fields=["user", "-created_at", "-id"], name="bulk_run_of_user"),)

    def __str__(self) -> str:
        return self.words or self.operation

    @property
    def words(self) -> str:
        """What it does, in the reader's language."""
        return wording(self.titles, self.title)

    def get_absolute_url(self) -> str:
        return row_url("core:bulk_run", self.pk)

    @property
    def real_state(self) -> BulkState:
        """The state, also where the job ended without recording its end: it was cancelled before it began, or lost."""
        state = BulkState(self.state)
        if state not in (BulkState.RUNNING, BulkState.UNDOING) or (self.job and not self.job.is_finished):
            return state
        return BulkState.STOPPED

    @property
    def is_under_way(self) -> bool:
        return self.real_state in (BulkState.RUNNING, BulkState.UNDOING)

    @property
    def undo_until(self) -> dt.datetime | None:
        """Until when it can be undone."""
        since = self.finished_at or (self.job.finished_at if self.job else None)
        return since + dt.timedelta(hours=UNDO_HOURS) if since else None

    @property
    def may_be_undone(self) -> bool:
        until = self.undo_until
        return self.real_state in UNDOABLE and until is not None and clock.now() <= until


class BulkRowQuerySet(models.QuerySet["BulkRow"]):
    def waiting(self) -> BulkRowQuerySet:
        return self.filter(status=BulkStatus.WAITING)

    def to_undo(self) -> BulkRowQuerySet:
        """Return the changed rows about which no undo has decided."""
        return self.filter(status=BulkStatus.CHANGED, undo=BulkUndo.NONE)


class BulkRow(models.Model):
    """One chosen row: what became of it, and why it was left out or not undone."""

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows")
    target_id = models.PositiveBigIntegerField()
    label = models.CharField(_("name"), max_length=300, blank=True)  # when it was chosen
    status = models.CharField(_("result"), max_length=10, choices=BulkStatus, default=BulkStatus.WAITING)
    reason = models.CharField(_("reason"), max_length=40, blank=True)  # code of the operation's reasons
    made_id = models.PositiveBigIntegerField(null=True)  # what was added for it
    people = ArrayField(models.PositiveBigIntegerField(), default=list)  # users who are notified of it
    undo = models.CharField(_("undo"), max_length=10, choices=BulkUndo, blank=True, default=BulkUndo.NONE)
    undo_reasons = models.JSONField(null=True)

    objects = BulkRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a bulk operation")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["run", "target_id"], name="bulk_row_once"),)
        indexes = (
            models.Index(fields=["run", "status", "undo", "target_id"], name="bulk_row_status"),
            models.Index(fields=["run", "label", "id"], name="bulk_row_name"),
        )

    def __str__(self) -> str:
        return self.label or str(self.target_id)
