"""Actions of a care model: what is done, how often, who does it, and what completes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Team
from activities.log.enums import ActivityChannel
from activities.log.models import ActivityType
from careplans.caremodels.enums import Direction, EventKind, FrequencyKind, FulfilKind, Scope, Unit
from careplans.caremodels.models.care_models import ModelVersion
from careplans.caremodels.querysets import CareActionQuerySet
from core.fields import LineField
from core.models import NamedModel
from core.tracking import tracked
from customers.enums import ResponsibilityRole
from customers.models import ClassificationNode
from customers.selections.models import Selection

#: The most of a frequency: weeks, months, days.
MOST_COUNT = 3_650
MOST_WINDOW = 366
MOST_MINUTES = 10_000


def minutes_field(label: Any) -> models.PositiveSmallIntegerField:
    """Return a field of the minutes that a part of the work takes."""
    return models.PositiveSmallIntegerField(label, default=0, validators=[MaxValueValidator(MOST_MINUTES)])


class ActionFields(NamedModel):
    """What an action says; of a care model, of one customer, or a statutory task.

    ``code`` names the deed and is shared by all models. A subclass has responsible rows with
    ``related_name="responsible"``.
    """

    description_fi = models.TextField(_("description in Finnish"), max_length=2_000, blank=True)
    description_en = models.TextField(_("description in English"), max_length=2_000, blank=True)
    scope = models.CharField(_("direction of the action"), max_length=10, choices=Scope, default=Scope.CUSTOMER)
    # What completes it
    completed_by = ArrayField(
        models.CharField(max_length=10, choices=FulfilKind), verbose_name=_("completed by"), default=list
    )
    types: models.ManyToManyField[ActivityType, models.Model] = models.ManyToManyField(
        ActivityType, blank=True, related_name="+", verbose_name=_("types of activities"),
        help_text=_("Empty: all types that are contact with the customer."),
    )  # fmt: skip
    direction = models.CharField(_("direction"), max_length=3, choices=Direction, blank=True, default="")
    contact_role = models.ForeignKey(
        ClassificationNode, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("role of the contact"), help_text=_("Empty: any contact, or none."),
    )  # fmt: skip
    decision_maker_only = models.BooleanField(_("with a decision maker"), default=False)
    minimum_minutes = models.PositiveSmallIntegerField(
        _("shortest length, minutes"), default=0, validators=[MaxValueValidator(MOST_MINUTES)]
    )
    # The work that is generated
    activity_type = models.ForeignKey(
        ActivityType, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("type of the activity to do"), help_text=_("Work of this type comes into calendars."),
    )  # fmt: skip
    memo_fi = models.TextField(_("memo template in Finnish"), max_length=5_000, blank=True)
    memo_en = models.TextField(_("memo template in English"), max_length=5_000, blank=True)
    # How often
    frequency = models.CharField(_("frequency"), max_length=10, choices=FrequencyKind)
    count = models.PositiveSmallIntegerField(_("n"), null=True, blank=True, validators=[MinValueValidator(1)])
    unit = models.CharField(_("unit"), max_length=5, choices=Unit, default=Unit.DAY)
    months = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("months"), default=list, blank=True)
    event = models.CharField(_("event"), max_length=20, choices=EventKind, blank=True)
    delay = models.PositiveSmallIntegerField(
        _("days after the event"), default=0, validators=[MaxValueValidator(MOST_COUNT)]
    )
    selection = models.ForeignKey(
        Selection, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("selection")
    )
    quiet_days = models.PositiveSmallIntegerField(
        _("days without contact"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    before = models.PositiveSmallIntegerField(
        _("days before the due day"), null=True, blank=True, validators=[MaxValueValidator(MOST_WINDOW)],
        help_text=_("Empty: none by the calendar, a fifth of the interval from the last time."),
    )  # fmt: skip
    after = models.PositiveSmallIntegerField(
        _("days after the due day"), null=True, blank=True, validators=[MaxValueValidator(MOST_WINDOW)]
    )
    # Recipient, where and how
    recipient_role = models.ForeignKey(
        ClassificationNode, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=pgettext_lazy("care action", "recipient"),
        help_text=_("A role of contacts."),
    )  # fmt: skip
    recipient_team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("to our own unit")
    )
    place = LineField(_("place"), max_length=200, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=ActivityChannel, blank=True)
    duration = minutes_field(_("duration, minutes"))
    preparation = minutes_field(_("preparation, minutes"))
    travel = minutes_field(_("travel, minutes"))
    is_mandatory = models.BooleanField(_("mandatory"), default=True, help_text=_("Otherwise it is recommended."))
    is_contact = models.BooleanField(_("counts as contact"), default=False)
    is_shared = models.BooleanField(
        _("shared"), default=False, help_text=_("What completes it may complete other actions too.")
    )

    class Meta:
        abstract = True

    @property
    def description(self) -> str:
        """The description in the language of the page."""
        return self.description_en if get_language() == "en" else self.description_fi

    @property
    def memo_template(self) -> str:
        """The memo template in the language of the page."""
        return self.memo_en if get_language() == "en" else self.memo_fi

    @property
    def hours(self) -> Decimal:
        """The hours of one occurrence: duration, preparation and travel."""
        return Decimal(self.duration + self.preparation + self.travel) / 60


class ResponsibleFields(models.Model):
    """One of those who have an action, in order: the first one with a holder on the due day has it.

    A group or team that is deleted, which nobody is in then, leaves it to the next one.

    A subclass has ``action`` with ``related_name="responsible"``.
    """

    order = models.PositiveSmallIntegerField(_("order"), default=1)
    role = models.CharField(_("role for the customer"), max_length=10, choices=ResponsibilityRole, blank=True)
    group = models.ForeignKey(
        Role, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user group")
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("unit or team")
    )

    class Meta:
        abstract = True
        ordering = ("order", "id")
        constraints = (
            models.CheckConstraint(
                condition=(~Q(role="") & Q(group__isnull=True, team__isnull=True))
                | Q(role="", group__isnull=False, team__isnull=True)
                | Q(role="", group__isnull=True, team__isnull=False),
                name="%(app_label)s_%(class)s_one",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_role_display() if self.role else self.group or self.team)

    @property
    def key(self) -> str:
        """What adherence calls it: ``role:owner``, ``group:management``, ``team:5``."""
        if self.role:
            return f"role:{self.role}"
        return f"group:{self.group.name}" if self.group else f"team:{self.team_id}"


def action_constraints() -> tuple[models.BaseConstraint, ...]:
    """Return the constraints of every table of actions."""
    return (
        models.CheckConstraint(
            condition=Q(count__isnull=True) | Q(count__gte=1, count__lte=MOST_COUNT),
            name="%(app_label)s_%(class)s_count",
        ),
        models.CheckConstraint(
            condition=Q(quiet_days__isnull=True) | Q(quiet_days__gte=1), name="%(app_label)s_%(class)s_quiet"
        ),
    )


@tracked()
class CareAction(ActionFields):
    """An action of a version of a care model. It changes only while the version is a draft."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="actions", verbose_name=_("version"))
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    objects = CareActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("care action")
        verbose_name_plural = _("care actions")
        default_permissions = ()
        ordering = ("version", "order", "id")
        constraints = (
            *action_constraints(),
            models.UniqueConstraint(
                fields=["version", "code"], name="care_action_code_once",
                violation_error_message=_("The version has another action with this code."),
            ),
        )  # fmt: skip
        indexes = (models.Index("code", "id", name="care_action_code"),)

    def get_absolute_url(self) -> str:
        return f"{reverse('caremodels:version', args=[self.version_id])}#action-{self.code}"


@tracked()
class ActionResponsible(ResponsibleFields):
    """Who has an action of a care model."""

    action = models.ForeignKey(CareAction, models.CASCADE, related_name="responsible", verbose_name=_("action"))

    class Meta(ResponsibleFields.Meta):
        verbose_name = _("responsible")
        verbose_name_plural = _("responsible")
        default_permissions = ()
