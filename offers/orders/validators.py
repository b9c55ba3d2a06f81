"""The validation of billing details, shared by form and serializer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from offers.orders.models import BillingDetails

ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{1,34}")


def check_billing(data: Mapping[str, Any], present: BillingDetails | None = None) -> dict[str, str]:
    """Return the errors of the e-invoice address and its operator, by field."""
    errors: dict[str, str] = {}
    values = {name: data.get(name, getattr(present, name, "")) for name in ("einvoice_address", "einvoice_operator")}
    for name, value in values.items():
        if value and not ADDRESS.fullmatch(value):
            errors[name] = _(
                "Use only letters, digits, hyphens, colons and full stops: at most 35 characters, no spaces."
            )
    if values["einvoice_address"] and not values["einvoice_operator"]:
        errors["einvoice_operator"] = _("Give the operator of the e-invoice address.")
    return errors
