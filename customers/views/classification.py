"""Pages of the classification tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count, ProtectedError, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from core.exceptions import BusinessRuleError
from core.numbers import parse_id
from core.permissions import PermissionMixin, allowed
from core.trees import tree_history_of
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin, redirect
from customers.forms.classification import BranchAddForm, BranchForm, NodeAddForm, NodeForm, NodeTargetForm
from customers.models import ClassificationBranch, ClassificationNode
from customers.selectors.classification import tree_of
from customers.services import classification as services

EDIT = "customers.edit_classification"


class ClassificationView(PermissionMixin, TemplateView):
    """Show the branches and the tree of the chosen one with counts of use."""

    permission_required = "customers.view_classification"
    template_name = "customers/classification/tree.html"

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
        for branch in branches:
            if branch.code == code:
                return branch
        raise Http404


class BranchMixin(VisibleObjectMixin):
    model = ClassificationBranch
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        return ClassificationBranch.objects.all()


class NodeMixin(VisibleObjectMixin):
    model = ClassificationNode
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("branch")


class BranchAddView(ServiceFormView):
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
    form_class = BranchForm
    success_message = gettext_lazy("The branch was changed.")

    @property
    def title(self) -> str:
        return _("Branch: %s") % self.object

    def perform(self, form: BranchForm) -> ClassificationBranch:
        return services.branch_change(branch=self.object, **form.cleaned_data)


class BranchDeleteView(BranchMixin, ActionView):
    question = gettext_lazy("Delete this branch?")
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The branch was deleted.")
    danger = True

    def get_success_url(self) -> str:
        gone = not ClassificationBranch.objects.filter(pk=self.kwargs["pk"]).exists()
        return reverse("customers:classification") if gone else str(self.object.get_absolute_url())

    def perform(self) -> None:
        services.branch_delete(branch=self.object)


class BranchHistoryView(BranchMixin, TemplateView):
    """Show the history of a branch and its classes."""

    permission_required = "customers.view_classification"
    template_name = "customers/classification/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = tree_history_of(self.object, [ClassificationNode])
        return super().get_context_data(
            title=_("History: %s") % self.object, branch=self.object, entries=entries, **kwargs
        )


class NodeAddView(BranchMixin, ServiceFormView):
    """Add a class at the top of a branch, or with ``?parent=`` below a class of it."""

    form_class = NodeAddForm
    success_message = gettext_lazy("The class was added.")

    @property
    def parent(self) -> ClassificationNode | None:
        parent_id = self.request.GET.get("parent", "")
        return (
            get_object_or_404(ClassificationNode, pk=parse_id(parent_id) or 0, branch=self.object)
            if parent_id
            else None
        )

    @property
    def title(self) -> str:
        return _("Add class below %s") % (self.parent or self.object)

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self, form: NodeAddForm) -> ClassificationNode:
        data = {name: value for name, value in form.cleaned_data.items() if name != "submission_key"}
        return services.node_add(branch=self.object, parent=self.parent, **data)


class NodeEditView(NodeMixin, ObjectFormView):
    form_class = NodeForm
    success_message = gettext_lazy("The class was changed.")

    @property
    def title(self) -> str:
        return _("Class: %s") % self.object

    def perform(self, form: NodeForm) -> ClassificationNode:
        return services.node_change(node=self.object, **form.cleaned_data)


class NodeTargetView(NodeMixin, ObjectFormView):
    """Base of actions on a class and another one of its branch."""

    form_class = NodeTargetForm
    field = ""
    label: Any = ""
    top: Any = None
    heading: Any = ""
    service: Callable[..., ClassificationNode]

    @property
    def title(self) -> str:
        return str(self.heading) % {"node": self.object}

    def get_form_kwargs(self) -> dict[str, Any]:
        own = {"node": self.object, "name": self.field, "label": self.label, "top": self.top}
        return {**super().get_form_kwargs(), **own}

    def perform(self, form: NodeTargetForm) -> ClassificationNode:
        return type(self).service(node=self.object, **{self.field: form.cleaned_data[self.field]})


class NodeMoveView(NodeTargetView):
    field = "parent"
    label = gettext_lazy("Move under")
    top = gettext_lazy("(top of the branch)")
    heading = gettext_lazy("Move “%(node)s” under another class")
    submit_label = gettext_lazy("Move")
    success_message = gettext_lazy("The class and everything below it were moved.")
    service = services.node_move


class NodeMergeView(NodeTargetView):
    field = "into"
    label = gettext_lazy("Merge into")
    heading = gettext_lazy("Merge “%(node)s” into another class")
    submit_label = gettext_lazy("Merge")
    success_message = gettext_lazy("The classes were merged.")
    service = services.node_merge

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = _("Its customers, contacts and subclasses move to the class you choose, and this class is deleted.")
        return super().get_context_data(intro=intro, danger=True, **kwargs)


class NodeShiftView(NodeMixin, View):
    """Move a class one place up or down among its siblings."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.node_shift(node=self.object, up=request.POST.get("to") == "up")
        return redirect(request, self.object.get_absolute_url())


class NodeRetireView(NodeMixin, ActionView):
    question = gettext_lazy("Retire this class and everything below it?")
    submit_label = gettext_lazy("Retire")
    success_message = gettext_lazy("The class was retired.")

    def get_effects(self) -> list[Any]:
        return [
            _("It stays on the customers and contacts that have it."),
            _("It will no longer be available."),
        ]

    def perform(self) -> None:
        services.node_retire(node=self.object)


class NodeRestoreView(NodeMixin, ActionView):
    question = gettext_lazy("Restore this class?")
    submit_label = gettext_lazy("Restore")
    success_message = gettext_lazy("The class is in use again.")

    def perform(self) -> None:
        services.node_restore(node=self.object)


class NodeDeleteView(NodeMixin, ActionView):
    question = gettext_lazy("Delete this class and everything below it?")
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The class was deleted.")
    danger = True

    def get_success_url(self) -> str:
        return str(self.object.branch.get_absolute_url())

    def perform(self) -> None:
        try:
            services.node_delete(node=self.object)
        except ProtectedError as error:
            raise BusinessRuleError("in_use", _("This class is in use and cannot be deleted.")) from error
