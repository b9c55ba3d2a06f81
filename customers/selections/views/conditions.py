"""*More conditions* of a list: the builder begins with the filters of the list, and the list comes back with all."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from core.conditions.builder import Builder
from core.conditions.tree import Group, without_empty
from core.exceptions import BusinessRuleError
from core.parameters import OneOfField, TextField
from core.views import redirect
from customers.selections.enums import SUBJECTS, SelectionOf
from customers.selections.from_filters import tree_of_list
from customers.selections.list_conditions import conditions_apply, includes_inactive, list_of
from customers.selections.models import Selection
from customers.selections.views.builder import BuilderMixin


class ListConditionsView(BuilderMixin):
    """Edit the whole condition of a list (``of``, ``query``): its filters are the first level."""

    permission_required = "selections.add_selection"
    parameters = {"of": OneOfField(*SelectionOf.values), "query": TextField(max_length=20_000)}

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        asked = request.GET.get("of", "")
        self.selection = Selection(of=asked if asked in SelectionOf.values else SelectionOf.CUSTOMERS.value)

    @property
    def query(self) -> str:
        return self.request.GET.get("query", "")

    @cached_property
    def shown(self) -> tuple[Group, str]:
        """The condition that the list shows, and its state; nothing of an address that cannot be read."""
        try:
            return tree_of_list(self.of, self.query, self.request)
        except BusinessRuleError:
            return Group(1), ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            tree_of_list(self.of, self.query, request)
        except BusinessRuleError as error:
            messages.error(request, str(error))
            return redirect(request, list_of(self.of))
        return super().get(request, *args, **kwargs)

    def get_title(self) -> str:
        of_contacts = self.of == SelectionOf.CONTACTS
        return _("Conditions of the list of contacts") if of_contacts else _("Conditions of the list of customers")

    def get_builder(self) -> Builder:
        return Builder(SUBJECTS[self.of], self.user, self.shown[0])

    def get_form(self, data: Any = None, *, is_checked: bool = True) -> Any:
        return forms.Form(data)

    def includes_inactive(self, form: Any, tree: Group) -> bool:
        """Return whether the list will have inactive rows: by its state, or by a selection that is named."""
        return bool(QueryDict(self.query).get("state")) or includes_inactive(tree)

    def save(self, builder: Builder, form: Any) -> HttpResponse:
        tree = without_empty(builder.tree)
        if tree.parts and not builder.is_complete():
            form.add_error(None, _("Fill in the conditions that are marked, or remove them."))
            return self.drawn(builder, form, status=422)
        url = conditions_apply(of=self.of, tree=tree, query=self.query, request=self.request)
        return redirect(self.request, url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = f"{list_of(self.of)}?{self.query}" if self.query else list_of(self.of)
        return super().get_context_data(is_of_list=True, cancel_url=back, **kwargs)
