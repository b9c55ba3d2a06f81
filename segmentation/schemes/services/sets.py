"""Sets of schemes that the program ships: one is loaded at the first start, others can be added later."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import TeamKind
from accounts.models import Team
from core.defaults import read
from core.exceptions import BusinessRuleError
from segmentation.schemes.models import Scheme, Segment

#: The sets by name, with what they are.
SCHEME_SETS: dict[str, Any] = {
    "omn": gettext_lazy("Educational institution: A, B, C and potential customers"),
    "tku": gettext_lazy("City's service centre: type of customer and portfolio"),
    "tvr": gettext_lazy("Insurance fund: employers by the phase of their life cycle, automatic, no value"),
}


def set_codes(name: str) -> set[str]:
    """Return the codes of the schemes of a set."""
    return {row["code"] for row in read("schemes", name)["schemes"]}


@transaction.atomic
def scheme_set_add(*, name: str) -> list[Scheme]:
    """Add a set; its primary scheme becomes the primary one only if there is none.

    Raises :class:`BusinessRuleError`: ``unknown_set`` at ``name``, ``code_taken`` when a scheme of it is there.
    """
    if name not in SCHEME_SETS:
        raise BusinessRuleError("unknown_set", _("There is no such scheme set."), field="name")
    data = read("schemes", name)
    taken = Scheme.objects.filter(code__in=[row["code"] for row in data["schemes"]]).first()
    if taken is not None:
        text = _("The scheme “%(scheme)s” is there already.") % {"scheme": taken}
        raise BusinessRuleError("code_taken", text, field="name")
    teams = {row["name"]: _team(row) for row in data.get("teams", [])}
    return [_add_scheme(row, teams) for row in data["schemes"]]


def _team(row: dict[str, Any]) -> Team:
    """Return the care team of that name, which is there or added."""
    team, _is_new = Team.objects.get_or_create(name=row["name"], defaults={"kind": TeamKind.CARE})
    return team


def _add_scheme(row: dict[str, Any], teams: dict[str, Team]) -> Scheme:
    segments = row.pop("segments")
    pointed = {name: row.pop(name) for name in ("default_segment", "lead_segment") if name in row}
    if Scheme.objects.primary().exists():
        row["is_primary"] = False
    last = Scheme.objects.aggregate(last=Max("order"))["last"] or 0
    scheme = Scheme.objects.create(**row, order=last + 10)
    made = {data["code"]: _add_segment(scheme, data, order, teams) for order, data in enumerate(segments, 1)}
    for name, code in pointed.items():
        setattr(scheme, name, made[code])
    scheme.save()
    return scheme


def _add_segment(scheme: Scheme, row: dict[str, Any], order: int, teams: dict[str, Team]) -> Segment:
    setters, approvers = row.pop("setters", []), row.pop("approvers", [])
    team = teams.get(row.pop("team", ""))
    segment = Segment.objects.create(scheme=scheme, order=order * 10, team=team, **row)
    segment.setters.set(Group.objects.filter(name__in=setters))
    segment.approvers.set(Group.objects.filter(name__in=approvers))
    return segment
