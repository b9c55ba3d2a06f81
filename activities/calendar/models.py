"""Calendar feeds, invitations by e-mail and targets of weekly hours."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.calendar.enums import Answer
from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.models import OutboxRow
from core import clock
from core.fields import AddressField, LineField
from core.tracking import tracked


class CalendarFeed(models.Model):
    """A private address from which calendar programs read a user's activities. Only its SHA-256 is stored."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    name = LineField(_("calendar program"), max_length=100, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar feed")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or str(self.user)

    def get_absolute_url(self) -> str:
        return reverse("calendar:feeds")


@tracked(exclude=["state", "state_at", "attempts"])  # sent_at and error show the same
class Invitation(OutboxRow):
    """An invitation by e-mail with a calendar file, to a contact or a colleague, and its answer."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="invitations", verbose_name=_("activity"))
    contact = models.ForeignKey(
        "customers.Contact", models.PROTECT, null=True, related_name="invitations", verbose_name=_("contact")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="invitations", verbose_name=_("user")
    )
    email = AddressField(_("e-mail"))
    answer = models.CharField(_("answer"), max_length=12, choices=Answer, default=Answer.NEEDS_ACTION)
    answered_at = models.DateTimeField(_("answered"), null=True)
    sequence = models.PositiveIntegerField(default=0)  # of the last mail that was sent
    sent_at = models.DateTimeField(_("sent"), null=True)  # the last time

    class Meta:
        verbose_name = _("invitation")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["activity", "email"], name="invitation_once"),)
        indexes = (
            models.Index("state", "state_at", condition=~models.Q(state=MessageState.SENT), name="invitation_not_sent"),
        )

    def __str__(self) -> str:
        return self.email


class ImportedEvent(models.Model):
    """The newest version of an event of calendar files that has been imported, so that an older one changes nothing.

    ``recurrence`` is the original time of one occurrence of a series, empty for a whole event. ``version`` is that of
    the activity when the file was written into it: a later one has been changed here.
    """

    uid = models.CharField(max_length=255)
    recurrence = models.DateTimeField(null=True)
    sequence = models.PositiveIntegerField(default=0)
    stamp = models.DateTimeField(null=True)
    is_cancelled = models.BooleanField(default=False)
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("imported event")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["uid", "recurrence"], nulls_distinct=False, name="imported_event_once"),
        )

    def __str__(self) -> str:
        return self.uid


class WorkTarget(models.Model):
    """The hours of work that a user plans to log per week."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="work_target")
    hours = models.DecimalField(
        _("target hours per week"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("hours target")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.hours)
