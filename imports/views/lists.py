from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.actions import Action
from core.views import FilteredListView
from imports import tables
from imports.filters import HeldFilter, MappingFilter, RunFilter
from imports.models import ImportMapping, ImportRow, ImportRun


class RunListView(FilteredListView):
    """Every import: who, when, how far, how many rows of each fate."""

    model = ImportRun
    filterset_class = RunFilter
    table = tables.RUNS
    title = _("Imports")
    permission_required = "imports.view_import"
    primary_action = Action(_("New import"), "imports:new", icon="upload")
    secondary_actions = (
        Action(_("Held rows"), "imports:held", icon="alert-circle"),
        Action(_("Mappings"), "imports:mappings", icon="arrows-exchange"),
    )
    empty = {"title": _("Nothing has been imported yet."), "text": _("Start with a CSV or Excel file.")}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("owner", "job")


class HeldView(FilteredListView):
    """Rows of all imports that wait for a decision."""

    model = ImportRow
    filterset_class = HeldFilter
    table = tables.HELD
    title = _("Held rows")
    permission_required = "imports.view_import"
    empty = {"title": _("No row waits for a decision.")}

    def get_queryset(self) -> QuerySet[Any]:
        return ImportRow.objects.visible_to(self.user).held().select_related("run")


class MappingListView(FilteredListView):
    """Saved mappings, one per source and kind."""

    model = ImportMapping
    filterset_class = MappingFilter
    table = tables.MAPPINGS
    title = _("Mappings")
    permission_required = "imports.view_import"
    empty = {"title": _("No mapping has been saved yet."), "text": _("A mapping is saved on the page of an import.")}
