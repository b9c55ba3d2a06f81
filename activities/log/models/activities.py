"""Activities (toimenpide) with their participants, contacts, series, reminders and encounters."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from activities.log.enums import UNFINISHED, ActivityChannel, ActivityStatus, CriticalMoment, FollowKind
from activities.log.models.types import ActivityType, ContactReason, Keyword
from activities.log.overdue import overdue_before
from activities.log.querysets import ActivityQuerySet
from activities.log.recurrence.zones import OffsetZone
from core import clock
from core.addresses import row_url
from core.fields import Fold, LineField, WordsVector
from core.models import StatusChange as BaseStatusChange
from core.models import VersionedModel
from core.tracking import tracked

OPEN = models.Q(status__in=["open", "in_progress"])
#: New rows wait in a list of 1 MB and are entered together: many have the same words.
TOGETHER: dict[str, Any] = {"gin_pending_list_limit": 1_024}


@tracked(exclude=["search", "series_content"], unindexed=["type", "created_by", "series"])
class Activity(VersionedModel):
    """Something done or to be done, in the past or the future, with one customer or none."""

    # Of references without an index, the first column of another one finds the rows.
    type = models.ForeignKey(
        ActivityType, models.PROTECT, related_name="activities", db_index=False, verbose_name=_("type")
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="activities", db_index=False,
        verbose_name=_("customer"),
    )  # fmt: skip
    title = LineField(
        pgettext_lazy("activity", "title"), max_length=200, help_text=_("For example “Training needs for spring”.")
    )
    title_folded = models.GeneratedField(
        expression=Fold(models.F("title")), output_field=models.TextField(), db_persist=True
    )
    goal = models.CharField(_("goal"), max_length=500, blank=True)
    memo = models.TextField(_("memo"), max_length=20_000, blank=True)  # HTML, cleaned by core.richtext
    start = models.DateTimeField(_("start"), default=clock.now)
    #: It has days and no times: from the first minute of the first day to the last minute of the last one.
    is_all_day = models.BooleanField(pgettext_lazy("calendar", "all day"), default=False, db_default=False)
    end = models.DateTimeField(_("end"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=ActivityStatus, default=ActivityStatus.OPEN, editable=False
    )
    channel = models.CharField(_("channel"), max_length=10, choices=ActivityChannel, blank=True)
    place = LineField(_("place"), max_length=200, blank=True)
    hours = models.DecimalField(
        _("hours of work"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(500)],
    )
    settlement = models.TextField(
        _("how it was resolved"), max_length=2_000, blank=True, help_text=_("What was done about negative feedback.")
    )
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="follow_ups", db_index=False,
        verbose_name=_("follows"),
    )  # fmt: skip
    follow_kind = models.CharField(
        _("how it follows"), max_length=12, choices=FollowKind, default=FollowKind.FOLLOW_UP, editable=False
    )
    series = models.ForeignKey(
        "activities.ActivitySeries", models.SET_NULL, null=True, blank=True, related_name="activities", editable=False,
        db_index=False, verbose_name=_("series"),
    )  # fmt: skip
    series_start = models.DateTimeField(null=True, editable=False)  # where the rule placed it, unchanged by later moves
    series_content = models.PositiveSmallIntegerField(null=True, editable=False)  # which of the series' contents it got
    ical_uid = models.CharField(max_length=255, blank=True, editable=False)  # of an .ics event or invitation
    ical_sequence = models.PositiveIntegerField(default=0, editable=False)
    search = models.GeneratedField(
        expression=WordsVector("title", "goal", "memo", "settlement"), output_field=SearchVectorField(), db_persist=True
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, db_index=False,
        verbose_name=_("logged by"),
    )  # fmt: skip
    closed_at = models.DateTimeField(_("done at"), null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    users: models.ManyToManyField[models.Model, Participation] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Participation", related_name="activities", verbose_name=_("our participants")
    )
    contacts: models.ManyToManyField[models.Model, ActivityContact] = models.ManyToManyField(
        "customers.Contact", through="ActivityContact", related_name="activities", verbose_name=_("contacts")
    )
    keywords: models.ManyToManyField[Keyword, ActivityKeyword] = models.ManyToManyField(
        Keyword, through="ActivityKeyword", related_name="activities", verbose_name=_("keywords")
    )

    may_act: bool  # where a page says so of its reader: ``customers.acting``

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        default_permissions = ()
        permissions = (
            ("log_activity", gettext_noop("May log activities and change those they take part in")),
            ("change_any_activity", gettext_noop("May change every activity")),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gte=models.F("start")),
                name="activity_dates",
                violation_error_message=_("The end is before the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_all_day=False) | models.Q(end__isnull=False), name="activity_all_day"
            ),
            models.UniqueConstraint(
                fields=["series", "series_start"],
                condition=models.Q(series__isnull=False),
                name="activity_once_in_series",
            ),
        )
        indexes = (
            models.Index(fields=["-start", "-id"], include=["status"], name="activity_in_time"),
            models.Index(fields=["customer", "-start", "-id"], name="activity_of_customer"),
            models.Index(fields=["type", "-start", "-id"], name="activity_of_type"),
            models.Index(
                "channel",
                models.F("start").desc(),
                models.F("id").desc(),
                "type",  # most types have one channel or two: no row of another is read
                condition=~models.Q(channel=""),
                name="activity_of_channel",
            ),
            models.Index("start", "id", condition=OPEN, name="activity_unfinished"),
            models.Index("type", "start", "id", condition=OPEN, name="activity_type_open"),
            models.Index("customer", "start", condition=OPEN, name="activity_customer_open"),
            GinIndex(OpClass("title_folded", "gin_trgm_ops"), name="activity_title_search", **TOGETHER),
            GinIndex(fields=["search"], name="activity_search", **TOGETHER),
            # The same of what is not done: few rows, in which a common word is rare (see ``ActivityQuerySet.search``).
            GinIndex(OpClass("title_folded", "gin_trgm_ops"), condition=OPEN, name="activity_title_ahead", **TOGETHER),
            GinIndex(fields=["search"], condition=OPEN, name="activity_search_ahead", **TOGETHER),
            models.Index("start", "id", condition=models.Q(status="cancelled"), name="activity_cancelled"),
            models.Index(fields=["ical_uid"], condition=~models.Q(ical_uid=""), name="activity_ical_uid"),
            # Most follow nothing, and what a care plan asks for nobody has logged.
            models.Index("follows", condition=models.Q(follows__isnull=False), name="activity_of_followed"),
            models.Index("created_by", condition=models.Q(created_by__isnull=False), name="activity_of_logger"),
        )
        triggers = (
            pgtrigger.ReadOnly(name="type_is_fixed", fields=["type"]),
            pgtrigger.Trigger(  # calendar programs recognise a newer version, and the user may update invitations
                name="raise_sequence",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("start", "end", "place"),
                condition=pgtrigger.AnyChange("start", "end", "place"),
                func="NEW.ical_sequence = OLD.ical_sequence + 1; RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="move_due",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("status", "start", "end", "is_all_day"),
                condition=pgtrigger.AnyChange("status", "start", "end", "is_all_day"),
                func="UPDATE activities_participation SET due_at = CASE WHEN NEW.status IN ('done', 'cancelled') "
                'THEN NULL WHEN NEW.is_all_day THEN NEW."end" ELSE NEW.start END, '
                "start_at = NEW.start WHERE activity_id = NEW.id; "
                "UPDATE activities_activitykeyword SET start_at = NEW.start "
                "WHERE activity_id = NEW.id AND start_at IS DISTINCT FROM NEW.start; RETURN NULL;",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return row_url("activities:detail", self.pk)

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def is_overdue(self) -> bool:
        return self.is_unfinished and self.due_at < overdue_before()

    @property
    def due_at(self) -> dt.datetime:
        """The time after which it is late: the start, or the end of its days."""
        return self.end if self.is_all_day and self.end else self.start

    @property
    def has_begun(self) -> bool:
        """Whether it can be done by now."""
        return self.start <= clock.now()


@tracked(exclude=["due_at", "start_at"], unindexed=["user"])
class Participation(models.Model):
    """A user who takes part in an activity: it is his or her own (rule 16).

    ``due_at`` repeats the start of an unfinished activity, of whole days the end, and is empty when it is closed.
    Triggers keep it, so that a user's own open activities are one short range of an index, whatever the size of the
    database. ``start_at`` repeats the start of every activity in the same way, which makes a month of a calendar one
    short range too.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="participations", verbose_name=_("activity"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="participations", db_index=False,
        verbose_name=_("participant"),
    )  # fmt: skip
    due_at = models.DateTimeField(null=True, editable=False)
    start_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("participant")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "activity"], name="participation_once"),)
        indexes = (
            models.Index("user", "due_at", condition=models.Q(due_at__isnull=False), name="participation_due"),
            models.Index(fields=["user", "start_at", "activity"], name="participation_calendar"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="set_due",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__start_at__isnull=True),
                func="SELECT start, CASE WHEN status IN ('done', 'cancelled') THEN NULL WHEN is_all_day "
                'THEN "end" ELSE start END INTO NEW.start_at, NEW.due_at '
                "FROM activities_activity WHERE id = NEW.activity_id; RETURN NEW;",
            ),
        )

    def __str__(self) -> str:
        return str(self.user)


