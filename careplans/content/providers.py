"""The sections of plans of which the rows are kept here, and that of the actions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.adherence.actions import Scope
from careplans.content.models import Agreement, NeedCustomer, PotentialClass, Project, System
from careplans.content.outlook import outlooks
from careplans.content.sections import Asked, PlanSection, SectionColumn
from careplans.plans import words
from careplans.plans.plan import Line
from core.formatting import number_text

EMPTY = "–"
Rows = Mapping[int, list[Any]]


def by_customer(rows: Iterable[Any]) -> Rows:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.customer_id].append(row)
    return found


def yes_no(value: bool | None) -> str:
    return EMPTY if value is None else str(_("yes") if value else _("no"))


def amount(value: Any) -> str:
    return EMPTY if value is None else number_text(value.normalize() if value == value.to_integral_value() else value)


def projects_of(asked: Asked) -> Rows:
    return by_customer(Project.objects.filter(customer__in=asked.customers).select_related("representative"))


def project_fault(project: Project) -> str:
    return "" if project.representative else str(_("no representative"))


def systems_of(asked: Asked) -> Rows:
    return by_customer(System.objects.filter(customer__in=asked.customers))


def agreements_of(asked: Asked) -> Rows:
    return by_customer(Agreement.objects.filter(customer__in=asked.customers))


def needs_of(asked: Asked) -> Rows:
    rows = NeedCustomer.objects.filter(customer__in=asked.customers).select_related("need")
    return by_customer(rows.exclude(need__status="joined").order_by("need__sort_key", "pk"))


def events_of(asked: Asked) -> Rows:
    """Return the actions in force toward the customer and the internal ones, as the annual clock has them."""
    plans = asked.plans
    return {customer: plans[customer].of(Scope.CUSTOMER, Scope.INTERNAL) for customer in asked.customers}


def services_of(asked: Asked) -> Rows:
    """Return the services that customers are offered by the class of their outlook."""
    classes = list(PotentialClass.objects.filter(retired_at__isnull=True))
    known = outlooks(asked.customers)
    found: dict[int, list[Any]] = {}
    for customer, outlook in known.items():
        one = next((one for one in classes if outlook.number >= one.lowest), None)
        found[customer] = [(one, service) for service in one.services] if one else []
    return found


def _place(line: Line) -> str:
    return str(line.action.source.place) or EMPTY


def _days(value: Any) -> str:
    return words.day_words(value)


def columns(*pairs: tuple[Any, Any]) -> tuple[SectionColumn, ...]:
    return tuple(SectionColumn(label, text) for label, text in pairs)


def of(name: str) -> Any:
    """Return the function that has a text column of a row."""
    return lambda row: getattr(row, name) or EMPTY


PROJECTS = PlanSection(
    code="projects", label=gettext_lazy("Development projects"), kind="projects", rows=projects_of,
    fault=project_fault, order=10,
    columns=columns(
        (gettext_lazy("Project"), of("name")),
        (pgettext_lazy("project", "Start"), lambda row: _days(row.start)),
        (gettext_lazy("Estimated end"), lambda row: _days(row.end)),
        (gettext_lazy("Project manager"), of("manager")),
        (gettext_lazy("Budget, €"), lambda row: amount(row.budget)),
        (gettext_lazy("Our representative"), lambda row: str(row.representative or EMPTY)),
        (pgettext_lazy("project", "Follow-up"), of("follow_words")),
        (gettext_lazy("Priority"), of("priority")),
    ),
)  # fmt: skip
SYSTEMS = PlanSection(
    code="systems", label=gettext_lazy("Regular actions of critical services"), kind="systems", rows=systems_of,
    order=20,
    columns=columns(
        (gettext_lazy("System"), of("name")),
        (gettext_lazy("Updates per year"), lambda row: EMPTY if row.updates is None else str(row.updates)),
        (gettext_lazy("Next update"), lambda row: str(MONTHS[row.next_update]) if row.next_update else EMPTY),
        (gettext_lazy("Customer's contact"), of("contact")),
        (gettext_lazy("Supplier"), of("supplier")),
        (gettext_lazy("Maintained by"), lambda row: row.get_keeper_display() or EMPTY),
        (gettext_lazy("Our resources"), lambda row: amount(row.resources)),
        (gettext_lazy("Other"), of("other")),
    ),
)  # fmt: skip
EVENTS = PlanSection(
    code="events", label=gettext_lazy("Recurring care events"), rows=events_of, is_automatic=True, order=30,
    key=lambda line: line.code,
    columns=(
        SectionColumn(gettext_lazy("What"), lambda line: str(line.action.source), is_internal=False),
        SectionColumn(gettext_lazy("Who"), lambda line: words.who_has_words(line.action)),
        SectionColumn(pgettext_lazy("care action", "Recipient"), lambda line: words.to_whom_words(line.action)),
        SectionColumn(
            pgettext_lazy("care action", "When"), lambda line: words.when_words(line.action), is_internal=False
        ),
        SectionColumn(pgettext_lazy("care action", "Where"), _place),
    ),
)  # fmt: skip
NEEDS = PlanSection(
    code="needs", label=gettext_lazy("Small development needs"), kind="needs", rows=needs_of, order=40,
    key=lambda row: str(row.need_id),
    columns=columns(
        (gettext_lazy("Need"), lambda row: row.need.name),
        (gettext_lazy("Impact"), lambda row: row.need.impact or EMPTY),
        (gettext_lazy("Noticed"), lambda row: _days(row.noticed_on)),
        (gettext_lazy("Budgeted"), lambda row: yes_no(row.need.is_budgeted)),
        (gettext_lazy("Fits the environment"), lambda row: yes_no(row.need.fits_environment)),
        (gettext_lazy("Status"), lambda row: row.need.get_status_display()),
    ),
)  # fmt: skip
SERVICES = PlanSection(
    code="services", label=gettext_lazy("Marketing actions"), rows=services_of, is_automatic=True, order=50,
    key=lambda pair: str(pair[1]),
    columns=columns(
        (gettext_lazy("Class of potential"), lambda pair: str(pair[0])),
        (gettext_lazy("Service offered"), lambda pair: pair[1]),
    ),
)  # fmt: skip
AGREEMENTS = PlanSection(
    code="agreements", label=gettext_lazy("Agreed between managements"), kind="agreements", rows=agreements_of,
    order=60,
    columns=columns(
        (gettext_lazy("What was agreed"), of("name")),
        (gettext_lazy("Date"), lambda row: _days(row.day)),
        (gettext_lazy("Parties"), of("parties")),
        (gettext_lazy("Document"), of("document")),
        (pgettext_lazy("project", "Follow-up"), of("follow_up")),
    ),
)  # fmt: skip
SECTIONS = (PROJECTS, SYSTEMS, EVENTS, NEEDS, SERVICES, AGREEMENTS)
