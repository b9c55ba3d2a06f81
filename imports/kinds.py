"""The kinds of import that the program has."""

from __future__ import annotations

from core.import_kinds import Kind
from imports.enums import ImportKind
from imports.fields import contacts, customers, offers, products, users
from imports.pipeline.contacts import ContactHandler
from imports.pipeline.customers import CustomerHandler
from imports.pipeline.offers import OfferHandler
from imports.pipeline.products import ProductHandler
from imports.pipeline.users import UserHandler
from offers.orders.enums import ImportedStage

CUSTOMER = ("customer", "customer_number", "customer_business_id")

CUSTOMERS = Kind(
    name=ImportKind.CUSTOMERS.value,
    label=ImportKind.CUSTOMERS.label,
    handler=CustomerHandler,
    fixed_fields=[*customers.FIELDS, *customers.ADDRESS_FIELDS],
    changing_fields=customers.class_fields,
    needed=[("name", "business_id", "number")],
    page="customers:detail",
    order=10,
)
CONTACTS = Kind(
    name=ImportKind.CONTACTS.value,
    label=ImportKind.CONTACTS.label,
    handler=ContactHandler,
    fixed_fields=contacts.FIELDS,
    needed=[("full_name", "last_name"), CUSTOMER],
    page="customers:contact",
    order=20,
)
USERS = Kind(
    name=ImportKind.USERS.value,
    label=ImportKind.USERS.label,
    handler=UserHandler,
    fixed_fields=users.FIELDS,
    needed=[("full_name", "last_name", "username", "email")],
    page="accounts:detail",
    permission="accounts.manage_users",
    order=30,
)
PRODUCTS = Kind(
    name=ImportKind.PRODUCTS.value,
    label=ImportKind.PRODUCTS.label,
    handler=ProductHandler,
    fixed_fields=products.FIELDS,
    needed=[("product_code", "name_fi")],
    page="products:detail",
    order=40,
)
OFFERS = Kind(
    name=ImportKind.OFFERS.value,
    label=ImportKind.OFFERS.label,
    handler=OfferHandler,
    fixed_fields=offers.FIELDS,
    needed=[("offer_number",), CUSTOMER],
    required=("stage", "account_manager"),
    page="offers:detail",
    stages=(*ImportedStage.values, ""),  # the last is that of rows that tell none that is known
    order=50,
)

KINDS = (CUSTOMERS, CONTACTS, USERS, PRODUCTS, OFFERS)
