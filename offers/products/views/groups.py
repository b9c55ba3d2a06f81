"""The tree of product groups: everyone can read it, editors of the register change it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.permissions import PermissionMixin, allowed
from core.tree_views import (
    TreeAddView,
    TreeChangeView,
    TreeDeleteView,
    TreeHistoryView,
    TreeMixin,
    TreeMoveView,
)
from core.views import RetireRowView
from offers.products.forms.products import GroupAddForm, GroupChoiceField, GroupForm
from offers.products.models import ProductGroup
from offers.products.selectors import group_tree
from offers.products.services import GROUPS
from offers.products.views.products import EDIT, VIEW


class GroupsView(PermissionMixin, TemplateView):
    """The tree with product counts."""

    permission_required = VIEW
    template_name = "products/groups/tree.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Product groups"), tree=group_tree(), may_edit=allowed(self.user, EDIT), **kwargs
        )


class GroupMixin(TreeMixin):
    model = ProductGroup
    tree = GROUPS
    permission_required = EDIT


class GroupAddView(TreeAddView):
    removed_by = "products:group_delete"
    tree = GROUPS
    permission_required = EDIT
    form_class = GroupAddForm
    success_message = gettext_lazy("The product group was added.")

    @property
    def title(self) -> str:
        return _("Add subgroup to %s") % self.parent if self.parent else _("Add product group")

    def get_cancel_url(self) -> str:
        return reverse("products:groups")


class GroupEditView(GroupMixin, TreeChangeView):
    undoable = True
    form_class = GroupForm
    success_message = gettext_lazy("The product group was changed.")

    @property
    def title(self) -> str:
        return _("Product group: %s") % self.object


class GroupMoveView(GroupMixin, TreeMoveView):
    field_class = GroupChoiceField
    top = gettext_lazy("(top)")
    success_message = gettext_lazy("The product group was moved with its subgroups.")

    @property
    def title(self) -> str:
        return _("Move “%s” under another group") % self.object


class GroupRetireView(GroupMixin, RetireRowView):
    """Retire a group with its subgroups, or restore a retired one."""

    @property
    def question(self) -> str:
        text = _("Restore “%s”?") if self.is_off() else _("Retire “%s” and its subgroups?")
        return text % self.object

    def get_effects(self) -> list[Any]:
        if self.object.is_retired:
            return [_("Subgroups that were retired with it are restored too.")]
        return [_("Its products stay in it."), _("It can no longer be chosen for new products.")]

    def perform(self) -> None:
        change = self.tree.restore if self.object.is_retired else self.tree.retire
        change(self.object)


class GroupDeleteView(GroupMixin, TreeDeleteView):
    added_again = ("products:group_add", "products:group_edit")
    question = gettext_lazy("Delete this product group and its subgroups?")
    success_message = gettext_lazy("The product group was deleted.")

    def get_success_url(self) -> str:
        return reverse("products:groups")


class GroupHistoryView(GroupMixin, TreeHistoryView):
    permission_required = VIEW

    def get_back_url(self) -> str:
        return reverse("products:groups")
