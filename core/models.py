"""Rows of the kernel: jobs, documents, forms sent once. Nothing here knows a customer."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, models, router
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.constraints import field_of
from core.enums import JobState, Stance
from core.exceptions import GoneError
from core.fields import LineField
from core.wordings import wording


class DeletableModel(models.Model):
    """A row that somebody may delete while somebody else changes it: saving it never brings it back."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raise :class:`GoneError` where the row was read and is not there any more."""
        is_change = self.pk is not None and not self._state.adding and not args and not kwargs.get("force_insert")
        try:
            super().save(*args, **kwargs | {"force_update": True} if is_change else kwargs)
        except DatabaseError as error:
            if type(error) is DatabaseError and error.__cause__ is None:  # Django's own: no row was updated
                raise GoneError from None
            raise


class VersionedModel(DeletableModel):
    """A row that people edit. Saving an older version is refused (see ``core.forms``)."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Refuse at the field that a constraint is about, as a refusal of the database is shown."""
        found: dict[str, list[ValidationError]] = {}
        left_out = set(exclude or ())
        using = router.db_for_write(type(self), instance=self)
        for model, constraints in self.get_constraints():
            for constraint in constraints:
                try:
                    constraint.validate(model, self, exclude=left_out, using=using)
                except ValidationError as error:
                    field = field_of(constraint, model, left_out)
                    at = NON_FIELD_ERRORS if field in {"", *left_out} else field
                    found.setdefault(at, []).append(error)
        if found:
            raise ValidationError(found)


class NamedModel(DeletableModel):
    """A row of default data that administrators may edit: a stable code and a name in each language."""

    code = models.SlugField(_("code"), max_length=60)
    name_fi = LineField(_("name in Finnish"), max_length=120)
    name_en = LineField(_("name in English"), max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @classmethod
    def text_sql(cls, path: str) -> models.F:
        return models.F(f"{path}{'name_en' if get_language() == 'en' else 'name_fi'}")

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name_fi


class Choice(NamedModel):
    """A line of a list that administrators keep: it is retired, not deleted, so that what has it keeps it."""

    order = models.PositiveSmallIntegerField(_("order"), default=100)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None


class StatusChange(models.Model):
    """A change of status: its user, time and reason.

    A model of it adds the key to its row with ``related_name="status_changes"``, ``from_status`` (blank in the first
    entry) and ``to_status``. ``actor`` is the name of a person who is not a user, such as a customer with a link.
    """

    if TYPE_CHECKING:
        from_status: str
        to_status: str

        def get_from_status_display(self) -> str: ...

        def get_to_status_display(self) -> str: ...

    reason = models.CharField(_("reason"), max_length=1_000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    actor = models.CharField(_("by"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"))

    class Meta:
        abstract = True
        verbose_name = _("change of status")
        default_permissions = ()
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.get_from_status_display()} → {self.get_to_status_display()}"


class TeamOpinion(models.Model):
    """What a member of the team says of a version before it is sent to management; once each (:mod:`core.opinions`).

    A model of it adds the key ``version`` with ``related_name="opinions"``. An opinion of an earlier round, which
    ended with the version being sent back, has ``ended_at``.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    stance = models.CharField(_("opinion"), max_length=8, choices=Stance)
    comment = models.TextField(_("comment"), max_length=1_000, blank=True)
    at = models.DateTimeField(_("when"))
    ended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
        verbose_name = _("opinion of the account team")
        verbose_name_plural = _("opinions of the account team")
        default_permissions = ()
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["version", "user"], condition=models.Q(ended_at__isnull=True), name="%(class)s_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.get_stance_display()}"

    @property
    def objects_to(self) -> bool:
        return self.stance == Stance.OBJECTS


class DefaultData(models.Model):
    """A set of default data that has been loaded: it is loaded once, so that what people change or delete stays so."""

    name = models.CharField(max_length=100, primary_key=True)
    loaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """One piece of background work. The row, not the broker, is the truth about it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="jobs")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    params = models.JSONField(default=dict)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    message = models.CharField(max_length=500, blank=True)
    error = models.TextField(blank=True)
    result = models.FileField(upload_to="jobs/%Y/%m/", blank=True)
    result_name = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)  # workers that died without getting any further
    done_when_lost = models.PositiveBigIntegerField(default=0)  # as far as the last worker that died got
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        indexes = [
            models.Index(
                fields=["state", "heartbeat_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="job_unfinished",
            ),
            models.Index(fields=["owner", "-created_at"], name="job_of_owner"),
        ]

    def __str__(self) -> str:
        return wording(self.params.get("titles"), self.title) or self.kind

    @property
    def is_finished(self) -> bool:
        return JobState(self.state).is_finished

    @property
    def percent(self) -> int | None:
        """Share done, 0–100, or None while the total is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None


def document_path(document: Document, filename: str) -> str:
    """Store under an unguessable name: the user's own file name is kept in the row only."""
    return f"documents/{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}"


class Document(models.Model):
    """A file attached to any row of the product. It is served only after a permission check on that row."""

    content_type = models.ForeignKey(ContentType, models.PROTECT)
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey("content_type", "object_id")
    file = models.FileField(_("file"), upload_to=document_path)
    name = LineField(_("name"), max_length=200)
    media_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    description = models.CharField(_("description"), max_length=500, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-uploaded_at", "-id"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="document_target")]

    def __str__(self) -> str:
        return self.name


class RecentRecord(models.Model):
    """A record that a user has opened, at the time of the last time (``core.recent``)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("recently viewed record")
        verbose_name_plural = _("recently viewed records")
        constraints = [models.UniqueConstraint(fields=["user", "content_type", "object_id"], name="recent_record_once")]
        indexes = [models.Index(fields=["user", "-seen_at", "-id"], name="recent_record_of_user")]

    def __str__(self) -> str:
        return f"{self.content_type_id} {self.object_id}"


class ListCount(models.Model):
    """How many rows a long list had without a filter when it was counted last (``core.list_counts``)."""

    list = models.CharField(max_length=60)
    key = models.CharField(max_length=20)
    count = models.PositiveBigIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("number of rows of a list")
        verbose_name_plural = _("numbers of rows of lists")
        constraints = [models.UniqueConstraint(fields=["list", "key"], name="list_count_once")]

    def __str__(self) -> str:
        return f"{self.list} {self.key}"


class Submission(models.Model):
    """A form that has been sent: the second press of the same button finds the first one's result here."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("form that was sent")
        verbose_name_plural = _("forms that were sent")
        indexes = [models.Index(fields=["created_at"], name="submission_age")]

    def __str__(self) -> str:
        return str(self.key)


from core.bulk.models import BulkRow, BulkRun  # noqa: E402, F401 - Django looks for models here
