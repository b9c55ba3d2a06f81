"""Import mappings, import runs, their rows and the assignments of rows to customers."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import clock
from core.addresses import row_url
from core.fields import LineField
from core.import_kinds import Kind, kind_of, static_kind
from core.models import Job, VersionedModel
from core.tracking import tracked
from core.undo.reasons import Reason, sentence
from imports.enums import PREVIEW_LABELS, ROW_STATUSES, ImportKind, RowStatus, RunState, UndoStatus
from imports.problems import Problem
from imports.querysets import ImportMappingQuerySet, ImportRowQuerySet, ImportRunQuerySet


@tracked()
class ImportMapping(VersionedModel):
    """A reusable mapping from the columns of one source's files to the fields of one kind of row.

    ``config`` is the JSON form of :class:`imports.config.Config`.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=ImportKind)
    name = LineField(_("name"), max_length=100)
    config = models.JSONField(default=dict)

    objects = ImportMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("import mapping")
        verbose_name_plural = _("import mappings")
        default_permissions = ()
        permissions = (("run_imports", gettext_noop("May import data")),)
        ordering = ("kind", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "name"],
                name="import_mapping_once",
                violation_error_message=_("There is already a mapping with this name for this type of data."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return row_url("imports:mapping_rename", self.pk)


def file_path(run: ImportRun, filename: str) -> str:
    """Return a random storage path; only the row keeps the user's file name."""
    return f"imports/{uuid.uuid4().hex}"


class ImportRun(models.Model):
    """The import of one file: a copy of its mapping, the counts and the result of every row."""

    kind = models.CharField(_("kind"), max_length=20, choices=ImportKind)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.DRAFT)
    file = models.FileField(_("file"), upload_to=file_path)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, blank=True)
    mapping = models.ForeignKey(
        ImportMapping, models.SET_NULL, null=True, blank=True, related_name="runs", verbose_name=_("mapping")
    )
    mapping_name = models.CharField(_("mapping"), max_length=100, blank=True)
    config = models.JSONField(default=dict)
    header = models.JSONField(default=list)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    dry_run = models.BooleanField(_("check only"), default=False)
    is_staged = models.BooleanField(default=False)  # every row of the file is stored as an ImportRow
    total = models.PositiveBigIntegerField(_("rows"), default=0)
    created = models.PositiveBigIntegerField(_("added"), default=0)
    updated = models.PositiveBigIntegerField(_("changed"), default=0)
    unchanged = models.PositiveBigIntegerField(_("unchanged"), default=0)
    held = models.PositiveBigIntegerField(_("needs review"), default=0)
    refused = models.PositiveBigIntegerField(_("skipped"), default=0)
    error = models.CharField(max_length=500, blank=True)
    notes = models.JSONField(default=list)
    findings = models.JSONField(default=dict)  # what the whole file showed: columns and sheets left out, decimal marks
    sums = models.JSONField(default=list)  # what imports.pipeline.engine counts: rows and euros by stage and result
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    contexts = ArrayField(models.UUIDField(), default=list)  # those of the history in which the run made its changes
    undone = models.PositiveBigIntegerField(_("rows undone"), default=0)
    undo_checked_at = models.DateTimeField(null=True)  # when the rows were last checked for an undo
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("undone by")
    )

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()
        indexes = (models.Index("created_at", "id", name="import_run_age"),)

    text_sql = "file_name"

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return row_url("imports:detail", self.pk)

    @cached_property
    def row_kind(self) -> Kind:
        """The kind of the rows with its fields, read once per run."""
        return kind_of(self.kind)

    @property
    def counts(self) -> dict[str, int]:
        """The number of rows per result."""
        return {status.value: getattr(self, status.value) for status in ROW_STATUSES}

    @property
    def result_counts(self) -> list[tuple[str, Any, int]]:
        """Value, label and count of each result; after a check the labels are in the future tense."""
        labels = PREVIEW_LABELS if self.dry_run else {status: status.label for status in ROW_STATUSES}
        return [(status.value, labels[status], getattr(self, status.value)) for status in ROW_STATUSES]

    @property
    def left_out_columns(self) -> list[dict[str, Any]]:
        """The columns that fill no field and are not empty: ``column``, ``cells`` (a count) and ``examples``."""
        columns: list[dict[str, Any]] = self.findings.get("columns", [])
        return columns

    @property
    def left_out_sheets(self) -> list[str]:
        """The other sheets of the workbook that are not empty."""
        sheets: list[str] = self.findings.get("sheets", [])
        return sheets

    @property
    def is_underway(self) -> bool:
        return RunState(self.state).is_underway

    @property
    def real_state(self) -> RunState:
        """The state, corrected if the job died, was cancelled or was purged before it could write one."""
        state = RunState(self.state)
        if not state.is_underway or not (self.job is None or self.job.is_finished):
            return state
        if state == RunState.UNDOING:
            return self.state_after_undo
        return RunState.STOPPED if state == RunState.RUNNING else RunState.DRAFT

    @property
    def state_after_undo(self) -> RunState:
        """The state that follows from how many of the rows that changed something have been undone."""
        if self.undone:
            return RunState.UNDONE if self.undone >= self.created + self.updated else RunState.PARTLY
        return RunState.DONE if self.finished_at else RunState.STOPPED


