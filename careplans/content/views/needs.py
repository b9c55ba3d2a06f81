"""The register of development needs: the list, a need with its customers, its steps."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from careplans.content.filters import NeedFilter
from careplans.content.forms import JoinForm, LeadForm, NeedForm, NewNeedForm, OfferForm, ShareForm, WhyForm
from careplans.content.models import Need, NeedCustomer
from careplans.content.selectors import with_customers
from careplans.content.services.needs import (
    need_add,
    need_change,
    need_decline,
    need_join,
    need_reopen,
    need_share,
    need_to_lead,
    need_to_offer,
    need_unshare,
)
from careplans.content.tables import NEEDS
from careplans.plans.views.tab import EDIT
from core.history import status_history_of
from core.list_views import FilteredListView
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, VisibleObjectMixin
from customers.models import Customer

VIEW, EDIT_NEED = "carecontent.view", "carecontent.edit_need"


class NeedListView(FilteredListView):
    model = Need
    filterset_class = NeedFilter
    table = NEEDS
    title = gettext_lazy("Development needs")
    permission_required = VIEW
    main_filters = ("q", "status", "customer")
    empty = {
        "title": gettext_lazy("No needs here."),
        "text": gettext_lazy("Needs are added on the content of a customer's care plan."),
        "icon": "bulb",
    }

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return with_customers(rows, self.user)


class NeedMixin(VisibleObjectMixin):
    model = Need
    permission_required = EDIT_NEED

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("offer", "lead", "joined_to", "created_by")


class NeedView(NeedMixin, TemplateView):
    """A need: what it is, which customers have it, what has become of it."""

    permission_required = VIEW
    template_name = "carecontent/need.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        need = self.object
        may_edit = allowed(self.user, EDIT_NEED, need)
        return super().get_context_data(
            title=str(need),
            need=need,
            customers=NeedCustomer.objects.visible_to(self.user).filter(need=need).select_related("customer"),
            steps=need.status_changes.select_related("user"),
            joined=need.joined.order_by("sort_key")[:50],
            may_edit=may_edit,
            secondary_actions=self._actions(may_edit=may_edit),
            **kwargs,
        )

    def _actions(self, *, may_edit: bool) -> list[dict[str, Any]]:
        need = self.object
        entries = [
            (may_edit, "need_edit", _("Edit"), "pencil", True),
            (may_edit, "need_share", _("Another customer has it"), "user-plus", True),
            (may_edit and need.is_open, "need_lead", _("Make a lead"), "bulb", True),
            (may_edit and need.is_open, "need_offer", _("It became an offer"), "file-text", True),
            (may_edit and need.is_open, "need_decline", _("Decline"), "x", True),
            (may_edit and not need.is_open, "need_reopen", _("Take up again"), "refresh", True),
            (may_edit, "need_join", _("Join to another need"), "git-merge", True),
            (True, "need_history", _("History"), "history", False),
        ]
        return [
            {"label": label, "url": reverse(f"carecontent:{name}", args=[need.pk]), "icon": icon, "dialog": dialog}
            for is_offered, name, label, icon, dialog in entries
            if is_offered
        ]


class NeedHistoryView(NeedMixin, TemplateView):
    permission_required = VIEW
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=status_history_of(self.object, (NeedCustomer,), viewer=self.user),
            back=self.object.get_absolute_url(),
            **kwargs,
        )


class NeedAddView(ObjectFormView):
    """Add a need of a customer."""

    model = Customer
    permission_required = EDIT
    form_class = NewNeedForm
    title = gettext_lazy("New development need")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": Need()}

    def get_cancel_url(self) -> str:
        return reverse("carecontent:tab", args=[self.object.pk])

    def perform(self, form: Any) -> Need:
        noticed = form.cleaned_data["noticed_on"]
        return need_add(need=form.instance, customer=self.object, user=self.user, noticed_on=noticed)


class NeedEditView(NeedMixin, ObjectFormView):
    undoable = True
    form_class = NeedForm
    title = gettext_lazy("Change the development need")

    def perform(self, form: Any) -> Need:
        return need_change(need=form.instance)


class NeedShareView(NeedMixin, ObjectFormView):
    removed_by = "carecontent:need_unshare"
    form_class = ShareForm
    title = gettext_lazy("Another customer has the need")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def perform(self, form: Any) -> Need:
        data = form.cleaned_data
        self.row = need_share(need=self.object, customer=data["customer"], noticed_on=data["noticed_on"])
        return self.row.need

    def get_undo_row(self) -> NeedCustomer:
        return self.row


class NeedUnshareView(ActionView):
    added_again = ("carecontent:need_share",)
    model = NeedCustomer
    permission_required = "carecontent.edit_row"
    submit_label = gettext_lazy("Remove")

    @property
    def success_message(self) -> str:
        return _("%(customer)s has the need no more.") % {"customer": self.object.customer}

    @property
    def question(self) -> str:
        return _("Does %(customer)s not have the need?") % {"customer": self.object.customer}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("customer", "need")

    def get_again_args(self) -> list[Any]:
        return [self.object.need_id]

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"customer": [str(self.object.customer_id)], "noticed_on": [self.object.noticed_on.isoformat()]}

    def perform(self) -> None:
        need_unshare(row=self.object)


class NeedDeclineView(NeedMixin, ObjectFormView):
    opposite = "carecontent:need_reopen"
    form_class = WhyForm
    title = gettext_lazy("Decline the need")
    submit_label = gettext_lazy("Decline")
    success_message = gettext_lazy("The need was declined. It is kept with the reason.")

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"reason": [_("Undone")]}

    def perform(self, form: Any) -> Need:
        return need_decline(need=self.object, user=self.user, reason=form.cleaned_data["reason"])


class NeedReopenView(NeedMixin, ObjectFormView):
    opposite = "carecontent:need_decline"
    form_class = WhyForm
    title = gettext_lazy("Take the need up again")
    submit_label = gettext_lazy("Take up again")
    success_message = gettext_lazy("The need is open again.")

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"reason": [self.object.reason or _("Undone")]}

    def perform(self, form: Any) -> Need:
        return need_reopen(need=self.object, user=self.user, reason=form.cleaned_data["reason"])


class ChoosingMixin(NeedMixin):
    user: Any
    object: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"need": self.object, "user": self.user}


class NeedJoinView(ChoosingMixin, ObjectFormView):
    """Join the need to another one, which gets its customers."""

    form_class = JoinForm
    title = gettext_lazy("Join to another need")
    submit_label = gettext_lazy("Join")
    success_message = gettext_lazy("The needs were joined.")

    def perform(self, form: Any) -> Need:
        return need_join(need=self.object, into=form.cleaned_data["into"], user=self.user)


class NeedLeadView(ChoosingMixin, ObjectFormView):
    form_class = LeadForm
    title = gettext_lazy("Make a lead of the need")
    submit_label = gettext_lazy("Make a lead")
    success_message = gettext_lazy("The need became a lead.")

    def perform(self, form: Any) -> Any:
        return need_to_lead(need=self.object, customer=form.cleaned_data["customer"], user=self.user)


class NeedOfferView(ChoosingMixin, ObjectFormView):
    form_class = OfferForm
    title = gettext_lazy("The need became an offer")
    success_message = gettext_lazy("The offer was noted.")

    def perform(self, form: Any) -> Need:
        return need_to_offer(need=self.object, offer=form.cleaned_data["offer"], user=self.user)
