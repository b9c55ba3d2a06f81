"""Forms of the classification tree and of the classes of a customer or contact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from core.forms import EnglishNameMixin, OnceFormMixin
from core.trees import paths_as_text
from customers.models import ClassificationBranch, ClassificationNode, Contact, Customer
from customers.selectors.classification import AssignedClasses
from customers.services.assignments import assignable


class AssignersField(forms.ModelMultipleChoiceField):
    """User groups in a list that one can type into; the value is a queryset of groups."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.SelectMultiple(attrs={"data-searchable": "", "data-wide": ""})
        super().__init__(Role.objects.all(), widget=widget, required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        roles = super().clean(value)
        return Group.objects.filter(pk__in=[role.pk for role in roles])


class NodeForm(EnglishNameMixin, forms.ModelForm):
    assigners = AssignersField(label=_("Who may assign"), help_text=_("None selected: same as the branch."))
    fieldsets: Any = (
        ("", ("name_fi", "name_en", "short_fi", "short_en", "description", "lower", "upper")),
        ("", ("assigners",)),
    )

    class Meta:
        model = ClassificationNode
        fields = (
            "name_fi",
            "name_en",
            "short_fi",
            "short_en",
            "description",
            "lower",
            "upper",
            "assigners",
        )
        widgets = {"description": forms.Textarea({"rows": 2})}


class NodeAddForm(OnceFormMixin, NodeForm):
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        required=False,
        help_text=_("For imports and the API. Leave empty to derive it from the name."),
    )
    fieldsets = (
        ("", ("name_fi", "name_en", "short_fi", "short_en", "code", "description", "lower", "upper")),
        ("", ("assigners",)),
    )


class NodeChoiceField(forms.ModelChoiceField):
    """A class of one branch, shown with its path."""

    def __init__(self, queryset: Any, **kwargs: Any) -> None:
        super().__init__(queryset, **kwargs)
        self.texts = paths_as_text(queryset)

    def label_from_instance(self, obj: Any) -> str:
        return self.texts.get(obj.pk, str(obj))


class BranchForm(EnglishNameMixin, forms.ModelForm):
    assigners = AssignersField(
        label=_("Who may assign"),
        help_text=_("None selected: everyone who may edit the customer or contact."),
    )
    fieldsets = (
        ("", ("name_fi", "name_en", "target", "is_multiple", "is_required", "order")),
        ("", ("assigners",)),
    )

    class Meta:
        model = ClassificationBranch
        fields = ("name_fi", "name_en", "target", "is_multiple", "is_required", "order", "assigners")


class BranchAddForm(OnceFormMixin, BranchForm):
    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        required=False,
        help_text=_("For imports and the API. Leave empty to derive it from the name."),
    )


class ClassesForm(forms.Form):
    """A field for each branch that fits: radio buttons for one class, check boxes for several.

    A class that is retired or that the user may not assign is offered only if it is already assigned; the service
    raises an error if it may not be removed.
    """

    def __init__(
        self, *args: Any, target: Customer | Contact, held: Iterable[AssignedClasses], user: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.branches = {one.branch.code: one.branch for one in held}
        self.fieldsets = [("", list(self.branches))]
        every = list(ClassificationNode.objects.filter(branch__in=self.branches.values()).select_related("branch"))
        free = {node.pk for node in assignable(every, user) if not node.is_retired}
        for one in held:
            ids = {row.node_id for row in one.assignments}
            nodes = [node for node in every if node.branch_id == one.branch.pk]
            offered = [node for node in nodes if node.pk in free | ids]
            self.fields[one.branch.code] = self._field(one.branch, offered, ids)

    @staticmethod
    def _field(branch: ClassificationBranch, nodes: list[ClassificationNode], held: set[int]) -> ClassesField:
        kind = ManyClassesField if branch.is_multiple else OneClassField
        return kind(
            choices=[(str(node.pk), NodeLabel(node)) for node in nodes],
            initial=[str(pk) for pk in held] if branch.is_multiple else str(next(iter(held), "")),
            label=branch.name,
            required=branch.is_required,
        )

    def changed_branches(self) -> list[ClassificationBranch]:
        """Return the branches with a changed choice."""
        return [branch for code, branch in self.branches.items() if code in self.changed_data]

    def nodes_of(self, branch: ClassificationBranch) -> QuerySet[ClassificationNode]:
        """Return the chosen classes of a branch."""
        value = self.cleaned_data[branch.code]
        ids = value if isinstance(value, list) else [value] if value else []
        return ClassificationNode.objects.filter(pk__in=ids)


class NodeLabel:
    """The label of a class in a list of choices, with its depth for the indent."""

    def __init__(self, node: ClassificationNode) -> None:
        self.name, self.depth, self.is_retired = node.name, node.depth, node.is_retired

    def __str__(self) -> str:
        text = self.name + (f" ({_('retired')})" if self.is_retired else "")
        return "\N{NO-BREAK SPACE}" * 4 * (self.depth - 1) + text


class OneClassField(forms.ChoiceField):
    """One class or none: radio buttons for a few classes, else a searchable select."""

    FEW = 8

    def __init__(self, *, choices: list[tuple[str, Any]], required: bool, **kwargs: Any) -> None:
        few = len(choices) <= self.FEW
        widget = forms.RadioSelect() if few else forms.Select({"data-searchable": ""})
        none = [] if required else [("", _("none"))]
        super().__init__(choices=none + choices, widget=widget, required=required, **kwargs)


class ManyClassesField(forms.MultipleChoiceField):
    def __init__(self, *, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(choices=choices, widget=forms.CheckboxSelectMultiple(), **kwargs)


ClassesField = OneClassField | ManyClassesField