@tracked()
class ActivityContact(models.Model):
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="activity_contacts", verbose_name=_("activity"))
    contact = models.ForeignKey(
        "customers.Contact", models.PROTECT, related_name="activity_contacts", verbose_name=_("contact")
    )

    class Meta:
        verbose_name = _("contact")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["contact", "activity"], name="activity_contact_once"),)

    def __str__(self) -> str:
        return str(self.contact)


@tracked(exclude=["start_at"])
class ActivityKeyword(models.Model):
    """A keyword of an activity. ``start_at`` repeats the activity's start, as in :class:`Participation`: the list of a
    keyword in time is a range of an index.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="activity_keywords", verbose_name=_("activity"))
    keyword = models.ForeignKey(Keyword, models.PROTECT, related_name="activity_keywords", verbose_name=_("keyword"))
    start_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("keyword")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["activity", "keyword"], name="activity_keyword_once"),)
        indexes = (models.Index(fields=["keyword", "start_at", "activity"], name="keyword_in_time"),)
        triggers = (
            pgtrigger.Trigger(
                name="set_start",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="SELECT start INTO NEW.start_at FROM activities_activity WHERE id = NEW.activity_id; RETURN NEW;",
            ),
        )

    def __str__(self) -> str:
        return str(self.keyword)


class StatusChange(BaseStatusChange):
    """A change of an activity's status, with the reason where one is required: reopening, closing many."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="status_changes", verbose_name=_("activity"))
    from_status = models.CharField(_("from"), max_length=12, choices=ActivityStatus)
    to_status = models.CharField(_("to"), max_length=12, choices=ActivityStatus)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    actor = None  # type: ignore[assignment]  # only users change the status of an activity
    at = models.DateTimeField(_("when"), default=clock.now)


