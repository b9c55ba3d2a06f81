"""Content of care plans in the demo: charges, projects, systems, needs shared by customers, goals, a version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from accounts.models import User
from careplans.content.enums import FollowUp, Keeper, NeedStatus
from careplans.content.kept import GOALS as GOALS_CODE
from careplans.content.kept import kept_content
from careplans.content.models import (
    Agreement,
    Charge,
    Need,
    NeedCustomer,
    NeedStatusChange,
    PlanBlock,
    PlanContent,
    PlanVersion,
    Project,
    System,
)
from careplans.content.services.follow_ups import follow_up_keep
from careplans.plans.enums import VersionKind
from core import clock
from customers.models import Customer
from segmentation.membership.models import Membership

#: How many customers have content, those of the first segments first.
CUSTOMERS = 60
SERVICES = ("Koulutuspalvelut", "Oppimisympäristö")
PROJECTS = (
    ("Sähköinen arkisto", FollowUp.MONTHLY, 40_000),
    ("Osaamiskartoitus", FollowUp.QUARTERLY, 15_000),
    ("Työpaikkaohjaajien koulutus", FollowUp.MONTHLY, 22_000),
)
SYSTEMS = (("Oppimisympäristö", 4, 3), ("Asiakirjahallinta", 2, 9))
#: Name, impact, whether it is budgeted and fits the environment, why it was declined.
NEEDS = (
    ("Kertakirjautuminen", "Opiskelijat kirjautuvat kerran.", False, True, ""),
    ("Oman verkkotunnuksen asetukset", "Osoite on asiakkaan oma.", False, True, ""),
    ("Mobiilipäätteet", "Ohjaajat kirjaavat työpaikalla.", False, False, "Ei sovi nykyiseen ympäristöön."),
)
GOALS = "Lyhyempi aika tarpeesta koulutukseen. Yhteinen vuosisuunnitelma syyskuun loppuun mennessä."
EARLIER_GOALS = "Lyhyempi aika tarpeesta koulutukseen."
#: How many customers have a version of their plan, of so many days ago.
VERSIONS, VERSION_AGE = 12, 200
STRATEGY = "Asiakas laajentaa toimintaansa kahteen uuteen kuntaan ja tarvitsee lisää ammattitutkinnon suorittaneita."


def plan_content_load() -> None:
    """Give some of the demo's customers content of their plans."""
    customers = content_customers()
    if not customers:
        return
    _charges_load(customers)
    _rows_load(customers)
    _needs_load(customers)


def plan_versions_load() -> None:
    """Keep plans of some customers as they were half a year ago, once their actions are known."""
    today, at = clock.today(), clock.now() - dt.timedelta(days=VERSION_AGE)
    PlanVersion.objects.bulk_create(
        PlanVersion(
            customer=customer, kind=VersionKind.KEPT, at=at, user=customer.summary.owner,
            content={code: _earlier(content) for code, content in kept_content(customer, today).items()},
        )
        for customer in content_customers()[:VERSIONS]
    )  # fmt: skip


def follow_ups_load() -> None:
    """Follow the first projects up, once the plans are there."""
    for project in Project.objects.filter(customer__in=content_customers()[:VERSIONS]).order_by("pk"):
        if project.representative is not None:
            follow_up_keep(project=project, user=project.representative)


def _earlier(content: dict[str, Any]) -> dict[str, Any]:
    """Return a plan without the last project, with the goals that were there before."""
    for one in content["header"]:
        if one["code"] == GOALS_CODE and one["text"]:
            one["text"] = EARLIER_GOALS
    for section in content["sections"]:
        if section["code"] == "projects":
            section["rows"] = section["rows"][:-1]
    return content


def content_customers() -> list[Customer]:
    """Return the demo's customers of which plans have content, those of the first segments first."""
    members = Membership.objects.present().filter(customer__is_demo=True, scheme__feeds_care_models=True)
    ids = (
        members.filter(customer__state="active")
        .order_by("segment__order", "customer")
        .values_list("customer", flat=True)
    )
    found = Customer.objects.select_related("summary__owner").in_bulk(list(dict.fromkeys(ids[:CUSTOMERS])))
    return [found[pk] for pk in dict.fromkeys(ids[:CUSTOMERS]) if pk in found]


def _charges_load(customers: Sequence[Customer]) -> None:
    year = clock.today().year
    Charge.objects.bulk_create(
        Charge(
            customer=customer, service=service, year=year - back, source="Laskutus",
            amount=Decimal(8_000 + (customer.pk * 7_919 + number * 3_001 + back * 1_013) % 90_000),
        )
        for customer in customers
        for number, service in enumerate(SERVICES)
        for back in range(3)
    )  # fmt: skip


def _rows_load(customers: Sequence[Customer]) -> None:
    today = clock.today()
    projects, systems, agreements, contents, blocks = [], [], [], [], []
    for number, customer in enumerate(customers):
        owner = customer.summary.owner
        for priority, (name, follow_every, budget) in enumerate(PROJECTS[: 1 + number % 3], 1):
            projects.append(
                Project(
                    customer=customer, name=name, priority=priority, budget=budget, follow_every=follow_every,
                    start=today - dt.timedelta(days=90 * priority), end=today + dt.timedelta(days=180 * priority),
                    representative=owner if (number + priority) % 4 else None,
                )
            )  # fmt: skip
        if number % 2 == 0:
            systems += [
                System(
                    customer=customer, name=name, updates=updates, next_update=month, keeper=Keeper.OURS, resources=1
                )
                for name, updates, month in SYSTEMS
            ]
        if number % 5 == 0:
            day = today - dt.timedelta(days=30 + number)
            agreements.append(Agreement(customer=customer, name="Vuosisuunnitelma", day=day, parties="johtoryhmät"))
        if number % 3 == 0:
            contents.append(PlanContent(customer=customer, goals=GOALS, changed_by=owner))
            blocks.append(PlanBlock(customer=customer, code="strategy", text=STRATEGY))
    Project.objects.bulk_create(projects)
    System.objects.bulk_create(systems)
    Agreement.objects.bulk_create(agreements)
    PlanContent.objects.bulk_create(contents)
    PlanBlock.objects.bulk_create(blocks)


def _needs_load(customers: Sequence[Customer]) -> None:
    user: User | None = customers[0].summary.owner
    for number, (name, impact, is_budgeted, fits, declined) in enumerate(NEEDS):
        status = NeedStatus.DECLINED if declined else NeedStatus.OPEN
        need = Need.objects.create(
            name=name, impact=impact, is_budgeted=is_budgeted, fits_environment=fits, status=status, reason=declined,
            created_by=user, is_demo=True,
        )  # fmt: skip
        NeedStatusChange.objects.create(need=need, to_status=status, user=user, reason=declined, at=clock.now())
        NeedCustomer.objects.bulk_create(
            NeedCustomer(need=need, customer=customer, noticed_on=clock.today() - dt.timedelta(days=40))
            for customer in customers[number : number + 12 : number + 1]
        )
