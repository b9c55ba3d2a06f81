"""Offers: the list, an offer's page with its tabs, and the editor that adds, changes and copies."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.generic import View

from activities.log.forms.status import FollowUpRows
from activities.log.models import Activity
from core import registry
from core.actions import Action
from core.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf, DocumentsTab
from core.forms import OnceFormMixin
from core.grouping import by_month
from core.history import status_history_of
from core.list_views import TabbedListView
from core.numbers import parse_id
from core.parameters import RowField, TextField, visible
from core.people import rank_people
from core.permissions import PermissionMixin, allowed
from core.tables import Table
from core.tabs import TabView
from core.views import ObjectFormView, ServiceFormView, VisibleObjectMixin, redirect, safe_next_url
from customers.groupings import by_segment, by_user
from customers.models import Contact, Customer
from customers.selectors.contacts import first_contact_id
from offers.offers.acting import mark_offers
from offers.offers.content import LANGUAGES
from offers.offers.enums import UNDECIDED
from offers.offers.filters import OFFER_TABS, OfferFilter
from offers.offers.forms.offers import CopyForm, OfferChangeForm, OfferForm, TextsForm
from offers.offers.models import Approval, Offer, OfferActivity, OfferLine, OfferLink, OfferType
from offers.offers.selectors import activities_of, came_from, own_open, owner_for, texts_in
from offers.offers.services.offers import offer_change, offer_copy, offer_create
from offers.offers.steps import head_steps
from offers.offers.tables import OFFER_TABLE, TAB_TABLES
from offers.products.money import totals
from offers.products.reductions import DEFINITION, reductions_of

PLACE = "offer"
CHANGES = 20
LISTED = ("customer", "contact", "owner", "type", "lost_reason")


class OfferListView(TabbedListView):
    model = Offer
    filterset_class = OfferFilter
    title = gettext_lazy("Offers")
    permission_required = "offers.view_offer"
    inline_place = "offer"
    empty = {
        "title": gettext_lazy("No offers here."),
        "text": gettext_lazy("Make an offer from a lead, on the customer's page or here."),
    }
    main_filters = ("owner", "status", "type", "customer", "warning", "group", "date_from", "customer_state")
    primary_action = Action(gettext_lazy("New offer"), "offers:create", dialog=True, rule="offers.add_offer")
    bulk_place = "offers"
    groupings = (
        by_user("owner", "owner", gettext_lazy("Account manager")),
        by_segment("customer__"),
        by_month("date", "date", gettext_lazy("Month")),
    )
    list_tabs: ClassVar[dict[str, Any]] = {
        "mine": pgettext_lazy("tab of offers", "Mine"),
        "open": pgettext_lazy("tab of offers", "Open"),
        "decided": pgettext_lazy("tab of offers", "Decided"),
        "all": gettext_lazy("All"),
    }

    def default_tab(self) -> str:
        """Return the default tab: open offers for users who write no offers."""
        return "mine" if allowed(self.user, "offers.add_offer") else "open"

    @property
    def table(self) -> Table:  # type: ignore[override]
        return TAB_TABLES.get(self.tab, OFFER_TABLE)

    def get_queryset(self) -> QuerySet[Any]:
        user = self.user
        return Offer.objects.visible_to(user).select_related(*LISTED).filter(OFFER_TABS[self.tab](user))

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        return {"mine": own_open(self.user)}

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        mark_offers(self.user, rows)
        return rows


class OfferMixin(VisibleObjectMixin):
    """A page about one offer that the user can see, with the data of its head."""

    model = Offer
    permission_required = "offers.view_offer"

    def get_queryset(self) -> QuerySet[Any]:
        names = ("customer", "contact", "owner", "type", "created_by", "lost_reason", "copied_from", "order")
        return super().get_queryset().select_related(*names)


class OfferTabView(OfferMixin, TabView):
    template_name = "offers/offers/page.html"
    place = PLACE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_edit=allowed(self.user, "offers.edit_offer", self.object), **kwargs)

    def get_page_context(self) -> dict[str, Any]:
        offer, user = self.object, self.user
        mark_offers(user, [offer])
        return {
            **super().get_page_context(),
            "title": f"{offer.number} {offer.title}",
            "may_copy": allowed(user, "offers.add_offer"),
            "steps": head_steps(offer, user),
        }


class OverviewView(OfferTabView):
    tab = "overview"
    content_template = "offers/offers/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        offer, user = self.object, self.user
        lines = list(offer.lines.select_related("unit", "product", "content_owner"))
        for line, reduction in zip(lines, reductions_of(lines, offer.date), strict=True):
            line.reduction = reduction
        return {
            "lines": lines,
            "reduction_definition": DEFINITION if any(line.reduction.is_shown for line in lines) else "",
            "totals": totals((line.net, line.vat_rate) for line in lines if not line.is_heading),
            **registry.placed_panels(PLACE, user, offer),
            "changes": offer.status_changes.select_related("user")[:CHANGES],
            "came_from": came_from(user, offer),
        }


class ActivitiesView(OfferTabView):
    """What belongs to the offer, and one line that adds the next step."""

    tab = "activities"
    content_template = "offers/offers/activities.html"

    def get_tab_context(self) -> dict[str, Any]:
        offer, user = self.object, self.user
        may_log = allowed(user, "offers.log_for_offer", offer)
        [row] = FollowUpRows(None, user=user, has_customer=True, shown=1)
        rank_people(row, user)
        return {
            "activities": activities_of(user, offer),
            "quick": row if may_log else None,
            "once": OnceFormMixin(),
            "may_link": may_log,
            "came_from_pk": offer.came_from_id,
        }


class OfferDocuments(DocumentsOf):
    model = Offer
    permission_required = "offers.attach_to_offer"
    tab_url = "offers:documents"


class DocumentsView(DocumentsTab, OfferTabView):
    documents = OfferDocuments


class OfferDocumentAddView(OfferDocuments, DocumentAddView):
    pass


class OfferDocumentRemoveView(OfferDocuments, DocumentRemoveView):
    pass


class HistoryView(OfferTabView):
    """Changes of the offer, its lines, approvals, links and activities, and the reasons of its statuses."""

    tab = "history"
    content_template = "generic/history.html#history"

    def get_tab_context(self) -> dict[str, Any]:
        models = (OfferLine, Approval, OfferLink, OfferActivity)
        return {"entries": status_history_of(self.object, models, viewer=self.user)}


class LinesFormMixin:
    """A form with lines: its buttons named ``line-do`` change the rows and return the form as typed."""

    request: HttpRequest

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "line-do" not in request.POST:
            return super().post(request, *args, **kwargs)  # type: ignore[misc]
        form = self.get_form()  # type: ignore[attr-defined]
        form.stay(request.POST["line-do"])
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined]


class OfferCreateView(LinesFormMixin, ServiceFormView):
    """A new offer. Without ``?type=`` the types are listed; ``?customer=``, ``?contact=``, ``?activity=`` fill it."""

    template_name = "offers/offers/form.html"
    form_class = OfferForm
    permission_required = "offers.add_offer"
    parameters = {
        "type": RowField(lambda _user: OfferType.objects.all(), key="code"),
        "activity": visible(Activity),
        "customer": visible(Customer),
        "contact": visible(Contact),
        "next": TextField(),
    }
    submit_label = gettext_lazy("Save offer")
    success_message = gettext_lazy("The offer was saved.")

    @cached_property
    def type(self) -> OfferType | None:
        code = self.request.GET.get("type", "")
        return OfferType.objects.filter(code=code, retired_at__isnull=True).first()

    @property
    def title(self) -> str:
        return pgettext("title", "New offer: %(type)s") % {"type": self.type}

    @cached_property
    def came_from(self) -> Activity | None:
        """Return the lead or activity that the URL names."""
        pk = parse_id(self.request.GET.get("activity"))
        return Activity.objects.visible_to(self.user).filter(pk=pk).first() if pk else None

    @cached_property
    def customer(self) -> Customer | None:
        """Return the customer that the URL names, else the activity's."""
        pk = parse_id(self.request.GET.get("customer")) or (self.came_from and self.came_from.customer_id)
        return Customer.objects.visible_to(self.user).filter(pk=pk).first() if pk else None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._type_buttons() if self.type is None else super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.type is None:
            raise Http404
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user, "type": self.type, "came_from": self.came_from}

    def get_initial(self) -> dict[str, Any]:
        language = self.customer.language if self.customer and self.customer.language in LANGUAGES else LANGUAGES[0]
        assert self.type is not None  # noqa: S101 - dispatch has answered 404, get the types
        texts = {"intro": self.type.intro_in(language), "terms": self.type.terms_in(language)}
        initial = {"language": language, "owner": owner_for(self.user, self.customer).pk, **texts}
        if self.customer:
            initial |= {"customer": self.customer.pk, "contact": self._contact_id()}
        if self.came_from:
            estimate = getattr(getattr(self.came_from, "lead", None), "value", None)
            initial |= {"title": self.came_from.title, "estimate": estimate}
        return initial

    def _contact_id(self) -> int | None:
        """Return the contact that the URL names, else the activity's first one, else the one who comes first."""
        chosen = parse_id(self.request.GET.get("contact"))
        contacts = Contact.objects.visible_to(self.user)
        if chosen is None and self.came_from:
            contacts = contacts.filter(activity_contacts__activity=self.came_from)
        elif chosen is None:
            return first_contact_id(self.user, self.customer)
        contact = contacts.filter(**({"pk": chosen} if chosen else {}), positions__customer=self.customer).first()
        return contact.pk if contact else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query.pop("type", None)
        types_url = f"{self.request.path}?{query.urlencode()}"
        return super().get_context_data(type=self.type, types_url=types_url, came_from=self.came_from, **kwargs)

    def get_cancel_url(self) -> str:
        """Return to the page that opened the form, such as the board, else the lead or activity, else the list."""
        back = safe_next_url(self.request, self.request.GET.get("next", ""))
        return back or (str(self.came_from.get_absolute_url()) if self.came_from else reverse("offers:list"))

    def perform(self, form: OfferForm) -> Offer:
        return offer_create(offer=form.offer(), user=self.user, lines=form.lines)

    def _type_buttons(self) -> HttpResponse:
        in_dialog = self.htmx.target == "dialog"
        context = {
            "title": pgettext("title", "New offer"),
            "in_dialog": in_dialog,
            "types": OfferType.objects.filter(retired_at__isnull=True),
            "query": self.request.GET.urlencode(),
        }
        name = "offers/offers/types.html"
        return render(self.request, f"{name}#form" if in_dialog else name, context)


