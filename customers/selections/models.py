"""Selections, the rows that their conditions name, the members of frozen ones, and favourites."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Team, User
from core.addresses import row_url
from core.fields import LineField, SortKey
from core.models import VersionedModel
from core.queue import queue_task
from core.tracking import tracked
from customers.models import ClassificationNode, Contact, Customer, Municipality
from customers.selections.enums import SUBJECTS, SelectionKind, SelectionOf, Sharing
from customers.selections.querysets import SelectionQuerySet
from segmentation.schemes.models import Segment


@tracked(exclude=["condition", "is_unnamed", "earlier"])
class Selection(VersionedModel):
    """A named condition over customers or contacts (live), or a fixed list of them (frozen).

    ``condition`` is the tree as JSON without the rows that it names: these are :class:`Reference` rows, so that a
    merge, a retirement or a deletion finds them. ``words_fi`` and ``words_en`` say the condition and follow names that
    change (``customers.saved_views.signals``); all are compared every night.

    One that ``is_unnamed`` holds the deeper conditions of a list and of the saved views of it (``list_conditions``): it
    never changes and is in no list of selections. ``earlier`` is what the last change replaced, for its undo.
    """

    name = LineField(_("name"), max_length=120)
    of = models.CharField(_("of what"), max_length=10, choices=SelectionOf, default=SelectionOf.CUSTOMERS)
    kind = models.CharField(_("kind"), max_length=10, choices=SelectionKind, default=SelectionKind.LIVE)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="selections", verbose_name=_("owner")
    )
    sharing = models.CharField(_("who sees it"), max_length=10, choices=Sharing, default=Sharing.OWN)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team"))
    folder = LineField(_("folder"), max_length=60, blank=True)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    condition = models.JSONField(default=dict, editable=False)
    words_fi = models.TextField(_("condition in Finnish"), blank=True, editable=False)
    words_en = models.TextField(_("condition in English"), blank=True, editable=False)
    includes_inactive = models.BooleanField(_("includes inactive customers"), default=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    is_unnamed = models.BooleanField(default=False, editable=False)
    earlier = models.JSONField(null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    sort_key = models.GeneratedField(
        expression=SortKey(Concat("folder", models.Value(" / "), "name")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    objects = SelectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("selection")
        verbose_name_plural = _("selections")
        default_permissions = ()
        permissions = (("share_with_all", gettext_noop("May share selections with everyone")),)
        indexes = (
            models.Index("sort_key", "id", name="selection_sort"),
            models.Index("owner", "sort_key", "id", name="selection_of_owner"),
            models.Index("updated_at", "id", name="selection_changed"),
        )

    def __str__(self) -> str:
        return self.words if self.is_unnamed else self.name

    def get_absolute_url(self) -> str:
        return row_url("selections:detail", self.pk)

    @property
    def subject(self) -> str:
        return SUBJECTS[self.of]

    @property
    def is_frozen(self) -> bool:
        return self.kind == SelectionKind.FROZEN

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def is_retired(self) -> bool:
        """A condition that names a deleted selection has a fault."""
        return self.is_deleted

    @property
    def words(self) -> str:
        """The condition in the language of the page."""
        return self.words_en if get_language() == "en" else self.words_fi

    @property
    def list_url(self) -> str:
        """The address of the list of its rows."""
        return list_url(self.of, self.pk)


def list_url(of: str, pk: int) -> str:
    """Return the address of the list of a selection's rows."""
    name = "customers:list" if of == SelectionOf.CUSTOMERS else "customers:contacts"
    return f"{reverse(name)}?selection={pk}"


#: Between the name of a row that was merged and that of the row that it was merged into.
MERGED = " → "


class Reference(models.Model):
    """A row that a condition of a selection or of a saved view names: the value of an operand.

    Apps add one model for each kind of row. ``target`` is the foreign key to it; ``label`` keeps its name for when it
    has been deleted: *B*, or *B → C* where C is what was named as B and merged into C.
    """

    selection = models.ForeignKey(Selection, models.CASCADE, null=True, related_name="+")
    view = models.ForeignKey("views.SavedView", models.CASCADE, null=True, related_name="+")
    rule = models.PositiveSmallIntegerField()
    operand = models.CharField(max_length=30)
    label = models.CharField(max_length=250, blank=True)

    target: Any

    class Meta:
        abstract = True
        verbose_name = _("selection")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["selection", "rule", "operand", "target"], name="%(app_label)s_%(class)s_once"
            ),
            models.UniqueConstraint(
                fields=["view", "rule", "operand", "target"], name="%(app_label)s_%(class)s_view_once"
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def names(self) -> tuple[str, str]:
        """The name that is kept, and what it was called before a merge; without one, nothing."""
        former, _mark, name = self.label.rpartition(MERGED)
        return name, former

    @classmethod
    def target_renamed(cls, rows: Any, name: str, *, is_merged: bool = False) -> None:
        """Keep the ``name`` of what ``rows`` refer to, and the one that it had when the condition was made."""
        for label in set(rows.values_list("label", flat=True)):
            former = label.rpartition(MERGED)[0] or (label if is_merged else "")
            kept = f"{former[:120]}{MERGED}{name[:120]}" if former else name[:250]
            rows.filter(label=label).update(label=kept)
        if is_merged:
            cls.reword(rows)

    @staticmethod
    def reword(rows: Any) -> None:
        """Let what ``rows`` belong to say the present names, in a worker after the commit."""
        selections, views = (sorted(set(rows.values_list(name, flat=True)) - {None}) for name in ("selection", "view"))
        if selections or views:
            queue_task("customers.saved_views.tasks.reword_named", selections, views)


def target(model: Any) -> Any:
    """Return the foreign key of a reference to rows of ``model``."""
    return models.ForeignKey(model, models.SET_NULL, null=True, related_name="+")


class ClassReference(Reference):
    target = target(ClassificationNode)


class SegmentReference(Reference):
    target = target(Segment)


class UserReference(Reference):
    target = target(User)


class MunicipalityReference(Reference):
    target = target(Municipality)


class CustomerReference(Reference):
    target = target(Customer)


class SelectionReference(Reference):
    target = target(Selection)


class TeamReference(Reference):
    target = target(Team)


class RoleReference(Reference):
    target = target(Role)


class SelectedCustomer(models.Model):
    """A customer in a frozen selection."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="customers")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("selection")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["selection", "customer"], name="selected_customer_once"),)

    def __str__(self) -> str:
        return str(self.customer_id)


class SelectedContact(models.Model):
    """A contact in a frozen selection."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="contacts")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("selection")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["selection", "contact"], name="selected_contact_once"),)

    def __str__(self) -> str:
        return str(self.contact_id)


class SelectionFavourite(models.Model):
    """A selection in a user's menu."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    selection = models.ForeignKey(Selection, models.CASCADE, related_name="favourites")

    class Meta:
        verbose_name = _("favourite")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "selection"], name="selection_favourite_once"),)

    def __str__(self) -> str:
        return str(self.selection_id)
