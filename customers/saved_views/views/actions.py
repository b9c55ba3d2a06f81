"""What is done to a saved view: save, update, rename and share, delete, restore, menu, defaults."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from core.exceptions import BusinessRuleError
from core.notices import said
from core.parameters import TextField, visible
from core.permissions import PermissionMixin, allowed
from core.views import ObjectFormView, ServiceFormView, current_page, redirect
from customers.saved_views.forms import NewViewForm, RoleViewForm, ViewForm
from customers.saved_views.lists import list_label, may_open
from customers.saved_views.models import RoleView, SavedView
from customers.saved_views.services import (
    FIELDS,
    default_set,
    role_default_set,
    view_change,
    view_create,
    view_undo,
)
from customers.saved_views.store import words_of
from customers.saved_views.views.lists import SavedViewMixin
from customers.selections.sharing import folders_of
from customers.selections.views.shared import SharedDeleteView, SharedRestoreView, SharedToggleView, SharedUndoView


class AliveMixin(SavedViewMixin):
    def get_queryset(self) -> Any:
        return super().get_queryset().alive()  # type: ignore[attr-defined]


class SaveView(ServiceFormView):
    """Save what a list shows (``list``, ``query``) as a view."""

    permission_required = "views.add_view"
    form_class: Any = NewViewForm
    template_name = "generic/form.html"
    parameters = {"list": TextField(), "query": TextField(max_length=20_000)}
    submit_label = gettext_lazy("Save the view")
    success_message = gettext_lazy("The view was saved.")

    @property
    def list_name(self) -> str:
        name = self.request.GET.get("list", "customers:list")
        if not may_open(name, self.user):
            raise Http404
        return name

    @property
    def title(self) -> str:
        return _("Save as a view: %s") % list_label(self.list_name)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_cancel_url(self) -> str:
        return f"{reverse(self.list_name)}?{self.request.GET.get('query', '')}"

    def get_success_url(self) -> str:
        return str(self.done.list_url)

    def get_undo_url(self) -> str:
        return reverse("views:delete", args=[self.done.pk], query={"next": self.get_cancel_url()})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.get("query", "")
        words = words_of(self.list_name, query, self.user)
        return super().get_context_data(
            intro="; ".join(words), folders=folders_of(SavedView.objects.offered_to(self.user), self.user), **kwargs
        )

    def perform(self, form: NewViewForm) -> SavedView:
        kept = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        return view_create(
            user=self.user, list=self.list_name, query=self.request.GET.get("query", ""),
            in_menu=form.cleaned_data["in_menu"], is_default=form.cleaned_data["is_default"], **kept,
        )  # fmt: skip


class EditView(AliveMixin, ObjectFormView):
    permission_required = "views.edit_view"
    form_class = ViewForm
    template_name = "generic/form.html"
    success_message = gettext_lazy("The view was changed.")

    @property
    def title(self) -> str:
        return _("Rename or share the view")

    def get_success_url(self) -> str:
        page = current_page(self.request)
        if not self.is_still_seen:
            return reverse("views:list")
        return str(self.done.list_url if page and "/views/" not in page else self.done.get_absolute_url())

    @property
    def is_still_seen(self) -> bool:
        """Return whether the user may still change the view: who stops sharing another's view may not."""
        found = SavedView.objects.usable_by(self.user).filter(pk=self.done.pk).first()
        return found is not None and allowed(self.user, "views.edit_view", found)

    def get_undo_url(self) -> str:
        return reverse("views:undo", args=[self.done.pk]) if self.is_still_seen else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            folders=folders_of(SavedView.objects.offered_to(self.user), self.user), **kwargs
        )

    def perform(self, form: ViewForm) -> SavedView:
        kept = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        return view_change(view=self.object, user=self.user, version=form.cleaned_data.get("version"), **kept)


class UpdateView(AliveMixin, View):
    """Keep what the list shows now (``query``) in the view."""

    permission_required = "views.edit_view"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        before = self.object.words
        try:
            view = view_change(view=self.object, user=self.user, query=request.POST.get("query", ""))
        except BusinessRuleError as error:
            messages.error(request, str(error))
        else:
            text = _("The view shows now: %(now)s. Before: %(before)s.")
            said(
                request, text % {"now": view.words, "before": before}, url=view.get_absolute_url(), words=str(view),
                undo=reverse("views:undo", args=[view.pk]),
            )  # fmt: skip
        return redirect(request, self.object.list_url)


