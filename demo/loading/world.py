"""The world that the generators need, read from the database."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from activities.models import Activity, ActivityType, Keyword
from customers.enums import BranchPurpose
from customers.models import ClassificationNode, Contact, Customer, Municipality
from demo.generate.world import Kind, SizeClass, World
from demo.loading.ids import ids_of

LARGEST = 4_000  # personnel of a customer in the open-ended size class


def read_world(today: dt.date, staff: dict[str, list[int]], demo_users: list[int]) -> World:
    """Return the classes, types, keywords and municipalities of this database by their codes."""
    return World(
        today=today,
        nodes=_nodes(),
        sizes=_sizes(),
        kinds={kind.code: Kind(kind.pk, kind.code, kind.channel, kind.duration) for kind in ActivityType.objects.all()},
        keywords=dict(Keyword.objects.values_list("code", "pk")),
        municipalities=dict(Municipality.objects.values_list("name_fi", "pk")),
        staff=staff,
        demo_users=demo_users,
        customer_ids=ids_of(Customer),
        contact_ids=ids_of(Contact),
        activity_ids=ids_of(Activity),
    )


def _nodes() -> dict[str, dict[str, int]]:
    nodes: dict[str, dict[str, int]] = defaultdict(dict)
    for branch, code, pk in ClassificationNode.objects.values_list("branch__code", "code", "pk"):
        nodes[branch][code] = pk
    return nodes


def _sizes() -> dict[str, SizeClass]:
    nodes = ClassificationNode.objects.filter(branch__purpose=BranchPurpose.SIZE)
    return {node.code: SizeClass(node.code, node.lower or 0, node.upper or LARGEST) for node in nodes}
