"""Bulk operation: add, remove or replace a class of customers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Finding
from core.exceptions import BusinessRuleError
from core.undo.parts import Part, Undoing
from customers.bulk.base import CustomerOperation
from customers.contact_search import exists_for_each
from customers.enums import BranchTarget
from customers.forms.classification import NodeLabel
from customers.models import ClassificationBranch, ClassificationNode, Customer, CustomerClassification
from customers.services.assignments import assignable
from customers.services.summaries import summaries_refresh

ADD, REPLACE, REMOVE = "add", "replace", "remove"
HOW = (
    (ADD, pgettext_lazy("class", "Add")),
    (REPLACE, pgettext_lazy("class", "Replace the present ones")),
    (REMOVE, pgettext_lazy("class", "Remove")),
)


class NodeField(forms.ModelChoiceField):
    """A class of any branch of customers, under the name of its branch."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Select({"data-searchable": ""})
        super().__init__(ClassificationNode.objects.none(), widget=widget, **kwargs)

    def offer(self, nodes: Collection[ClassificationNode]) -> None:
        self.queryset = ClassificationNode.objects.filter(pk__in=[node.pk for node in nodes]).select_related("branch")
        groups: dict[str, list[tuple[Any, str]]] = {}
        for node in sorted(nodes, key=lambda node: (node.branch.order, node.branch_id, node.path)):
            groups.setdefault(node.branch.name, []).append((node.pk, str(NodeLabel(node))))
        self.choices = [("", "---------"), *groups.items()]


