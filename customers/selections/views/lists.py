"""The list of selections, one selection's page, its history."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.actions import Action
from core.conditions.words import outline
from core.history import Change, HistoryEntry, history_of
from core.list_views import TabbedListView
from core.paging import COUNT_LIMIT, count_up_to
from core.permissions import allowed
from core.views import VisibleObjectMixin
from customers.models import Customer
from customers.selections import store
from customers.selections.filters import SelectionFilterSet
from customers.selections.models import Selection
from customers.selections.rows import as_page, rows_of
from customers.selections.sharing import folders_of
from customers.selections.tables import SELECTIONS

SAMPLE = 8


class SelectionListView(TabbedListView):
    model = Selection
    filterset_class = SelectionFilterSet
    table = SELECTIONS
    title = gettext_lazy("Selections")
    template_name = "selections/list.html"
    permission_required = "selections.view_selection"
    main_filters = ("favourite", "of", "kind")
    primary_action = Action(
        gettext_lazy("New selection"), "selections:create", icon="plus", rule="selections.add_selection"
    )
    secondary_actions = (
        Action(
            gettext_lazy("New selection of contacts"), "selections:create", icon="plus", query="of=contacts",
            rule="selections.add_selection",
        ),
    )  # fmt: skip
    list_tabs = {
        "all": gettext_lazy("All"),
        "mine": gettext_lazy("My own"),
        "shared": pgettext_lazy("selections", "Shared"),
        "deleted": gettext_lazy("Deleted"),
    }
    empty = {
        "title": gettext_lazy("No selections here."),
        "text": gettext_lazy(
            "A selection finds customers or contacts by any conditions, and stays up to date. Build one, or save the "
            "filters of a list as one."
        ),
        "icon": "bookmark",
    }

    def get_queryset(self) -> QuerySet[Any]:
        selections = Selection.objects.visible_to(self.user).select_related("owner", "team")
        if self.tab == "deleted":
            return selections.deleted()
        if self.tab == "mine":
            return selections.alive().filter(owner=self.user)
        return selections.alive() if self.tab == "all" else selections.alive().exclude(sharing="own")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = self.request.GET.get("folder", "")
        folders = [
            (name, self.list_url(folder=name), name == shown) for name in folders_of(Selection.objects, self.user)
        ]
        return context | {"folders": folders}


class SelectionMixin(VisibleObjectMixin):
    model = Selection
    permission_required = "selections.view_selection"

    def get_queryset(self) -> QuerySet[Any]:
        return Selection.objects.visible_to(self.user).select_related("owner", "team")


def sample_of(rows: Any) -> dict[str, Any]:
    """Return the count of rows in words, and the first of them by name."""
    count, more = count_up_to(rows)
    ordered = as_page(rows).order_by("sort_key", "pk")
    if rows.model is Customer:
        ordered = ordered.select_related("summary__segment", "summary__owner", "municipality")
    number = number_format(COUNT_LIMIT if more else count, force_grouping=True)
    label = f"{number}+" if more else number
    if rows.model is Customer:
        text = ngettext("%(number)s customer", "%(number)s customers", count)
    else:
        text = ngettext("%(number)s contact", "%(number)s contacts", count)
    return {
        "count": count,
        "count_label": label,
        "rows_label": text % {"number": label},
        "sample": list(ordered[:SAMPLE]),
    }


class SelectionView(SelectionMixin, TemplateView):
    """One selection: its condition in words, its faults, how many rows it has and the first of them."""

    template_name = "selections/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selection = self.object
        stored = store.read(selection)
        may_edit = allowed(self.user, "selections.edit_selection", selection)
        return super().get_context_data(
            title=selection.name,
            selection=selection,
            words=outline(stored.tree, selection.subject, stored.names),
            faults=stored.faults,
            is_favourite=selection.favourites.filter(user=self.user).exists(),
            primary_action=self._primary(),
            secondary_actions=self._actions(may_edit) if not selection.is_deleted else [],
            **sample_of(rows_of(selection, self.user)),
            **kwargs,
        )

    def _primary(self) -> dict[str, Any]:
        if self.object.is_deleted:
            url = reverse("selections:restore", args=[self.object.pk])
            return {"label": _("Restore"), "url": url, "icon": "arrow-back-up"}
        return {"label": _("Open as a list"), "url": self.object.list_url, "icon": "list-check"}

    def _actions(self, may_edit: bool) -> list[dict[str, Any]]:
        entries: list[tuple[str, Any, str, bool]] = [
            ("edit", _("Edit"), "pencil", False),
            ("copy", _("Copy"), "copy", True),
            ("freeze", _("Freeze"), "lock", True),
            ("combine", _("Combine"), "git-merge", True),
            ("compare", _("Compare"), "arrows-exchange", False),
            ("history", _("History"), "history", False),
            ("delete", _("Delete"), "trash", True),
        ]
        left_out = set() if may_edit else {"edit", "delete"}
        left_out |= {"freeze"} if self.object.is_frozen else set()
        return [
            {
                "label": label,
                "url": reverse(f"selections:{name}", args=[self.object.pk]),
                "icon": icon,
                "dialog": dialog,
            }
            for name, label, icon, dialog in entries
            if name not in left_out
        ]


class SelectionHistoryView(SelectionMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = [one for one in map(_in_one_language, history_of(self.object, ())) if one]
        return super().get_context_data(
            title=self.object.name, entries=entries, back=self.object.get_absolute_url(), **kwargs
        )


def _in_one_language(entry: HistoryEntry) -> HistoryEntry | None:
    """Return the entry with the condition in the language of the page only."""
    labels = {_("condition in Finnish"): "fi", _("condition in English"): "en"}
    own = "en" if get_language() == "en" else "fi"
    changes = [
        Change(_("condition"), change.old, change.new) if change.label in labels else change
        for change in entry.changes
        if labels.get(change.label, own) == own
    ]
    return HistoryEntry(entry.at, entry.who, entry.what, changes) if changes else None
