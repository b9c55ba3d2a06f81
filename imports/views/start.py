"""The panel of the start page about imports."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from core.start_panels import Content, Figure, Line, Link, StartPanelView
from imports.models import ImportRow, ImportRun

SHOWN = 4


class ImportsPanel(StartPanelView):
    """The newest imports with their state, and the rows that need review."""

    panel = "start_imports"
    permission_required = "imports.view_import"

    def get_content(self) -> Content:
        runs = ImportRun.objects.visible_to(self.user).select_related("owner").order_by("-created_at", "-pk")[:SHOWN]
        lines = [
            Line(run.file_name, run.get_absolute_url(), detail=run.get_kind_display(), fact=run.get_state_display(),
                 at=run.created_at)
            for run in runs
        ]  # fmt: skip
        held = ImportRow.objects.visible_to(self.user).held()
        return Content(
            lines=lines,
            folded=[Figure(_("rows to review"), held, reverse("imports:held"))],
            url=reverse("imports:list"),
            empty=_("Nothing has been imported yet."),
            next_step=Link(_("New import"), reverse("imports:new")),
        )
