"""Internal events that come again without a customer, and the work that they put into calendars."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from activities.log.models import Activity
from careplans.adherence.occurrences import Key
from careplans.adherence.periods import Kind
from careplans.caremodels.models import ActionFields, ResponsibleFields
from careplans.caremodels.models.actions import action_constraints
from careplans.clock.querysets import InternalActionQuerySet, InternalWorkQuerySet
from careplans.plans.enums import OccurrenceKind
from careplans.work.enums import WorkState
from core.models import VersionedModel
from core.tracking import tracked
from customers.models.customers import DateRange


@tracked(exclude=["version", "updated_at"])
class InternalAction(VersionedModel, ActionFields):
    """Something that the organisation does again and again without a customer: a meeting, a review, a report.

    When one that has begun is to be done at other times, it ends and another row with its code begins: what was due
    before stays.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("responsible person"),
        help_text=_("A deactivated person leaves it to the group, unit or team."),
    )  # fmt: skip
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True, editable=False)
    ended_reason = models.CharField(_("why it was retired"), max_length=1_000, blank=True, editable=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    objects = InternalActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("internal event")
        verbose_name_plural = _("internal events")
        default_permissions = ()
        ordering = ("order", "code", "first")
        permissions = (("manage_internal", gettext_noop("May change the internal events of the annual clock")),)
        constraints = (
            *action_constraints(),
            ExclusionConstraint(
                name="internal_action_no_overlap",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (DateRange("first", F("last") + 1, models.Value("[)")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Another internal event has this code."),
            ),
            models.CheckConstraint(
                condition=Q(last__isnull=True) | Q(last__gte=F("first") - 1), name="internal_action_days"
            ),
        )  # fmt: skip

    def get_absolute_url(self) -> str:
        return f"{reverse('careclock:internal')}#event-{self.code}"

    @property
    def is_retired(self) -> bool:
        return self.last is not None


@tracked()
class InternalResponsible(ResponsibleFields):
    """Who has an internal event: a group of users, a unit or a team."""

    action = models.ForeignKey(InternalAction, models.CASCADE, related_name="responsible", verbose_name=_("event"))

    class Meta(ResponsibleFields.Meta):
        verbose_name = _("responsible")
        verbose_name_plural = _("responsible")
        default_permissions = ()


class InternalWork(models.Model):
    """An activity of an internal event: the generated one for an occurrence, or one that a person has entered as done.

    At most one is open for each event. ``written_day`` and ``written_version`` are what the generator last wrote: an
    activity of another version has been edited by a person.
    """

    code = models.SlugField(_("code"), max_length=60, db_index=False)
    kind = models.CharField(_("frequency"), max_length=10, choices=OccurrenceKind)
    start = models.DateField(_("beginning"))
    due = models.DateField(_("due"))
    last = models.DateField(_("last day"))
    state = models.CharField(_("status"), max_length=10, choices=WorkState, default=WorkState.OPEN)
    closed_on = models.DateField(_("closed"), null=True)
    activity = models.OneToOneField(
        Activity, models.SET_NULL, null=True, related_name="internal_work", verbose_name=_("activity")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="internal_work",
        verbose_name=_("responsible"),
    )  # fmt: skip
    list_key = models.CharField(_("shared list"), max_length=80, blank=True)
    listed_on = models.DateField(_("on the list since"), null=True)
    written_day = models.DateField(null=True, editable=False)
    written_title = models.CharField(max_length=200, blank=True, editable=False)
    written_version = models.PositiveIntegerField(default=1, editable=False)

    objects = InternalWorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("work of an internal event")
        verbose_name_plural = _("work of internal events")
        default_permissions = ()
        ordering = ("due", "id")
        constraints = (
            models.UniqueConstraint("code", condition=Q(state=WorkState.OPEN), name="internal_work_one_open"),
        )
        indexes = (models.Index("code", "start", name="internal_work_occurrence"),)

    def __str__(self) -> str:
        return self.written_title or self.code

    def get_absolute_url(self) -> str:
        return reverse("careclock:internal_occurrences", query={"code": self.code})

    @property
    def key(self) -> Key:
        return Key(self.code, Kind(self.kind), self.start)

    @property
    def is_open(self) -> bool:
        return self.state == WorkState.OPEN
