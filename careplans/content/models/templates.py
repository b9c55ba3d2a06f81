"""The template of plans as data: its parts in order, for each scheme."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from careplans.content.enums import PartKind
from core.addresses import row_url
from core.fields import LineField
from core.models import VersionedModel
from core.tracking import tracked
from segmentation.schemes.models import Scheme


@tracked(exclude=["version", "updated_at"])
class PlanTemplate(VersionedModel):
    """The structure of the plans of a scheme's customers, with an owner; without a scheme that of all others."""

    scheme = models.ForeignKey(
        Scheme, models.CASCADE, null=True, blank=True, related_name="plan_templates", verbose_name=_("scheme")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("owner of the structure"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("template of care plans")
        verbose_name_plural = _("templates of care plans")
        default_permissions = ()
        ordering = ("scheme_id", "id")
        permissions = (("manage_templates", gettext_noop("May change the template of care plans")),)
        constraints = (
            models.UniqueConstraint(
                fields=["scheme"], name="plan_template_once", nulls_distinct=False,
                violation_error_message=_("The scheme has a template already."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.scheme) if self.scheme else str(_("All other customers"))

    def get_absolute_url(self) -> str:
        return row_url("carecontent:template", self.pk)


@tracked()
class TemplatePart(models.Model):
    """A field of the header, a section or a free text of a template."""

    template = models.ForeignKey(PlanTemplate, models.CASCADE, related_name="parts", verbose_name=_("template"))
    kind = models.CharField(_("part"), max_length=10, choices=PartKind)
    code = models.SlugField(_("code"), max_length=60, db_index=False)
    title_fi = LineField(_("title in Finnish"), max_length=120)
    title_en = LineField(_("title in English"), max_length=120)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_required = models.BooleanField(_("required"), default=False)
    is_shown = models.BooleanField(_("shown"), default=True)

    class Meta:
        verbose_name = _("part of a template")
        verbose_name_plural = _("parts of a template")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["template", "kind", "code"], name="template_part_once",
                violation_error_message=_("The template has this part already."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("carecontent:template", args=[self.template_id])

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return self.title_en if get_language() == "en" else self.title_fi
