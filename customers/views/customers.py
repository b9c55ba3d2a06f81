"""The customer list (the landing page) and bulk actions on customers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from core.actions import Action
from core.list_views import FilteredListView
from core.parameters import WordsField, asked_words
from core.permissions import PermissionMixin
from core.start_panels import Link
from core.tables import Table
from customers.filters import CustomerFilterSet
from customers.groupings import CUSTOMER_GROUPS
from customers.models import Customer
from customers.plugs import added_columns
from customers.segment_filters import further_schemes
from customers.selections.rows import as_page
from customers.selectors.customers import with_related
from customers.selectors.segments import with_further
from customers.services.responsibilities import Handover
from customers.tables import customers_table, fields_of, own_table, reads_further_segments
from customers.views.saving import SavesSelections

COLUMNS_KEY = "customer_columns"
OPTIONS = 20


class CustomerListView(SavesSelections, FilteredListView):
    """List active customers; the chosen columns are kept in the session."""

    model = Customer
    filterset_class = CustomerFilterSet
    title = gettext_lazy("Customers")
    permission_required = "customers.view_customer"
    bulk_place = "customers"
    inline_place = "customer"
    save_selection_of = "customers"
    main_filters = ("mine", "owner", "group", "segment", "municipality", "classification", "last_contact", "state")
    primary_action = Action(
        gettext_lazy("Add customer"),
        "customers:create",
        icon="plus",
        rule="customers.add_customer",
        takes_name="name",
    )
    groupings = CUSTOMER_GROUPS
    empty = {
        "title": gettext_lazy("No customers yet."),
        "text": gettext_lazy("Add the first one, or ask an administrator to import customers from a file."),
    }

    def standard_query(self) -> str:
        """Return the own customers for those who look after customers, not all of them, and have some."""
        is_for_own = self.user.has_perm("customers.change_own_customer")
        if not is_for_own or self.user.has_perm("customers.change_any_customer"):
            return ""
        own = Customer.objects.visible_to(self.user).active().owned_by(self.user)
        return "mine=true" if own.exists() else ""

    def get_way_out(self) -> Link | None:
        """Return the link from the own customers to all, with the search and the other filters."""
        if not self.request.GET.get("mine"):
            return None
        query = self.request.GET.copy()
        for name in ("mine", "after", "before"):
            query.pop(name, None)
        is_bare = not any(query.values())
        return Link(_("All customers"), self.get_clear_url() if is_bare else f"{self.request.path}?{query.urlencode()}")

    @property
    def table(self) -> Table:  # type: ignore[override]
        """The columns with one for each further scheme, read once for a page; those of the own customers first."""
        return own_table(self._table) if self.request.GET.get("mine") else self._table

    @cached_property
    def _table(self) -> Table:
        return customers_table(further_schemes(self.request))

    def get_export_queryset(self, queryset: Any) -> Any:
        return queryset.with_summary()

    def page_queryset(self, rows: Any) -> Any:
        rows, path = as_page(rows), self.table.order(self.sort).lstrip("-")
        return (rows.select_related("summary") if "__" in path else rows).only(path)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        customers = with_related(rows, only=fields_of(self.columns), user=self.user)
        may_act = self.user.has_perm("customers.change_any_customer")
        for customer in customers:
            customer.may_act = may_act
        shown = {column.name for column in self.columns}
        for added in added_columns():
            if added.column.name in shown:
                added.prepare(customers)
        return with_further(customers) if reads_further_segments(self.columns) else customers

    def asked_columns(self) -> list[str]:
        session = getattr(self.request, "session", {})
        columns = super().asked_columns()
        if columns and columns != session.get(COLUMNS_KEY) and "view" not in self.request.GET:
            session[COLUMNS_KEY] = columns
        return columns or list(session.get(COLUMNS_KEY, []))

    def get_export_url(self, kind: str) -> str:
        """Return the export URL with the columns, because an export job has no session."""
        url = super().get_export_url(kind)
        if "columns" in self.request.GET:
            return url
        return url + "".join(f"&columns={column.name}" for column in self.columns)


def handover_text(result: Handover, user: Any) -> str:
    """Return the outcome of a hand-over as a sentence."""
    text = ngettext(
        "%(user)s is now the owner of %(count)d customer.",
        "%(user)s is now the owner of %(count)d customers.",
        result.changed,
    ) % {"count": result.changed, "user": user}
    if result.refused:
        text += " " + ngettext(
            "%(count)d customer was not changed: another owner starts on that day or has started later.",
            "%(count)d customers were not changed: another owner starts on that day or has started later.",
            result.refused,
        ) % {"count": result.refused}
    if result.planned:
        text += " " + ngettext(
            "%(count)d of them has a later hand-over planned, which stays.",
            "%(count)d of them have a later hand-over planned, which stays.",
            result.planned,
        ) % {"count": result.planned}
    return text


class CustomerOptionsView(PermissionMixin, View):
    """Return customers for a searchable select: ``{"results": [{"id", "text", "detail"}]}``."""

    permission_required = "customers.view_customer"
    parameters = {"q": WordsField()}
    answers_scripts = True

    def get(self, request: HttpRequest) -> JsonResponse:
        text = asked_words(request)
        customers = Customer.objects.visible_to(self.user).active().select_related("municipality")
        matching = customers.best_for(text, OPTIONS) if text else []
        return JsonResponse(
            {
                "results": [
                    {"id": customer.pk, "text": customer.name, "detail": detail_of(customer)} for customer in matching
                ]
            }
        )


def detail_of(customer: Customer) -> str:
    """Return the details that distinguish customers of the same name."""
    return " · ".join(str(part) for part in (customer.business_id, customer.municipality) if part)