class UndoView(AliveMixin, SharedUndoView):
    permission_required = "views.edit_view"
    namespace = "views"
    asks = gettext_lazy("Undo the last change of the view “%(row)s”?")

    def get_success_url(self) -> str:
        return str(self.object.list_url) if may_open(self.object.list, self.user) else self.object.get_absolute_url()

    def undo(self) -> tuple[SavedView, str]:
        view = view_undo(view=self.object, user=self.user)
        return view, _("The view is as it was: %(view)s, %(words)s.") % {"view": view, "words": view.words}


class DeleteView(AliveMixin, SharedDeleteView):
    permission_required = "views.edit_view"
    namespace = "views"
    asks = gettext_lazy("Delete the view “%(row)s”?")
    effect = gettext_lazy("The rows of the list stay as they are. The owner can restore the view.")

    def get_success_url(self) -> str:
        if "next" in self.request.GET:
            return super().get_success_url()
        is_at_list = may_open(self.object.list, self.user) and "/views/" not in current_page(self.request)
        return f"{reverse(self.object.list)}?view=all" if is_at_list else super().get_success_url()


class RestoreView(SavedViewMixin, SharedRestoreView):
    permission_required = "views.edit_view"
    namespace = "views"
    asks = gettext_lazy("Restore the view “%(row)s”?")
    says = gettext_lazy("The view is back.")

    def get_success_url(self) -> str:
        return str(self.object.list_url) if may_open(self.object.list, self.user) else reverse("views:list")


class FavouriteView(AliveMixin, SharedToggleView):
    """Put the view into the user's menu or take it out."""

    namespace = "views"


class DefaultToggleView(AliveMixin, SharedToggleView):
    """Let the list open with the view, or no longer."""

    namespace, name = "views", "default"

    def perform(self) -> str:
        is_default = not self.object.defaults.filter(user=self.user).exists()
        default_set(view=self.object, user=self.user, is_default=is_default)
        if is_default:
            return _("The list opens with “%(row)s” after you have signed in.")
        return _("The list no longer opens with “%(row)s”.")


class RoleViewsView(ServiceFormView):
    """The default views of groups: a list of them, and a form that sets one."""

    permission_required = "accounts.manage_users"
    form_class: Any = RoleViewForm
    template_name = "views/roles.html"
    parameters = {"view": visible(SavedView)}
    title = gettext_lazy("Default views of groups")
    submit_label = gettext_lazy("Set as the default")

    def get_initial(self) -> dict[str, Any]:
        return {"view": self.request.GET.get("view")}

    def get_success_url(self) -> str:
        return reverse("views:roles")

    def get_cancel_url(self) -> str:
        return reverse("views:list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        alive = RoleView.objects.filter(view__deleted_at__isnull=True)  # the others come back with their views
        rows = alive.select_related("role", "view__owner").order_by("role__order", "role__name", "list")
        return super().get_context_data(rows=rows, **kwargs)

    def perform(self, form: RoleViewForm) -> SavedView:
        view, role = form.cleaned_data["view"], form.cleaned_data["role"]
        rows = RoleView.objects.filter(role=role, list=view.list)
        self.former = rows.values_list("view", flat=True).first()
        role_default_set(view=view, role=role)
        self.row = rows.get()
        return self.row.view

    @property
    def opposite(self) -> str:  # type: ignore[override]
        return "views:roles" if self.former else "views:role_remove"

    def get_undo_row(self) -> RoleView:
        return self.row

    def get_undo_args(self, row: Any) -> list[Any]:
        return [] if self.former else [row.pk]

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"role": [str(self.row.role_id)], "view": [str(self.former or "")]}

    def may_undo(self) -> bool:
        return self.former != self.row.view_id


class RoleViewRemoveView(PermissionMixin, View):
    """Take a default away from a group."""

    permission_required = "accounts.manage_users"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(RoleView.objects.select_related("role", "view"), pk=pk)
        role_default_set(view=row.view, role=row.role, is_default=False)
        text = _("For “%(role)s” the list no longer opens with “%(view)s”.") % {"role": row.role, "view": row.view}
        said(request, text, url=row.view.get_absolute_url(), words=str(row.view))
        return redirect(request, reverse("views:roles"))
