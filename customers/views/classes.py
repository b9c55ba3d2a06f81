"""The classes of a customer or contact: the tab and the form."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.permissions import allowed
from core.views import ObjectFormView
from customers.forms.classification import ClassesForm
from customers.models import Contact, Customer
from customers.selectors.classification import classes_of
from customers.services.assignments import classifications_set
from customers.views.contact_tabs import ContactTabView
from customers.views.tabs import CustomerTabView


class CustomerClassesView(CustomerTabView):
    tab = "classifications"
    content_template = "customers/classification/classes.html"

    def get_tab_context(self) -> dict[str, Any]:
        return {
            "held": classes_of(self.object),
            "inline_place": self.place,
            "row": self.object,
            "edit_url": reverse("customers:classes_edit", args=[self.object.pk]),
            "may_classify": allowed(self.user, "customers.classify_customer", self.object),
        }


class ContactClassesView(ContactTabView):
    tab = "classifications"
    content_template = "customers/classification/classes.html"

    def get_tab_context(self) -> dict[str, Any]:
        return {
            "held": classes_of(self.object),
            "inline_place": self.place,
            "row": self.object,
            "edit_url": reverse("customers:contact_classes_edit", args=[self.object.pk]),
            "may_classify": allowed(self.user, "customers.edit_contact", self.object),
        }


class ClassesEditView(ObjectFormView):
    """Edit the classes of all branches that fit in one form; changes are saved together or not at all."""

    form_class = ClassesForm
    success_message = gettext_lazy("The classes were saved.")
    undoable = True
    tab_url = ""

    @property
    def title(self) -> str:
        return _("Classes: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        own = {"target": self.object, "held": classes_of(self.object), "user": self.user}
        return {**super().get_form_kwargs(), **own}

    def get_success_url(self) -> str:
        return reverse(self.tab_url, args=[self.object.pk])

    get_cancel_url = get_success_url

    def perform(self, form: ClassesForm) -> Any:
        for branch in form.changed_branches():
            nodes = form.nodes_of(branch)
            classifications_set(target=self.object, branch=branch, nodes=nodes, user=self.user)
        return self.object


class CustomerClassesEditView(ClassesEditView):
    model = Customer
    permission_required = "customers.classify_customer"
    tab_url = "customers:classes"


class ContactClassesEditView(ClassesEditView):
    model = Contact
    permission_required = "customers.edit_contact"
    tab_url = "customers:contact_classes"
