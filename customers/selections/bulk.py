"""Bulk operation: add customers or contacts to a frozen selection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Finding, Operation
from core.fields import LineFormField
from core.undo.parts import Undoing
from customers.enums import CustomerState
from customers.models import Contact, Customer
from customers.selections.enums import SelectionKind, SelectionOf
from customers.selections.models import Selection
from customers.selections.rows import members_of
from customers.selections.services import MOST_MEMBERS, members_add, members_remove, selection_create


def frozen_of(user: Any, of: str) -> Any:
    """Return the frozen selections that the user may change."""
    selections = Selection.objects.usable_by(user).filter(of=of, kind=SelectionKind.FROZEN)
    if user.has_perm("selections.share_with_all"):
        return (selections.filter(owner=user) | selections.filter(sharing="all")).order_by("sort_key")
    return selections.filter(owner=user).order_by("sort_key")


class AddForm(BulkForm):
    selection = forms.ModelChoiceField(
        Selection.objects.none(),
        label=gettext_lazy("Frozen selection"),
        required=False,
        widget=forms.Select({"data-searchable": ""}),
    )
    name = LineFormField(label=gettext_lazy("Or a new one, by name"), max_length=120, required=False)

    of: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["selection"]
        field.queryset = frozen_of(self.user, self.of)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("selection") and not data.get("name") and not self.errors:
            self.add_error("selection", _("Choose a frozen selection, or give the name of a new one."))
        elif data.get("selection"):
            data["name"] = ""
        return data


class AddCustomersForm(AddForm):
    of = SelectionOf.CUSTOMERS.value


class AddContactsForm(AddForm):
    of = SelectionOf.CONTACTS.value


class AddOperation(Operation):
    """Put rows into a frozen selection. A new one is made with the first rows; an undo leaves it, without them."""

    label = gettext_lazy("Add to a frozen selection")
    permission = "selections.add_selection"
    icon, order = "bookmark", 70
    max_rows = MOST_MEMBERS
    has_history = False
    of: ClassVar[str]
    inactive: ClassVar[Q]  # which rows are inactive
    reasons: ClassVar[dict[str, Any]] = {
        "is_in": gettext_lazy("Is in the selection already"),
        "full": gettext_lazy("The selection is full"),
        "inactive": gettext_lazy("Inactive, and the selection leaves inactive ones out"),
    }

    def _selection(self, content: Mapping[str, Any], user: Any) -> Selection | None:
        """Return the selection that is chosen, or the own one that has the name already."""
        if content["selection"]:
            found: Selection = content["selection"]
            return found
        own = Selection.objects.named().alive().filter(owner=user, of=self.of, kind=SelectionKind.FROZEN)
        return own.filter(name=content["name"]).order_by("pk").first()

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Add to the selection “%(selection)s”") % {"selection": content["selection"] or content["name"]}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        selection = self._selection(content, user)
        if selection is not None:
            yield Finding("is_in", rows.filter(pk__in=members_of(selection)), is_unchanged=True)
            if not selection.includes_inactive:
                yield Finding("inactive", rows.filter(self.inactive))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        selection = self._selection(content, run.user) or self._new(content, run)
        room = MOST_MEMBERS - members_of(selection).count()
        added = members_add(selection=selection, user=run.user, ids=ids[: max(room, 0)])
        return Applied(
            changed=added,
            refused=dict.fromkeys(ids[max(room, 0) :], "full"),
            made=dict.fromkeys(added, selection.pk),
        )

    def _new(self, content: Mapping[str, Any], run: BulkRun) -> Selection:
        """Add the selection; it includes inactive rows if some are chosen."""
        rows: Any = self.model._default_manager
        inactive = rows.filter(self.inactive, pk__in=run.rows.order_by().values("target_id")).exists()
        return selection_create(
            user=run.user, of=self.of, tree=None, kind=SelectionKind.FROZEN, name=content["name"],
            includes_inactive=inactive,
        )  # fmt: skip

    def take_back_rows(self, run: BulkRun, made: Mapping[int, int]) -> None:
        """Take the rows out again of the selections that they were added to."""
        for selection in Selection.objects.filter(pk__in=set(made.values())):
            ids = [target for target, pk in made.items() if pk == selection.pk]
            members_remove(selection=selection, ids=ids)


class AddCustomers(AddOperation):
    name, place, model = "selections.add_customers", "customers", Customer
    list_url_name = "customers:list"
    form_class = AddCustomersForm
    inactive = Q(state=CustomerState.PASSIVE)
    of = SelectionOf.CUSTOMERS.value
    undoing = Undoing(Customer, by_column=True)


class AddContacts(AddOperation):
    name, place, model = "selections.add_contacts", "contacts", Contact
    list_url_name = "customers:contacts"
    form_class = AddContactsForm
    inactive = Q(is_hidden=True)
    of = SelectionOf.CONTACTS.value
    undoing = Undoing(Contact, by_column=True)
