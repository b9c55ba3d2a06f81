"""Services of customers, contacts and the classification tree."""

from customers.services.customers import customer_change, customer_create
from customers.services.details import addresses_set, numbers_set
from customers.services.passive import contacts_hidden_refresh, customer_set_active, customer_set_passive
from customers.services.responsibilities import (
    Handover,
    customers_hand_over,
    owner_change,
    owners_change,
    responsibility_add,
    responsibility_end,
)
from customers.services.summaries import summaries_refresh

__all__ = [
    "Handover",
    "addresses_set",
    "contacts_hidden_refresh",
    "customer_change",
    "customer_create",
    "customer_set_active",
    "customer_set_passive",
    "customers_hand_over",
    "numbers_set",
    "owner_change",
    "owners_change",
    "responsibility_add",
    "responsibility_end",
    "summaries_refresh",
]
