"""Pages that add and remove documents, for any kind of row that has some.

An app subclasses both with its model and rule and shows ``components/documents.html`` with ``documents`` (query set),
``documents_url`` (of the add page), ``remove_url_name`` and ``may_attach``::

    class CustomerDocumentAddView(DocumentAddView):
        model = Customer
        permission_required = "customers.attach_to_customer"
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.documents import ACCEPTED, document_add, document_remove, documents_of
from crm.forms import OnceFormMixin
from crm.models import Document
from crm.views import ActionView, ObjectFormView


class DocumentForm(OnceFormMixin):
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=255,
        allow_empty_file=True,  # refused by check_file, in one place
        widget=forms.FileInput({"accept": ",".join(f".{extension}" for extension in ACCEPTED)}),
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=500, required=False)


class DocumentAddView(ObjectFormView):
    form_class = DocumentForm
    title = gettext_lazy("Attach a document")
    submit_label = gettext_lazy("Attach")
    success_message = gettext_lazy("The document was attached.")

    def perform(self, form: Any) -> Document:
        return document_add(
            target=self.object,
            upload=form.cleaned_data["file"],
            user=self.user,
            description=form.cleaned_data["description"],
        )

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())


class DocumentRemoveView(ActionView):
    """Remove one document of the row; its ``pk`` is the URL's ``document``."""

    submit_label = gettext_lazy("Remove")
    success_message = gettext_lazy("The document was removed.")
    danger = True

    @cached_property
    def document(self) -> Document:
        return get_object_or_404(documents_of(self.object), pk=self.kwargs["document"])

    @property
    def question(self) -> str:
        return _("Remove the document %(name)s?") % {"name": self.document.name}

    def perform(self) -> None:
        document_remove(self.document)
