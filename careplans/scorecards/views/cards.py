"""Scorecards: the list, one card, its goals and values, history, PDF, and the panel on a customer's care plan."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from careplans.scorecards.enums import CardKind
from careplans.scorecards.filters import ScorecardFilter
from careplans.scorecards.forms import CardAddForm, CardForm, LineForm, NextForm, ValuesForm
from careplans.scorecards.history import plain_events
from careplans.scorecards.models import Scorecard, ScoreLine
from careplans.scorecards.pdf import card_pdf
from careplans.scorecards.services.cards import (
    card_add,
    card_change,
    card_delete,
    is_key_customer,
    line_delete,
    line_save,
    values_enter,
)
from careplans.scorecards.showing import counts, grouped, sees_values_of, shown_lines, years_of
from careplans.scorecards.tables import SCORECARDS
from core import clock
from core.actions import Action
from core.history import Shows, status_history_of
from core.list_views import FilteredListView
from core.parameters import Parameters, visible
from core.permissions import allowed
from core.tabs import PanelMixin
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin
from customers.models import Customer

VIEW, ADD, MAKE, EDIT = (f"scorecards.{name}_card" for name in ("view", "add", "make", "edit"))


class ScorecardListView(FilteredListView):
    model = Scorecard
    filterset_class = ScorecardFilter
    table = SCORECARDS
    title = gettext_lazy("Scorecards")
    permission_required = VIEW
    main_filters = ("awaiting", "year", "kind", "status", "responsible")
    primary_action = Action(gettext_lazy("New scorecard"), "scorecards:add", icon="plus", dialog=True, rule=ADD)
    secondary_actions = (Action(gettext_lazy("Customer strategy"), "scorecards:strategy", icon="target"),)
    empty = {
        "title": gettext_lazy("No scorecards here."),
        "text": gettext_lazy("Key customers, teams and the customer strategy have one for each year."),
        "icon": "target",
    }

    def page_queryset(self, rows: Any) -> Any:
        return rows.with_subjects()

    def get_export_queryset(self, queryset: Any) -> Any:
        return queryset.with_subjects()


class CardMixin(VisibleObjectMixin):
    model = Scorecard
    permission_required = VIEW

    def get_queryset(self) -> QuerySet[Any]:
        rows = Scorecard.objects.visible_to(self.user).with_subjects()
        return rows.select_related("customer__summary", "created_by", "sent_by", "former__customer", "former__team")


class CardView(CardMixin, TemplateView):
    """A scorecard: goals by perspective with target, actual, result and the years before; its steps."""

    template_name = "scorecards/card.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        card = self.object
        lines = shown_lines(self.user, card)
        may_edit = allowed(self.user, EDIT, card)
        return super().get_context_data(
            title=str(card),
            card=card,
            groups=grouped(lines),
            counts=counts(lines),
            earlier_years=years_of(lines),
            has_comments=any(shown.line.comment for shown in lines),
            may_edit=may_edit,
            is_own=card.is_sent and self.user.pk in card.prepared_by,
            steps=steps_of(card, self.user),
            changes=card.status_changes.select_related("user"),
            primary_action=self._values() if may_edit and lines else None,
            secondary_actions=self._actions(may_edit=may_edit),
            today=clock.user_today(),
            **kwargs,
        )

    def _values(self) -> dict[str, Any]:
        url = reverse("scorecards:values", args=[self.object.pk])
        return {"label": _("Enter values"), "url": url, "icon": "pencil", "dialog": False}

    def _actions(self, *, may_edit: bool) -> list[dict[str, Any]]:
        card, may_make = self.object, allowed(self.user, MAKE, self.object)
        entries = [
            (may_edit, "edit", _("Responsible and comment"), "pencil", True),
            (may_make, "next", _("Next year's scorecard"), "calendar-plus", True),
            (True, "pdf", _("PDF"), "file-type-pdf", False),
            (True, "history", _("History"), "history", False),
            (may_edit and card.approved_at is None, "delete", _("Delete the draft"), "trash", True),
        ]
        return [
            {"label": label, "url": reverse(f"scorecards:{name}", args=[card.pk]), "icon": icon, "dialog": dialog}
            for shown, name, label, icon, dialog in entries
            if shown
        ]


#: The steps by the status: the rule, the page, its label and how the button looks.
STEPS: dict[str, list[tuple[str, str, Any, str]]] = {
    "draft": [(EDIT, "send", gettext_lazy("Send to management"), "btn-primary")],
    "sent": [
        ("scorecards.approve_card", "approve", gettext_lazy("Approve"), "btn-primary"),
        ("scorecards.return_card", "return", gettext_lazy("Back to draft"), ""),
    ],
    "approved": [("scorecards.reopen_card", "reopen", gettext_lazy("Open again"), "")],
}


def steps_of(card: Scorecard, user: Any) -> list[dict[str, Any]]:
    """Return the steps that the user may take with a card now."""
    return [
        {"label": label, "url": reverse(f"scorecards:{name}", args=[card.pk]), "css": css}
        for rule, name, label, css in STEPS[card.status]
        if allowed(user, rule, card)
    ]


class CardAddView(ServiceFormView):
    removed_by = "scorecards:delete"
    permission_required = ADD
    form_class = CardAddForm
    parameters: Parameters = {"customer": visible(Customer)}
    title = gettext_lazy("New scorecard")
    submit_label = gettext_lazy("Make a draft")
    success_message = gettext_lazy("The draft was made. Add its goals, then send it to management.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_initial(self) -> dict[str, Any]:
        """Begin with the customer that the address names, if it may have a scorecard."""
        asked = self.request.GET.get("customer", "")
        return {"kind": CardKind.CUSTOMER, **({"customer": asked} if asked.isdecimal() else {})}

    def get_cancel_url(self) -> str:
        return reverse("scorecards:list")

    def perform(self, form: Any) -> Scorecard:
        names = ("kind", "customer", "team", "year", "responsible")
        return card_add(user=self.user, **{name: form.cleaned_data[name] for name in names})


class CardEditView(CardMixin, ObjectFormView):
    undoable = True
    permission_required = EDIT
    form_class = CardForm
    title = gettext_lazy("Responsible and comment")

    def perform(self, form: Any) -> Scorecard:
        changes = {name: form.cleaned_data[name] for name in form._meta.fields}
        return card_change(card=self.object, changes=changes, user=self.user)


class CardDeleteView(CardMixin, ActionView):
    permission_required = EDIT
    question = gettext_lazy("Delete the draft?")
    danger = True
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The draft was deleted.")

    def perform(self) -> None:
        card_delete(card=self.object)

    def get_success_url(self) -> str:
        return reverse("scorecards:list")


class CardNextView(CardMixin, ObjectFormView):
    """The scorecard of the next year, with the goals and targets of this one."""

    removed_by = "scorecards:delete"
    permission_required = MAKE
    form_class = NextForm
    title = gettext_lazy("Next year's scorecard")
    submit_label = gettext_lazy("Make a draft")
    success_message = gettext_lazy("The draft was made with the goals of the former scorecard: check the targets.")

    def get_initial(self) -> dict[str, Any]:
        return {"year": self.object.year + 1}

    def perform(self, form: Any) -> Scorecard:
        card = self.object
        about = {"kind": card.kind, "customer": card.customer, "team": card.team}
        return card_add(**about, year=form.cleaned_data["year"], user=self.user)


class CardHistoryView(CardMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Who does not see value figures does not see what happened to goals that are such ones, or were then."""
        shows: Shows = bool if sees_values_of(self.user, self.object) else plain_events(self.object)
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=status_history_of(self.object, (ScoreLine,), viewer=self.user, shows=shows),
            back=self.object.get_absolute_url(),
            **kwargs,
        )


