"""Default data: the groups of users and what their members may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib.auth.models import Permission

from accounts.models import Role
from crm.defaults import read

#: Rights that came with later versions: groups of an older installation get theirs once, at the upgrade.
EMAIL_GRANTS = frozenset({"activities.file_email", "activities.manage_email_templates", "activities.manage_mailboxes"})
OFFER_GRANTS = frozenset(
    f"offers.{name}"
    for name in (
        *("write_offers", "change_any_offer", "approve_content", "approve_price", "sign_offers", "manage_products"),
        *("manage_orders", "invoice_orders", "manage_offer_settings", "set_targets"),
    )
)


def load_roles() -> None:
    grants = _grants()
    for order, row in enumerate(read("accounts", "roles"), 1):
        role = Role.objects.create(
            name=row["code"],
            name_fi=row["name_fi"],
            name_en=row["name_en"],
            description=row.get("description", ""),
            order=order * 10,
        )
        role.permissions.set(grants[name] for name in row["grants"])


def load_grants(names: frozenset[str]) -> None:
    """Give new rights to the groups that have them by default, under the codes that they came with."""
    grants = _grants()
    for row in read("accounts", "roles"):
        role = Role.objects.filter(name=row["code"]).first()
        if role:
            role.permissions.add(*(grants[name] for name in names.intersection(row["grants"])))


def _grants() -> dict[str, Permission]:
    return {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}


SETS: dict[str, Callable[[], None]] = {
    "roles": load_roles,
    "email_grants": partial(load_grants, EMAIL_GRANTS),
    "offer_grants": partial(load_grants, OFFER_GRANTS),
}
