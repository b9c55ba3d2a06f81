"""The list of saved views, one view's page, its history, the menu of a list's views."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.actions import Action
from core.history import Change, HistoryEntry, history_of
from core.list_views import TabbedListView
from core.parameters import TextField
from core.permissions import PermissionMixin, allowed
from core.views import VisibleObjectMixin
from customers.saved_views import store
from customers.saved_views.filters import SavedViewFilterSet
from customers.saved_views.lists import may_open
from customers.saved_views.models import DefaultView, RoleView, SavedView, ViewFavourite
from customers.saved_views.tables import VIEWS
from customers.selections.sharing import folders_of


class SavedViewListView(TabbedListView):
    model = SavedView
    filterset_class = SavedViewFilterSet
    table = VIEWS
    title = gettext_lazy("Saved views")
    template_name = "selections/list.html"
    permission_required = "views.view_view"
    main_filters = ("favourite", "list")
    secondary_actions = (
        Action(gettext_lazy("Default views of groups"), "views:roles", icon="users", rule="accounts.manage_users"),
    )
    list_tabs = {
        "all": gettext_lazy("All"),
        "mine": gettext_lazy("My own"),
        "shared": pgettext_lazy("selections", "Shared"),
        "deleted": gettext_lazy("Deleted"),
    }
    empty = {
        "title": gettext_lazy("No saved views here."),
        "text": gettext_lazy(
            "Filter a list, choose its columns and its order, and save it with “Views → Save as a view”: it opens like "
            "that from then on."
        ),
        "icon": "bookmark",
    }

    def get_queryset(self) -> QuerySet[Any]:
        views = SavedView.objects.offered_to(self.user).select_related("owner", "team")
        if self.tab == "deleted":
            return views.deleted()
        if self.tab == "mine":
            return views.alive().filter(owner=self.user)
        return views.alive() if self.tab == "all" else views.alive().exclude(sharing="own")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = self.request.GET.get("folder", "")
        names = folders_of(SavedView.objects.offered_to(self.user), self.user)
        folders = [(name, self.list_url(folder=name), name == shown) for name in names]
        return context | {"folders": folders}


class SavedViewMixin(VisibleObjectMixin):
    model = SavedView
    permission_required = "views.view_view"

    def get_queryset(self) -> QuerySet[Any]:
        return SavedView.objects.visible_to(self.user).select_related("owner", "team")


class SavedViewPage(SavedViewMixin, TemplateView):
    """One view: what it shows in words, its faults, the groups that open with it."""

    template_name = "views/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view, user = self.object, self.user
        stored = store.read(view)
        is_open = may_open(view.list, user)
        query = store.open_query(view, stored)
        del query["view"]
        return super().get_context_data(
            title=view.name,
            view=view,
            words=(store.words_of(view.list, query.urlencode(), user) if is_open else []) or [view.words],
            faults=stored.faults,
            is_favourite=view.favourites.filter(user=user).exists(),
            is_default=view.defaults.filter(user=user).exists(),
            roles=[row.role for row in view.roles.select_related("role").order_by("role__order")],
            primary_action=self._primary(is_open),
            secondary_actions=self._actions() if not view.is_deleted else [],
            **kwargs,
        )

    def _primary(self, is_open: bool) -> dict[str, Any] | None:
        if self.object.is_deleted:
            url = reverse("views:restore", args=[self.object.pk])
            return {"label": _("Restore"), "url": url, "icon": "arrow-back-up"}
        return {"label": _("Open the list"), "url": self.object.list_url, "icon": "list-check"} if is_open else None

    def _actions(self) -> list[dict[str, Any]]:
        entries: list[tuple[str, Any, str, bool]] = [
            ("edit", _("Rename or share"), "pencil", True),
            ("history", _("History"), "history", False),
            ("delete", _("Delete"), "trash", True),
        ]
        may_edit = allowed(self.user, "views.edit_view", self.object)
        return [
            {"label": label, "url": reverse(f"views:{name}", args=[self.object.pk]), "icon": icon, "dialog": dialog}
            for name, label, icon, dialog in entries
            if may_edit or name == "history"
        ]


class SavedViewHistory(SavedViewMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = [one for one in map(_in_one_language, history_of(self.object, (RoleView,))) if one]
        return super().get_context_data(
            title=self.object.name, entries=entries, back=self.object.get_absolute_url(), **kwargs
        )


def _in_one_language(entry: HistoryEntry) -> HistoryEntry | None:
    """Return the entry with the content in the language of the page only."""
    labels = {_("content in Finnish"): "fi", _("content in English"): "en"}
    own = "en" if get_language() == "en" else "fi"
    changes = [
        Change(_("content"), change.old, change.new) if change.label in labels else change
        for change in entry.changes
        if labels.get(change.label, own) == own
    ]
    return HistoryEntry(entry.at, entry.who, entry.what, changes) if changes else None


class ViewsMenu(PermissionMixin, TemplateView):
    """The menu of the views of a list, fetched when it is opened: ``list``, what it shows (``query``), its ``view``."""

    permission_required = "views.view_view"
    template_name = "views/menu_content.html"
    parameters = {"list": TextField(), "query": TextField(max_length=20_000), "view": TextField()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        name = asked.get("list", "customers:list")
        mine = {"user": self.user, "view": OuterRef("pk")}
        views = (
            SavedView.objects.offered_to(self.user)
            .alive()
            .filter(list=name)
            .annotate(
                is_favourite=Exists(ViewFavourite.objects.filter(**mine)),
                is_default=Exists(DefaultView.objects.filter(**mine)),
            )
            .select_related("owner", "team")
            .order_by("sort_key", "pk")
        )
        current = next((view for view in views if str(view.pk) == asked.get("view")), None)
        return super().get_context_data(
            list=name,
            query=asked.get("query", ""),
            views=[view for view in views if view.owner_id == self.user.pk],
            shared=[view for view in views if view.owner_id != self.user.pk],
            current=current,
            may_edit=current is not None and allowed(self.user, "views.edit_view", current),
            whole_url=f"{reverse(name)}?view=all" if may_open(name, self.user) else "",
            **kwargs,
        )
