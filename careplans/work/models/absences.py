"""When people are away, and their substitutes."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from activities.log.models import Choice
from careplans.work.querysets import AbsenceQuerySet
from core.models import VersionedModel
from core.tracking import tracked
from customers.models.customers import DateRange


@tracked()
class AbsenceKind(Choice):
    """Why somebody is away: a holiday, a training, a leave."""

    class Meta:
        verbose_name = _("type of absence")
        verbose_name_plural = _("types of absences")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="absence_kind_code_unique"),)


@tracked(exclude=["version", "updated_at"])
class Absence(VersionedModel):
    """Whole days on which a person is away. A deleted one can be restored."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="absences", db_index=False, verbose_name=_("person")
    )
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    kind = models.ForeignKey(AbsenceKind, models.PROTECT, related_name="+", verbose_name=_("type of absence"))
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("substitute"), help_text=_("Sees the work of these days as own."),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False,
        verbose_name=_("entered by"),
    )  # fmt: skip
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        default_permissions = ()
        permissions = (("manage_absences", gettext_noop("May enter the absences of all")),)
        ordering = ("-first", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(last__gte=F("first")), name="absence_days",
                violation_error_message=_("The end is before the start."),
            ),
            models.CheckConstraint(
                condition=Q(substitute=None) | ~Q(substitute=F("person")), name="absence_substitute",
                violation_error_message=_("A substitute is another person."),
            ),
            ExclusionConstraint(
                name="absence_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DateRange("first", "last", models.Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(deleted_at=None),
                violation_error_message=_("The person is away on some of these days already."),
            ),
        )  # fmt: skip
        indexes = (
            models.Index("person", "last", condition=Q(deleted_at=None), name="absence_of_person"),
            models.Index("substitute", "last", condition=Q(deleted_at=None), name="absence_of_substitute"),
            models.Index(F("first").desc(), F("id").desc(), condition=Q(deleted_at=None), name="absence_in_time"),
        )

    def __str__(self) -> str:
        return str(self.person)

    def get_absolute_url(self) -> str:
        return reverse("carework:absences")
