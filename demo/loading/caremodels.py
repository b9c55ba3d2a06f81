"""Care models of the demo: the default ones since two years, versions in preparation, statutory tasks."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from activities.log.models import ActivityType
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import CareModel, ModelVersion, StatutoryTask
from careplans.caremodels.selectors import asked_about
from careplans.caremodels.services.versions import VERSION_STATUS, version_draft, version_give_opinion
from careplans.plans.approval_days import approval_spans
from careplans.plans.enums import ApprovalStatus
from careplans.plans.models import PlanApproval
from careplans.plans.services.stays import stays_refresh
from core import clock
from customers.models import Customer

#: Days since the default models apply, so that there is something to follow.
SINCE = 760
WEEK = dt.timedelta(days=7)
WHY_B = (
    "Asiakkuustiimin vuosikatselmus: kasvavien asiakkaiden yhteydenottoväli lyhenee 60 päivästä 45 päivään, koska "
    "kilpailijat ovat olleet niihin aktiivisia."
)
#: What members of the account team have said of it.
OPINIONS = (
    ("agrees", "Kalenterissa on tilaa, kun puhelut niputetaan."),
    ("objects", "Keväällä tapaamisia on liikaa: maalis–huhtikuussa 60 päivää riittäisi."),
)
WHY_C = "Perusasiakkaiden malliin suunnitellaan vuosittaista soittoa."
#: Code, names, what and the law.
TASKS = (
    (
        "data_protection_check", "Henkilötietojen tarkistus", "Check of personal data",
        "Yhteyshenkilöiden tiedot ja luvat tarkistetaan.", "The data and consents of the contacts are checked.",
        "EU 2016/679, 5 artikla", 12,
    ),
    (
        "training_agreement_check", "Koulutussopimusten tarkistus", "Check of training agreements",
        "Voimassa olevat koulutussopimukset ja niiden työturvallisuus käydään läpi.",
        "The training agreements in force and their safety at work are gone through.",
        "Laki ammatillisesta koulutuksesta 531/2017, 71 §", 12,
    ),
)  # fmt: skip
TASK_CODES = tuple(row[0] for row in TASKS)


def care_models_load() -> None:
    """Let the default models apply since two years, and add what is being prepared."""
    since = clock.today() - dt.timedelta(days=SINCE)
    ModelVersion.objects.filter(status=VersionStatus.APPROVED, approved_by=None).update(valid_from=since)
    for model in CareModel.objects.filter(segment__team__isnull=False, team=None).select_related("segment"):
        CareModel.objects.filter(pk=model.pk).update(team=model.segment.team if model.segment else None)
    _statutory_load()
    _plans_load(since)
    author = User.objects.filter(username="keymanager", is_demo=True).first()
    growing, basic = (CareModel.objects.filter(code=code, segment__isnull=False).first() for code in "bc")
    if author is None or growing is None or basic is None:
        return
    version = version_draft(model=growing, user=author, justification=WHY_B, is_demo=True)
    version.actions.filter(code="contact").update(count=45)
    version.proposed_by = version.reviewed_by = author
    version.reviewed_at = clock.now()
    VERSION_STATUS.write(version, VersionStatus.TEAM, user=author)
    _opinions_load(version, author)
    VERSION_STATUS.write(version, VersionStatus.WAITING, user=author)
    version_draft(model=basic, user=author, justification=WHY_C, is_demo=True)


def _opinions_load(version: ModelVersion, author: User) -> None:
    """Let one member of the account team agree and one object; the others have not answered."""
    members = asked_about(version.model).filter(is_demo=True).exclude(pk=author.pk).order_by("pk")
    for user, (stance, comment) in zip(members, OPINIONS, strict=False):
        version_give_opinion(version=version, user=user, stance=stance, comment=comment)


def _plans_load(since: dt.date) -> None:
    """Let customers have been in their classes since then, and their plans be approved where that is needed.

    One key customer's plans wait: the newest one's.
    """
    customers = Customer.objects.filter(is_demo=True).values_list("pk", flat=True)
    stays_refresh(list(customers), today=since)
    management = User.objects.filter(username="management", is_demo=True).first()
    waiting = PlanApproval.objects.waiting().filter(customer__is_demo=True)
    begun = {pk: spans[-1][0] for pk, spans in approval_spans({row.customer_id for row in waiting}).items()}
    newest = max(begun, key=lambda pk: (begun[pk], pk), default=None)
    for row in waiting.exclude(customer=newest):
        row.asked_on = max(since, begun[row.customer_id])
        row.status, row.decided_by, row.decided_on = ApprovalStatus.APPROVED, management, row.asked_on + WEEK
        row.save()


def _statutory_load() -> None:
    meeting = ActivityType.objects.get(code="memo")
    for order, (code, name_fi, name_en, fi, en, basis, months) in enumerate(TASKS, 1):
        task, is_new = StatutoryTask.objects.get_or_create(
            code=code,
            defaults={
                "name_fi": name_fi, "name_en": name_en, "description_fi": fi, "description_en": en, "basis": basis,
                "completed_by": ["activity"], "activity_type": meeting, "frequency": "months", "count": months,
                "duration": 15, "order": order * 10,
            },
        )  # fmt: skip
        if is_new:
            task.types.add(meeting)
            task.responsible.create(role="owner")
