from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.actions import Action
from core.list_views import FilteredListView
from imports import tables
from imports.filters import MappingFilter, ReviewFilter, RunFilter
from imports.models import ImportMapping, ImportRow, ImportRun


class RunListView(FilteredListView):
    """List imports with their state, user, time and counts per result."""

    model = ImportRun
    filterset_class = RunFilter
    table = tables.RUNS
    title = _("Imports")
    permission_required = "imports.view_import"
    primary_action = Action(_("New import"), "imports:new", icon="upload")
    secondary_actions = (
        Action(_("Rows to review"), "imports:held", icon="alert-circle"),
        Action(_("Mappings"), "imports:mappings", icon="arrows-exchange"),
    )
    empty = {"title": _("Nothing has been imported yet."), "text": _("Start with a CSV or Excel file.")}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("owner", "job")


class ReviewListView(FilteredListView):
    """List the rows of all imports that need review."""

    model = ImportRow
    filterset_class = ReviewFilter
    table = tables.HELD
    title = _("Rows to review")
    permission_required = "imports.view_import"
    empty = {"title": _("No rows to review.")}

    def get_queryset(self) -> QuerySet[Any]:
        return ImportRow.objects.visible_to(self.user).held().select_related("run")


class MappingListView(FilteredListView):
    """List saved mappings, one per source and kind."""

    model = ImportMapping
    filterset_class = MappingFilter
    table = tables.MAPPINGS
    title = _("Mappings")
    permission_required = "imports.view_import"
    empty = {"title": _("No mapping has been saved yet."), "text": _("Mappings are saved while importing a file.")}
