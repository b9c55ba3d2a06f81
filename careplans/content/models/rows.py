"""Simple rows of plans, until other apps own the data: projects, systems, agreements; services by potential."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from careplans.content.enums import FollowUp, Keeper
from careplans.content.models.base import OfPlan, of_customer
from careplans.plans.querysets import OfCustomers
from core.fields import LineField
from core.models import Choice
from core.tracking import tracked


@tracked(exclude=["version", "updated_at"])
class Project(OfPlan):
    """A development project of a customer (section A). One without our representative is a fault."""

    customer = of_customer("plan_projects")
    name = LineField(_("project"), max_length=200)
    start = models.DateField(_("start"), null=True, blank=True)
    end = models.DateField(_("estimated end"), null=True, blank=True)
    manager = LineField(_("project manager"), max_length=200, blank=True)
    budget = models.DecimalField(
        _("budget, €"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    representative = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("our representative"),
    )  # fmt: skip
    follow_up = LineField(_("follow-up"), max_length=120, blank=True, help_text=_("Such as “in the steering group”."))
    follow_every = models.PositiveSmallIntegerField(
        _("followed up"), null=True, blank=True, choices=FollowUp,
        help_text=_("An internal action of the plan, which brings work into calendars until the project ends."),
    )  # fmt: skip
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=1, validators=[MinValueValidator(1), MaxValueValidator(999)],
        help_text=_("The order among the projects of this customer."),
    )  # fmt: skip

    objects = OfCustomers["Project"].as_manager()

    class Meta:
        verbose_name = _("development project")
        verbose_name_plural = _("development projects")
        default_permissions = ()
        ordering = ("priority", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(start__isnull=True) | Q(end__gte=F("start")),
                name="plan_project_days", violation_error_message=_("The end is before the start."),
            ),
        )  # fmt: skip
        indexes = (models.Index("customer", name="plan_project_customer"),)

    def __str__(self) -> str:
        return self.name

    @property
    def follow_words(self) -> str:
        """How often and how the project is followed up."""
        often = str(FollowUp(self.follow_every).label) if self.follow_every else ""
        return ", ".join(filter(None, (often, self.follow_up)))


@tracked(exclude=["version", "updated_at"])
class System(OfPlan):
    """A system of critical services with its regular actions (section B)."""

    customer = of_customer("plan_systems")
    name = LineField(_("system"), max_length=200)
    updates = models.PositiveSmallIntegerField(
        _("updates per year"), null=True, blank=True, validators=[MaxValueValidator(366)]
    )
    next_update = models.PositiveSmallIntegerField(
        _("next update"), null=True, blank=True, choices=[(number, name) for number, name in MONTHS.items()]
    )
    contact = LineField(_("customer's contact"), max_length=200, blank=True)
    supplier = LineField(_("supplier"), max_length=200, blank=True)
    keeper = models.CharField(_("maintained by"), max_length=10, choices=Keeper, blank=True)
    resources = models.DecimalField(
        _("our resources"), max_digits=6, decimal_places=1, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("People who are needed at an update."),
    )  # fmt: skip
    other = LineField(_("other"), max_length=500, blank=True)

    objects = OfCustomers["System"].as_manager()

    class Meta:
        verbose_name = _("system of critical services")
        verbose_name_plural = _("systems of critical services")
        default_permissions = ()
        ordering = ("name", "id")
        indexes = (models.Index("customer", name="plan_system_customer"),)

    def __str__(self) -> str:
        return self.name


@tracked(exclude=["version", "updated_at"])
class Agreement(OfPlan):
    """What the managements have agreed (section F)."""

    customer = of_customer("plan_agreements")
    name = LineField(_("what was agreed"), max_length=300)
    day = models.DateField(_("date"), null=True, blank=True)
    parties = LineField(_("parties"), max_length=300, blank=True)
    document = LineField(_("document"), max_length=300, blank=True, help_text=_("Its name, number or address."))
    follow_up = LineField(_("follow-up"), max_length=300, blank=True)

    objects = OfCustomers["Agreement"].as_manager()

    class Meta:
        verbose_name = _("agreement between managements")
        verbose_name_plural = _("agreements between managements")
        default_permissions = ()
        ordering = ("-day", "-id")
        indexes = (models.Index("customer", name="plan_agreement_customer"),)

    def __str__(self) -> str:
        return self.name


@tracked()
class PotentialClass(Choice):
    """A class of potential, from a number of the outlook on, and the services that its customers are offered."""

    lowest = models.PositiveSmallIntegerField(
        _("from the outlook"), validators=[MaxValueValidator(10)], help_text=_("The lowest number of the class, 0–10.")
    )
    services_fi = models.TextField(
        _("services in Finnish"), max_length=2_000, blank=True, help_text=_("One on a line.")
    )
    services_en = models.TextField(
        _("services in English"), max_length=2_000, blank=True, help_text=_("One on a line.")
    )

    class Meta:
        verbose_name = _("class of potential")
        verbose_name_plural = _("classes of potential")
        default_permissions = ()
        ordering = ("-lowest", "id")
        constraints = (models.UniqueConstraint("code", name="potential_class_code"),)

    def get_absolute_url(self) -> str:
        return reverse("carecontent:templates")

    @property
    def services(self) -> list[str]:
        """The services in the language of the page."""
        text = (self.services_en if get_language() == "en" else self.services_fi) or self.services_fi
        return [line.strip() for line in text.splitlines() if line.strip()]
