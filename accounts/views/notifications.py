"""Notifications: the bell, the page and the settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from accounts.models import Notification
from accounts.notifications import choices_of, choices_set, notifications_read, unread_count
from core.paging import Page, asked_key, keyset_page
from core.parameters import TextField
from core.permissions import SIGNED_IN, PermissionMixin
from core.registry import NotificationKind
from core.views import ServiceFormView, redirect, safe_next_url

PAGE = 30


class NotificationsView(PermissionMixin, TemplateView):
    """The user's own notifications, newest first."""

    permission_required = SIGNED_IN
    template_name = "accounts/notifications.html"
    parameters = {"after": TextField(), "before": TextField()}

    def get_template_names(self) -> list[str]:
        is_fragment = self.htmx.target == "list"
        return [f"{self.template_name}#list" if is_fragment else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = self._page()
        urls = {
            f"{name}_url": f"{self.request.path}?{key}={token}" if token else ""
            for name, key, token in (("next", "after", page.next), ("previous", "before", page.previous))
        }
        return super().get_context_data(title=_("Notifications"), rows=page.rows, page=urls, **kwargs)

    def _page(self) -> Page[Notification]:
        rows = Notification.objects.visible_to(self.user)
        return keyset_page(rows, "-created_at", size=PAGE, **asked_key(self.request.GET))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response["Vary"] = "HX-Request, HX-Target"
        return response


class OpenView(PermissionMixin, View):
    """Mark a notification as read and redirect to its page."""

    permission_required = SIGNED_IN

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(Notification.objects.visible_to(self.user), pk=pk)
        notifications_read(user=row.user, pk=row.pk)
        return redirect(request, safe_next_url(request, row.url) or reverse("notifications:list"))


class ReadView(PermissionMixin, View):
    """POST marks one (``pk``) or all as read."""

    permission_required = SIGNED_IN

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        if pk is not None:
            get_object_or_404(Notification.objects.visible_to(self.user), pk=pk)
        notifications_read(user=self.user, pk=pk)
        return redirect(request, reverse("notifications:list"))


class BellView(PermissionMixin, View):
    """The bell of the top bar, read again every minute while the page is visible."""

    permission_required = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(render_to_string("components/bell.html", {"unread": unread_count(self.user)}))


def _subject(kind: NotificationKind) -> str:
    """Return the name of the app that says the kind's text; what is of no subject is *other*."""
    app = apps.get_containing_app_config(kind.text.__module__)
    return str(app.verbose_name) if app and app.label != "core" else _("Other")


class ChoicesForm(forms.Form):
    """Two check boxes for each kind: in the program, by e-mail."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices_of(user)
        for choice in self.choices:
            for way in ("in_program", "by_email"):
                field = forms.BooleanField(required=False, initial=getattr(choice, way))
                self.fields[f"{choice.kind.name}-{way}"] = field

    def groups(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows by the subject that they are about: the app that declares the kind."""
        groups: dict[str, list[dict[str, Any]]] = {}
        for choice in self.choices:
            ways = [self[f"{choice.kind.name}-{way}"] for way in ("in_program", "by_email")]
            groups.setdefault(_subject(choice.kind), []).append({"label": choice.kind.label, "ways": ways})
        return groups

    def chosen(self) -> dict[str, tuple[bool, bool]]:
        data = self.cleaned_data
        return {
            choice.kind.name: (data[f"{choice.kind.name}-in_program"], data[f"{choice.kind.name}-by_email"])
            for choice in self.choices
        }


class ChoicesView(ServiceFormView):
    """The notification settings of the user."""

    undoable = True
    success_message = gettext_lazy("Your notification settings were saved.")
    permission_required = SIGNED_IN
    form_class = ChoicesForm
    template_name = "accounts/notification_choices.html"
    title = gettext_lazy("Notification settings")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_cancel_url(self) -> str:
        return reverse("accounts:profile")

    def get_success_url(self) -> str:
        return reverse("notifications:choices")

    def perform(self, form: Any) -> None:
        choices_set(user=self.user, choices=form.chosen())
