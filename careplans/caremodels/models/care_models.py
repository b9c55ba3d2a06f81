"""Care models of segments and classes, their versions with goals and promise, the metrics approved with them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from careplans.caremodels.enums import PREPARED, VersionStatus
from careplans.caremodels.querysets import CareModelQuerySet, ModelVersionQuerySet
from core import clock
from core.addresses import row_url
from core.fields import LineField
from core.models import Choice, DeletableModel, StatusChange, TeamOpinion, VersionedModel
from core.tracking import tracked
from customers.enums import Channel
from customers.models import ClassificationNode
from segmentation.schemes.models import Segment


@tracked(exclude=["version", "updated_at"])
class CareModel(VersionedModel, Choice):
    """How the customers of a segment, a customer group or another class are looked after: its versions say how."""

    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="care_models", verbose_name=_("segment")
    )
    node = models.ForeignKey(
        ClassificationNode, models.PROTECT, null=True, blank=True, related_name="care_models",
        verbose_name=_("customer group or class"),
    )  # fmt: skip
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="care_models", verbose_name=_("care team")
    )
    is_demo = models.BooleanField(default=False, editable=False)

    objects = CareModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("care model")
        verbose_name_plural = _("care models")
        default_permissions = ()
        ordering = ("order", "id")
        permissions = (
            ("manage_models", gettext_noop("May change care models")),
            ("approve_models", gettext_noop("May approve care models")),
            ("manage_statutory", gettext_noop("May change statutory tasks")),
        )
        constraints = (
            models.UniqueConstraint(
                "code", name="care_model_code_unique", violation_error_message=_("Another care model has this code.")
            ),
            models.CheckConstraint(
                condition=Q(segment__isnull=False, node__isnull=True) | Q(segment__isnull=True, node__isnull=False),
                name="care_model_of_one",
                violation_error_message=_("A care model belongs to a segment or to a class, to one of them."),
            ),
            models.UniqueConstraint(
                "segment", condition=Q(retired_at__isnull=True), name="care_model_once_for_segment",
                violation_error_message=_("The segment has a care model already."),
            ),
            models.UniqueConstraint(
                "node", condition=Q(retired_at__isnull=True), name="care_model_once_for_node",
                violation_error_message=_("The class has a care model already."),
            ),
        )  # fmt: skip

    def get_absolute_url(self) -> str:
        return row_url("caremodels:detail", self.pk)

    @staticmethod
    def target_merged(rows: models.QuerySet[CareModel], kept: ClassificationNode) -> None:
        """Retire the model in use of a class that is merged into one which has its own."""
        if CareModel.objects.in_use().filter(node=kept).exists():
            rows.filter(retired_at__isnull=True).update(retired_at=clock.now(), version=F("version") + 1)

    @property
    def subject(self) -> Segment | ClassificationNode:
        """The segment or class of which the customers are looked after by it."""
        subject = self.segment or self.node
        assert subject is not None  # noqa: S101 - care_model_of_one
        return subject


@tracked(exclude=["version", "updated_at", "editors", "writers"])
class ModelVersion(VersionedModel):
    """A care model in one version: goals, channels, promise; its actions and metrics are rows of their own.

    ``version`` counts the edits of the row, its actions and metrics; ``number`` is the version of the model.
    """

    model = models.ForeignKey(CareModel, models.PROTECT, related_name="versions", verbose_name=_("care model"))
    number = models.PositiveIntegerField(_("version"), editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=VersionStatus, default=VersionStatus.DRAFT, editable=False
    )
    goals_fi = models.TextField(_("goals in Finnish"), max_length=4_000, blank=True)
    goals_en = models.TextField(_("goals in English"), max_length=4_000, blank=True)
    channels = ArrayField(
        models.CharField(max_length=10, choices=Channel), verbose_name=_("channels offered"), default=list, blank=True
    )
    promise_hours = LineField(
        _("service hours"), max_length=200, blank=True, help_text=_("When we can be reached, such as Mon–Fri 8–16.")
    )
    answer_days = models.PositiveSmallIntegerField(
        _("answer target, working days"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("The latest time in which a contact of the customer is answered."),
    )  # fmt: skip
    justification = models.TextField(
        _("justification"), max_length=4_000, help_text=_("Why the model is changed. It is kept with the version.")
    )
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("based on"), editable=False
    )
    valid_from = models.DateField(_("in force from"), null=True, editable=False)
    valid_to = models.DateField(_("in force to"), null=True, editable=False)  # the last day
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("added by"),
        editable=False,
    )  # fmt: skip
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("proposed by"),
        editable=False,
    )  # fmt: skip
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("reviewed by"),
        editable=False,
    )  # fmt: skip
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("approved by"),
        editable=False,
    )  # fmt: skip
    approved_at = models.DateTimeField(pgettext_lazy("when", "approved"), null=True, editable=False)
    #: The users who have changed its content, sent or reviewed it: none of them approves it.
    editors = ArrayField(models.IntegerField(), verbose_name=_("prepared by"), default=list, editable=False)
    #: Those of them who have changed its content or sent it: their opinion is not that of somebody else.
    writers = ArrayField(models.IntegerField(), verbose_name=_("written by"), default=list, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a care model")
        verbose_name_plural = _("versions of care models")
        default_permissions = ()
        ordering = ("model", "-number")
        constraints = (
            models.UniqueConstraint(fields=["model", "number"], name="care_version_number_once"),
            models.UniqueConstraint(
                "model", condition=Q(status__in=PREPARED), name="care_version_one_prepared",
                violation_error_message=_("A new version of the model is being prepared already."),
            ),
            models.CheckConstraint(
                condition=~Q(justification=""), name="care_version_justified",
                violation_error_message=_("A change of the model needs a justification."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=PREPARED) | Q(valid_from__isnull=False), name="care_version_has_day"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from") - 1), name="care_version_days"
            ),
        )  # fmt: skip
        indexes = (models.Index("status", "valid_from", name="care_version_by_status"),)

    def __str__(self) -> str:
        return _("%(model)s, version %(number)d") % {"model": self.model, "number": self.number}

    def get_absolute_url(self) -> str:
        return row_url("caremodels:version", self.pk)

    @property
    def goals(self) -> str:
        """The goals in the language of the page, else in the other one."""
        first, second = (self.goals_en, self.goals_fi) if get_language() == "en" else (self.goals_fi, self.goals_en)
        return first or second

    @property
    def is_draft(self) -> bool:
        return self.status == VersionStatus.DRAFT

    @property
    def prepared_by(self) -> set[int | None]:
        """The users who made, changed, sent or reviewed it: somebody else approves it."""
        return {*self.editors, self.created_by_id, self.proposed_by_id, self.reviewed_by_id} - {None}

    def add_editor(self, user_id: int | None) -> None:
        """Note who has prepared it; the caller saves."""
        if user_id is not None and user_id not in self.editors:
            self.editors = [*self.editors, user_id]

    def add_writer(self, user_id: int | None) -> None:
        """Note who has changed its content or sent it to the account team; the caller saves."""
        self.add_editor(user_id)
        if user_id is not None and user_id not in self.writers:
            self.writers = [*self.writers, user_id]

    @property
    def is_prepared(self) -> bool:
        return self.status in PREPARED


class VersionStatusChange(StatusChange):
    """A step of a version: who took it, when and what was said."""

    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="status_changes")
    from_status = models.CharField(_("from"), max_length=10, choices=VersionStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=VersionStatus)


@tracked(exclude=["at"])
class ModelOpinion(TeamOpinion):
    """What a member of the account team says of a version."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="opinions")


@tracked()
class ModelMetric(DeletableModel):
    """What shows that a model is carried out: a metric with its target, approved with the version."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="metrics", verbose_name=_("version"))
    name_fi = LineField(_("name in Finnish"), max_length=120)
    name_en = LineField(_("name in English"), max_length=120)
    target = models.DecimalField(_("target"), max_digits=12, decimal_places=2, null=True, blank=True)
    unit = LineField(_("unit"), max_length=20, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("metric of carrying out")
        verbose_name_plural = _("metrics of carrying out")
        default_permissions = ()
        ordering = ("order", "id")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("caremodels:version", args=[self.version_id])

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name_fi
