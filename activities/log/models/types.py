"""Types of activities, keywords and the other lists that administrators keep."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activities.log.enums import LOGGED, ActivityChannel, ActivityStatus, TypeColor
from activities.log.plugs import TypeDetails, details_of
from core.fields import LineField
from core.models import Choice as BaseChoice
from core.models import NamedModel
from core.tracking import tracked


@tracked()
class Keyword(NamedModel):
    """A keyword that some types offer, such as positive and negative for feedback."""

    keeps_open = models.BooleanField(
        _("keeps the activity open"),
        default=False,
        help_text=_("Open until it is resolved, even after it has happened."),
    )
    counts_as_variety = models.BooleanField(
        _("counts as variety of cooperation"),
        default=False,
        db_default=False,
        help_text=_("Such as a guest lecture or a company visit: one more kind of cooperation besides orders."),
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
    color = models.CharField(_("colour"), max_length=10, choices=TypeColor, default=TypeColor.BLUE)
    is_contact = models.BooleanField(_("is contact with the customer"), default=True)
    needs_customer = models.BooleanField(_("needs a customer"), default=True)
    needs_goal = models.BooleanField(_("needs a goal"), default=False)
    needs_contact = models.BooleanField(_("needs a contact"), default=False)
    counts_as_work = models.BooleanField(_("hours count as work time"), default=True)
    status_if_future = models.CharField(
        _("status of an activity in the future"),
        max_length=12,
        choices=tuple((status.value, status.label) for status in LOGGED),
        default=ActivityStatus.OPEN,
    )
    status_if_past = models.CharField(
        _("status when it has happened"),
        max_length=12,
        choices=tuple((status.value, status.label) for status in LOGGED),
        default=ActivityStatus.DONE,
    )
    details = models.CharField(
        _("own fields"),
        max_length=10,
        blank=True,
        editable=False,
        help_text=_("The extra fields of activities of this type."),
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
        """The special rules of this type, in words."""
        rules = {
            _("contact with the customer"): self.is_contact,
            _("needs a goal"): self.needs_goal,
            _("customer optional"): not self.needs_customer,
            _("needs a contact"): self.needs_contact,
            _("stays open"): self.status_if_past != ActivityStatus.DONE,
            _("not work time"): not self.counts_as_work,
        }
        return [str(label) for label, applies in rules.items() if applies]

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def own_details(self) -> TypeDetails:
        """The additional fields and rules of activities of this type."""
        return details_of(self.details)


class Choice(BaseChoice):
    """A line of a list that is kept on the page of the types."""

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse("activities:types")


@tracked()
class ContactReason(Choice):
    """A reason why an encounter was unnecessary for the customer, such as a failed service (domain.md §5)."""

    class Meta:
        verbose_name = _("reason for unnecessary contact")
        verbose_name_plural = _("reasons for unnecessary contacts")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="contact_reason_code_unique"),)


@tracked()
class ActivityTemplate(Choice):
    """What an activity for each of many customers begins with: its type, its title and a memo to fill in."""

    type = models.ForeignKey(ActivityType, models.PROTECT, related_name="templates", verbose_name=_("type"))
    title = LineField(pgettext_lazy("activity", "title"), max_length=200)
    memo = models.TextField(_("memo"), max_length=5_000, blank=True)

    class Meta:
        verbose_name = _("activity template")
        verbose_name_plural = _("activity templates")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="activity_template_code_unique"),)
