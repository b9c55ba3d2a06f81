"""Proposals of the demo's customers, and another set of schemes in place of the usual one."""

from __future__ import annotations

from django.db import connection

from accounts.models import Team, User
from core import clock
from customers.models import Customer
from demo.loading.organisation import CARE_TEAM
from demo.loading.world import demo_scheme
from segmentation.membership.models import Membership
from segmentation.membership.services.present import segments_refresh
from segmentation.membership.services.proposals import proposal_comment, proposal_make, proposal_reject
from segmentation.schemes.models import Scheme, Segment
from segmentation.schemes.services.sets import scheme_set_add

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
    """Propose two growing customers as key customers, who are as many as fit: one waits, one was rejected."""
    users = {user.username: user for user in User.objects.filter(username__in=["manager", "keymanager", "management"])}
    proposer, key_manager, director = (users.get(name) for name in ("manager", "keymanager", "management"))
    segments = {segment.code: segment for segment in demo_scheme().segments.all()}
    key = Membership.objects.present().filter(segment=segments["A"]).select_related("customer").order_by("customer")
    largest = Customer.objects.filter(is_demo=True, state="active", summary__segment=segments["B"])
    wanted = largest.order_by("-summary__ordered_12_months", "pk")[:2]
    leavers = [row.customer for row in key][-2:]
    if proposer is None or key_manager is None or director is None:
        return
    for customer, leaver, is_open in zip(wanted, leavers, (True, False), strict=False):
        proposal = proposal_make(
            customer=customer,
            segment=segments["A"],
            user=proposer,
            leaver=leaver,
            leaver_segment=segments["B"],
            text="Tilaukset ovat kasvaneet kaksi vuotta, ja puitesopimus on neuvoteltu.",
        )
        proposal_comment(proposal=proposal, user=key_manager, text="Asiakastiimi puoltaa.")
        if not is_open:
            proposal_reject(proposal=proposal, user=director, reason="Nykyinen avainasiakas pysyy tämän vuoden.")


def scheme_set_use(name: str) -> None:
    """Add a set of schemes, spread the customers over its segments and make it the one in use."""
    schemes = scheme_set_add(name=name)
    Scheme.objects.filter(is_primary=True).update(is_primary=False, retired_at=clock.now())
    Scheme.objects.filter(pk=schemes[0].pk).update(is_primary=True)
    with connection.cursor() as cursor:
        for scheme in schemes:
            ids = list(scheme.segments.values_list("pk", flat=True))
            kind = "automatic" if scheme.is_automatic else "set"
            cursor.execute(_SPREAD, {"scheme": scheme.pk, "segments": ids, "count": len(ids), "kind": kind})
    segments_refresh(Customer.objects.filter(is_demo=True).values_list("pk", flat=True))
