"""Orders of the lists of messages and templates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tables import Column, Table

EMAIL_TABLE = Table([Column("id", _("Number"), sort="pk")], default_sort="-id")
EMAIL_TEMPLATE_TABLE = Table([Column("name", _("Name"), sort="name")], default_sort="name")
