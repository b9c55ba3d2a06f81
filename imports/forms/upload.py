from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import import_kinds
from core.forms import OnceFormMixin, VersionedFormMixin
from imports.models import ImportMapping
from imports.permissions import may_import_kind


class UploadForm(OnceFormMixin):
    """The file, its type of data and the mapping of its source."""

    kind = forms.ChoiceField(label=_("Type of data"))
    file = forms.FileField(
        label=_("File"), help_text=_("CSV, TSV or other delimited text, Excel (.xlsx, .xls) or OpenDocument (.ods).")
    )
    mapping = forms.ModelChoiceField(
        ImportMapping.objects.none(),
        required=False,
        label=_("Mapping"),
        empty_label=_("By column headings"),
        help_text=_("A mapping saved earlier for this source."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.name, kind.label) for kind in import_kinds.kinds() if may_import_kind(user, kind.name)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        mapping: Any = self.fields["mapping"]
        mapping.queryset = ImportMapping.objects.visible_to(user)
        mapping.label_from_instance = lambda row: f"{row.name} ({row.get_kind_display()})"


class RenameForm(VersionedFormMixin):
    class Meta:
        model = ImportMapping
        fields = ("name",)
