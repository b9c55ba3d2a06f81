"""What following adds to other apps and their pages."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.following.alerts import WEEK_PARTS  # noqa: F401 - declared
from careplans.following.conditions import CONDITION_FIELDS, CUSTOMER_LIST_FILTERS  # noqa: F401 - declared
from careplans.following.goals import adherence_by_year
from careplans.following.models import CareOccurrence, CareReach, CareStatus
from careplans.following.scores import SCORE_METRICS  # noqa: F401 - declared
from careplans.following.services.follow import follow
from careplans.following.strip import draw_strips
from careplans.following.tables import STRIP
from core.registry import Command, NavItem, Panel
from customers.plugs import CustomerColumn
from segmentation.portfolio.selectors.goals import SegmentActuals
from segmentation.schemes.enums import GoalKind

CARE_EVALUATION_FOLLOWERS = (follow,)
SEGMENT_ACTUALS = (SegmentActuals(GoalKind.ADHERENCE, adherence_by_year),)
#: What follows from other rows keeps nothing.
FREE_REFERENCES = tuple((model, "customer") for model in (CareOccurrence, CareStatus, CareReach))
VIEW = "carefollow.view_adherence"
CUSTOMER_LIST_COLUMNS = (CustomerColumn(replace(STRIP, shown=False), "next_contact", draw_strips, in_own=True),)

NAV = (
    NavItem(
        name="care_contact", label=_("Contact by care plan"), short=pgettext_lazy("menu", "Contact"),
        url_name="carefollow:customers", permission=VIEW,
        icon="chart-line", section="customers", part="care", order=29,
    ),
    NavItem(
        name="care_adherence", label=_("Care plan adherence"), short=pgettext_lazy("menu", "Adherence"),
        url_name="carefollow:adherence", permission=VIEW,
        icon="chart-bar", section="management", part="care", order=67,
    ),
    NavItem(
        name="key_accounts", label=_("Key accounts"), url_name="carefollow:key_accounts",
        permission="carefollow.view_key_accounts", icon="star", section="management", part="care", order=68,
    ),
)  # fmt: skip
COMMANDS = (
    Command.opening(NAV[0], keywords="yhteydenpito myöhässä kontaktit contact overdue cadence"),
    Command.opening(NAV[1], keywords="toteuma hoitosuunnitelmat adherence care plans reports"),
    Command.opening(NAV[2], keywords="avainasiakkaat key accounts johto management"),
    Command(
        name="care_alerts", label=_("Care plan alerts"), url_name="carefollow:alerts", permission=VIEW,
        icon="alert-triangle", keywords="hälytykset myöhässä vanha suunnitelma alerts overdue", order=66,
    ),
    Command(
        name="care_occurrences", label=_("Care action occurrences"), url_name="carefollow:occurrences",
        permission=VIEW, icon="list-check", keywords="toimenpiteet kerrat occurrences", order=68,
    ),
    Command(
        name="care_capacity", label=_("Capacity"), url_name="carefollow:capacity", permission=VIEW,
        icon="chart-bar", keywords="kapasiteetti ylikuorma työmäärä viikot hours weeks overload", order=68,
    ),
)  # fmt: skip
PANELS = (
    Panel(
        place="start", name="start_contact_overdue", label=_("Contact overdue"),
        url_name="carefollow:start_overdue", permission=VIEW, order=29, usual=True,
    ),
    Panel(
        place="start", name="start_care_week", label=_("Care plans this week"),
        url_name="carefollow:start_week", permission=VIEW, order=31, aside=True,
    ),
    Panel(
        place="start", name="start_care_alerts", label=_("Care plan alerts"),
        url_name="carefollow:start_alerts", permission=VIEW, order=32,
    ),
    Panel(
        place="care_plan", name="cadence", label=_("Contact in 52 weeks"), url_name="carefollow:customer_strip",
        permission=VIEW, order=10,
    ),
)  # fmt: skip
