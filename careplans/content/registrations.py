"""What the content of care plans adds to other apps and their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.content.bulk import PrintPlansOperation
from careplans.content.forms import PotentialClassForm
from careplans.content.goals import goals_of_plans
from careplans.content.models import (
    Agreement,
    Charge,
    EditionLink,
    PlanBlock,
    PlanContent,
    PotentialClass,
    Project,
    System,
)
from careplans.content.providers import SECTIONS
from careplans.content.services.mailing import link_fill
from careplans.content.services.versions import plan_keep
from core.choice_lists import ChoiceList
from core.registry import Command, NavItem, NotificationKind, Tab

PLAN_SECTIONS = SECTIONS
#: The rows of a customer's plan in the history of the customer.
CUSTOMER_HISTORY = (PlanContent, PlanBlock, Project, System, Agreement, Charge, EditionLink)
CUSTOMER_GOALS = (goals_of_plans,)
PLAN_KEEPERS = (plan_keep,)
MESSAGE_FILLERS = (link_fill,)
BULK_OPERATIONS = (PrintPlansOperation(),)
CHOICE_LISTS = (ChoiceList("potential-classes", PotentialClass, PotentialClassForm),)
TABS = (
    Tab(
        place="care_plan", name="content", label=pgettext_lazy("care plan", "Content"), url_name="carecontent:tab",
        permission="careplans.view_plan", order=20,
    ),
)  # fmt: skip
NAV = (
    NavItem(
        name="needs", label=gettext_lazy("Development needs"), url_name="carecontent:needs",
        permission="carecontent.view", icon="bulb", section="customers", part="care", order=29,
    ),
)  # fmt: skip
COMMANDS = (
    Command.opening(NAV[0], keywords="kehittämistarpeet tarpeet needs"),
    Command(
        name="charges", label=gettext_lazy("Charges"), url_name="carecontent:charges", icon="receipt",
        permission="carecontent.view", keywords="veloitukset laskutus charges", order=67,
    ),
    Command(
        name="plan_templates", label=gettext_lazy("Care plan templates"), url_name="carecontent:templates",
        icon="template", permission="carecontent.edit_template", keywords="suunnitelman malli pohja template", order=68,
    ),
)  # fmt: skip


def _accepted(data: Mapping[str, Any]) -> str:
    return _("%(name)s accepted the care plan of %(customer)s") % data


def _commented(data: Mapping[str, Any]) -> str:
    return _("%(name)s commented on the care plan of %(customer)s") % data


NOTIFICATIONS = (
    NotificationKind(
        name="edition_accepted", label=gettext_lazy("Care plans accepted by customers"), text=_accepted,
        icon="heart-handshake", by_email=True,
    ),
    NotificationKind(
        name="edition_commented", label=gettext_lazy("Customers' comments on care plans"), text=_commented,
        icon="message",
    ),
)  # fmt: skip
