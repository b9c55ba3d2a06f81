"""Bulk operations: chosen customers or contacts as a file."""

from core.bulk.export import ExportOperation
from customers.models import Contact, Customer


class ExportCustomers(ExportOperation):
    name, place, model = "customers.export", "customers", Customer
    list_url_name, permission = "customers:list", "customers.view_customer"


class ExportContacts(ExportOperation):
    name, place, model = "contacts.export", "contacts", Contact
    list_url_name, permission = "customers:contacts", "customers.view_contact"
