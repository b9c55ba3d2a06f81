"""Personal links to the customer's edition of its plan, the acceptance by them, and comments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.log.models import Activity
from careplans.content.models.base import of_customer
from careplans.content.querysets import LinkQuerySet
from core import clock
from core.addresses import row_url
from core.fields import LineField
from core.tracking import tracked
from customers.models import Contact


@tracked(exclude=["digest", "content"])
class EditionLink(models.Model):
    """A personal link through which a contact reads the customer's edition, comments on it and accepts it.

    ``content`` is what was shown: the goals and the schedule as they were when the link was made.
    """

    customer = of_customer("edition_links")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact"))
    language = models.CharField(_("language"), max_length=2)
    #: To which address the program mailed it, and the message's activity; empty if a person passed it on.
    email = models.EmailField(_("e-mail"), blank=True, editable=False)
    message = models.ForeignKey(
        Activity, models.SET_NULL, null=True, related_name="edition_links", verbose_name=_("message"), editable=False
    )
    content = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the link's secret
    created_at = models.DateTimeField(_("made"), default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"), editable=False
    )
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    accepted_name = LineField(_("accepted by"), max_length=200, blank=True, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to a customer's edition")
        verbose_name_plural = _("links to customers' editions")
        default_permissions = ()
        ordering = ("-created_at", "-id")
        indexes = (models.Index("customer", name="edition_link_customer"),)

    def __str__(self) -> str:
        return str(self.contact or "–")

    def get_absolute_url(self) -> str:
        return row_url("carecontent:tab", self.customer_id)


@tracked()
class EditionComment(models.Model):
    """What a reader of the customer's edition has written."""

    link = models.ForeignKey(EditionLink, models.CASCADE, related_name="comments", verbose_name=_("link"))
    name = LineField(_("name"), max_length=200)
    text = models.TextField(_("comment"), max_length=2_000)
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("comment on a customer's edition")
        verbose_name_plural = _("comments on customers' editions")
        default_permissions = ()
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.link.get_absolute_url()
