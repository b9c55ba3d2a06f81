"""Help for the tests of offers' pages."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, *args, **query):
    app = {"accept": "orders", "line_new": "products"}.get(name, "offers")
    return reverse(f"{app}:{name}", args=[getattr(arg, "pk", arg) for arg in args], query=query or None)


def text(response):
    return response.content.decode()


def row(key, **values):
    """The fields of one row of lines."""
    filled = {"kind": "free", "quantity": "1", "vat_rate": "25,5", **values}
    return {"line": [str(key)], **{f"line-{key}-{name}": value for name, value in filled.items()}}


def content(customer, owner, /, *rows, **changes):
    """What the form sends; the rows in their order."""
    lines = {name: value for row in rows for name, value in row.items() if name != "line"}
    return {
        "customer": customer.pk, "title": "Esimiesvalmennus", "owner": owner.pk, "language": "fi",
        "date": "1.3.2026", "valid_until": "31.3.2026", "line": [row["line"][0] for row in rows], **lines, **changes,
    }  # fmt: skip
