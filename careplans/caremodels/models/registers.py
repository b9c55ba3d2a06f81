"""What care models share: statutory tasks, terms, reasons for skipping, and whether all are treated equally."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activities.log.models.types import Choice
from careplans.caremodels.models.actions import ActionFields, ResponsibleFields, action_constraints
from careplans.caremodels.querysets import SeenByAll
from core.fields import LineField
from core.models import VersionedModel
from core.tracking import tracked
from customers.models.customers import DateRange


@tracked(exclude=["version", "updated_at"])
class StatutoryTask(VersionedModel, ActionFields):
    """A task that the law asks for: the same for every customer, outside all models."""

    basis = LineField(
        _("basis"),
        max_length=200,
        blank=True,
        help_text=_("The law or the decision that asks for it, with its section."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = SeenByAll.as_manager()

    class Meta:
        verbose_name = _("statutory task")
        verbose_name_plural = _("statutory tasks")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (
            *action_constraints(),
            models.UniqueConstraint(
                "code", name="statutory_code_unique",
                violation_error_message=_("Another statutory task has this code."),
            ),
        )  # fmt: skip

    def get_absolute_url(self) -> str:
        return f"{reverse('caremodels:statutory')}#task-{self.pk}"

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None


@tracked()
class StatutoryResponsible(ResponsibleFields):
    """Who has a statutory task."""

    action = models.ForeignKey(StatutoryTask, models.CASCADE, related_name="responsible", verbose_name=_("task"))

    class Meta(ResponsibleFields.Meta):
        verbose_name = _("responsible")
        verbose_name_plural = _("responsible")
        default_permissions = ()


@tracked(exclude=["version", "updated_at"])
class Term(VersionedModel):
    """A term with its first and last day; actions of each term are due on the last one."""

    name_fi = LineField(_("name in Finnish"), max_length=120)
    name_en = LineField(_("name in English"), max_length=120)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))

    objects = SeenByAll.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("semester", "term")
        verbose_name_plural = pgettext_lazy("semester", "terms")
        default_permissions = ()
        ordering = ("-first",)
        constraints = (
            models.CheckConstraint(
                condition=Q(last__gte=F("first")), name="term_days",
                violation_error_message=_("The end is before the start."),
            ),
            ExclusionConstraint(
                name="term_no_overlap",
                expressions=[(DateRange("first", "last", models.Value("[]")), RangeOperators.OVERLAPS)],
                violation_error_message=_("Another term has some of these days."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("caremodels:terms")

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name_fi


@tracked()
class SkipReason(Choice):
    """A reason for leaving an occurrence out or for postponing it."""

    is_accepted = models.BooleanField(
        _("accepted"), default=True,
        help_text=_("What is left out for it is in no figure. Otherwise the reason is only kept."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("reason for skipping")
        verbose_name_plural = _("reasons for skipping and postponing")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="skip_reason_code_unique"),)


@tracked(exclude=["version", "updated_at"])
class CareSettings(VersionedModel):
    """What holds for all care models: one row."""

    is_treatment_equal = models.BooleanField(
        _("equal treatment"), default=False,
        help_text=_("The answer target is the same in every segment, whatever their models say."),
    )  # fmt: skip
    answer_days = models.PositiveSmallIntegerField(
        _("answer target for all, working days"), default=3, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    work_ahead = models.PositiveSmallIntegerField(
        _("work is put into calendars ahead, days"), default=90, db_default=90,
        validators=[MinValueValidator(7), MaxValueValidator(150)],
    )  # fmt: skip
    claim_days = models.PositiveSmallIntegerField(
        _("days after which unclaimed work is the leader's"), default=5, db_default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )  # fmt: skip

    class Meta:
        verbose_name = _("settings of care models")
        verbose_name_plural = _("settings of care models")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return reverse("caremodels:list")
