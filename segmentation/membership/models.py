"""Memberships of customers in segments, by time, and proposals of moves that need approval."""

from __future__ import annotations

import datetime as dt

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.addresses import row_url
from core.models import StatusChange, VersionedModel
from core.tracking import tracked
from customers.models import Customer
from segmentation.membership.enums import EndKind, MoveKind, ProposalStatus
from segmentation.membership.querysets import MembershipQuerySet, ProposalQuerySet
from segmentation.schemes.models import Scheme, Segment, SegmentReason

#: In an exclusive scheme a membership that ended is followed at once, unless its end says why not (rule 9).
NO_GAP = """
IF EXISTS (
    SELECT 1 FROM membership_membership m
    WHERE m.customer_id = COALESCE(NEW.customer_id, OLD.customer_id)
        AND m.scheme_id = COALESCE(NEW.scheme_id, OLD.scheme_id)
        AND m.is_exclusive AND m.ended_as = '' AND NOT upper_inf(m.period)
        AND NOT EXISTS (
            SELECT 1 FROM membership_membership n
            WHERE n.customer_id = m.customer_id AND n.scheme_id = m.scheme_id AND lower(n.period) = upper(m.period)
        )
) THEN RAISE check_violation USING MESSAGE = 'a membership that ended is not followed by another';
END IF;
RETURN NULL;
"""


@tracked()
class Membership(models.Model):
    """A customer's time in a segment: its beginning belongs to it, its end does not. One without an end is present."""

    COPIED = frozenset({"is_exclusive"})  # of the scheme: the history does not tell it

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", db_index=False, verbose_name=_("scheme"))
    segment = models.ForeignKey(
        Segment, models.PROTECT, related_name="memberships", db_index=False, verbose_name=_("segment")
    )
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="memberships", verbose_name=_("customer"))
    period = DateTimeRangeField(_("time"), default_bounds="[)")
    is_exclusive = models.BooleanField(default=True, editable=False)
    kind = models.CharField(_("how"), max_length=10, choices=MoveKind, default=MoveKind.SET)
    ended_as = models.CharField(_("end"), max_length=10, choices=EndKind, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"))
    reason = models.ForeignKey(
        SegmentReason, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("reason")
    )
    text = models.CharField(_("explanation"), max_length=1_000, blank=True)
    criteria_version = models.PositiveIntegerField(_("version of the criteria"), null=True, blank=True)
    overrides = models.BooleanField(_("against the suggestion"), null=True, blank=True)
    proposal = models.ForeignKey(
        "membership.Proposal",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("proposal"),
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership in a segment")
        verbose_name_plural = _("memberships in segments")
        default_permissions = ()
        constraints = (
            ExclusionConstraint(
                name="membership_one_segment",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("scheme", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(is_exclusive=True),
                violation_error_message=_("The customer has another segment of the scheme at that time."),
            ),
            ExclusionConstraint(
                name="membership_once",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("segment", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(is_exclusive=False),
                violation_error_message=_("The customer is in the segment at that time already."),
            ),
            models.CheckConstraint(condition=Q(period__isempty=False), name="membership_not_empty"),
        )
        indexes = (
            models.Index("segment", "customer", condition=Q(period__upper_inf=True), name="membership_present"),
            models.Index("segment", "period__startswith", condition=Q(period__upper_inf=True), name="membership_since"),
            models.Index("segment", "customer", name="membership_segment"),
            models.Index("segment", "period__startswith", name="membership_began"),
            models.Index("segment", "period__endswith", name="membership_ended"),
            models.Index("period__startswith", name="membership_start"),
            models.Index("period__endswith", name="membership_end"),
            models.Index("kind", "decided_at", "id", name="membership_kind"),
            models.Index("reason", condition=Q(reason__isnull=False), name="membership_reason"),
            models.Index("decided_at", "id", name="membership_decided"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="no_gap",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                func=NO_GAP,
            ),
        )

    def __str__(self) -> str:
        return str(self.segment)

    def get_absolute_url(self) -> str:
        return row_url("membership:tab", self.customer_id)

    @property
    def start(self) -> dt.datetime:
        start: dt.datetime = self.period.lower
        return start

    @property
    def end(self) -> dt.datetime | None:
        end: dt.datetime | None = self.period.upper
        return end


@tracked(exclude=["version", "updated_at"])
class Proposal(VersionedModel):
    """A move that needs approval (rule 7): to a segment, or from one, that needs it.

    Where the segment is full, ``leaver`` is the customer that makes room and moves to ``leaver_segment``; both moves
    are approved as one (rule 6).
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="proposals", verbose_name=_("customer"))
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name=_("scheme"))
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="proposals", verbose_name=_("segment"))
    from_segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("present segment")
    )
    leaver = models.ForeignKey(
        Customer,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="proposals_to_leave",
        verbose_name=_("customer that makes room"),
    )
    leaver_segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("moves to")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=ProposalStatus, default=ProposalStatus.OPEN, editable=False
    )
    kind = models.CharField(_("how"), max_length=10, choices=MoveKind, default=MoveKind.SET, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed"))
    reason = models.ForeignKey(
        SegmentReason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason")
    )
    text = models.CharField(_("explanation"), max_length=1_000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal of a segment")
        verbose_name_plural = _("proposals of segments")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "scheme"],
                condition=Q(status="open"),
                name="proposal_open_once",
                violation_error_message=_("The customer has an open proposal already."),
            ),
            models.CheckConstraint(
                condition=Q(leaver__isnull=True, leaver_segment__isnull=True)
                | Q(leaver__isnull=False, leaver_segment__isnull=False) & ~Q(leaver=models.F("customer")),
                name="proposal_leaver",
                violation_error_message=_("Choose another customer and the segment it moves to."),
            ),
        )
        indexes = (
            models.Index(fields=["status", "-proposed_at", "-id"], name="proposal_status"),
            models.Index(fields=["-proposed_at", "-id"], name="proposal_newest"),
        )

    def __str__(self) -> str:
        return _("%(customer)s to %(segment)s") % {"customer": self.customer, "segment": self.segment}

    def get_absolute_url(self) -> str:
        return row_url("membership:proposal", self.pk)

    @property
    def is_open(self) -> bool:
        return self.status == ProposalStatus.OPEN


class ProposalStatusChange(StatusChange):
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="status_changes")
    from_status = models.CharField(_("from"), max_length=10, choices=ProposalStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=ProposalStatus)

    class Meta(StatusChange.Meta):
        indexes = (models.Index(fields=["proposal", "-at"], name="proposal_changes"),)


class ProposalComment(models.Model):
    """What somebody of the account team says about a proposal."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="comments", verbose_name=_("proposal"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    text = models.CharField(_("comment"), max_length=2_000)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("comment on a proposal")
        verbose_name_plural = _("comments on proposals")
        default_permissions = ()
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.text
