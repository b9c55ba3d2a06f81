"""Proposals of the demo's customers, and another set of schemes in place of the usual one."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q

from accounts.models import Team, User
from core import clock
from customers.models import Customer
from demo.loading.organisation import CARE_TEAM
from demo.loading.world import demo_scheme
from segmentation.criteria.models import Evaluation
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership
from segmentation.membership.services.moves import segments_set
from segmentation.membership.services.present import segments_refresh
from segmentation.membership.services.proposals import proposal_comment, proposal_make, proposal_reject
from segmentation.schemes.models import Scheme, Segment, SegmentReason
from segmentation.schemes.services.sets import scheme_set_add, set_codes

#: The set that the generators know.
DEMO_SET = "omn"
APPROVED = "Johtoryhmä hyväksyi vuosikatselmuksessa: laaja yhteistyö ja puitesopimus."
OVERRIDES = (
    "Fuusio on sovittu: henkilöstö kaksinkertaistuu keväällä, ja koulutussuunnitelma on tilattu meiltä.",
    "Uusi johto haluaa yhteisen kehittämishankkeen, vaikka tilauksia ei vielä ole.",
    "Liiketoiminta vaihtuu: asiakkaan uusi ala kuuluu painopisteisiimme.",
    "Konserni päätti keskittää ostot meille ensi vuoden alusta.",
)

#: How far proposals of growing customers are, and why they are made.
PROPOSED = (
    ("commented", "Tilaukset ovat kasvaneet kaksi vuotta, ja puitesopimus on neuvoteltu."),
    ("rejected", "Tilaukset ovat kasvaneet kaksi vuotta, ja puitesopimus on neuvoteltu."),
    ("", "Konserni keskittää koulutuksensa meille, ja yhteinen kehittämisohjelma alkaa vuodenvaihteessa."),
)
LEAVING = "Puitesopimus päättyi, eikä yhteisiä hankkeita ole enää käynnissä."

_SPREAD = """
INSERT INTO membership_membership
    (scheme_id, segment_id, customer_id, period, is_exclusive, kind, ended_as, decided_at, text)
SELECT %(scheme)s, (%(segments)s::bigint[])[1 + c.id %% %(count)s], c.id, tstzrange(c.created_at, NULL, '[)'), true,
    %(kind)s, '', c.created_at, ''
FROM customers_customer c WHERE c.is_demo AND c.state = 'active'
"""


def care_team_load() -> None:
    """Let the care team look after the segment that management approves, unless another team does."""
    team = Team.objects.filter(name=CARE_TEAM).first()
    segments = Segment.objects.filter(scheme=demo_scheme(), needs_approval=True, team=None)
    segments.update(team=team, responsible=team.leader if team else None)


def proposals_load() -> None:
    """Propose growing customers as key customers, who are as many as fit, and one key customer to leave.

    Two wait that name who leaves the full segment, one was rejected; nobody has commented on the newest ones yet.
    """
    users = {user.username: user for user in User.objects.filter(username__in=["manager", "keymanager", "management"])}
    proposer, key_manager, director = (users.get(name) for name in ("manager", "keymanager", "management"))
    segments = {segment.code: segment for segment in demo_scheme().segments.all()}
    key = Membership.objects.present().filter(segment=segments["A"]).select_related("customer").order_by("customer")
    largest = Customer.objects.filter(is_demo=True, state="active", summary__segment=segments["B"])
    wanted = largest.order_by("-summary__ordered_12_months", "pk")[: len(PROPOSED)]
    members = [row.customer for row in key]
    if proposer is None or key_manager is None or director is None:
        return
    for customer, leaver, (step, text) in zip(wanted, reversed(members[1:]), PROPOSED, strict=False):
        proposal = proposal_make(
            customer=customer,
            segment=segments["A"],
            user=proposer,
            leaver=leaver,
            leaver_segment=segments["B"],
            text=text,
        )
        if step:
            proposal_comment(proposal=proposal, user=key_manager, text="Asiakkuustiimi puoltaa.")
        if step == "rejected":
            proposal_reject(proposal=proposal, user=director, reason="Nykyinen avainasiakas pysyy tämän vuoden.")
    if len(members) > len(PROPOSED):
        proposal_make(customer=members[0], segment=segments["B"], user=key_manager, text=LEAVING)


def approvals_load() -> None:
    """Let management have approved the customers of the segments that it decides about (rule 7)."""
    director = User.objects.filter(username="management").first()
    rows = Membership.objects.filter(segment__needs_approval=True, customer__is_demo=True)
    rows.update(kind=MoveKind.APPROVED, decided_by=director, text=APPROVED)


def demo_scheme_add() -> None:
    """Add the scheme that the generators know, where the database began with another set."""
    if not Scheme.objects.filter(code=DEMO_SET).exists():
        scheme_set_add(name=DEMO_SET)


def scheme_set_use(name: str) -> None:
    """Let a set of schemes be the one in use, added if need be, and spread the customers over its segments.

    The scheme that the generators know is retired, and its segments are taken from the customers.
    """
    codes = set_codes(name)
    schemes = list(Scheme.objects.filter(code__in=codes).order_by("order")) or scheme_set_add(name=name)
    before = list(Scheme.objects.filter(Q(is_primary=True) | Q(code=DEMO_SET)).exclude(code__in=codes))
    rows = Membership.objects.filter(scheme__in=before, customer__is_demo=True)
    rows._raw_delete(rows.db)
    Scheme.objects.filter(pk__in=[row.pk for row in before]).update(is_primary=False, retired_at=clock.now())
    Scheme.objects.filter(pk=schemes[0].pk).update(is_primary=True)
    with connection.cursor() as cursor:
        for scheme in schemes:
            ids = list(scheme.segments.values_list("pk", flat=True))
            kind = "automatic" if scheme.is_automatic else "set"
            cursor.execute(_SPREAD, {"scheme": scheme.pk, "segments": ids, "count": len(ids), "kind": kind})
    segments_refresh(Customer.objects.filter(is_demo=True).values_list("pk", flat=True))


def overrides_load() -> int:
    """Let owners decide against the criteria, each with a reason; return how many."""
    scheme = demo_scheme()
    segments = {segment.code: segment for segment in scheme.segments.all()}
    reasons = list(SegmentReason.objects.order_by("order")[: len(OVERRIDES)])
    found = Evaluation.objects.filter(scheme=scheme, segment=segments["C"], customer__summary__segment=segments["C"])
    owned = found.filter(customer__summary__owner__isnull=False).order_by("customer")
    rows = owned.select_related("criteria", "customer__summary__owner")[: 3 * len(OVERRIDES)]
    for number, row in enumerate(rows):
        text, reason = OVERRIDES[number % len(OVERRIDES)], reasons[number % len(reasons)] if reasons else None
        segments_set(
            wanted={row.customer_id: segments["B"]},
            user=row.customer.summary.owner,
            reason=reason,
            text=text,
        )
    return len(rows)
