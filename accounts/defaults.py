"""Default data: the groups of users and what their members may do."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Permission

from accounts.models import Role
from core.defaults import read


def load_roles() -> None:
    permissions = Permission.objects.select_related("content_type")
    grants = {f"{permission.content_type.app_label}.{permission.codename}": permission for permission in permissions}
    for order, row in enumerate(read("accounts", "roles"), 1):
        role = Role.objects.create(
            name=row["code"],
            name_fi=row["name_fi"],
            name_en=row["name_en"],
            description=row.get("description", ""),
            order=order * 10,
            start_page=row["start_page"],
            start_panels=row["start_panels"],
        )
        role.permissions.set(grants[name] for name in row["grants"])


SETS: dict[str, Callable[[], None]] = {
    "roles": load_roles,
}
