"""The contact list and the forms of contacts, positions and consents."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from core.actions import Action
from core.document_views import DocumentAddView, DocumentRemoveView
from core.list_views import FilteredListView
from core.numbers import parse_id
from core.parameters import OneOfField, Parameters, WordsField, asked_words, visible
from core.permissions import PermissionMixin
from core.views import ObjectFormView, ServiceFormView, VisibleObjectMixin, current_page
from customers.enums import Channel
from customers.filters import ContactFilterSet
from customers.forms.contacts import (
    ConsentForm,
    ContactAddForm,
    ContactForm,
    PositionAddForm,
    PositionEndForm,
    PositionForm,
    PrimaryEmailForm,
    PrimaryPhoneForm,
    PrimaryPointForm,
    display_value,
)
from customers.models import Consent, Contact, Customer, Position
from customers.selections.rows import as_page
from customers.selectors.contacts import possible_duplicates
from customers.services import contacts as services
from customers.tables import CONTACTS, POSITION_FIELDS
from customers.views.contact_tabs import ContactDocuments
from customers.views.saving import SavesSelections

EDIT = "customers.edit_contact"
OPTIONS = 30


class ContactListView(SavesSelections, FilteredListView):
    model = Contact
    filterset_class = ContactFilterSet
    table = CONTACTS
    title = gettext_lazy("Contacts")
    permission_required = "customers.view_contact"
    bulk_place = "contacts"
    inline_place = "contact"
    save_selection_of = "contacts"
    primary_action = Action(
        gettext_lazy("Add contact"), "customers:contact_add", icon="user-plus", rule=EDIT, takes_name="name"
    )
    empty = {
        "title": gettext_lazy("No contacts yet."),
        "text": gettext_lazy("Add people here or on a customer's page, or import them from a file."),
    }

    def get_queryset(self) -> Any:
        return Contact.objects.visible_to(self.user).with_current(self.user, only=POSITION_FIELDS)

    def page_queryset(self, rows: Any) -> Any:
        return as_page(rows)


class ContactOptionsView(PermissionMixin, View):
    """Return contacts for a searchable select; with ``?customer=`` its current contacts, also without text."""

    permission_required = "customers.view_contact"
    parameters = {"q": WordsField(), "customer": visible(Customer)}
    answers_scripts = True

    def get(self, request: HttpRequest) -> JsonResponse:
        contacts = Contact.objects.visible_to(self.user).with_current(self.user)
        text, customer = asked_words(request), request.GET.get("customer", "")
        if customer:
            at = Position.objects.current().visible_to(self.user).filter(customer=parse_id(customer))
            contacts = contacts.filter(pk__in=at.values("contact"))
        matching = contacts.search(text).first_by_name(OPTIONS) if text or customer else []
        return JsonResponse({"results": [option(contact) for contact in matching]})


def option(contact: Any) -> dict[str, Any]:
    positions = [
        ", ".join(filter(None, (position.title, position.customer.name))) for position in contact.current_positions
    ]
    return {"id": contact.pk, "text": str(contact), "detail": " · ".join(positions)}


class ContactAddView(ServiceFormView):
    """Add a contact; possible duplicates are shown first."""

    permission_required = EDIT
    form_class = ContactAddForm
    template_name = "customers/contacts/form.html"
    title = gettext_lazy("Add contact")
    parameters: Parameters = {"customer": visible(Customer), "name": WordsField()}
    success_message = gettext_lazy("The contact was added.")

    def get_initial(self) -> dict[str, Any]:
        first_name, _space, last_name = asked_words(self.request, "name").rpartition(" ")
        return {
            "customer": parse_id(self.request.GET.get("customer", "")),
            "first_name": first_name,
            "last_name": last_name,
        }

    def get_cancel_url(self) -> str:
        return reverse("customers:contacts")

    def form_valid(self, form: ContactAddForm) -> HttpResponse:
        if self.request.POST.get("is_new") != "1":
            name = f"{form.cleaned_data['first_name']} {form.cleaned_data['last_name']}"
            matches = possible_duplicates(self.user, name=name, points=form.point_keys())
            if matches:
                context = self.get_context_data(form=form, matches=matches, position_at=form.cleaned_data["customer"])
                return self.render_to_response(context, status=422)
        return super().form_valid(form)

    def perform(self, form: ContactAddForm) -> Contact:
        return services.contact_create(contact=form.instance, points=form.new_points() or [], position=form.position())


class CustomerContactAddView(VisibleObjectMixin, ContactAddView):
    """Add a contact at one customer."""

    model = Customer
    parameters: Parameters = {}

    def get_permission_object(self) -> Any:
        return self.object

    def get_initial(self) -> dict[str, Any]:
        return {"customer": self.object.pk}

    def get_cancel_url(self) -> str:
        return reverse("customers:contacts_tab", args=[self.object.pk])

    def get_success_url(self) -> str:
        """Return to the page on which the dialog was opened; without a dialog, to the contact."""
        opened_from = current_page(self.request) if self.htmx.target == "dialog" else ""
        return opened_from or super().get_success_url()


class ContactMixin(VisibleObjectMixin):
    model = Contact
    permission_required = EDIT


class ContactEditView(ContactMixin, ObjectFormView):
    form_class = ContactForm
    template_name = "customers/contacts/form.html"
    success_message = gettext_lazy("The contact was changed.")
    undoable = True

    @property
    def title(self) -> str:
        return _("Contact: %s") % self.object

    def perform(self, form: ContactForm) -> Contact:
        return services.contact_change(contact=form.instance, points=form.new_points())


class PrimaryPointView(ContactMixin, ObjectFormView):
    """Change the primary number or address of a kind; without one it becomes the first. Edited in place only."""

    form_class: type[PrimaryPointForm]

    def get_initial(self) -> dict[str, Any]:
        points = [point for point in self.object.points.all() if point.kind == self.form_class.kind]
        return {"value": display_value(points[0]) if points else ""}

    def perform(self, form: PrimaryPointForm) -> Contact:
        points = services.points_with_primary(self.object, form.kind, form.cleaned_data["value"])
        return services.contact_change(contact=self.object, points=points)


class PrimaryPhoneView(PrimaryPointView):
    form_class = PrimaryPhoneForm


class PrimaryEmailView(PrimaryPointView):
    form_class = PrimaryEmailForm


class PositionAddView(ContactMixin, ObjectFormView):
    """Add a current or earlier position; a change of employer is a new position after ending the old one."""

    form_class = PositionAddForm
    parameters = {"customer": visible(Customer)}
    success_message = gettext_lazy("The position was added.")

    @property
    def title(self) -> str:
        return _("New position: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": Position(contact=self.object)}

    def get_initial(self) -> dict[str, Any]:
        return {"customer": parse_id(self.request.GET.get("customer", ""))}

    def perform(self, form: PositionAddForm) -> Contact:
        names = ("customer", "title", "role", "area", "start", "end")
        services.position_add(contact=self.object, **{name: form.cleaned_data[name] for name in names})
        return self.object


class PositionMixin(ContactMixin):
    """A page of one position; positions at customers that the user cannot see return 404."""

    @cached_property
    def position(self) -> Position:
        positions = Position.objects.visible_to(self.user).select_related("contact", "customer", "role")
        return get_object_or_404(positions, contact=self.object, pk=self.kwargs["position"])


class PositionEditView(PositionMixin, ObjectFormView):
    form_class = PositionForm
    success_message = gettext_lazy("The position was changed.")
    undoable = True

    @property
    def title(self) -> str:
        return f"{self.object}, {self.position.customer}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.position}

    def perform(self, form: PositionForm) -> Contact:
        names = ("title", "role", "area", "start", "end")
        services.position_change(position=self.position, **{name: form.cleaned_data[name] for name in names})
        return self.object


class PositionEndView(PositionMixin, ObjectFormView):
    undo_form = "customers:position_edit"
    form_class = PositionEndForm
    submit_label = gettext_lazy("End position")
    success_message = gettext_lazy("The position has ended. It stays in the history.")

    @property
    def title(self) -> str:
        return _("%(contact)s no longer works for %(customer)s") % {
            "contact": self.object,
            "customer": self.position.customer,
        }

    def get_undo_args(self, row: Any) -> list[Any]:
        return [self.object.pk, self.position.pk]

    def perform(self, form: PositionEndForm) -> Contact:
        services.position_end(position=self.position, end=form.cleaned_data["end"])
        return self.object


class ConsentAddView(ContactMixin, ObjectFormView):
    form_class = ConsentForm
    parameters = {"channel": OneOfField(*Channel.values)}
    success_message = gettext_lazy("The consent was recorded.")

    @property
    def title(self) -> str:
        return _("Marketing consent: %s") % self.object

    def get_initial(self) -> dict[str, Any]:
        return {"channel": self.request.GET.get("channel", "")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": Consent(contact=self.object)}

    def perform(self, form: ConsentForm) -> Contact:
        names = ("channel", "is_given", "given_on", "source")
        data = {name: form.cleaned_data[name] for name in names}
        services.consent_record(contact=self.object, user=self.user, **data)
        return self.object


class ContactDocumentAddView(ContactDocuments, DocumentAddView):
    pass


class ContactDocumentRemoveView(ContactDocuments, DocumentRemoveView):
    pass
