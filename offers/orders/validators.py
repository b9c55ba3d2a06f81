"""Rules of billing details that form and serializer share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from offers.orders.models import BillingDetails

ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{1,34}")


def check_billing(data: Mapping[str, Any], kept: BillingDetails | None = None) -> dict[str, str]:
    """Return what is wrong with an e-invoice address and its operator, by field."""
    found: dict[str, str] = {}
    values = {name: data.get(name, getattr(kept, name, "")) for name in ("einvoice_address", "einvoice_operator")}
    for name, value in values.items():
        if value and not ADDRESS.fullmatch(value):
            found[name] = _(
                "Use only letters, digits, hyphens, colons and full stops: at most 35 characters, no spaces."
            )
    if values["einvoice_address"] and not values["einvoice_operator"]:
        found["einvoice_operator"] = _("Give the operator of the e-invoice address.")
    return found
