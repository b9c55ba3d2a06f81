"""The start page, and the address ``/`` that opens the user's first page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import pgettext
from django.views.generic import TemplateView, View

from accounts.start import arrangement_of, opening_url
from core import clock, registry
from core.first_steps import first_steps
from core.permissions import SIGNED_IN, PermissionMixin
from core.start_panels import Content, StartPanelView


class HomeView(PermissionMixin, View):
    """Go on to the page that opens first for the user."""

    permission_required = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(opening_url(self.user))


class SearchPanel(StartPanelView):
    """A field that searches everything, for work that begins with a customer's call."""

    panel = "start_search"
    template_name = "crm/start_search.html"
    permission_required = SIGNED_IN

    def get_content(self) -> Content:
        return Content()


class FirstStepsPanel(StartPanelView):
    """The checklist of the first use; nothing once all of it is done."""

    panel = "start_first_steps"
    template_name = "crm/first_steps.html"
    permission_required = SIGNED_IN

    def get_content(self) -> Content:
        steps = first_steps(self.user)
        done = [step for step, is_done in steps if is_done]
        return Content(extra={"steps": steps, "done": done, "left": len(steps) - len(done)})


class StartView(PermissionMixin, TemplateView):
    """The user's panels of the place ``start``, in the user's order, each loaded by its own URL."""

    permission_required = SIGNED_IN
    template_name = "crm/start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=pgettext("page", "Start"),
            today=clock.user_today(),
            **registry.in_columns(arrangement_of(self.user).shown),
            **kwargs,
        )
