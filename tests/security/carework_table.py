"""Who may enter absences and see generated work: their part of the tables of pages and endpoints."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from careplans.work.models import Absence, AbsenceKind, CareWork
from core import clock
from tests.security.cast import NONE, ONLY_OWNER, OWN, READ, WORK

PK = "(?P<pk>[^/.]+)"
PAGES: dict[str, tuple[str, str]] = {
    "absences/": (READ, NONE),
    "absences/new/": (WORK, WORK),
    **{f"absences/<int:pk>/{name}/": (OWN, OWN) for name in ("edit", "undo", "delete", "restore")},
    "activities/<int:pk>/care-work/": (READ, NONE),
    "care/lists/": (READ, NONE),
    "care/planning/": (WORK, WORK),
    "care/planning/back/": (NONE, WORK),
    "care/work/<int:pk>/confirm/": (OWN, OWN),
    "care/work/<int:pk>/unconfirm/": (OWN, OWN),
    "care/work/<int:pk>/claim/": (ONLY_OWNER, ONLY_OWNER),
    "care/work/<int:pk>/release/": (ONLY_OWNER, ONLY_OWNER),
}
API: dict[str, dict[str, str]] = {
    "^absences/$": {"get": READ, "post": WORK},
    f"^absences/{PK}/$": {"get": READ, "patch": OWN, "delete": OWN},
    f"^absences/{PK}/restore/$": {"post": OWN},
}
KINDS = {
    "absences/": "absence",
    "care/work/": "care_work",
    "care/work/<int:pk>/claim/": "listed_work",
    "care/work/<int:pk>/release/": "claimed_work",
    "activities/<int:pk>/care-work/": "work_activity",
}


def _work(customer: Any, owner: Any, code: str, text: str, **about: Any) -> CareWork:
    today = clock.today()
    act = activity_log(
        user=owner, type=ActivityType.objects.get(code="call"), customer=customer, title=f"Ring up{text}"[:200],
        start=clock.now() + dt.timedelta(days=3), is_all_day=True,
    )  # fmt: skip
    return CareWork.objects.create(
        customer=customer, code=code, kind="calendar", start=today, due=today, first=today, last=today, activity=act,
        written_title=f"Ring up{text}"[:200], written_day=clock.day_of(act.start), **about,
    )  # fmt: skip


def carework_rows(users: dict[str, Any], customer: Any, text: str) -> dict[str, Any]:
    """An absence of the owner, and generated work: own, on a list of owners, claimed from it."""
    owner, today = users["owner"], clock.today()
    work = _work(customer, owner, "contact", text, person=owner)
    return {
        "absence": Absence.objects.create(
            person=owner, first=today + dt.timedelta(days=400), last=today + dt.timedelta(days=410),
            kind=AbsenceKind.objects.get(code="holiday"), note=f"Away{text}"[:500], substitute=users["colleague"],
        ),
        "care_work": work,
        "listed_work": _work(customer, owner, "listed", text, list_key="role:owner", listed_on=today),
        "claimed_work": _work(customer, owner, "claimed", text, list_key="role:owner", person=owner),
        "work_activity": work.activity,
    }  # fmt: skip
