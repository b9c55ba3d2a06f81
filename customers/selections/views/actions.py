"""What is done to a selection: copy, freeze, combine, compare, delete, restore, menu; and *Save as selection*."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from core import clock
from core.conditions.compile import Unreadable
from core.conditions.words import names_in, sentence
from core.exceptions import BusinessRuleError
from core.notices import said
from core.parameters import OneOfField, TextField, of_form
from core.permissions import PermissionMixin
from core.views import ObjectFormView, redirect, safe_next_url
from customers.selections.enums import SUBJECTS, Combination, SelectionOf
from customers.selections.forms import CombineForm, NameForm, OtherForm
from customers.selections.from_filters import tree_of_filters
from customers.selections.models import Selection, SelectionFavourite
from customers.selections.rows import rows_of_tree
from customers.selections.services import (
    combined,
    selection_combine,
    selection_copy,
    selection_create,
    selection_freeze,
    selection_undo,
)
from customers.selections.views.lists import SelectionMixin, sample_of
from customers.selections.views.shared import SharedDeleteView, SharedRestoreView, SharedToggleView, SharedUndoView


class AliveMixin(SelectionMixin):
    def get_queryset(self) -> Any:
        return super().get_queryset().alive()  # type: ignore[attr-defined]


class MadeMixin(AliveMixin):
    """A form that makes another selection, which its undo deletes."""

    done: Any  # the selection that was made

    def get_undo_url(self) -> str:
        return reverse("selections:delete", args=[self.done.pk])


class CopyView(MadeMixin, ObjectFormView):
    form_class = NameForm
    submit_label = gettext_lazy("Copy")
    success_message = gettext_lazy("The copy is yours: change it as you like.")

    @property
    def title(self) -> str:
        return _("Copy the selection “%s”") % self.object

    def get_initial(self) -> dict[str, Any]:
        return {"name": (_("%(name)s (copy)") % {"name": self.object.name})[:120]}

    def perform(self, form: NameForm) -> Selection:
        return selection_copy(selection=self.object, user=self.user, name=form.cleaned_data["name"])


class FreezeView(MadeMixin, ObjectFormView):
    form_class = NameForm
    submit_label = gettext_lazy("Freeze")
    success_message = gettext_lazy("The list is frozen: it stays as it is now.")

    @property
    def title(self) -> str:
        return _("Freeze the rows of “%s” as they are now") % self.object

    def get_initial(self) -> dict[str, Any]:
        return {"name": f"{self.object.name} {date_format(clock.user_today(), 'SHORT_DATE_FORMAT')}"}

    def perform(self, form: NameForm) -> Selection:
        return selection_freeze(selection=self.object, user=self.user, name=form.cleaned_data["name"])


class OtherMixin(AliveMixin):
    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"first": self.object, "user": self.user}


class CombineView(MadeMixin, OtherMixin, ObjectFormView):
    parameters = {"how": OneOfField(*Combination.values), "second": TextField(), "name": TextField()}
    form_class = CombineForm
    submit_label = gettext_lazy("Combine")
    success_message = gettext_lazy("The combination follows when the two selections change.")

    @property
    def title(self) -> str:
        return _("Combine “%s” with another selection") % self.object

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        how = asked.get("how") if asked.get("how") in Combination.values else Combination.AND
        return {"how": how, "second": asked.get("second"), "name": asked.get("name", "")[:120]}

    def perform(self, form: CombineForm) -> Selection:
        data = form.cleaned_data
        return selection_combine(
            first=self.object, second=data["second"], how=data["how"], user=self.user, name=data["name"]
        )


class CompareView(AliveMixin, TemplateView):
    """How many rows two selections have in common and how many only one of them has."""

    template_name = "selections/compare.html"
    parameters = of_form(OtherForm)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET if "second" in self.request.GET else None
        form = OtherForm(asked, first=self.object, user=self.user)
        second = form.cleaned_data["second"] if asked is not None and form.is_valid() else None
        context = {"form": form, "selection": self.object, "second": second, "parts": []}
        if second is not None:
            context["parts"] = [self._part(*part, second) for part in self._pairs(second)]
        return super().get_context_data(title=_("Compare selections"), **context, **kwargs)

    def _pairs(self, second: Selection) -> list[tuple[str, Selection, Selection, str]]:
        first = self.object
        return [
            (_("In both"), first, second, Combination.AND),
            (_("Only in “%s”") % first, first, second, Combination.MINUS),
            (_("Only in “%s”") % second, second, first, Combination.MINUS),
        ]

    def _part(self, label: str, one: Selection, other: Selection, how: str, second: Selection) -> dict[str, Any]:
        tree = combined(one, other, how)
        try:
            rows = rows_of_tree(
                tree, one.of, SUBJECTS[one.of], self.user,
                includes_inactive=self.object.includes_inactive or second.includes_inactive,
            )  # fmt: skip
        except Unreadable:
            return {"label": label, "is_incomplete": True}
        url = reverse("selections:combine", args=[one.pk])
        return {"label": label, **sample_of(rows), "combine_url": f"{url}?how={how}&second={other.pk}"}


class DeleteView(AliveMixin, SharedDeleteView):
    permission_required = "selections.edit_selection"
    namespace = "selections"
    asks = gettext_lazy("Delete the selection “%(row)s”?")
    effect = gettext_lazy("Its customers and contacts stay. The owner can restore the selection.")


class UndoView(AliveMixin, SharedUndoView):
    permission_required = "selections.edit_selection"
    namespace = "selections"
    asks = gettext_lazy("Undo the last change of the selection “%(row)s”?")

    def undo(self) -> tuple[Selection, str]:
        selection = selection_undo(selection=self.object)
        return selection, _("%(selection)s is as it was before.") % {"selection": selection}


class RestoreView(SelectionMixin, SharedRestoreView):
    permission_required = "selections.edit_selection"
    namespace = "selections"
    asks = gettext_lazy("Restore the selection “%(row)s”?")
    says = gettext_lazy("The selection is back.")


class FavouriteView(AliveMixin, SharedToggleView):
    """Put the selection into the user's menu or take it out."""

    namespace = "selections"


class SaveFiltersView(PermissionMixin, View):
    """*Save as selection* of a list: keep its filters as a selection of one's own, in the menu, at one press."""

    permission_required = "selections.add_selection"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        of = request.POST.get("of", "")
        of = of if of in SelectionOf.values else SelectionOf.CUSTOMERS
        back = safe_next_url(request, request.POST.get("next", ""))
        try:
            selection = self._saved(of, request.POST.get("query", ""))
        except BusinessRuleError as error:
            messages.error(request, str(error))
            return redirect(request, back or reverse("selections:list"))
        rename = reverse("selections:edit", args=[selection.pk])
        text = _("Saved in the menu as “%(selection)s”.") % {"selection": selection}
        undo = reverse("selections:delete", args=[selection.pk], query={"next": back} if back else None)
        said(request, text, url=rename, words=_("Rename or change"), undo=undo)
        return redirect(request, selection.list_url)

    @transaction.atomic
    def _saved(self, of: str, query: str) -> Selection:
        tree, includes_inactive = tree_of_filters(of, query, self.request)
        name = sentence(tree, SUBJECTS[of], names_in(tree))
        selection = selection_create(
            user=self.user, of=of, tree=tree, name=name if len(name) <= 120 else f"{name[:119]}…",
            includes_inactive=includes_inactive,
        )  # fmt: skip
        SelectionFavourite.objects.create(user=self.user, selection=selection)
        return selection
