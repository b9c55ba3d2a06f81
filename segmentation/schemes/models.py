"""Schemes of segmentation, their segments with goals, and the reasons of moves. No code knows a segment's letter."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from core.addresses import row_url
from core.fields import LineField
from core.models import Choice, VersionedModel
from core.tracking import tracked
from segmentation.schemes.enums import Colour, GoalKind, RuleChangeStatus, ValueMode
from segmentation.schemes.querysets import RuleChangeQuerySet, SchemeQuerySet, SegmentQuerySet

#: As much of a name as the column of a list has room for.
SHORT_LENGTH = 24
SHORT_HELP = _("For lists. Empty: the whole name.")


@tracked(exclude=["version", "updated_at"])
class Scheme(VersionedModel, Choice):
    """One way to look at the customers: its segments, who decides, and whether value to us is used."""

    description = models.TextField(_("description"), max_length=2_000, blank=True)
    is_primary = models.BooleanField(
        _("primary"),
        default=False,
        help_text=_("“Segment” everywhere means this scheme. Exactly one scheme is primary."),
    )
    is_exclusive = models.BooleanField(
        _("one segment for each customer"),
        default=True,
        help_text=_("A customer is in at most one segment of the scheme at a time."),
    )
    is_automatic = models.BooleanField(
        _("automatic"),
        default=False,
        help_text=_("The criteria take effect by themselves. Otherwise they suggest, and people decide."),
    )
    feeds_care_models = models.BooleanField(_("used for care models"), default=False)
    value_mode = models.CharField(
        _("value of customers"),
        max_length=12,
        choices=ValueMode,
        default=ValueMode.USED,
        help_text=_(
            "Used: shown to management, key account managers and owners. Development only: to management and key "
            "account managers. Off: neither computed nor shown anywhere."
        ),
    )
    minimum_known = models.PositiveSmallIntegerField(
        _("smallest known share, %"),
        default=50,
        validators=[MaxValueValidator(100)],
        help_text=_("No suggestion is made where a smaller share of the criteria is known."),
    )
    default_segment = models.ForeignKey(
        "schemes.Segment",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("segment of a new customer"),
        help_text=_("Empty: a new customer has no segment."),
    )
    lead_segment = models.ForeignKey(
        "schemes.Segment",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("segment given by a mutual contact"),
        help_text=_("A customer without a segment gets it when a lead becomes a contact. Empty: none."),
    )

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        default_permissions = ()
        ordering = ("order", "id")
        permissions = (("manage_schemes", gettext_noop("May change the schemes and segments")),)
        constraints = (
            models.UniqueConstraint(
                "code", name="scheme_code_unique", violation_error_message=_("Another scheme has this code.")
            ),
            models.UniqueConstraint(
                "is_primary",
                condition=Q(is_primary=True),
                name="scheme_one_primary",
                violation_error_message=_("Another scheme is primary."),
            ),
            models.CheckConstraint(
                condition=Q(is_primary=False) | Q(is_exclusive=True, retired_at__isnull=True),
                name="scheme_primary_is_exclusive",
                violation_error_message=_("The primary scheme is in use and gives each customer one segment."),
            ),
            models.CheckConstraint(
                condition=Q(minimum_known__lte=100),
                name="scheme_known_share",
                violation_error_message=_("A share is at most 100 %."),
            ),
        )

    @property
    def is_steered_by_value(self) -> bool:
        """Whether criteria may ask what a customer is worth; in *development only* it changes no basic service."""
        is_used = self.value_mode == ValueMode.USED
        return is_used or (self.value_mode == ValueMode.DEVELOPMENT and not self.feeds_care_models)

    def get_absolute_url(self) -> str:
        return row_url("schemes:detail", self.pk)


@tracked(exclude=["version", "updated_at"])
class Segment(VersionedModel, Choice):
    """A segment of a scheme. The order of the segments is their precedence. A retired one takes no new customer."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="segments", verbose_name=_("scheme"))
    short_fi = LineField(
        _("short name in Finnish"), max_length=SHORT_LENGTH, blank=True, default="", help_text=SHORT_HELP
    )
    short_en = LineField(
        _("short name in English"), max_length=SHORT_LENGTH, blank=True, default="", help_text=SHORT_HELP
    )
    colour = models.CharField(_("colour"), max_length=10, choices=Colour, blank=True, default=Colour.NONE)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    contact_days = models.PositiveSmallIntegerField(
        _("longest time without contact, in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3_650)],
        help_text=_("The segment's customers then wait for contact. Empty: they never do."),
    )
    setters: models.ManyToManyField[Group, models.Model] = models.ManyToManyField(
        Group,
        blank=True,
        related_name="+",
        verbose_name=_("who may set it"),
        help_text=_("Empty: everyone who may edit the customer."),
    )
    needs_approval = models.BooleanField(
        _("needs approval"),
        default=False,
        help_text=_("Customers are proposed to the segment and from it, and the approvers decide."),
    )
    approvers: models.ManyToManyField[Group, models.Model] = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("who approves")
    )
    limit = models.PositiveIntegerField(
        _("most customers"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit. Open proposals do not count."),
    )
    minimum_days = models.PositiveSmallIntegerField(
        _("shortest time in the segment, in days"),
        default=0,
        validators=[MaxValueValidator(3_650)],
        help_text=_("The criteria suggest no other segment before it. People's decisions are not bound by it."),
    )
    longest_days = models.PositiveSmallIntegerField(
        _("longest stay in the segment, in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3_650)],
        help_text=_("Customers that have been in the segment longer are segmentation work. Empty: they may stay."),
    )
    counts_as_growing = models.BooleanField(
        _("counts as growing"),
        default=False,
        help_text=_("Part of the share of growing customers, which should rise."),
    )
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible person"),
    )
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="segments", verbose_name=_("care team")
    )

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        default_permissions = ()
        ordering = ("scheme", "order", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["scheme", "code"],
                name="segment_code_unique",
                violation_error_message=_("Another segment of the scheme has this code."),
            ),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(limit__gte=1),
                name="segment_limit",
                violation_error_message=_("A limit is at least one customer."),
            ),
        )

    def get_absolute_url(self) -> str:
        return f"{reverse('schemes:detail', args=[self.scheme_id])}#segment-{self.pk}"

    @property
    def short_name(self) -> str:
        """The name in lists, in the language of the page."""
        return (self.short_en if get_language() == "en" else self.short_fi) or self.name


