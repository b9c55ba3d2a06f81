"""The page of the records opened last, and their list in the menu."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.permissions import SIGNED_IN
from core.recent import KEPT, SHOWN, recent_records
from core.tabs import PanelMixin


class RecentView(PanelMixin, TemplateView):
    """Records that the user has opened, the newest first; htmx gets the lines of the menu."""

    permission_required = SIGNED_IN
    template_name = "generic/recent.html"
    fragment = "lines"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hits = recent_records(self.user, SHOWN if self.htmx else KEPT)
        return super().get_context_data(title=_("Recently viewed"), hits=hits, **kwargs)
