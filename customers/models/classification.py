"""The classification tree (luokituspuu): branches with their rules, their nodes, and assignments of nodes."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from core.fields import LineField
from core.models import NamedModel
from core.tracking import tracked
from customers.enums import BranchPurpose, BranchTarget
from customers.querysets import ClassificationNodeManager

#: As much of a name as the column of a list has room for.
SHORT_LENGTH = 24
SHORT_HELP = _("For lists. Empty: the whole name.")


@tracked()
class ClassificationBranch(NamedModel):
    """A branch: its target, one node or many, required or not, and the groups that may assign its nodes."""

    target = models.CharField(_("applies to"), max_length=10, choices=BranchTarget, default=BranchTarget.CUSTOMERS)
    purpose = models.CharField(_("purpose"), max_length=20, choices=BranchPurpose, blank=True, editable=False)
    is_multiple = models.BooleanField(_("several can be chosen"), default=False)
    is_required = models.BooleanField(_("required"), default=False)
    assigners: models.ManyToManyField[Group, models.Model] = models.ManyToManyField(
        Group,
        blank=True,
        related_name="+",
        verbose_name=_("who may assign"),
        help_text=_("Empty: everyone who may edit the customer or contact."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        default_permissions = ()
        ordering = ("order", "id")
        permissions = (("manage_classification", gettext_noop("May change the classification tree")),)
        constraints = (
            models.UniqueConstraint(
                "code", name="branch_code_unique", violation_error_message=_("Another branch has this code.")
            ),
            models.UniqueConstraint("purpose", condition=~models.Q(purpose=""), name="branch_purpose_once"),
        )

    def get_absolute_url(self) -> str:
        return f"{reverse('customers:classification')}?branch={self.code}"


@tracked()
class ClassificationNode(NamedModel, MP_Node):
    """A node of a branch. A retired node stays where it is assigned but can no longer be assigned."""

    branch = models.ForeignKey(ClassificationBranch, models.PROTECT, related_name="nodes", verbose_name=_("branch"))
    short_fi = LineField(
        _("short name in Finnish"), max_length=SHORT_LENGTH, blank=True, default="", db_default="", help_text=SHORT_HELP
    )
    short_en = LineField(
        _("short name in English"), max_length=SHORT_LENGTH, blank=True, default="", db_default="", help_text=SHORT_HELP
    )
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    lower = models.PositiveIntegerField(
        _("from"), null=True, blank=True, help_text=_("Lower limit of the class, such as the number of employees.")
    )
    upper = models.PositiveIntegerField(_("to"), null=True, blank=True)
    assigners: models.ManyToManyField[Group, models.Model] = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("who may assign"), help_text=_("Empty: same as the branch.")
    )

    objects = ClassificationNodeManager()

    class Meta:
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                "branch",
                "code",
                name="node_code_unique",
                violation_error_message=_("Another class of this branch has this code."),
            ),
        )

    def get_absolute_url(self) -> str:
        return f"{self.branch.get_absolute_url()}#node-{self.pk}"

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def short_name(self) -> str:
        """The name in lists, in the language of the page."""
        return (self.short_en if get_language() == "en" else self.short_fi) or self.name


def fits_target(other: str) -> tuple[pgtrigger.Trigger, ...]:
    """Return triggers that refuse a class of a branch only for ``other`` (rule 11), also in bulk writes."""
    check = pgtrigger.Func(
        "IF EXISTS (SELECT 1 FROM new_rows r JOIN customers_classificationnode n ON n.id = r.node_id "
        "JOIN customers_classificationbranch b ON b.id = n.branch_id WHERE b.target = 'OTHER') "
        "THEN RAISE check_violation USING MESSAGE = 'a class for OTHER only'; END IF; RETURN NULL;".replace(
            "OTHER", other
        )
    )
    return tuple(
        pgtrigger.Trigger(
            name=f"fits_target_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=check,
        )
        for name, operation in (("insert", pgtrigger.Insert), ("update", pgtrigger.Update))
    )


class Assignment(models.Model):
    """The assignment of a node, with user and time."""

    node = models.ForeignKey(ClassificationNode, models.PROTECT, related_name="%(class)ss", verbose_name=_("class"))
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    assigned_at = models.DateTimeField(_("assigned"), auto_now_add=True)

    class Meta:
        abstract = True


@tracked()
class CustomerClassification(Assignment):
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="classifications", verbose_name=_("customer")
    )

    class Meta:
        verbose_name = _("classification")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["customer", "node"], name="customer_node_once"),)
        indexes = (models.Index(fields=["node", "customer"], name="customers_of_node"),)
        triggers = fits_target(BranchTarget.CONTACTS.value)

    def __str__(self) -> str:
        return str(self.node)


@tracked()
class ContactClassification(Assignment):
    contact = models.ForeignKey(
        "customers.Contact", models.CASCADE, related_name="classifications", verbose_name=_("contact")
    )

    class Meta:
        verbose_name = _("classification")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["contact", "node"], name="contact_node_once"),)
        indexes = (models.Index(fields=["node", "contact"], name="contacts_of_node"),)
        triggers = fits_target(BranchTarget.CUSTOMERS.value)

    def __str__(self) -> str:
        return str(self.node)