class RuleChange(models.Model):
    """A change of who decides about a segment or of how many it takes, and how many customers it had then.

    ``before`` and ``after`` have ``needs_approval``, ``limit`` and the ids of the ``approvers``. What loosens a segment
    that needs approval waits until one of its approvers, who did not ask for it, has approved.
    """

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="rule_changes", verbose_name=_("segment"))
    before = models.JSONField()
    after = models.JSONField()
    customers = models.PositiveIntegerField(_("customers"))
    status = models.CharField(_("status"), max_length=10, choices=RuleChangeStatus)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = RuleChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a segment's rules")
        verbose_name_plural = _("changes of segments' rules")
        default_permissions = ()
        ordering = ("-asked_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["segment"], condition=Q(status="open"), name="rule_change_open_once"),
        )

    def __str__(self) -> str:
        return str(self.segment)

    def get_absolute_url(self) -> str:
        return self.segment.get_absolute_url()


@tracked()
class SegmentGoal(models.Model):
    """A goal of a segment for a year."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="goals", verbose_name=_("segment"))
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2_000), MaxValueValidator(2_100)])
    kind = models.CharField(_("goal"), max_length=14, choices=GoalKind)
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=2)
    note = models.CharField(_("explanation"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("goal of a segment")
        verbose_name_plural = _("goals of segments")
        default_permissions = ()
        ordering = ("-year", "kind")
        constraints = (
            models.UniqueConstraint(
                fields=["segment", "year", "kind"],
                name="segment_goal_once",
                violation_error_message=_("The segment has this goal for the year already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.segment}, {self.year}: {self.get_kind_display()}"


@tracked()
class SegmentReason(Choice):
    """A reason of a move from a segment to another: a merger, a change of business."""

    class Meta:
        verbose_name = _("reason of a move")
        verbose_name_plural = _("reasons of moves")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="segment_reason_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("schemes:list")
