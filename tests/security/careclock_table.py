"""Who may open the annual clock and change internal events: their part of the tables of pages and endpoints."""

from __future__ import annotations

from typing import Any

from accounts.tests.factories import TeamFactory
from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from careplans.clock.models import InternalAction, InternalWork
from core import clock
from tests.security.cast import ADMIN, NONE, ONLY_OWNER, OWN, READ, WORK

PK = "(?P<pk>[^/.]+)"
EVENT, WORKS = "care/internal-events/<int:pk>/", "care/internal-events/work/<int:pk>/"
MONTH = "customers/<int:pk>/care-plan/actions/<slug:care_code>/month/"
PAGES: dict[str, tuple[str, str]] = {
    "care/annual-clock/": (READ, NONE),
    "care/annual-clock/sets/add/": (ADMIN, ADMIN),
    "care-models/versions/<int:pk>/clock/": (READ, NONE),
    "care-models/versions/<int:pk>/clock/wheel/": (READ, NONE),
    "customers/<int:pk>/care-plan/clock/": (READ, NONE),
    "care-models/actions/<int:pk>/month/": (ADMIN, ADMIN),
    "care-models/actions/<int:pk>/month/back/": (NONE, ADMIN),
    MONTH: (OWN, OWN),
    f"{MONTH}back/": (NONE, OWN),
    "care/internal-events/": (READ, NONE),
    "care/internal-events/times/": (READ, NONE),
    "start/care-lists/": (WORK, NONE),
    "care/internal-events/new/": (ADMIN, ADMIN),
    **{f"{EVENT}{name}/": (ADMIN, ADMIN) for name in ("edit", "retire", "restore", "month")},
    f"{EVENT}month/back/": (NONE, ADMIN),
    f"{EVENT}history/": (READ, NONE),
    f"{EVENT}done/": (WORK, WORK),
    **{f"{WORKS}{name}/": (ONLY_OWNER, ONLY_OWNER) for name in ("claim", "release", "remove")},
}
API: dict[str, dict[str, str]] = {
    "^annual-clock/$": {"get": READ},
    "^internal-events/$": {"get": READ, "post": ADMIN},
    f"^internal-events/{PK}/$": {"get": READ, "patch": ADMIN},
    **{f"^internal-events/{PK}/{name}/$": {"post": ADMIN} for name in ("retire", "restore")},
    "^internal-occurrences/$": {"get": READ},
}
KINDS = {
    "care/internal-events/": "internal_event",
    "internal-events/": "internal_event",
    f"{WORKS}claim/": "internal_listed",
    f"{WORKS}release/": "internal_claimed",
    f"{WORKS}remove/": "internal_done",
}


def _work(owner: Any, code: str, text: str, **about: Any) -> InternalWork:
    today = clock.today()
    act = activity_log(
        user=owner, type=ActivityType.objects.get(code="internal_meeting"), title=f"Meet{text}"[:200],
        start=clock.now(), is_all_day=True,
    )  # fmt: skip
    return InternalWork.objects.create(
        code=code, kind="calendar", start=today, due=today, last=today, activity=act,
        written_title=f"Meet{text}"[:200], written_day=today, **about,
    )  # fmt: skip


def careclock_rows(users: dict[str, Any], text: str) -> dict[str, Any]:
    """An internal event, and its work: on a list of the owner's team, claimed from it, entered as done."""
    owner, today = users["owner"], clock.today()
    team = TeamFactory(name=f"Forum{text}"[:120], members=[owner])
    event = InternalAction.objects.create(
        code="forum", name_fi=f"Foorumi{text}"[:120], name_en=f"Forum{text}"[:120], scope="internal",
        description_fi=text[:2_000], description_en=text[:2_000], place=text[:200], completed_by=["activity"],
        frequency="named", months=[3], activity_type=ActivityType.objects.get(code="internal_meeting"), first=today,
    )  # fmt: skip
    event.types.add(event.activity_type)
    event.responsible.create(team=team)
    listed: dict[str, Any] = {"list_key": f"team:{team.pk}", "listed_on": today}
    return {
        "internal_event": event,
        "internal_listed": _work(owner, "listed", text, **listed),
        "internal_claimed": _work(owner, "claimed", text, person=owner, **listed),
        "internal_done": _work(owner, "forum", text, state="done", closed_on=today, person=owner),
    }
