"""The pages that arrange a start page: one's own, and the standard of a group. Every step is a submit button."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.models import Role
from accounts.start import (
    Arrangement,
    arrangement_of,
    moved,
    pages_for,
    role_arrangement,
    role_start_set,
    start_choice_of,
    start_page_set,
    start_panels_set,
    start_reset,
)
from core import registry
from core.exceptions import BusinessRuleError
from core.permissions import SIGNED_IN, PermissionMixin
from core.registry import NavItem, Panel
from core.views import VisibleObjectMixin, redirect


class ArrangeMixin:
    """POST ``move`` (``up:name``, ``down:``, ``hide:``, ``show:``), ``page`` or ``reset``; htmx gets the lists."""

    template_name: Any = "crm/arrange.html"
    request: HttpRequest

    def arrangement(self) -> Arrangement:
        raise NotImplementedError

    def store_panels(self, names: list[str]) -> None:
        raise NotImplementedError

    def store_page(self, page: str) -> None:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self._change(request)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, f"{self.template_name}#arrange", self.get_context_data(**kwargs))  # type: ignore[attr-defined]
        return redirect(request, request.path)

    def _change(self, request: HttpRequest) -> None:
        if "move" in request.POST:
            move, _colon, name = request.POST["move"].partition(":")
            self.store_panels(moved(self.arrangement(), move, name))
        elif "page" in request.POST:
            self.store_page(request.POST["page"])
            messages.success(request, _("The page that opens first was saved."))


def columns_of(arrangement: Arrangement) -> list[dict[str, Any]]:
    """Return the two columns of the page, with the panels that each shows."""
    labels = ((False, _("Wide column")), (True, _("Narrow column")))
    return [
        {"label": label, "panels": [panel for panel in arrangement.shown if panel.aside == aside]}
        for aside, label in labels
    ]


class ArrangeView(ArrangeMixin, PermissionMixin, TemplateView):
    """Arrange one's own start page, choose the page that opens first, or go back to the standard."""

    permission_required = SIGNED_IN

    def arrangement(self) -> Arrangement:
        return arrangement_of(self.user)

    def store_panels(self, names: list[str]) -> None:
        start_panels_set(user=self.user, shown=names)

    def store_page(self, page: str) -> None:
        start_page_set(user=self.user, page=page)

    def _change(self, request: HttpRequest) -> None:
        if "reset" in request.POST:
            start_reset(user=self.user)
            messages.success(request, _("The start page is back to your groups' default."))
        else:
            super()._change(request)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        choice = start_choice_of(self.user)
        return super().get_context_data(
            title=_("Arrange the start page"),
            **_context(self.arrangement(), pages_for(self.user), choice.page),
            usual_label=_("my groups' default"),
            may_reset=choice.pk is not None and not choice._state.adding,
            back_url=reverse("crm:start"),
            back_label=_("To the start page"),
            **kwargs,
        )


class RoleArrangeView(ArrangeMixin, VisibleObjectMixin, TemplateView):
    """Arrange the standard start page of a group's members."""

    model = Role
    permission_required = "accounts.manage_users"

    def arrangement(self) -> Arrangement:
        return role_arrangement(self.object)

    def store_panels(self, names: list[str]) -> None:
        self._object = role_start_set(role=self.object, panels=names)

    def store_page(self, page: str) -> None:
        self._object = role_start_set(role=self.object, page=page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pages = [item for item in registry.nav.of("main") if item.section != "admin"]
        return super().get_context_data(
            title=_("Start page of the group %s") % self.object,
            **_context(self.arrangement(), pages, self.object.start_page),
            usual_label=_("customers"),
            note=_("Members may arrange their own start page. Each sees only the panels that their rights allow."),
            back_url=self.object.get_absolute_url(),
            back_label=str(self.object),
            **kwargs,
        )


def _context(arrangement: Arrangement, pages: Iterable[NavItem], page: str) -> dict[str, Any]:
    hidden: list[Panel] = sorted(arrangement.hidden, key=lambda panel: str(panel.label).lower())
    return {"columns": columns_of(arrangement), "hidden": hidden, "pages": list(pages), "page": page}
