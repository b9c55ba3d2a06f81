"""Saved views of lists, favourites among them, and which of them a list opens with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, Team
from core.addresses import row_url
from core.fields import LineField, SortKey
from core.models import VersionedModel
from core.tracking import tracked
from customers.saved_views.lists import list_label, open_lists
from customers.selections.enums import Sharing
from customers.selections.sharing import SharedQuerySet


class SavedViewQuerySet(SharedQuerySet):
    def offered_to(self, user: Any) -> Any:
        """Return the views, deleted ones too, that the user sees of the lists that the user may open."""
        return self.visible_to(user).filter(list__in=open_lists(user))


@tracked(exclude=["condition", "layout", "earlier"])
class SavedView(VersionedModel):
    """A named state of a list: its condition, columns, order, tab and grouping.

    ``list`` is the URL name of the list. ``condition`` is a tree as that of selections, with filters of the list as
    leaves; the rows that it names are references (``customers.selections.models.Reference``), so that a merge, a
    retirement or a deletion finds them. ``layout`` holds the list's other parameters. ``words_fi`` and ``words_en`` say
    both and follow names that change (``signals``). ``earlier`` is what the last change replaced, for its undo.
    """

    name = LineField(_("name"), max_length=120)
    list = models.CharField(_("list"), max_length=60, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    sharing = models.CharField(_("who sees it"), max_length=10, choices=Sharing, default=Sharing.OWN)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team"))
    folder = LineField(_("folder"), max_length=60, blank=True)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    condition = models.JSONField(default=dict, editable=False)
    layout = models.JSONField(default=dict, editable=False)
    words_fi = models.TextField(_("content in Finnish"), blank=True, editable=False)
    words_en = models.TextField(_("content in English"), blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    earlier = models.JSONField(null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    sort_key = models.GeneratedField(
        expression=SortKey(Concat("folder", models.Value(" / "), "name")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        default_permissions = ()
        indexes = (
            models.Index("sort_key", "id", name="savedview_sort"),
            models.Index("list", "sort_key", "id", name="savedview_of_list"),
            models.Index("owner", "sort_key", "id", name="savedview_of_owner"),
            models.Index("updated_at", "id", name="savedview_changed"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return row_url("views:detail", self.pk)

    @property
    def is_deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def words(self) -> str:
        """The content in the language of the page."""
        return self.words_en if get_language() == "en" else self.words_fi

    @property
    def list_url(self) -> str:
        """The view's own address: the list as it was saved."""
        return view_url(self.list, self.pk)

    @property
    def list_label(self) -> str:
        return list_label(self.list)


def view_url(name: str, pk: int) -> str:
    """Return the address of a view of the list with the URL name ``name``."""
    return f"{reverse(name)}?view={pk}"


class ViewFavourite(models.Model):
    """A saved view in a user's menu."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="favourites")

    class Meta:
        verbose_name = _("favourite")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "view"], name="view_favourite_once"),)

    def __str__(self) -> str:
        return str(self.view_id)


class DefaultView(models.Model):
    """The view that a list opens with for one user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list = models.CharField(max_length=60)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="defaults")

    class Meta:
        verbose_name = _("own default view")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "list"], name="view_default_once"),)

    def __str__(self) -> str:
        return str(self.view_id)


@tracked()
class RoleView(models.Model):
    """The view that a list opens with for the users of a group who have chosen none."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="+", verbose_name=_("group"))
    list = models.CharField(_("list"), max_length=60, editable=False)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="roles", verbose_name=_("saved view"))

    class Meta:
        verbose_name = _("default view of a group")
        verbose_name_plural = _("default views of groups")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["role", "list"], name="view_of_role_once"),)

    def __str__(self) -> str:
        return f"{self.role}: {self.view}"

    @property
    def list_label(self) -> Any:
        return self.view.list_label
