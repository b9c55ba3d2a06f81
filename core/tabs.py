"""Parts of pages that apps register at a place: the tabs of a row's page, and panels, loaded by URL."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.generic import TemplateView

from core import registry
from core.permissions import PermissionMixin
from core.recent import record_seen
from core.views import VisibleObjectMixin


def tabs_of(place: str, row: Any, user: Any, current: str) -> list[dict[str, Any]]:
    """Return what ``components/tabs.html`` draws: the tabs registered at ``place`` that the user may open."""
    return [
        {
            "label": entry.label,
            "url": reverse(entry.url_name, args=[row.pk]),
            "active": entry.name == current,
            "is_more": entry.rare and entry.name != current,
            "count": entry.count(user, row) if entry.count else None,
        }
        for entry in registry.tabs.allowed(place, user, row)
    ]


class TabView(VisibleObjectMixin, TemplateView):
    """One tab of a row's page: the whole page, or for htmx (``HX-Target: tab``) ``content_template`` alone.

    ``place`` is where the tabs are registered and what templates call the row; ``tab`` is the name of this one.
    """

    place = ""
    tab = ""
    content_template = ""

    @property
    def is_fragment(self) -> bool:
        return self.htmx.target == "tab"

    def get_template_names(self) -> list[str]:
        return [self.content_template if self.is_fragment else str(self.template_name)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = {self.place: self.object, "content_template": self.content_template, **self.get_tab_context()}
        if not self.is_fragment:
            context |= self.get_page_context()
        return super().get_context_data(**context, **kwargs)

    def get_tab_context(self) -> dict[str, Any]:
        """Return what the tab shows."""
        return {}

    def get_page_context(self) -> dict[str, Any]:
        """Return what the page around the tabs shows."""
        return {"tabs": tabs_of(self.place, self.object, self.user, self.tab)}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        if not self.is_fragment:
            record_seen(self.user, self.object)
        response["Vary"] = "HX-Request, HX-Target"
        return response


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
