"""Pages of the nodes of a tree: an app sets ``model``, ``tree`` and the rule in a mixin, and its texts in each page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from core.exceptions import ParameterError
from core.numbers import parse_id
from core.parameters import TextField
from core.trees import TreeService, tree_history_of
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin, redirect


class TreeAddView(ServiceFormView):
    """Add a node at the top, or with ``?parent=`` below another one."""

    tree: ClassVar[TreeService[Any]]
    parameters = {"parent": TextField()}  # read by ``parent``

    def parents(self) -> QuerySet[Any]:
        nodes: QuerySet[Any] = self.tree.model.objects.all()
        return nodes

    @property
    def parent(self) -> Any:
        asked = self.request.GET.get("parent", "")
        if not asked:
            return None
        parent = self.parents().filter(pk=parse_id(asked) or 0).first()
        if parent is None:
            raise ParameterError({"parent": _("There is nothing to add below here (parent).")})
        return parent

    def given(self) -> dict[str, Any]:
        """Return what the form does not ask about the new node."""
        return {"parent": self.parent}

    def perform(self, form: Any) -> Any:
        data = {name: value for name, value in form.cleaned_data.items() if name != "submission_key"}
        return self.tree.add(**self.given(), **data)


class TreeMixin(VisibleObjectMixin):
    tree: ClassVar[TreeService[Any]]


class TreeChangeView(TreeMixin, ObjectFormView):
    def perform(self, form: Any) -> Any:
        return self.tree.change(self.object, **form.cleaned_data)


class NodeTargetForm(forms.Form):
    """The choice of another node, in the field ``name``."""

    def __init__(self, *args: Any, name: str, field: forms.Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[name] = field


class TreeTargetView(TreeMixin, ObjectFormView):
    """Base of actions on a node and another one of its part of the tree."""

    form_class = NodeTargetForm
    field_class: type[forms.ModelChoiceField]  # how the nodes are shown
    field_name: ClassVar[str]
    label: Any
    top: Any = None  # the label of the top of the tree, where that can be chosen too
    heading: Any = ""

    @property
    def title(self) -> str:
        return str(self.heading) % {"node": self.object}

    def get_form_kwargs(self) -> dict[str, Any]:
        nodes = self.tree.targets(self.object)
        options = {"label": self.label, "required": self.top is None, "empty_label": self.top or ""}
        return super().get_form_kwargs() | {"name": self.field_name, "field": self.field_class(nodes, **options)}


class TreeMoveView(TreeTargetView):
    undoable = True
    field_name, label, submit_label = "parent", gettext_lazy("Move under"), gettext_lazy("Move")

    def get_initial(self) -> dict[str, Any]:
        return {"parent": self.tree.parent_of(self.object)}

    def perform(self, form: Any) -> Any:
        siblings = self.tree.beside(self.object, self.tree.parent_of(self.object))
        self.was_last = list(siblings)[-1] == self.object
        return self.tree.move(self.object, form.cleaned_data["parent"])

    def get_undo_url(self) -> str:
        return super().get_undo_url() if self.was_last else ""  # it would come back as the last one


class TreeMergeView(TreeTargetView):
    field_name, label, submit_label = "into", gettext_lazy("Merge into"), gettext_lazy("Merge")

    def perform(self, form: Any) -> Any:
        return self.tree.merge(self.object, form.cleaned_data["into"])


class TreeShiftView(TreeMixin, View):
    """Move a node one place up or down among its siblings."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.tree.shift(self.object, up=request.POST.get("to") == "up")
        return redirect(request, self.object.get_absolute_url())


class TreeRetireView(TreeMixin, ActionView):
    submit_label = gettext_lazy("Retire")

    def perform(self) -> None:
        self.tree.retire(self.object)


class TreeRestoreView(TreeMixin, ActionView):
    submit_label = gettext_lazy("Restore")

    def perform(self) -> None:
        self.tree.restore(self.object)


class TreeDeleteView(TreeMixin, ActionView):
    submit_label = gettext_lazy("Delete")
    danger = True

    added_fields = ("code",)

    def keep_before(self) -> None:
        """Keep a node that nothing is below and none comes after: it is added again as the last one."""
        siblings = list(self.tree.beside(self.object, self.tree.parent_of(self.object)))
        if self.object.numchild == 0 and siblings[-1] == self.object and not self.object.is_retired:
            super().keep_before()

    def get_again_query(self) -> dict[str, Any]:
        parent = self.tree.parent_of(self.object)
        return {"parent": parent.pk} if parent else {}

    def perform(self) -> None:
        self.tree.delete(self.object)


class TreeHistoryView(VisibleObjectMixin, TemplateView):
    """The history of a node, or of a part of a tree with its nodes (``related``), with moves in words."""

    template_name = "generic/history_page.html"
    related: ClassVar[Sequence[type[Model]]] = ()

    def get_back_url(self) -> str:
        return str(self.object.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = tree_history_of(self.object, self.related)
        title = _("History: %s") % self.object
        return super().get_context_data(title=title, back=self.get_back_url(), entries=entries, **kwargs)
