"""Pages that add, change, deactivate and activate a customer, and favourites."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import View

from core.models import Submission
from core.notices import said
from core.parameters import WordsField, asked_words
from core.permissions import PermissionMixin, allowed
from core.views import ActionView, ObjectFormView, ServiceFormView, redirect
from customers.forms.customers import AddressesForm, CustomerForm, NewCustomerForm, NumbersForm, PassiveForm
from customers.models import Customer, Favourite
from customers.selectors.customers import Candidate, candidates
from customers.services.customers import (
    addresses_set,
    customer_change,
    customer_create,
    customer_set_active,
    customer_set_passive,
    numbers_set,
)

CLUES = ("name", "business_id", "phone", "email")


class CustomerCreateView(ServiceFormView):
    """Add a customer; possible duplicates are shown first and must be ruled out."""

    form_class = NewCustomerForm
    template_name = "customers/create.html"
    title = gettext_lazy("New customer")
    submit_label = gettext_lazy("Add customer")
    permission_required = "customers.add_customer"
    parameters = {"name": WordsField()}

    def get_initial(self) -> dict[str, Any]:
        user = self.user
        own = {"owner": user} if user.has_perm("customers.change_own_customer") else {}
        return {"name": asked_words(self.request, "name"), **own}

    def get_cancel_url(self) -> str:
        return reverse("customers:list")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("candidates", [])
        return super().get_context_data(**kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        duplicates = [] if form.data.get("confirmed") else self._candidates(form)
        if duplicates and not self._was_submitted(form):
            form.add_error(None, _("Is it one of these? Open it, or confirm that it is none of them."))
            return self.render_to_response(self.get_context_data(form=form, candidates=duplicates), status=422)
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        duplicates = self._candidates(form)
        return self.render_to_response(self.get_context_data(form=form, candidates=duplicates), status=422)

    def _candidates(self, form: Any) -> list[Candidate]:
        return candidates(self.user, **{name: form.data.get(name, "") for name in CLUES})

    def _was_submitted(self, form: Any) -> bool:
        """Return whether the form was already submitted: the duplicate found is then the customer just added."""
        return Submission.objects.filter(key=form.cleaned_data["submission_key"], user=self.user.pk).exists()

    def perform(self, form: Any) -> Customer:
        self.success_message = _("%(customer)s was added.") % {"customer": form.instance}
        return customer_create(
            customer=form.instance, user=self.user, owner=form.cleaned_data["owner"], nodes=form.nodes
        )


class CandidatesView(PermissionMixin, View):
    """Show possible duplicates of the form's current values."""

    permission_required = "customers.add_customer"
    parameters = {name: WordsField() for name in CLUES}

    def get(self, request: HttpRequest) -> HttpResponse:
        duplicates = candidates(self.user, **{name: request.GET.get(name, "") for name in CLUES})
        return TemplateResponse(request, "customers/create.html#candidates", {"candidates": duplicates})


class CustomerEditView(ObjectFormView):
    model = Customer
    form_class = CustomerForm
    title = gettext_lazy("Edit customer")
    success_message = gettext_lazy("The customer was changed.")
    permission_required = "customers.edit_customer"
    undoable = True

    def perform(self, form: Any) -> Customer:
        return customer_change(customer=form.instance)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"title": _("Edit %(customer)s") % {"customer": self.object.name}}


class CustomerPassiveView(ObjectFormView):
    model = Customer
    form_class = PassiveForm
    template_name = "generic/confirm.html"
    title = gettext_lazy("Deactivate the customer?")
    submit_label = pgettext_lazy("customer", "Deactivate")
    success_message = gettext_lazy("The customer has been deactivated.")
    permission_required = "customers.set_passive"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = _(
            "%(customer)s will no longer appear in lists or searches, and no new activities can be logged for it. "
            "Its segments and its care plan end. Existing records are kept. An administrator can activate it again."
        )
        return super().get_context_data(text=text % {"customer": self.object}, danger=True, **kwargs)

    def get_success_url(self) -> str:
        """Return the customer's page, or the list for users who cannot see passive customers."""
        seen = self.user.has_perm("customers.manage_passive")
        return self.object.get_absolute_url() if seen else reverse("customers:list")

    def get_undo_url(self) -> str:
        """Return the address that activates the customer again, for those who may."""
        may_activate = allowed(self.user, "customers.set_active", self.object)
        return reverse("customers:set_active", args=[self.object.pk]) if may_activate else ""

    def perform(self, form: Any) -> Customer:
        return customer_set_passive(customer=self.object, **form.cleaned_data)


class CustomerActiveView(ActionView):
    opposite = "customers:set_passive"
    model = Customer
    question = gettext_lazy("Activate the customer again?")
    submit_label = pgettext_lazy("customer", "Activate")
    success_message = gettext_lazy("The customer is active again.")
    permission_required = "customers.set_active"

    def get_effects(self) -> list[Any]:
        return [
            _("If it was deactivated today, its segments and its care plan continue without a break."),
            _("Otherwise it has no segment: choose one, and care by that segment begins on that day."),
        ]

    def get_undo_content(self) -> dict[str, list[str]]:
        return self.was

    def perform(self) -> None:
        row = self.object
        self.was = {
            "reason": [row.passive_reason], "note": [row.passive_note], "day": [str(row.passive_since or "")]
        }  # fmt: skip
        customer_set_active(customer=row)


class AddressesView(ObjectFormView):
    model = Customer
    form_class: type[Form] = AddressesForm
    title = gettext_lazy("Addresses")
    success_message = gettext_lazy("The addresses were saved.")
    undoable = True
    permission_required = "customers.edit_customer"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "customer": self.object}

    def get_success_url(self) -> str:
        return reverse("customers:details", args=[self.object.pk])

    get_cancel_url = get_success_url

    def perform(self, form: Any) -> None:
        addresses_set(customer=self.object, addresses=form.addresses)


class NumbersView(AddressesView):
    form_class = NumbersForm
    title = gettext_lazy("Numbers in other systems")
    success_message = gettext_lazy("The numbers in other systems were saved.")

    def perform(self, form: Any) -> None:
        numbers_set(customer=self.object, numbers=form.numbers)


class FavouriteView(ActionView):
    """Add the customer to the user's favourites or remove it."""

    model = Customer
    permission_required = "customers.view_customer"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        favourite, is_new = Favourite.objects.get_or_create(user_id=int(self.user.pk or 0), customer=self.object)
        if not is_new:
            favourite.delete()
        text = _("%(row)s is one of your favourites.") if is_new else _("%(row)s is no longer one of your favourites.")
        said(request, text % {"row": self.object}, undo=request.path)
        return redirect(request, self.object.get_absolute_url())
