"""Invoices as Finvoice 3.0, made from the rows of a batch only: a batch always gives the same bytes."""

from offers.orders.finvoice.files import batch_zip, invoice_xml

__all__ = ["batch_zip", "invoice_xml"]
