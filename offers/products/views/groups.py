"""The tree of product groups: everyone can read it, editors of the register change it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.numbers import parse_id
from core.permissions import PermissionMixin, allowed
from core.trees import tree_history_of
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin
from offers.products import services
from offers.products.forms.products import GroupAddForm, GroupForm, GroupMoveForm
from offers.products.models import ProductGroup
from offers.products.selectors import group_tree
from offers.products.views.products import EDIT, VIEW


class GroupsView(PermissionMixin, TemplateView):
    """The tree with product counts."""

    permission_required = VIEW
    template_name = "products/groups/tree.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Product groups"), tree=group_tree(), may_edit=allowed(self.user, EDIT), **kwargs
        )


class GroupMixin(VisibleObjectMixin):
    model = ProductGroup
    permission_required = EDIT


class GroupAddView(ServiceFormView):
    """Add a group at the top, or with ``?parent=`` below another one."""

    permission_required = EDIT
    form_class = GroupAddForm
    success_message = gettext_lazy("The product group was added.")

    @property
    def parent(self) -> ProductGroup | None:
        asked = self.request.GET.get("parent", "")
        return get_object_or_404(ProductGroup, pk=parse_id(asked) or 0) if asked else None

    @property
    def title(self) -> str:
        return _("Add subgroup to %s") % self.parent if self.parent else _("Add product group")

    def get_cancel_url(self) -> str:
        return reverse("products:groups")

    def perform(self, form: Any) -> ProductGroup:
        data = {name: value for name, value in form.cleaned_data.items() if name != "submission_key"}
        return services.group_add(parent=self.parent, **data)


class GroupEditView(GroupMixin, ObjectFormView):
    form_class = GroupForm
    success_message = gettext_lazy("The product group was changed.")

    @property
    def title(self) -> str:
        return _("Product group: %s") % self.object

    def perform(self, form: Any) -> ProductGroup:
        return services.group_change(group=self.object, **form.cleaned_data)


class GroupMoveView(GroupMixin, ObjectFormView):
    form_class = GroupMoveForm
    submit_label = gettext_lazy("Move")
    success_message = gettext_lazy("The product group was moved with its subgroups.")

    @property
    def title(self) -> str:
        return _("Move “%s” under another group") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "group": self.object}

    def perform(self, form: Any) -> ProductGroup:
        return services.group_move(group=self.object, parent=form.cleaned_data["parent"])


class GroupRetireView(GroupMixin, ActionView):
    """Retire a group with its subgroups, or restore a retired one."""

    @property
    def question(self) -> str:
        text = _("Restore “%s”?") if self.object.is_retired else _("Retire “%s” and its subgroups?")
        return text % self.object

    def get_effects(self) -> list[Any]:
        if self.object.is_retired:
            return [_("Subgroups that were retired with it are restored too.")]
        return [_("Its products stay in it."), _("It can no longer be chosen for new products.")]

    def perform(self) -> None:
        change = services.group_restore if self.object.is_retired else services.group_retire
        change(group=self.object)


class GroupDeleteView(GroupMixin, ActionView):
    question = gettext_lazy("Delete this product group and its subgroups?")
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The product group was deleted.")
    danger = True

    def get_success_url(self) -> str:
        return reverse("products:groups")

    def perform(self) -> None:
        services.group_delete(group=self.object)


class GroupHistoryView(GroupMixin, TemplateView):
    permission_required = VIEW
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = tree_history_of(self.object)
        return super().get_context_data(
            title=_("History: %s") % self.object, back=reverse("products:groups"), entries=entries, **kwargs
        )
