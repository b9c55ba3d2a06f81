"""What makes the activities a calendar: series, reminders, invitations, feeds, targets of hours."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.enums import Answer, MessageState
from activities.models.activities import Activity
from activities.models.mailed import Mailed
from crm.tracking import tracked


@tracked(exclude=["made_until"])
class ActivitySeries(models.Model):
    """A recurring activity: an RFC 5545 rule in one time zone. Its occurrences are activities, made ahead of time."""

    rule = models.CharField(_("recurrence"), max_length=300)  # RRULE without its name: FREQ=WEEKLY;BYDAY=MO
    start = models.DateTimeField(_("first start"))
    time_zone = models.CharField(max_length=60, default="Europe/Helsinki", editable=False)
    # Days of the zone on which nothing is made, whatever the rule says (EXDATE). No rule gives a day two times.
    left_out = ArrayField(models.DateField(), verbose_name=_("left out"), default=list, blank=True)
    made_until = models.DateTimeField(editable=False)  # occurrences before this have been made
    ended_at = models.DateTimeField(null=True, editable=False)  # nothing more is made
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("series")
        default_permissions = ()
        indexes = (models.Index("made_until", condition=models.Q(ended_at__isnull=True), name="series_going_on"),)

    def __str__(self) -> str:
        return self.rule


class Reminder(models.Model):
    """When to remind a participant of an activity. A trigger is not needed: services move it with the start."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="reminders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders")
    minutes_before = models.PositiveIntegerField(_("remind before"), validators=[MaxValueValidator(60 * 24 * 28)])
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("reminder")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["activity", "user"], name="reminder_once"),)
        indexes = (models.Index("due_at", condition=models.Q(sent_at__isnull=True), name="reminder_due"),)

    def __str__(self) -> str:
        return f"{self.activity}: {self.user}"


class ReminderDefault(models.Model):
    """When a user wants to be reminded of what he or she logs, unless the form says otherwise."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="reminder_default"
    )
    minutes_before = models.PositiveIntegerField(_("remind before"), validators=[MaxValueValidator(60 * 24 * 28)])

    class Meta:
        verbose_name = _("usual reminder")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.minutes_before)


class CalendarFeed(models.Model):
    """A private address from which calendar programs read a user's activities. Only its SHA-256 is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("for which program"), max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar feed")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name or str(self.user)

    def get_absolute_url(self) -> str:
        return reverse("activities:feeds")


@tracked(exclude=["state", "state_at", "attempts"])  # when it went and what went wrong tell the same
class Invitation(Mailed):
    """An invitation by e-mail with a calendar file, to a contact or a colleague, and the answer."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="invitations", verbose_name=_("activity"))
    contact = models.ForeignKey(
        "customers.Contact", models.PROTECT, null=True, related_name="invitations", verbose_name=_("contact")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="invitations", verbose_name=_("user")
    )
    email = models.EmailField(_("e-mail"))
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


class WorkTarget(models.Model):
    """How many hours of work a week a user means to log."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="work_target")
    hours = models.DecimalField(
        _("target hours a week"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("target of hours")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.hours)
