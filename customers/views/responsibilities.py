"""Pages of responsible persons and of handing over a user's customers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from core import clock
from core.inline.undo import undo_url
from core.permissions import allowed
from core.views import ObjectFormView
from customers.enums import ResponsibilityRole
from customers.forms.customers import CustomerOwnerForm, EndForm, OwnerForm, ResponsibilityForm
from customers.models import Customer, Responsibility
from customers.services.responsibilities import (
    customers_hand_over,
    owner_change,
    owner_now,
    planned_owner,
    responsibility_add,
    responsibility_end,
)
from customers.views.customers import handover_text


class OwnerView(ObjectFormView):
    """Change the owner of the customer."""

    model = Customer
    form_class = CustomerOwnerForm
    template_name = "generic/confirm.html"
    title = gettext_lazy("Change owner")
    submit_label = gettext_lazy("Change owner")
    success_message = gettext_lazy("The owner was changed.")
    permission_required = "customers.edit_customer"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "planned": planned_owner(self.object)}

    undo_url = ""

    def get_undo_url(self) -> str:
        return self.undo_url

    def perform(self, form: Any) -> None:
        before = owner_now(self.object)
        owner_change(customer=self.object, by=self.user, **form.cleaned_data)
        if before and form.cleaned_data.get("day", clock.today()) == clock.today():
            self.undo_url = self._back_to(before, form)

    def _back_to(self, owner_id: int, form: Any) -> str:
        """Return the address that makes the owner before the owner again, today as the change."""
        old, new = {"user": [str(owner_id)]}, {"user": form.data.getlist("user")}
        page = self.object.get_absolute_url()
        return undo_url("customer", "owner", self.object.pk, form=form, old=old, new=new, back=page)

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())


class ResponsibilityAddView(ObjectFormView):
    """Add a deputy or another responsible person."""

    removed_by = "customers:responsibility_end"
    undo_below = True
    model = Customer
    form_class = ResponsibilityForm
    title = gettext_lazy("Add responsible person")
    permission_required = "customers.edit_customer"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": Responsibility(customer=self.object)}

    def get_initial(self) -> dict[str, Any]:
        return {"role": "deputy"}

    def get_undo_row(self) -> Responsibility:
        return self.added

    def get_undo_content(self) -> dict[str, list[str]]:
        """Return the day before it begins: what ends before its start is removed."""
        return {"day": [(self.added.start - dt.timedelta(days=1)).isoformat()]}

    def may_undo(self) -> bool:
        return self.added.role != ResponsibilityRole.OWNER  # the former owner is ended with it

    def perform(self, form: Any) -> None:
        self.added = responsibility_add(responsibility=form.instance)

    def get_success_url(self) -> str:
        return reverse("customers:details", args=[self.object.pk])

    get_cancel_url = get_success_url


class ResponsibilityEndView(ObjectFormView):
    """End a responsibility of the customer."""

    model = Customer
    form_class = EndForm
    template_name = "generic/confirm.html"
    submit_label = gettext_lazy("End responsibility")
    permission_required = "customers.edit_customer"

    @cached_property
    def responsibility(self) -> Responsibility:
        responsibilities = Responsibility.objects.filter(customer=self.object).select_related("user")
        return get_object_or_404(responsibilities, pk=self.kwargs["responsibility"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"title": _("End the responsibility of %(user)s?") % {"user": self.responsibility.user}}

    @property
    def success_message(self) -> str:
        return _("The responsibility of %(user)s was ended.") % {"user": self.responsibility.user}

    def perform(self, form: Any) -> None:
        responsibility_end(responsibility=self.responsibility, day=form.cleaned_data["day"])

    def get_success_url(self) -> str:
        return reverse("customers:details", args=[self.object.pk])

    get_cancel_url = get_success_url


class HandOverView(ObjectFormView):
    """Hand over all customers of a user to another one."""

    model = User
    form_class = OwnerForm
    template_name = "generic/confirm.html"
    submit_label = gettext_lazy("Hand over")
    permission_required = "customers.hand_over"

    def get_queryset(self) -> Any:
        return User.objects.all()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        owned = Responsibility.objects.current().filter(user=self.object, role=ResponsibilityRole.OWNER)
        count = owned.filter(customer__state="active").count()  # of a deactivated user too
        text = ngettext(
            "%(user)s owns %(count)d customer. It gets the new owner; its history is kept.",
            "%(user)s owns %(count)d customers. They all get the new owner; their history is kept.",
            count,
        )
        context = super().get_context_data(text=text % {"user": self.object, "count": count}, **kwargs)
        return context | {"title": _("Hand over the customers of %(user)s") % {"user": self.object}}

    def perform(self, form: Any) -> None:
        new = form.cleaned_data["user"]
        result = customers_hand_over(from_user=self.object, to_user=new, day=form.cleaned_data["day"])
        self.success_message = handover_text(result, new)

    def get_success_url(self) -> str:
        return reverse("customers:list")

    def get_cancel_url(self) -> str:
        seen = allowed(self.user, "accounts.view_user", self.object)
        return str(self.object.get_absolute_url()) if seen else self.get_success_url()
