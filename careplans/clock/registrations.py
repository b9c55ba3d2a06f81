"""What the annual clock adds to other apps and their pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from careplans.clock.shared import listed_told, listed_url, uses_of
from careplans.clock.shared_work import work_listed_url, work_told
from careplans.work.weekly import WeekPart
from core.registry import Command, NavItem, Panel, Tab

VIEW = "careclock.view_clock"

GROUP_USES = (uses_of,)
TABS = (
    Tab(
        place="care_plan", name="clock", label=_("Annual clock"), url_name="careclock:customer",
        permission="careplans.view_plan", order=15,
    ),
)  # fmt: skip
PANELS = (
    Panel(
        place="start", name="start_care_lists", label=_("Shared work to claim"),
        url_name="careclock:start_lists", permission="careclock.claim_work", order=33,
    ),
    Panel(
        place="care_version", name="annual_clock", label=_("Annual clock"), url_name="careclock:version_panel",
        permission=VIEW, order=10, aside=True,
    ),
)  # fmt: skip
NAV = (
    NavItem(
        name="annual_clock", label=_("Annual clock"), url_name="careclock:clock", permission=VIEW, icon="clock",
        section="management", part="care", order=66,
    ),
)  # fmt: skip
COMMANDS = (
    Command.opening(NAV[0], keywords="vuosikello vuosi kuukaudet annual clock year"),
    Command(
        name="internal_events", label=_("Internal events"), url_name="careclock:internal", permission=VIEW,
        icon="refresh", keywords="sisäiset tapahtumat palaverit internal events meetings", order=67,
    ),
)  # fmt: skip
WEEK_PARTS = (
    WeekPart(
        name="shared_work", label=_("Care plan work that waits on your lists"), found=work_told,
        url=lambda person: work_listed_url(), is_own=True,
    ),
    WeekPart(
        name="internal_lists", label=_("Internal events that wait on your lists"), found=listed_told,
        url=lambda person: listed_url(), is_own=True,
    ),
)  # fmt: skip
