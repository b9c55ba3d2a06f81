"""Activities (toimenpide): what is done with and for customers, and by whom."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activities.enums import UNFINISHED, ActivityChannel, ActivityStatus
from activities.querysets import ActivityQuerySet
from crm.fields import Fold
from crm.models import NamedModel, VersionedModel
from crm.tracking import tracked


@tracked()
class Keyword(NamedModel):
    """A word that activities of some types may carry, such as positive and negative for feedback."""

    keeps_open = models.BooleanField(
        _("keeps the activity open"),
        default=False,
        help_text=_("It is open until it is settled, also when it has happened."),
    )

    class Meta:
        verbose_name = _("keyword")
        verbose_name_plural = _("keywords")
        default_permissions = ()
        ordering = ("id",)
        constraints = (models.UniqueConstraint("code", name="keyword_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("activities:types")


@tracked()
class ActivityType(NamedModel):
    """A kind of activity. It is given when the activity is added and never changes (rule 1)."""

    icon = models.CharField(_("icon"), max_length=40, default="point")
    is_contact = models.BooleanField(_("is contact with the customer"), default=True)
    needs_customer = models.BooleanField(_("needs a customer"), default=True)
    needs_goal = models.BooleanField(_("needs a goal"), default=False)
    stays_open = models.BooleanField(
        _("stays open until someone closes it"), default=False, help_text=_("Also when its time is past, like a lead.")
    )
    channel = models.CharField(_("channel"), max_length=10, choices=ActivityChannel, blank=True)
    duration = models.PositiveSmallIntegerField(_("usual length"), default=60, help_text=_("Minutes."))
    memo_template_fi = models.TextField(_("memo template in Finnish"), max_length=5_000, blank=True)
    memo_template_en = models.TextField(_("memo template in English"), max_length=5_000, blank=True)
    keywords: models.ManyToManyField[Keyword, models.Model] = models.ManyToManyField(
        Keyword, blank=True, related_name="types", verbose_name=_("keywords")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
        default_permissions = ()
        ordering = ("order", "id")
        permissions = (("manage_activity_types", gettext_noop("May change activity types and keywords")),)
        constraints = (models.UniqueConstraint("code", name="activity_type_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("activities:types")

    @property
    def memo_template(self) -> str:
        """The memo template in the language of the page."""
        return self.memo_template_en if get_language() == "en" else self.memo_template_fi

    @property
    def rules(self) -> list[str]:
        """What is particular about activities of this type, in words."""
        said = {
            _("contact with the customer"): self.is_contact,
            _("needs a goal"): self.needs_goal,
            _("also without a customer"): not self.needs_customer,
            _("stays open"): self.stays_open,
        }
        return [str(words) for words, is_so in said.items() if is_so]

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None


@tracked()
class Activity(VersionedModel):
    """Something done or to be done, in the past or the future, with one customer or none."""

    type = models.ForeignKey(ActivityType, models.PROTECT, related_name="activities", verbose_name=_("type"))
    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("customer"),
    )
    title = models.CharField(
        pgettext_lazy("activity", "title"), max_length=200, help_text=_("Tells the content and the reason by itself.")
    )
    title_folded = models.GeneratedField(
        expression=Fold(models.F("title")), output_field=models.TextField(), db_persist=True
    )
    goal = models.CharField(_("goal"), max_length=500, blank=True)
    memo = models.TextField(_("memo"), max_length=10_000, blank=True)
    start = models.DateTimeField(_("start"), default=timezone.now)
    end = models.DateTimeField(_("end"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=ActivityStatus, default=ActivityStatus.OPEN, editable=False
    )
    channel = models.CharField(_("channel"), max_length=10, choices=ActivityChannel, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    hours = models.DecimalField(
        _("hours of work"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(500)],
    )
    settlement = models.TextField(
        _("how it was settled"), max_length=2_000, blank=True, help_text=_("What was done about negative feedback.")
    )
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="follow_ups", verbose_name=_("follows")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("logged by"),
    )
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

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        default_permissions = ()
        permissions = (
            ("log_activity", gettext_noop("May log activities and change those in which he or she takes part")),
            ("change_any_activity", gettext_noop("May change every activity")),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gte=models.F("start")),
                name="activity_dates",
                violation_error_message=_("The end is before the start."),
            ),
        )
        indexes = (
            models.Index(fields=["-start", "-id"], name="activity_start"),
            models.Index(fields=["customer", "-start", "-id"], name="activity_of_customer"),
            models.Index(fields=["type", "-start", "-id"], name="activity_of_type"),
            models.Index(
                "start", "id", condition=models.Q(status__in=["open", "in_progress"]), name="activity_unfinished"
            ),
            models.Index(
                "customer",
                "start",
                condition=models.Q(status__in=["open", "in_progress"]),
                name="activity_customer_open",
            ),
            GinIndex(OpClass("title_folded", "gin_trgm_ops"), name="activity_title_search"),
        )
        triggers = (
            pgtrigger.ReadOnly(name="type_is_fixed", fields=["type"]),
            pgtrigger.Trigger(
                name="move_due",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("status", "start"),
                condition=pgtrigger.AnyChange("status", "start"),
                func="UPDATE activities_participation SET due_at = CASE WHEN NEW.status <> 'done' THEN NEW.start END "
                "WHERE activity_id = NEW.id; RETURN NULL;",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("activities:detail", args=[self.pk])

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def is_overdue(self) -> bool:
        return self.is_unfinished and self.start < timezone.now()


@tracked(exclude=["due_at"])
class Participation(models.Model):
    """A user who takes part in an activity: it is his or her own (rule 16).

    ``due_at`` repeats the start of an unfinished activity and is empty when it is done: triggers keep it, so that
    everybody's own open activities are one short range of an index, whatever the size of the database.
    """

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="participations", verbose_name=_("activity"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="participations", verbose_name=_("participant")
    )
    due_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("participant")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "activity"], name="participation_once"),)
        indexes = (models.Index("user", "due_at", condition=models.Q(due_at__isnull=False), name="participation_due"),)
        triggers = (
            pgtrigger.Trigger(
                name="set_due",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="NEW.due_at = (SELECT start FROM activities_activity WHERE id = NEW.activity_id "
                "AND status <> 'done'); RETURN NEW;",
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


@tracked()
class ActivityKeyword(models.Model):
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="activity_keywords", verbose_name=_("activity"))
    keyword = models.ForeignKey(Keyword, models.PROTECT, related_name="activity_keywords", verbose_name=_("keyword"))

    class Meta:
        verbose_name = _("keyword")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["activity", "keyword"], name="activity_keyword_once"),)

    def __str__(self) -> str:
        return str(self.keyword)
