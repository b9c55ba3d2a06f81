"""Panels: boxes of a page that are loaded by URL."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from core.permissions import PermissionMixin


class PanelMixin(PermissionMixin):
    """A view of a panel: htmx gets the part ``fragment`` of its template; opened on its own it is a page."""

    template_name: Any
    fragment = "panel"

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}#{self.fragment}" if self.htmx else self.template_name]

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)  # type: ignore[misc]
        response["Vary"] = "HX-Request"
        return response