LEAD = "lead"
#: URL names of rows with a target of another kind than the run's.
OTHER_PAGES = {LEAD: "activities:detail"}


class RowAssignment(models.Model):
    """An assignment of rows that need review to a customer, with the number of rows selected and imported."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="assignments")
    customer = models.ForeignKey(
        "customers.Customer", models.SET_NULL, null=True, related_name="+", verbose_name=_("customer")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    at = models.DateTimeField(_("when"), default=clock.now)
    chosen = models.PositiveIntegerField(_("selected rows"), default=0)
    taken_in = models.PositiveIntegerField(_("imported rows"), default=0)

    class Meta:
        verbose_name = _("assignment of rows to a customer")
        default_permissions = ()
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.customer} {self.taken_in}/{self.chosen}"


def result_label(fate: str, dry_run: bool) -> Any:
    """Return the label of a row's result; after a check in the future tense."""
    status = RowStatus(fate)
    return PREVIEW_LABELS.get(status, status.label) if dry_run else status.label


def left_out(raw: list[str], header: list[str], config: dict[str, Any]) -> str:
    """Return the cells of a row in columns that fill no field, with their headings."""
    mapped = {column["column"] for column in config.get("columns", [])}
    pairs = zip(header, raw, strict=False)
    return "; ".join(f"{heading}: {cell}" for heading, cell in pairs if cell and heading not in mapped)


class ImportRow(models.Model):
    """One row of a file: first its content (staged), then its result.

    ``values`` are the normalised values, removed once the row is done; the keys find duplicates within the file.
    ``changed`` names the fields that were (or in a check: would be) written.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    fate = models.CharField(_("result"), max_length=10, choices=RowStatus, default=RowStatus.PENDING, blank=True)
    raw = models.JSONField(default=list)
    values: models.JSONField[Any, Any] = models.JSONField(null=True)
    problems = models.JSONField(default=list)
    changed = ArrayField(models.CharField(max_length=80), default=list)
    target_id = models.BigIntegerField(null=True)
    key_number = models.TextField(default="", blank=True)
    key_id = models.TextField(default="", blank=True)
    key_name = models.TextField(default="", blank=True)
    same_as = models.PositiveIntegerField(null=True)  # number of the earlier row that this one duplicates
    target_kind = models.CharField(max_length=10, default="", blank=True)  # set if it differs from the run's kind
    stage = models.CharField(max_length=10, default="", blank=True)  # the key of the sums
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    assignment = models.ForeignKey(RowAssignment, models.SET_NULL, null=True, related_name="rows")
    undo = models.CharField(_("undo"), max_length=7, choices=UndoStatus, default="", db_default="", blank=True)
    undo_problems: models.JSONField[Any, Any] = models.JSONField(null=True)  # why the row cannot be undone

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["run", "number"], name="import_row_once"),)
        indexes = (
            models.Index("run", "fate", "number", name="import_row_fate"),
            models.Index("run", "target_id", condition=models.Q(target_id__isnull=False), name="import_row_target"),
            models.Index("run", "number", condition=models.Q(values__isnull=False), name="import_row_open"),
            models.Index("run", "number", condition=~models.Q(problems=[]), name="import_row_problem"),
            models.Index("id", condition=models.Q(fate="held"), name="import_held"),
            models.Index("run", "undo", "number", condition=~models.Q(undo=""), name="import_row_undo"),
        )

    def __str__(self) -> str:
        return str(self.number)

    @property
    def target_url(self) -> str:
        """The URL of the record that the row created or matched; none for one that an undo has removed."""
        if not self.target_id or (self.undo == UndoStatus.UNDONE and self.fate == RowStatus.CREATED):
            return ""
        page = OTHER_PAGES.get(self.target_kind) or static_kind(self.target_kind or self.run.kind).page
        return reverse(page, args=[self.target_id])

    @property
    def result_label(self) -> Any:
        """The result; after a check in the future tense."""
        return result_label(self.fate, self.run.dry_run)

    @property
    def left_out(self) -> str:
        """The row's cells in columns that fill no field, with their headings."""
        return left_out(self.raw, self.run.header, self.run.config)

    @property
    def reasons(self) -> list[str]:
        """The problems as sentences in the current language."""
        return [str(Problem.read(item)) for item in self.problems]

    @property
    def undo_reasons(self) -> list[str]:
        """Why an undo keeps the row, as sentences in the current language."""
        return [sentence(Reason.read(item)) for item in self.undo_problems or []]
