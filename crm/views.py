"""The kernel's own pages: top search, jobs, documents."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext
from django.views.generic import TemplateView

from core import clock, registry
from core.permissions import SIGNED_IN, PermissionMixin


class StartView(PermissionMixin, TemplateView):
    """The day at a glance: panels that apps register at the place ``start``, each loaded by its own URL."""

    permission_required = SIGNED_IN
    template_name = "crm/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=pgettext("page", "Start"),
            today=clock.user_today(),
            **registry.placed_panels("start", self.user),
            **kwargs,
        )
