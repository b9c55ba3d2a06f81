"""What the members of a team say of a version before it is sent to management: each once, changeable until then.

A model of opinions is a :class:`core.models.TeamOpinion`; ``opinions`` is the related manager of one version, which
the caller has locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core import clock
from core.enums import Stance
from core.exceptions import BusinessRuleError
from core.models import TeamOpinion
from core.status import check_reason


@dataclass(frozen=True, slots=True)
class TeamOpinions:
    """The opinions of a version, and the members who have not given theirs."""

    given: list[Any]
    missing: list[Any]

    @property
    def objections(self) -> list[Any]:
        return [one for one in self.given if one.objects_to]


def opinion_give(opinions: Any, *, user: Any, stance: str, comment: str = "") -> TeamOpinion:
    """Keep what a member says, in the place of what he or she said before. Raises ``comment_required``."""
    comment = _objection(comment) if stance == Stance.OBJECTS else comment.strip()
    content = {"stance": stance, "comment": comment, "at": clock.now()}
    opinion: TeamOpinion = opinions.update_or_create(user=user, ended_at=None, defaults=content)[0]
    return opinion


def _objection(comment: str) -> str:
    try:
        return check_reason(comment)
    except BusinessRuleError:
        text = _("Say what you object to: management reads it.")
        raise BusinessRuleError("comment_required", text, field="comment") from None


def opinions_end(opinions: Any) -> None:
    """End the round: the version is sent back to be changed, and everyone is asked again. What was said is kept."""
    opinions.filter(ended_at=None).update(ended_at=clock.now())


def opinions_of(opinions: Any, members: Iterable[Any] = ()) -> TeamOpinions:
    """Return the opinions of the present round, and which of the members have not given theirs."""
    given = list(opinions.filter(ended_at=None).select_related("user"))
    heard = {one.user_id for one in given}
    return TeamOpinions(given, [member for member in members if member.pk not in heard])


def stored_opinion(opinions: Any, user: Any) -> dict[str, str]:
    """Return what the user has said, for the form that changes it."""
    said = opinions.filter(ended_at=None, user=user).first()
    return {"stance": said.stance, "comment": said.comment} if said else {}


def check_heard(opinions: Any, *, members: Iterable[Any], authors: Collection[int | None]) -> None:
    """Raise ``not_heard`` if the team has members besides the authors and none of them has given an opinion."""
    others = {member.pk for member in members} - set(authors)
    if others and not opinions.filter(ended_at=None, user__in=others).exists():
        text = _(
            "An opinion of the account team is needed from somebody who has not written, changed or sent the version."
        )
        raise BusinessRuleError("not_heard", text)