class CardPdfView(CardMixin, TemplateView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        card, lines = self.object, shown_lines(self.user, self.object)
        about = {"groups": grouped(lines), "counts": counts(lines), "earlier_years": years_of(lines)}
        return card_pdf(str(card), card=card, **about)


# Goals and values


class LineAddView(CardMixin, ObjectFormView):
    removed_by = "scorecards:line_delete"
    permission_required = EDIT
    form_class = LineForm
    title = gettext_lazy("New goal")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "instance": ScoreLine(card=self.object), "card": self.object, "user": self.user
        }  # fmt: skip

    def perform(self, form: Any) -> ScoreLine:
        return line_save(line=form.instance, user=self.user, seen=form.cleaned_data["seen"])


class LineMixin(VisibleObjectMixin):
    """A goal of a card; who does not see value figures finds none of them."""

    model = ScoreLine
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        rows = ScoreLine.objects.visible_to(self.user)
        return rows.select_related("perspective", "card__customer__summary", "card__team")

    @property
    def object(self) -> Any:
        line = super().object
        if line.is_value and not sees_values_of(self.user, line.card):
            raise Http404
        return line

    def get_permission_object(self) -> Any:
        return self.object.card


class LineEditView(LineMixin, ObjectFormView):
    undoable = True
    form_class = LineForm
    title = gettext_lazy("Change the goal")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"card": self.object.card, "user": self.user}

    def perform(self, form: Any) -> ScoreLine:
        return line_save(line=form.instance, user=self.user, seen=form.cleaned_data["seen"])


class LineDeleteView(LineMixin, ActionView):
    added_again = ("scorecards:line_add", "scorecards:line_edit")
    danger = True
    submit_label = gettext_lazy("Remove")
    success_message = gettext_lazy("The goal was removed.")

    @property
    def question(self) -> str:
        return _("Remove the goal “%s”?") % self.object

    def get_again_args(self) -> list[Any]:
        return [self.object.card_id]

    def may_undo(self) -> bool:
        return self.object.entered is None and self.object.card.former_id is None  # the form asks neither

    def perform(self) -> None:
        line_delete(line=self.object, user=self.user)


class ValuesView(CardMixin, ObjectFormView):
    """Targets, actuals and comments of all goals at once."""

    undoable = True
    permission_required = EDIT
    form_class = ValuesForm
    template_name = "scorecards/values.html"
    title = gettext_lazy("Targets and actuals")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"card": self.object, "lines": shown_lines(self.user, self.object)}

    def perform(self, form: Any) -> Scorecard:
        return values_enter(card=self.object, values=form.values, user=self.user, seen=form.cleaned_data["seen"])


class CustomerPanel(VisibleObjectMixin, PanelMixin, TemplateView):
    """The scorecards of a customer, on its care plan."""

    model = Customer
    permission_required = "scorecards.view_panel"
    template_name = "scorecards/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.object
        cards = Scorecard.objects.visible_to(self.user).filter(customer=customer).order_by("-year")
        may_add = is_key_customer(customer) and allowed(self.user, "careplans.edit_plan", customer)
        return super().get_context_data(customer=customer, cards=cards[:6], may_add=may_add, **kwargs)
