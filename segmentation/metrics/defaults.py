"""Default data: areas by distance, soft values with words, own metrics of employers, who sees value."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import Permission

from accounts.models import Role
from core.defaults import read
from customers.models import Municipality
from segmentation.metrics.models import Area, OwnLevel, OwnMetric

#: Groups that see value figures, and those that change the settings.
GRANTS = {
    "view_value": ("management", "key_account_manager"),
    "manage_metrics": ("administrator", "deputy_administrator", "key_account_manager"),
}


def load_areas() -> None:
    places = {place.name_fi: place for place in Municipality.objects.all()}
    for order, row in enumerate(read("metrics", "areas"), 1):
        names = row.pop("municipalities")
        area = Area.objects.create(**row, order=order * 10)
        area.municipalities.set(places[name] for name in names if name in places)


def load_own_metrics() -> None:
    for order, row in enumerate(read("metrics", "own_metrics"), 1):
        words = row.pop("words", {})
        metric = OwnMetric.objects.create(**row, order=order * 10)
        OwnLevel.objects.bulk_create(
            OwnLevel(metric=metric, number=int(number), words_fi=finnish, words_en=english)
            for number, (finnish, english) in words.items()
        )


def load_grants() -> None:
    """Give the rights to the groups of the default data that are still there."""
    for codename, codes in GRANTS.items():
        permission = Permission.objects.get(content_type__app_label="metrics", codename=codename)
        for role in Role.objects.filter(name__in=codes):
            role.permissions.add(permission)


SETS: dict[str, Callable[[], None]] = {
    "areas": load_areas,
    "own_metrics": load_own_metrics,
    "grants": load_grants,
}