class OfferChangeView(LinesFormMixin, OfferMixin, ObjectFormView):
    """Change an undecided offer. If it is decided meanwhile, the form comes back with the reason."""

    template_name = "offers/offers/form.html"
    form_class = OfferChangeForm
    permission_required = "offers.decide_offer"
    success_message = gettext_lazy("The offer was changed.")
    undoable = True

    @property
    def title(self) -> str:
        return _("Change offer %(number)s") % {"number": self.object.number}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.status not in UNDECIDED:
            messages.error(request, _("A decided offer cannot be changed. Copy it into a new offer."))
            return redirect(request, self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user, "type": self.object.type}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(type=self.object.type, offer=self.object, **kwargs)

    def perform(self, form: OfferChangeForm) -> Offer:
        lines = None if form.rows is None else form.lines
        return offer_change(offer=self.object, user=self.user, changes=form.changes(), lines=lines)


class OfferCopyView(OfferMixin, ObjectFormView):
    """Create a new offer dated today with the content of this one."""

    form_class = CopyForm
    permission_required = "offers.add_offer"
    submit_label = gettext_lazy("Create copy")
    success_message = gettext_lazy("The offer was copied. Check the prices and dates of the copy.")

    @property
    def title(self) -> str:
        return _("Copy offer %(number)s") % {"number": self.object.number}

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"user": self.user}
        initial = {"customer": kwargs["instance"].customer_id, "contact": kwargs["instance"].contact_id}
        return kwargs | {"instance": Offer(), "initial": initial}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=_("Products get today's prices and VAT rates."), **kwargs)

    def perform(self, form: CopyForm) -> Offer:
        to = {name: form.cleaned_data[name] for name in ("customer", "contact")}
        return offer_copy(offer=self.object, user=self.user, **to)


class ContactFieldView(PermissionMixin, View):
    """The contacts to choose from, after a change of customer in a form."""

    permission_required = "offers.view_offer"
    parameters = {"customer": visible(Customer)}

    def get(self, request: HttpRequest) -> HttpResponse:
        form = CopyForm(user=self.user, initial={"customer": parse_id(request.GET.get("customer"))})
        return render(request, "offers/offers/form.html#contact", {"form": form})


class TextsView(PermissionMixin, View):
    """The opening text and terms in the chosen language; texts that the user wrote stay."""

    permission_required = "offers.view_offer"
    parameters = {"of": RowField(lambda _user: OfferType.objects.all())}

    def post(self, request: HttpRequest) -> HttpResponse:
        data = {name: request.POST.get(name, "").replace("\x00", "") for name in ("language", "intro", "terms")}
        type = OfferType.objects.filter(pk=parse_id(request.GET.get("of")) or 0).first()
        texts = texts_in(type, data["language"], data["intro"], data["terms"]) if type else data
        form = TextsForm(initial=texts)
        return render(request, "offers/offers/form.html#texts", {"text_fields": list(form), "type": type})
