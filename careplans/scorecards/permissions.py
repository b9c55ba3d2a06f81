"""Permission rules of scorecards and the customer strategy.

All see them. The customer's scorecard is made by those who may change its care plan, a team's by its leader and
members, that of the strategy by who manages care plans; management approves, never who prepared it.
"""

from __future__ import annotations

from typing import Any

import rules

from careplans.plans.permissions import approves, changes, manages
from careplans.scorecards.enums import CardKind
from careplans.scorecards.models import Scorecard
from careplans.scorecards.services.cards import is_key_customer
from core.permissions import granted, is_active_user

works = granted("activities.log_activity")


@rules.predicate
def makes(user: Any, card: Any) -> bool:
    """Whether the user is of those who make this scorecard."""
    if card is None:
        return True
    if card.kind == CardKind.CUSTOMER:
        return bool(changes.test(user, card.customer))
    return bool(manages.test(user)) or (card.kind == CardKind.TEAM and makes_team(user, card.team))


def makes_team(user: Any, team: Any) -> bool:
    """Whether the user leads the team, or works in it."""
    return team.leader_id == user.pk or (bool(works.test(user)) and team.members.filter(pk=user.pk).exists())


@rules.predicate
def is_draft(user: Any, row: Any) -> bool:
    return row is None or row.is_draft


@rules.predicate
def is_sent(user: Any, row: Any) -> bool:
    return row is None or row.is_sent


@rules.predicate
def is_approved(user: Any, card: Any) -> bool:
    return card is None or card.is_approved


@rules.predicate
def is_of_others(user: Any, row: Any) -> bool:
    """Whether somebody else has prepared it: nobody approves an own one."""
    return row is None or user.pk not in row.prepared_by


@rules.predicate
def has_cards(user: Any, customer: Any) -> bool:
    """Whether the customer has a scorecard or may get one, so that its care plan speaks of them."""
    if customer is None:
        return False
    return bool(Scorecard.objects.filter(customer=customer).exists()) or is_key_customer(customer)


rules.add_perm("scorecards.view_card", is_active_user)
rules.add_perm("scorecards.view_panel", is_active_user & has_cards)
rules.add_perm("scorecards.add_card", works | manages)
rules.add_perm("scorecards.make_card", is_active_user & makes)
rules.add_perm("scorecards.edit_card", is_active_user & is_draft & makes)
rules.add_perm("scorecards.return_card", is_sent & (approves | makes))
rules.add_perm("scorecards.approve_card", is_sent & approves & is_of_others)
rules.add_perm("scorecards.reopen_card", is_approved & (approves | makes))
rules.add_perm("scorecards.view_strategy", is_active_user)
rules.add_perm("scorecards.keep_strategy", manages)
rules.add_perm("scorecards.edit_strategy", is_draft & manages)
rules.add_perm("scorecards.return_strategy", is_sent & (approves | manages))
rules.add_perm("scorecards.decide_strategy", is_sent & approves & is_of_others)
