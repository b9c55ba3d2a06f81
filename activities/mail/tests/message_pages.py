"""Helpers of the tests of the pages of messages."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from activities.log.models import Activity
from activities.mail.models import EmailMessage

HTMX = {"HX-Request": "true"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def text(response):
    return response.content.decode()


def compose_url(**query):
    return reverse("mail:compose", query=query)


def content(*to, **changes):
    body = {"subject": "Tarjous", "body": "<div>Hei</div>", "body-format": "html", "language": "fi"}
    return {"to": [value if isinstance(value, str) else f"contact:{value.pk}" for value in to], **body, **changes}


def written():
    return EmailMessage.objects.count(), Activity.objects.count()


# The API


def letter(*to, **changes):
    return {"to": list(to), "subject": "Tarjous", "body": "<p>Hei</p>", **changes}
