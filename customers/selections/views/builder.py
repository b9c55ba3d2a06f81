"""The builder of a selection. Nothing is stored before *Save*; every add and remove is a submit button."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.conditions.builder import Builder
from core.conditions.compile import Unreadable
from core.conditions.tree import Group, without_empty
from core.conditions.words import names_in, sentence
from core.exceptions import BusinessRuleError
from core.notices import said
from core.once import once
from core.parameters import OneOfField
from core.permissions import PermissionMixin
from core.views import redirect
from customers.selections import store
from customers.selections.enums import SUBJECTS, SelectionOf
from customers.selections.forms import SelectionForm
from customers.selections.models import Selection, SelectionFavourite
from customers.selections.rows import rows_of_tree
from customers.selections.services import FIELDS, selection_change, selection_create
from customers.selections.views.lists import SelectionMixin, sample_of


class BuilderMixin(PermissionMixin, TemplateView):
    """Draws the form; a press of any button but *Save* draws it again with the change."""

    template_name = "selections/builder.html"
    selection: Selection

    @property
    def of(self) -> str:
        return self.selection.of

    def get_builder(self) -> Builder:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.drawn(self.get_builder(), self.get_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        builder = Builder(SUBJECTS[self.of], self.user, data=request.POST)
        if self.htmx.target == "preview":
            return self.render_to_response(self.preview(builder, self.get_form(request.POST)), fragment="preview")
        if "save" not in request.POST:
            return self.drawn(builder, self.get_form(request.POST, is_checked=False))
        return self.save(builder, self.get_form(request.POST))

    def get_form(self, data: Any = None, *, is_checked: bool = True) -> SelectionForm:
        form = SelectionForm(data, instance=self.selection, user=self.user)
        if data is not None and not is_checked:
            vars(form)["_errors"] = {}  # what is not saved yet is not judged yet
        return form

    def drawn(self, builder: Builder, form: SelectionForm, status: int = 200) -> HttpResponse:
        is_part = self.htmx.target == "builder"
        context = {"builder": builder, "form": form, "selection": self.selection, "title": self.get_title()}
        if self.request.method == "POST" and not self.htmx:  # without JavaScript the count comes with the page
            context |= self.preview(builder, form)
        return self.render_to_response(context, fragment="builder" if is_part else "", status=status)

    def get_title(self) -> str:
        raise NotImplementedError

    def render_to_response(self, context: dict[str, Any], fragment: str = "", **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**context)
        names = [f"{self.template_name}#{fragment}" if fragment else self.template_name]
        response = self.response_class(self.request, names, context, using=self.template_engine, **kwargs)
        response["Vary"] = "HX-Request, HX-Target"
        return response

    def preview(self, builder: Builder, form: SelectionForm) -> dict[str, Any]:
        """Return the condition in words, the number of rows and the first of them."""
        tree = without_empty(builder.tree)
        if not tree.parts:
            return {"has_preview": True}
        words = sentence(tree, builder.subject, names_in(tree))
        includes_inactive = self.includes_inactive(form, tree)
        try:
            with transaction.atomic():
                rows = rows_of_tree(tree, self.of, builder.subject, self.user, includes_inactive=includes_inactive)
                return {"has_preview": True, "words": words, **sample_of(rows)}
        except Unreadable:
            return {"has_preview": True, "words": words, "is_incomplete": True}

    def includes_inactive(self, form: Any, tree: Group) -> bool:
        return "includes_inactive" in form.fields and bool(self.request.POST.get("includes_inactive"))

    def save(self, builder: Builder, form: SelectionForm) -> HttpResponse:
        is_complete = self.selection.is_frozen or builder.is_complete()
        if not is_complete and not builder.parts.parts:
            form.add_error(None, _("Add at least one condition."))
        elif not is_complete:
            form.add_error(None, _("Fill in the conditions that are marked, or remove them."))
        if form.is_valid() and is_complete:
            key = form.cleaned_data.get("submission_key")
            try:
                done = once(key, self.user, lambda: {"url": self.perform(builder, form).get_absolute_url()})
            except BusinessRuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                return redirect(self.request, done["url"])
        return self.drawn(builder, form, status=422)

    def perform(self, builder: Builder, form: SelectionForm) -> Selection:
        raise NotImplementedError


class SelectionCreateView(BuilderMixin):
    permission_required = "selections.add_selection"
    parameters = {"of": OneOfField(*SelectionOf.values)}

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        asked = request.GET.get("of", "")
        self.selection = Selection(of=asked if asked in SelectionOf.values else SelectionOf.CUSTOMERS)

    def get_title(self) -> str:
        return _("New selection of contacts") if self.of == SelectionOf.CONTACTS else _("New selection of customers")

    def get_builder(self) -> Builder:
        return Builder(SUBJECTS[self.of], self.user)

    def perform(self, builder: Builder, form: SelectionForm) -> Selection:
        fields = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        selection = selection_create(user=self.user, of=self.of, tree=without_empty(builder.tree), **fields)
        if self.request.POST.get("in_menu"):
            SelectionFavourite.objects.get_or_create(user=self.user, selection=selection)
        undo = reverse("selections:delete", args=[selection.pk])
        said(self.request, _("%(selection)s was saved.") % {"selection": selection}, undo=undo)
        return selection

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_menu = self.request.method == "GET" or bool(self.request.POST.get("in_menu"))
        return super().get_context_data(is_new=True, in_menu=in_menu, cancel_url=reverse("selections:list"), **kwargs)


class SelectionEditView(SelectionMixin, BuilderMixin):
    permission_required = "selections.edit_selection"

    @property
    def selection(self) -> Selection:  # type: ignore[override]
        selection: Selection = self.object
        return selection

    def get_queryset(self) -> Any:
        return super().get_queryset().alive()  # type: ignore[attr-defined]

    def get_title(self) -> str:
        return _("Selection: %s") % self.kept_name

    @property
    def kept_name(self) -> str:
        """The name as it is stored, whatever the form has put into the row."""
        return str(Selection.objects.values_list("name", flat=True).get(pk=self.object.pk))

    def get_builder(self) -> Builder:
        return Builder(self.selection.subject, self.user, store.read(self.selection).tree)

    def perform(self, builder: Builder, form: SelectionForm) -> Selection:
        fields = {name: form.cleaned_data[name] for name in FIELDS if name in form.cleaned_data}
        tree = None if self.selection.is_frozen else without_empty(builder.tree)
        version = form.cleaned_data.get("version")
        selection = selection_change(selection=self.selection, user=self.user, tree=tree, version=version, **fields)
        undo = reverse("selections:undo", args=[selection.pk])
        said(self.request, _("%(selection)s was changed.") % {"selection": selection}, undo=undo)
        return selection

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        faults = store.read(Selection.objects.get(pk=self.object.pk)).faults
        return super().get_context_data(faults=faults, cancel_url=self.object.get_absolute_url(), **kwargs)
