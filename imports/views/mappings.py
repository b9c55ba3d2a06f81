"""The pages of saved mappings."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.list_views import FilteredListView
from core.views import ActionView, ObjectFormView
from imports import tables
from imports.filters import MappingFilter
from imports.forms import RenameForm
from imports.models import ImportMapping
from imports.services import mapping_delete, mapping_rename


class MappingListView(FilteredListView):
    """List saved mappings, one per source and kind."""

    model = ImportMapping
    filterset_class = MappingFilter
    table = tables.MAPPINGS
    title = _("Mappings")
    permission_required = "imports.view_import"
    empty = {"title": _("No mapping has been saved yet."), "text": _("Mappings are saved while importing a file.")}


class MappingRenameView(ObjectFormView):
    undoable = True
    model = ImportMapping
    form_class = RenameForm
    permission_required = "imports.edit_import"
    title = _("Rename the mapping")
    success_message = _("The mapping was renamed.")
    template_name = "imports/mapping_rename.html"

    def perform(self, form: RenameForm) -> ImportMapping:
        return mapping_rename(mapping=self.object, name=form.cleaned_data["name"])

    def get_success_url(self) -> str:
        return reverse("imports:mappings")

    def get_cancel_url(self) -> str:
        return reverse("imports:mappings")


class MappingDeleteView(ActionView):
    model = ImportMapping
    permission_required = "imports.edit_import"
    question = _("Delete the mapping?")
    submit_label = _("Delete")
    success_message = _("The mapping has been deleted.")

    def perform(self) -> Any:
        mapping_delete(mapping=self.object)

    def get_success_url(self) -> str:
        return reverse("imports:mappings")
