"""Pages of the classification tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, ProtectedError, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from core.exceptions import BusinessRuleError
from core.parameters import RowField
from core.permissions import PermissionMixin, allowed
from core.tree_views import (
    TreeAddView,
    TreeChangeView,
    TreeDeleteView,
    TreeHistoryView,
    TreeMergeView,
    TreeMixin,
    TreeMoveView,
    TreeRestoreView,
    TreeRetireView,
    TreeShiftView,
)
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin
from customers.forms.classification import BranchAddForm, BranchForm, NodeAddForm, NodeChoiceField, NodeForm
from customers.models import ClassificationBranch, ClassificationNode
from customers.selections.store import selections_naming
from customers.selectors.classification import tree_of
from customers.services import classification as services

EDIT = "customers.edit_classification"


class ClassificationView(PermissionMixin, TemplateView):
    """Show the branches and the tree of the chosen one with counts of use."""

    permission_required = "customers.view_classification"
    template_name = "customers/classification/tree.html"
    parameters = {"branch": RowField(lambda _user: ClassificationBranch.objects.all(), key="code")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counted = ClassificationBranch.objects.annotate(size=Count("nodes")).order_by("order", "pk")
        branches = list(counted.prefetch_related("assigners__role"))
        branch = self._chosen(branches)
        return super().get_context_data(
            title=_("Classification"),
            branches=branches,
            branch=branch,
            tree=tree_of(branch) if branch else [],
            may_edit=allowed(self.user, EDIT),
            **kwargs,
        )

    def _chosen(self, branches: Sequence[ClassificationBranch]) -> ClassificationBranch | None:
        code = self.request.GET.get("branch")
        if not code:
            return branches[0] if branches else None
        return next(branch for branch in branches if branch.code == code)


class BranchMixin(VisibleObjectMixin):
    model = ClassificationBranch
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        return ClassificationBranch.objects.all()


class NodeMixin(TreeMixin):
    model = ClassificationNode
    tree = services.CLASSES
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("branch")


class BranchAddView(ServiceFormView):
    removed_by = "customers:branch_delete"
    permission_required = EDIT
    form_class = BranchAddForm
    title = gettext_lazy("Add branch")
    success_message = gettext_lazy("The branch was added.")

    def get_cancel_url(self) -> str:
        return reverse("customers:classification")

    def perform(self, form: BranchAddForm) -> ClassificationBranch:
        data = {name: value for name, value in form.cleaned_data.items() if name != "submission_key"}
        return services.branch_add(**data)


class BranchEditView(BranchMixin, ObjectFormView):
    undoable = True
    form_class = BranchForm
    success_message = gettext_lazy("The branch was changed.")

    @property
    def title(self) -> str:
        return _("Branch: %s") % self.object

    def perform(self, form: BranchForm) -> ClassificationBranch:
        return services.branch_change(branch=self.object, **form.cleaned_data)


class BranchDeleteView(BranchMixin, ActionView):
    added_again = ("customers:branch_add", "customers:branch_edit")
    added_fields = ("code",)
    question = gettext_lazy("Delete this branch?")
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The branch was deleted.")
    danger = True

    def get_success_url(self) -> str:
        gone = not ClassificationBranch.objects.filter(pk=self.kwargs["pk"]).exists()
        return reverse("customers:classification") if gone else str(self.object.get_absolute_url())

    def perform(self) -> None:
        services.branch_delete(branch=self.object)


class BranchHistoryView(BranchMixin, TreeHistoryView):
    """Show the history of a branch and its classes."""

    permission_required = "customers.view_classification"
    template_name = "customers/classification/history.html"
    related = (ClassificationNode,)


class NodeAddView(BranchMixin, TreeAddView):
    """Add a class at the top of a branch, or with ``?parent=`` below a class of it."""

    removed_by = "customers:node_delete"
    tree = services.CLASSES
    form_class = NodeAddForm
    success_message = gettext_lazy("The class was added.")

    def parents(self) -> QuerySet[Any]:
        return super().parents().filter(branch=self.object)

    @property
    def title(self) -> str:
        return _("Add class below %s") % (self.parent or self.object)

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    def given(self) -> dict[str, Any]:
        return super().given() | {"branch": self.object}


class NodeEditView(NodeMixin, TreeChangeView):
    undoable = True
    form_class = NodeForm
    success_message = gettext_lazy("The class was changed.")

    @property
    def title(self) -> str:
        return _("Class: %s") % self.object


class NodeMoveView(NodeMixin, TreeMoveView):
    field_class = NodeChoiceField
    top = gettext_lazy("(top of the branch)")
    heading = gettext_lazy("Move “%(node)s” under another class")
    success_message = gettext_lazy("The class and everything below it were moved.")


class NodeMergeView(NodeMixin, TreeMergeView):
    field_class = NodeChoiceField
    heading = gettext_lazy("Merge “%(node)s” into another class")
    success_message = gettext_lazy("The classes were merged.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = _("Its customers, contacts and subclasses move to the class you choose, and this class is deleted.")
        return super().get_context_data(intro=intro, danger=True, **kwargs)


class NodeShiftView(NodeMixin, TreeShiftView):
    pass


class NodeRetireView(NodeMixin, TreeRetireView):
    question = gettext_lazy("Retire this class and everything below it?")
    success_message = gettext_lazy("The class was retired.")

    def get_undo_url(self) -> str:
        return reverse("customers:node_restore", args=[self.object.pk])

    def get_effects(self) -> list[Any]:
        count = selections_naming(self.object)
        text = ngettext("%(count)d selection names it.", "%(count)d selections name it.", count)
        return [
            _("It stays on the customers and contacts that have it."),
            _("It will no longer be available."),
            *([text % {"count": count}] if count else []),
        ]


class NodeRestoreView(NodeMixin, TreeRestoreView):
    opposite = "customers:node_retire"
    question = gettext_lazy("Restore this class?")
    success_message = gettext_lazy("The class is in use again.")


class NodeDeleteView(NodeMixin, TreeDeleteView):
    added_again = ("customers:node_add", "customers:node_edit")
    question = gettext_lazy("Delete this class and everything below it?")
    success_message = gettext_lazy("The class was deleted.")

    def get_success_url(self) -> str:
        return str(self.object.branch.get_absolute_url())

    def get_again_args(self) -> list[Any]:
        return [self.object.branch_id]

    def perform(self) -> None:
        try:
            super().perform()
        except ProtectedError as error:
            raise BusinessRuleError("in_use", _("This class is in use and cannot be deleted.")) from error
