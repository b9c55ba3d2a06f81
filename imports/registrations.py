"""Navigation, commands and import kinds of the app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.first_steps import FirstStep
from core.import_kinds import Kind
from core.registry import Command, NavItem, Panel
from imports.enums import ImportKind
from imports.models import ImportRun, RowAssignment
from imports.pipeline import (
    absences,
    charges,
    contact_fields,
    contacts,
    customer_fields,
    customers,
    memberships,
    metrics,
    offers,
    products,
    users,
)
from offers.orders.enums import ImportedStage

VIEW = "imports.view_import"
KEYWORDS = "import csv excel tuonti tuo"

NAV = (
    NavItem(
        name="imports",
        label=_("Imports"),
        url_name="imports:list",
        permission=VIEW,
        icon="database-import",
        section="admin",
        order=90,
    ),
)

PANELS = (
    Panel(
        place="start",
        name="start_imports",
        label=_("Imports"),
        url_name="imports:start_imports",
        permission=VIEW,
        order=71,
    ),
)

COMMANDS = (
    Command(
        name="imports",
        label=_("Imports"),
        url_name="imports:list",
        permission=VIEW,
        icon="database-import",
        keywords=KEYWORDS,
    ),
    Command(
        name="import_new",
        label=_("New import"),
        url_name="imports:new",
        permission=VIEW,
        icon="database-import",
        keywords=KEYWORDS,
    ),
    Command(
        name="import_held",
        label=_("Rows to review"),
        url_name="imports:held",
        permission=VIEW,
        icon="database-import",
        keywords=KEYWORDS,
    ),
)

CUSTOMER_COLUMNS = ("customer", "customer_number", "customer_business_id")

CUSTOMERS = Kind(
    name=ImportKind.CUSTOMERS.value,
    label=ImportKind.CUSTOMERS.label,
    handler=customers.CustomerHandler,
    fixed_fields=[*customer_fields.FIELDS, *customer_fields.ADDRESS_FIELDS],
    changing_fields=customer_fields.changing_fields,
    needed=[("name", "business_id", "number")],
    prefixes=("organization", "organisation", "organisaatio", "company", "account", "yritys", "företag", "konto"),
    page="customers:detail",
    order=10,
)
CONTACTS = Kind(
    name=ImportKind.CONTACTS.value,
    label=ImportKind.CONTACTS.label,
    handler=contacts.ContactHandler,
    fixed_fields=contact_fields.FIELDS,
    needed=[("full_name", "last_name"), CUSTOMER_COLUMNS],
    prefixes=("person", "contact", "henkilö", "yhteyshenkilö", "kontakt", "kontaktperson"),
    page="customers:contact",
    order=20,
)
USERS = Kind(
    name=ImportKind.USERS.value,
    label=ImportKind.USERS.label,
    handler=users.UserHandler,
    fixed_fields=users.FIELDS,
    needed=[("full_name", "last_name", "username", "email")],
    page="accounts:detail",
    permission="accounts.manage_users",
    order=30,
)
PRODUCTS = Kind(
    name=ImportKind.PRODUCTS.value,
    label=ImportKind.PRODUCTS.label,
    handler=products.ProductHandler,
    fixed_fields=products.FIELDS,
    needed=[("product_code", "name_fi")],
    page="products:detail",
    order=40,
)
OFFERS = Kind(
    name=ImportKind.OFFERS.value,
    label=ImportKind.OFFERS.label,
    handler=offers.OfferHandler,
    fixed_fields=offers.FIELDS,
    needed=[("offer_number",), CUSTOMER_COLUMNS],
    required=("stage", "account_manager"),
    page="offers:detail",
    stages=(*ImportedStage.values, ""),  # the last is that of rows without a known stage
    order=50,
)

MEMBERSHIPS = Kind(
    name=ImportKind.MEMBERSHIPS.value,
    label=ImportKind.MEMBERSHIPS.label,
    handler=memberships.MembershipHandler,
    fixed_fields=memberships.FIELDS,
    needed=[CUSTOMER_COLUMNS],
    required=("segment_code", "segment_from"),
    page="membership:tab",
    permission="membership.import_history",
    order=55,
)
METRIC_VALUES = Kind(
    name=ImportKind.METRICS.value,
    label=ImportKind.METRICS.label,
    handler=metrics.MetricHandler,
    fixed_fields=metrics.FIELDS,
    needed=[CUSTOMER_COLUMNS],
    required=("metric", "metric_value"),
    page="metrics:customer_tab",
    order=60,
)
ORDER_COSTS = Kind(
    name=ImportKind.ORDER_COSTS.value,
    label=ImportKind.ORDER_COSTS.label,
    handler=metrics.OrderCostHandler,
    fixed_fields=metrics.COST_FIELDS,
    needed=[("order_number",)],
    required=("direct_cost",),
    page="orders:detail",
    permission="metrics.edit_costs",
    is_secret=True,
    order=70,
)
CHARGES = Kind(
    name=ImportKind.CHARGES.value,
    label=ImportKind.CHARGES.label,
    handler=charges.ChargeHandler,
    fixed_fields=charges.FIELDS,
    needed=[CUSTOMER_COLUMNS],
    required=("service", "charge_year", "charge_amount"),
    page="carecontent:tab",
    order=90,
)

ABSENCE_ROWS = Kind(
    name=ImportKind.ABSENCES.value,
    label=ImportKind.ABSENCES.label,
    handler=absences.AbsenceHandler,
    fixed_fields=absences.FIELDS,
    needed=[("person",)],
    required=("absence_first", "absence_last", "absence_kind"),
    page="carework:absence_edit",
    permission="carework.manage_absences",
    order=80,
)


IMPORT_KINDS = (
    CUSTOMERS, CONTACTS, USERS, PRODUCTS, OFFERS, MEMBERSHIPS, METRIC_VALUES, ORDER_COSTS, CHARGES, ABSENCE_ROWS,
)  # fmt: skip
FIRST_STEPS = (
    FirstStep(
        label=_("Import customers from a file"),
        url_name="imports:new",
        is_done=lambda user: ImportRun.objects.exists(),
        permission=VIEW,
        order=25,
    ),
)

#: The customer to whom rows of another import were assigned: that need not keep it.
FREE_REFERENCES = ((RowAssignment, "customer"),)