@tracked(exclude=["made_until", "contents", "zone_offsets"])
class ActivitySeries(models.Model):
    """A recurring activity: an RFC 5545 rule in one time zone. Its occurrences are activities, made ahead of time."""

    rule = models.CharField(_("recurrence"), max_length=300)  # RRULE without its name: FREQ=WEEKLY;BYDAY=MO
    start = models.DateTimeField(_("first start"))
    time_zone = models.CharField(max_length=60, default="Europe/Helsinki", editable=False)
    # The zone's offsets where a calendar file has brought its own zone: pairs of a UNIX time and seconds east of UTC.
    zone_offsets = models.JSONField(default=list, blank=True, editable=False)
    contents = models.JSONField(default=list, blank=True, editable=False)  # see services/series_content.py
    # Days of the zone on which no occurrence is made (EXDATE). A rule gives a day at most once.
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

    @property
    def zone(self) -> dt.tzinfo:
        """The zone in which the rule is read."""
        return OffsetZone(self.time_zone, self.zone_offsets) if self.zone_offsets else ZoneInfo(self.time_zone)


class Reminder(models.Model):
    """When to remind a user of an activity; services move it with the start."""

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
    """The default reminder of a user in the form for logging."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="reminder_default"
    )
    minutes_before = models.PositiveIntegerField(_("remind before"), validators=[MaxValueValidator(60 * 24 * 28)])

    class Meta:
        verbose_name = _("usual reminder")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.minutes_before)


@tracked()
class Encounter(models.Model):
    """The details of an encounter with a customer (domain.md §5)."""

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="encounter")
    matters = models.CharField(_("matters covered"), max_length=500, blank=True)
    solved_at_once = models.BooleanField(_("solved at once"), null=True, blank=True)
    critical_moment = models.CharField(_("critical moment"), max_length=10, choices=CriticalMoment, blank=True)
    with_video = models.BooleanField(_("by video"), default=False)
    with_interpreter = models.BooleanField(_("interpreter present"), default=False)
    unnecessary = models.ForeignKey(
        ContactReason,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="encounters",
        verbose_name=_("why the contact was unnecessary"),
    )

    class Meta:
        verbose_name = _("encounter")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.activity)
