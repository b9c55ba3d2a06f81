"""The documents tab and the pages that add and remove documents, for any model.

An app declares the owner of the documents once and makes three views of it::

    class CustomerDocuments(DocumentsOf):
        model = Customer
        permission_required = "customers.attach_to_customer"
        tab_url = "customers:documents"

    class DocumentsView(DocumentsTab, CustomerTabView):
        documents = CustomerDocuments

    class CustomerDocumentAddView(CustomerDocuments, DocumentAddView):
        pass
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.documents import ACCEPTED, document_add, document_back, document_take_off, documents_of, files_forget
from core.forms import OnceFormMixin
from core.models import Document
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, VisibleObjectMixin


class DocumentForm(OnceFormMixin):
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=255,
        allow_empty_file=True,  # refused by check_file, in one place
        widget=forms.FileInput({"accept": ",".join(f".{extension}" for extension in ACCEPTED)}),
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=500, required=False)


class DocumentsOf(VisibleObjectMixin):
    """The owner of the documents: the rule for adding and removing them, and the URL name of their tab.

    The pages that add and remove have that name with ``_add`` and ``_remove``.
    """

    tab_url: str

    def get_success_url(self) -> str:
        return reverse(self.tab_url, args=[self.object.pk])

    get_cancel_url = get_success_url


class DocumentsTab:
    """The tab that shows the documents of a row: put it before the app's :class:`core.tabs.TabView`."""

    documents: type[DocumentsOf]
    tab = "documents"
    content_template = "components/documents.html"
    object: Any
    user: Any

    def get_tab_context(self) -> dict[str, Any]:
        return {
            "documents": documents_of(self.object),
            "documents_url": reverse(f"{self.documents.tab_url}_add", args=[self.object.pk]),
            "may_attach": allowed(self.user, self.documents.permission_required, self.object),
            "target": self.object,
            "remove_url_name": f"{self.documents.tab_url}_remove",
        }


class DocumentAddView(ObjectFormView):
    undo_below = True
    form_class = DocumentForm
    title = gettext_lazy("Attach a document")
    submit_label = gettext_lazy("Attach")
    success_message = gettext_lazy("The document was attached.")

    tab_url: str

    @property
    def removed_by(self) -> str:  # type: ignore[override]
        return f"{self.tab_url}_remove"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if "document" in (self.undoing or {}):  # its file is there
            del form.fields["file"]
        return form

    def perform(self, form: Any) -> Document:
        if self.undoing and "document" in self.undoing:
            return document_back(target=self.object, content=self.undoing["document"])
        return document_add(
            target=self.object,
            upload=form.cleaned_data["file"],
            user=self.user,
            description=form.cleaned_data["description"],
        )


class DocumentRemoveView(ActionView):
    """Remove one document of the row; its ``pk`` is the URL's ``document``."""

    submit_label = gettext_lazy("Remove")
    success_message = gettext_lazy("The document was removed.")
    danger = True
    tab_url: str

    @cached_property
    def document(self) -> Document:
        return get_object_or_404(documents_of(self.object), pk=self.kwargs["document"])

    @property
    def question(self) -> str:
        return _("Remove the document %(name)s?") % {"name": self.document.name}

    @property
    def added_again(self) -> tuple[str, ...]:  # type: ignore[override]
        return (f"{self.tab_url}_add",)

    def get_again_args(self) -> list[Any]:
        return [self.object.pk]

    def perform(self) -> None:
        self.taken_off = document_take_off(self.document)
        self._kept = {**(self._kept or {}), "document": self.taken_off}

    def get_undo_url(self) -> str:
        url = super().get_undo_url()
        if not url:  # nobody brings it back
            files_forget([self.taken_off])
        return url
