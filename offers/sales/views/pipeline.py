"""The pipeline: board, table and forecast with the same filters, and moves from one column to another."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from django.views.generic import TemplateView, View
from django_htmx.http import trigger_client_event

from activities.log.models import Activity
from core.actions import Action, ActionsMixin
from core.exceptions import BusinessRuleError
from core.list_views import FilteredListView, menu_response, refuse_unread
from core.parameters import OneOfField, TextField
from core.permissions import PermissionMixin, allowed
from core.views import VisibleObjectMixin, safe_next_url
from offers.offers.acting import mark_offers
from offers.offers.filters import OpenOfferFilter
from offers.offers.models import Offer
from offers.sales.board import Card, cards_of, lead_move_url, offer_move_url
from offers.sales.charts import forecast_chart
from offers.sales.filters import PipelineLeadFilter
from offers.sales.selectors.pipeline import (
    COLUMNS,
    LEAD,
    RECENT_DAYS,
    Column,
    Sums,
    board,
    board_column,
    board_leads,
    board_offers,
    forecast,
    has_own,
    pipeline_offers,
    sums_of,
)
from offers.sales.tables import PIPELINE_TABLE

#: The address of the board with everyone's cards.
EVERYONE = "everyone"
LEADS = ngettext_lazy("%(number)d lead", "%(number)d leads", "number")
OFFERS = ngettext_lazy("%(number)d open offer", "%(number)d open offers", "number")
TABS: dict[str, Any] = {
    "pipeline": gettext_lazy("Board"),
    "pipeline_table": gettext_lazy("Table"),
    "pipeline_forecast": gettext_lazy("Forecast"),
}


class PipelineMixin(ActionsMixin, PermissionMixin):
    """The shared parts of the three pages of the pipeline: filters, kept from tab to tab, and actions."""

    permission_required = "offers.view_offer"
    tab = ""
    main_filters: tuple[str, ...] = ("mine", "owner", "team", "type", "group", "warning")
    primary_action = Action(gettext_lazy("New offer"), "offers:create", dialog=True, rule="offers.add_offer")
    secondary_actions = (Action(gettext_lazy("Reports"), "sales:reports", icon="chart-bar"),)

    def get_list_tabs(self) -> list[dict[str, Any]]:
        query = {name: value for name, value in self.request.GET.items() if name in OpenOfferFilter.base_filters}
        end = f"?{urlencode(query)}" if query else ""
        return [
            {"name": name, "label": label, "url": reverse(f"sales:{name}") + end, "active": name == self.tab}
            for name, label in TABS.items()
        ]


class PipelineView(PipelineMixin, TemplateView):
    """A page of the pipeline that is not a list: the whole page, or the part below the filters."""

    title = gettext_lazy("Pipeline")
    parameters = None  # they are checked with the filters

    def own_parameters(self) -> dict[str, forms.Field]:
        """Return the parameters of the page besides its filters."""
        return {"menus": OneOfField("whole")}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.filterset = self.get_filterset()
        if "options" in request.GET:
            return menu_response(self.filterset, request)
        refuse_unread(self.filterset, self.own_parameters(), request)
        response = super().get(request, *args, **kwargs)
        if self.filterset.errors:
            response.status_code = 422 if self.htmx else 400  # htmx shows the content of 422 only
        response["Vary"] = "HX-Request, HX-Target"
        return response

    def get_filterset(self) -> OpenOfferFilter:
        return OpenOfferFilter(self.query, queryset=self.get_queryset(), request=self.request)

    def get_queryset(self) -> QuerySet[Offer]:
        return pipeline_offers(self.user)

    @property
    def query(self) -> QueryDict:
        """Return the parameters that the page is filtered by."""
        return self.request.GET

    def get_template_names(self) -> list[str]:
        is_fragment = self.htmx.target == "list"
        return [f"{self.template_name}#list" if is_fragment else str(self.template_name)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_folded = self.request.GET.get("menus") != "whole"
        query = self.query.copy()
        query["menus"] = "whole"
        active = self.filterset.active()
        if is_folded:
            self.filterset.fold_menus()
        return super().get_context_data(
            title=self.title,
            filter=self.filterset,
            active_filters=active,
            main_filters=self.main_filters,
            menus_url=f"?{query.urlencode()}" if is_folded else "",
            list_tabs=self.get_list_tabs(),
            primary_action=self.get_primary_action(),
            secondary_actions=self.get_secondary_actions(),
            **{"clear_url": self.request.path, **kwargs},
        )


class BoardView(PipelineView):
    """Leads and offers as cards in the columns of their stages. ``?column=`` gives one column after ``?after=``.

    Without a filter the board opens on the user's own cards, if there are any; ``?tab=everyone`` shows all.
    """

    template_name = "sales/pipeline/board.html"
    tab = "pipeline"

    def get_queryset(self) -> QuerySet[Offer]:
        return board_offers(self.user)

    @cached_property
    def query(self) -> QueryDict:
        """Return the parameters of the address, with those of the view that the board opens on."""
        query = self.request.GET
        is_bare = not any(name in query for name in (*OpenOfferFilter.base_filters, "tab", "options", "column"))
        if not (is_bare and has_own(self.user)):
            return query
        opened = query.copy()
        opened["tab"], opened["mine"] = EVERYONE, "true"
        return opened

    @property
    def leads(self) -> QuerySet[Activity]:
        leads = board_leads(self.user)
        filtered: QuerySet[Activity] = PipelineLeadFilter(self.query, queryset=leads, request=self.request).qs
        return filtered

    def own_parameters(self) -> dict[str, forms.Field]:
        one = {"after": TextField()} if self.requested_column else {}
        return super().own_parameters() | {"column": OneOfField(*COLUMNS), "tab": OneOfField(EVERYONE)} | one

    @property
    def requested_column(self) -> str:
        name = self.request.GET.get("column", "")
        return name if name in COLUMNS else ""

    def get_template_names(self) -> list[str]:
        is_more = self.requested_column and self.htmx
        return ["sales/pipeline/cards.html"] if is_more else super().get_template_names()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.requested_column:
            after = self.request.GET.get("after", "")
            columns = [board_column(self.requested_column, self.filterset.qs, self.leads, after=after)]
        else:
            columns = board(self.filterset.qs, self.leads)
        cards = cards_of(columns, self.user)
        shown = [self._column_context(column, cards[column.name]) for column in columns]
        return super().get_context_data(
            columns=shown,
            column=shown[0],
            is_whole=not self.requested_column,
            count_label="" if self.requested_column else self._count_label(columns),
            recent_days=RECENT_DAYS,
            opens_own="mine" in self.query and "mine" not in self.request.GET,
            clear_url=f"{self.request.path}?tab={EVERYONE}",
            **kwargs,
        )

    def _count_label(self, columns: list[Column]) -> str:
        """Return how many cards the open columns have, as their heads say, and the people they belong to."""
        offers = [column.sums for column in columns if column.is_open]
        leads = [column.sums for column in columns if column.name == LEAD]
        cards = ", ".join([_counted(LEADS, leads), _counted(OFFERS, offers)])
        if self.query.get("mine"):
            return _("Your own: %(cards)s") % {"cards": cards}
        is_filtered = any(self.query.get(name) for name in OpenOfferFilter.base_filters)
        return cards if is_filtered else _("Everyone's: %(cards)s") % {"cards": cards}

    def _column_context(self, column: Any, cards: list[Card]) -> dict[str, Any]:
        query = self.query.copy()
        query["column"], query["after"] = column.name, column.next
        more = f"{self.request.path}?{query.urlencode()}" if column.next else ""
        return {"column": column, "cards": cards, "more_url": more}


class PipelineTableView(PipelineMixin, FilteredListView):
    model = Offer
    filterset_class = OpenOfferFilter
    table = PIPELINE_TABLE
    bulk_place = "offers"
    template_name = "sales/pipeline/table.html"
    title = gettext_lazy("Pipeline")
    tab = "pipeline_table"
    empty = {
        "title": gettext_lazy("No open offers here."),
        "text": gettext_lazy(
            "Offers that await the customer's decision are listed here, longest at their stage first."
        ),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return pipeline_offers(self.user)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        mark_offers(self.user, rows)
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sums = sums_of(kwargs["filterset"].qs)
        return super().get_context_data(sums=sums, **kwargs)


class ForecastView(PipelineView):
    """The expected value of open offers by month, as a table and as a chart of it."""

    template_name = "sales/pipeline/forecast.html"
    tab = "pipeline_forecast"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        by_month = forecast(self.filterset.qs)
        count_label = _counted(OFFERS, [by_month.total])
        chart = forecast_chart(by_month)
        return super().get_context_data(forecast=by_month, chart=chart, count_label=count_label, **kwargs)


class MoveView(VisibleObjectMixin, View):
    """Redirect a card that is dropped on the column ``?to=`` to the form that makes the move, shown in the dialog.

    Show the reason when the rules refuse the move; the card then returns to its column.
    """

    parameters = {"to": TextField(), "next": TextField()}

    def page(self, user: Any, item: Any, to: str) -> str:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            url = self.page(self.user, self.object, request.GET.get("to", ""))
        except BusinessRuleError as error:
            return self.refuse(str(error))
        next_url = safe_next_url(request, request.GET.get("next", "")) or reverse("sales:pipeline")
        return HttpResponseRedirect(f"{url}{'&' if '?' in url else '?'}{urlencode({'next': next_url})}")

    def refuse(self, text: str) -> HttpResponse:
        if not self.htmx:
            messages.error(self.request, text)
            return HttpResponseRedirect(reverse("sales:pipeline"))
        response = HttpResponse(status=204)
        trigger_client_event(response, "toast", {"text": text, "level": "danger"})
        return trigger_client_event(response, "board:refused", {})


class OfferMoveView(MoveView):
    model = Offer
    permission_required = "offers.decide_offer"

    def page(self, user: Any, item: Offer, to: str) -> str:
        return offer_move_url(item, to)


class LeadMoveView(MoveView):
    model = Activity
    permission_required = "activities.view_activity"

    def get_queryset(self) -> QuerySet[Any]:
        return board_leads(self.user)

    def page(self, user: Any, item: Activity, to: str) -> str:
        url, rule = lead_move_url(item, to)
        if not allowed(user, rule, item if rule.startswith(("activities.", "leads.")) else None):
            raise PermissionDenied
        return url


def _counted(words: Any, sums: list[Sums]) -> str:
    """Return the number of cards that are counted with their words."""
    count = sum(one.count for one in sums)
    number = number_format(count, use_l10n=True, force_grouping=True) + "+" * any(one.is_more for one in sums)
    return str(words % {"number": count}).replace(str(count), number, 1)