class ClassForm(BulkForm):
    how = forms.ChoiceField(
        label=gettext_lazy("What to do"), choices=HOW, initial=ADD, widget=forms.RadioSelect, required=True
    )
    node = NodeField(label=gettext_lazy("Class"))
    instead_of = NodeField(
        label=gettext_lazy("Replace only"),
        required=False,
        help_text=gettext_lazy(
            "When replacing: only customers that have this class get the new one. Empty: all other classes of the "
            "same branch are replaced."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = ClassificationNode.objects.exclude(branch__target=BranchTarget.CONTACTS).select_related("branch")
        fields: dict[str, Any] = self.fields
        offered = assignable(nodes, self.user)
        fields["node"].offer(offered)
        fields["node"].widget.attrs["autofocus"] = True
        fields["instead_of"].offer(offered)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        node, old, how = data.get("node"), data.get("instead_of"), data.get("how")
        if node and node.is_retired and how != REMOVE:
            self.add_error("node", _("The class “%(node)s” is retired.") % {"node": node})
        if old and how != REPLACE:
            data["instead_of"] = None
        elif node and old and old.branch_id != node.branch_id:
            self.add_error("instead_of", _("The class is in another branch."))
        elif node and old == node:
            self.add_error("instead_of", _("Choose another class."))
        return data


class ClassOperation(CustomerOperation):
    name, icon, order = "customers.class", "tags", 10
    label = gettext_lazy("Change class")
    permission = "customers.view_customer"  # it changes only what the user may classify
    form_class = ClassForm
    undoing = Undoing(
        Customer,
        [Part(CustomerClassification, Customer, "customer_id")],
        refreshes=[summaries_refresh],
        by_column=True,
    )
    reasons = {
        **CustomerOperation.common,
        "has": gettext_lazy("Has the class already"),
        "has_not": gettext_lazy("Does not have the class"),
        "one_only": gettext_lazy("Has another class, and only one of this branch can be chosen: replace it instead"),
        "required": gettext_lazy("It is the only class of a branch that is required"),
        "not_assigner": gettext_lazy("Has a class that your group may not remove"),
    }

    def allowed(self, user: Any) -> bool:
        grants = ("customers.change_any_customer", "customers.change_own_customer", "customers.classify_any_customer")
        return any(user.has_perm(name) for name in grants)

    def editable(self, user: Any) -> Any:
        if user.has_perm("customers.classify_any_customer"):
            return Customer.objects.visible_to(user).active()
        return super().editable(user)

    def describe(self, content: Mapping[str, Any]) -> str:
        node, old = content["node"], content["instead_of"]
        if content["how"] == ADD:
            return _("Add the class “%(node)s”") % {"node": node}
        if content["how"] == REMOVE:
            return _("Remove the class “%(node)s”") % {"node": node}
        if old:
            return _("Replace the class “%(old)s” by “%(node)s”") % {"node": node, "old": old}
        return _("Set the class “%(node)s”") % {"node": node}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from self.not_permitted(user, rows)
        node, others = content["node"], _others(content)
        has, has_others = rows.filter(_has([node.pk])), rows.filter(_has(others))
        if content["how"] == ADD:
            yield Finding("has", has, is_unchanged=True)
            if not node.branch.is_multiple:
                yield Finding("one_only", has_others)
        elif content["how"] == REMOVE:
            yield Finding("has_not", rows.exclude(_has([node.pk])), is_unchanged=True)
            if node.branch.is_required:
                yield Finding("required", rows.exclude(_has(others)))
        else:
            yield from self._replace_findings(content, user, rows, has, others)

    def _replace_findings(
        self, content: Mapping[str, Any], user: Any, rows: Any, has: Any, others: list[int]
    ) -> Iterator[Finding]:
        node = content["node"]
        if content["instead_of"]:
            yield Finding("has_not", rows.exclude(_has(others)), is_unchanged=True)
            if not node.branch.is_multiple:
                every = node.branch.nodes.exclude(pk__in=[node.pk, *others]).values_list("pk", flat=True)
                yield Finding("one_only", rows.filter(_has(list(every))))
        yield Finding("has", has.exclude(_has(others)), is_unchanged=True)
        nodes = ClassificationNode.objects.filter(pk__in=others).select_related("branch")
        foreign = set(others) - {node.pk for node in assignable(nodes, user)}
        yield Finding("not_assigner", rows.filter(_has(foreign)))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        node, how = _lock_node(content), content["how"]
        assignments = CustomerClassification.objects.filter(customer__in=ids)
        if how != ADD:
            gone = [node.pk] if how == REMOVE else _others(content)
            assignments.filter(node__in=gone).delete()
        if how != REMOVE:
            held = set(assignments.filter(node=node).values_list("customer", flat=True))
            CustomerClassification.objects.bulk_create(
                CustomerClassification(customer_id=pk, node=node, assigned_by=run.user) for pk in ids if pk not in held
            )
        if node.branch.purpose:  # lists show no other class
            summaries_refresh(ids)
        return Applied(changed=ids)

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        yield from super().undo_findings(run, rows)
        node = ClassificationNode.objects.filter(pk=run.params["node"]).select_related("branch").first()
        if node is None:
            return
        others = rows.filter(_has(_of_branch(node)))
        if run.params["how"] == ADD and node.branch.is_required:
            yield Finding("required", rows.exclude(pk__in=others.values("pk")))
        if run.params["how"] == REMOVE and not node.branch.is_multiple:
            yield Finding("one_only", others)


def _has(nodes: Collection[int]) -> Q:
    return exists_for_each(CustomerClassification.objects.filter(customer=OuterRef("pk"), node__in=nodes))


def _of_branch(node: ClassificationNode) -> list[int]:
    """Return the other classes of the branch."""
    return list(node.branch.nodes.exclude(pk=node.pk).values_list("pk", flat=True))


def _others(content: Mapping[str, Any]) -> list[int]:
    """Return the classes that the new one replaces, or that keep it from being added."""
    return [content["instead_of"].pk] if content["instead_of"] else _of_branch(content["node"])


def _lock_node(content: Mapping[str, Any]) -> ClassificationNode:
    """Lock the class's branch, so that the class is not merged or deleted meanwhile. Raises ``gone``."""
    node: ClassificationNode = content["node"]
    ClassificationBranch.objects.select_for_update(no_key=True).get(pk=node.branch_id)
    if not ClassificationNode.objects.filter(pk=node.pk, retired_at=node.retired_at).exists():
        message = _("A class that you chose has just been merged or deleted. Choose again.")
        raise BusinessRuleError("gone", message, field="node")
    return node
